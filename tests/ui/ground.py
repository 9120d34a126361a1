# SPDX-License-Identifier: GPL-3.0-or-later
"""A place of one's own to use Valise in: home, library, state, and the hands for what every test does."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import stalls
from application import Application, Missing, wait

ISO = pathlib.Path("/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
OTHER_ISO = pathlib.Path("/usr/lib/memtest86+/memtest86+x64.iso")
PICTURES = pathlib.Path(os.environ.get("G_TEST_BUILDDIR", tempfile.gettempdir())) / "ui" / "pictures"

COMPLAINT = re.compile("-CRITICAL|G(tk|dk|Lib|Object|Lib-GIO)-WARNING|valise-WARNING")
# Its entry for a path looks into its list of completions before there is one, and its accessible objects into their
# widgets when these have gone.
GTK_OWN = re.compile("gtk_tree_model_get_iter_first|gtk_container_forall|gtk_widget_get_accessible|gtk_cell_accessible_parent_|gtk_popover_get_modal")


class Ground:
    """A home, a library and a state directory of one's own, with Valise and valisectl in them; environment is what they find besides."""

    # libvirt's probe of QEMU takes seconds; the first ground's answer serves the others.
    probed = None

    def __init__(self, desktop, programs, **environment):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="v", dir="/tmp"))
        self.library, self.home, self.stalls = self.root / "lib", self.root / "home", self.root / "stalls"
        (self.home / "Downloads").mkdir(parents=True)
        self.cache = self.root / "s/e/cache"
        if (Ground.probed / "cache").is_dir():
            shutil.copytree(Ground.probed / "cache", self.cache)
        self.environment = {**os.environ, "HOME": str(self.home), "VALISE_STATE_DIR": str(self.root / "s"),
                            "VALISE_LIBRARY": str(self.library), "XDG_DATA_HOME": str(self.root / "data"),
                            "VALISE_STALL_LOG": str(self.stalls), "GSETTINGS_BACKEND": "memory",
                            "GTK_USE_PORTAL": "0", "GIO_USE_VFS": "local", "GTK_THEME": "Adwaita", "LC_ALL": "C.UTF-8",
                            **environment}
        self.desktop, self.control = desktop, programs[1]
        self.valise = Application(programs[0], desktop, self.environment)

    def ctl(self, *arguments, code=0):
        # Also where Valise itself is to read from its preferences which library it shows.
        environment = {**self.environment, "VALISE_LIBRARY": str(self.library)}
        done = subprocess.run([self.control, *map(str, arguments)], env=environment, text=True, timeout=120,
                              capture_output=True)
        assert done.returncode == code, f"valisectl {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def state(self, machine):
        return self.json("show", machine)["state"]

    def create(self, name, memory="256M"):
        return pathlib.Path(self.ctl("create", name, "--iso", ISO, "--accel", "tcg", "--memory", memory, "--cpus", 1,
                                     "--disk", "1G"))

    def picture(self, name):
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.desktop.look().save(PICTURES / f"{name}.png")

    def choose_file(self, title, path):
        """Enters a path into GTK's file chooser, whole: its completion would add to what is typed letter by letter."""
        chooser = self.valise.window(title)
        wait(lambda: self.find_path_entry(chooser) or self.desktop.press("ctrl+l"), 20, "the entry for a path").write(path)
        cancel = self.valise.find("push button", "Cancel", chooser)
        accept = next(node for node in cancel.parent.children if node.role == "push button" and node is not cancel)
        # GTK passes over it while it still reads the folder. Return, pressed once more, might go to what comes after.
        for _ in range(20):
            accept.act()
            if self.valise.is_closed(title, 3):
                return
        raise Missing(f"“{title}” did not take {path}")

    def export(self, title, path, button="Export"):
        """In the dialog of that title, to a whole path."""
        dialog = self.valise.window(title)
        self.valise.find("text", "Name of the copy", dialog).write(path)
        self.valise.press("push button", button, dialog)
        self.valise.wait_closed(title)

    @contextlib.contextmanager
    def dropped(self, target, *paths):
        """While the body runs, the files have been let go on target and their source is still there to hand them over."""
        source = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("drag-source.py"), *paths],
                                  stdout=subprocess.PIPE, text=True)
        left, top, right, bottom = target.box()
        try:
            start = [int(number) for number in source.stdout.readline().split()]
            self.desktop.drag(start, ((left + right) // 2, (top + bottom) // 2))
            yield
        finally:
            source.terminate()
            source.communicate()

    def find_path_entry(self, chooser):
        time.sleep(0.4)
        return next((node for node in self.valise.nodes(chooser) if node.role == "text" and node.has("focused")), None)

    def menu(self, *names):
        """Opens the machine's menu of further actions and takes an item of it."""
        self.valise.press("toggle button", "More actions")
        for name in names:
            self.valise.press("push button", name)

    def force_off(self):
        self.menu("Force Off…")
        # Before the question is there, the item of the menu would be taken for its button.
        self.valise.find("label", "off?")
        self.valise.press("push button", "Force Off")

    def read_stalls(self):
        return stalls.read(self.stalls)

    def keep_complaints(self):
        """From its next start on."""
        self.valise.errors = open(self.root / "errors", "a+", encoding="utf-8")

    def read_errors(self):
        """The lines that the program printed since its complaints are kept."""
        if self.valise.errors is None:
            return []
        self.valise.errors.seek(0)
        return self.valise.errors.readlines()

    def read_complaints(self):
        """Warnings and worse that the program and GTK printed since they are kept."""
        return [line for line in self.read_errors() if COMPLAINT.search(line) and not GTK_OWN.search(line)]

    def close(self):
        self.valise.close()
        try:
            for machine in self.json("list"):
                if machine["state"] in ("running", "paused", "starting"):
                    self.ctl("stop", machine["path"])
            if self.cache.is_dir() and not (Ground.probed / "cache").is_dir():
                shutil.copytree(self.cache, Ground.probed / "cache")
        finally:
            shutil.rmtree(self.root, ignore_errors=True)
