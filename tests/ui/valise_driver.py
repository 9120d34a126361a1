# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real program on an X server and a session bus of its own, through AT-SPI as a screen reader would, and looks at its pixels.

    with Driver(size="1280x800") as driver:
        driver.start_program()
        driver.click("Settings")
        driver.picture("settings.png")
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import stalls

TIMEOUT = 30


class Driver:
    def __init__(self, build, size="1280x800", theme=None, scale=1, language="C.UTF-8"):
        self.build = pathlib.Path(build)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="vd-"))
        self.library = self.root / "machines"
        self.library.mkdir()
        self.size = size
        self.scale = scale
        self.program = None
        self.processes = []
        self.environment = dict(
            os.environ, VALISE_LIBRARY=str(self.library), VALISE_STATE_DIR=str(self.root / "s"), HOME=str(self.root),
            XDG_CONFIG_HOME=str(self.root / "c"), XDG_DATA_HOME=str(self.root / "d"), XDG_CACHE_HOME=str(self.root / "k"),
            GSETTINGS_SCHEMA_DIR=str(self.build / "data"), GSETTINGS_BACKEND="memory", VALISE_BUILDDIR=str(self.build),
            GDK_SCALE=str(scale), LC_ALL=language, LANGUAGE=language.split(".")[0], GTK_MODULES="gail:atk-bridge",
            VALISE_STALL_LOG=str(self.root / "stalls"))
        for name in ("NO_AT_BRIDGE", "G_DEBUG", "WAYLAND_DISPLAY"):
            self.environment.pop(name, None)
        if theme:
            self.environment["GTK_THEME"] = theme

    # --- the stage ---

    def __enter__(self):
        read, write = os.pipe()
        self.processes.append(subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", self.size + "x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stderr=subprocess.DEVNULL))
        os.close(write)
        with os.fdopen(read) as stream:
            self.environment["DISPLAY"] = ":" + stream.readline().strip()
        bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], env=self.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        self.processes.append(bus)
        for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
            os.environ[name] = self.environment[name]
        subprocess.run(["gsettings", "set", "org.gnome.desktop.interface", "toolkit-accessibility", "true"],
                       env=self.environment, stderr=subprocess.DEVNULL, check=False)
        launcher = next((p for p in ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
                         if os.path.exists(p)), None)
        if launcher:
            self.processes.append(subprocess.Popen([launcher, "--launch-immediately"], env=self.environment,
                                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return self

    def __exit__(self, *unused):
        try:
            self.stop_program()
        finally:
            for bundle in self.library.glob("*.vmbundle"):
                self.ctl("stop", str(bundle), check=False)
            for process in reversed(self.processes):
                process.terminate()
                process.wait()
            shutil.rmtree(self.root, ignore_errors=True)

    def ctl(self, *arguments, check=True):
        done = subprocess.run([str(self.build / "src/cli/valisectl"), *arguments], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"valisectl {' '.join(arguments)}: {done.stdout}")
        return done.stdout

    def start_program(self, *arguments):
        self.log = open(self.root / "log", "a", encoding="utf-8")
        self.program = subprocess.Popen([str(self.build / "src/ui/valise"), *arguments], env=self.environment,
                                        stdout=self.log, stderr=self.log)
        return self.wait_for(self.window, "the main window")

    def wait_end(self, timeout=60):
        """What it printed is told when it does not end well; its end takes a while where leaks are looked for."""
        program, self.program = self.program, None
        try:
            code = program.wait(timeout)
        except subprocess.TimeoutExpired:
            program.kill()
            code = program.wait()
        if code != 0:
            raise AssertionError(f"the program ended with {code}: {(self.root / 'log').read_text(errors='replace')}")

    def stop_program(self, kill=False):
        if self.program is None:
            return
        if kill:
            self.program.kill()
            self.program.wait()
            self.program = None
        else:
            self.program.terminate()
            self.wait_end()

    def messages(self):
        """Warnings and worse that the program printed."""
        text = (self.root / "log").read_text(encoding="utf-8", errors="replace")
        return [line for line in text.splitlines() if "CRITICAL" in line or "WARNING" in line]

    def stalls(self):
        return stalls.read(self.root / "stalls")

    # --- widgets ---

    @staticmethod
    def wait_for(function, what, timeout=TIMEOUT):
        end = time.monotonic() + timeout
        while True:
            try:
                found = function()
            except Exception:  # an accessible that went away while it was looked at
                found = None
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"waited {timeout} s for {what}")
            time.sleep(0.1)

    def application(self):
        import pyatspi
        desktop = pyatspi.Registry.getDesktop(0)
        for i in range(desktop.childCount):
            child = desktop.getChildAtIndex(i)
            if child is not None and child.get_process_id() == self.program.pid:
                return child
        return None

    def window(self):
        application = self.application()
        return application.getChildAtIndex(0) if application is not None and application.childCount else None

    @staticmethod
    def walk(top, visible=True):
        import pyatspi
        queue = [top]
        while queue:
            node = queue.pop(0)
            if node is None:
                continue
            if visible and not node.getState().contains(pyatspi.STATE_SHOWING) and node.getRoleName() not in ("application",):
                continue
            yield node
            # A list of ten thousand rows is looked at where it is shown only.
            queue.extend(node.getChildAtIndex(i) for i in range(min(node.childCount, 200)))

    def look(self, name, role=None, prefix=False):
        application = self.application()
        for node in self.walk(application) if application else ():
            if role is not None and node.getRoleName() != role:
                continue
            if node.name == name or (prefix and node.name.startswith(name)):
                return node
        return None

    def find(self, name, role=None, prefix=False, timeout=TIMEOUT):
        return self.wait_for(lambda: self.look(name, role, prefix), f"{role or 'a control'} called “{name}”", timeout)

    def click(self, name, role=None, prefix=False):
        import pyatspi
        node = self.find(name, role, prefix)

        def sensitive():
            return node.getState().contains(pyatspi.STATE_SENSITIVE)
        self.wait_for(sensitive, f"“{name}” to be usable")
        node.queryAction().doAction(0)
        return node

    def select_row(self, name):
        """A line of the list of machines, by the mouse."""
        import pyatspi
        cell = self.find(name, "table cell", prefix=True)
        box = cell.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        pyatspi.Registry.generateMouseEvent((box.x + box.width // 2) * self.scale,
                                           (box.y + box.height // 2) * self.scale, "b1c")
        time.sleep(0.3)

    def keys(self, *names):
        """Keysym names, pressed one after the other; "Control_L+q" holds the first ones."""
        import gi
        gi.require_version("Gdk", "3.0")
        from gi.repository import Gdk
        import pyatspi
        keymap = Gdk.Keymap.get_default()

        def code(name):
            found, keys = keymap.get_entries_for_keyval(Gdk.keyval_from_name(name))
            if not found:
                raise AssertionError(f"no key {name}")
            return keys[0].keycode
        for name in names:
            parts = name.split("+")
            for part in parts[:-1]:
                pyatspi.Registry.generateKeyboardEvent(code(part), None, pyatspi.KEY_PRESS)
            pyatspi.Registry.generateKeyboardEvent(code(parts[-1]), None, pyatspi.KEY_PRESSRELEASE)
            for part in reversed(parts[:-1]):
                pyatspi.Registry.generateKeyboardEvent(code(part), None, pyatspi.KEY_RELEASE)
            time.sleep(0.15)

    # --- pixels ---

    def grab(self):
        from PIL import ImageGrab
        return ImageGrab.grab(xdisplay=self.environment["DISPLAY"])

    def picture(self, path, settle=1.0):
        time.sleep(settle)
        image = self.grab()
        image.save(path)
        return image


def default_build():
    return os.environ.get("VALISE_BUILDDIR") or str(pathlib.Path(__file__).resolve().parents[2] / "build")


if __name__ == "__main__":
    sys.exit("this is used by the tests and by tools/screenshots")
