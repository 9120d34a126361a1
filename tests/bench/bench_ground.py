# SPDX-License-Identifier: GPL-3.0-or-later
"""What the comparisons that run the whole application stand on."""
import os
import subprocess
import time

ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"


def environment(root, library):
    values = dict(os.environ, VALISE_LIBRARY=str(library), VALISE_STATE_DIR=str(root / "s"), XDG_CONFIG_HOME=str(root / "c"),
                  XDG_CACHE_HOME=str(root / "k"), GSETTINGS_BACKEND="memory", NO_AT_BRIDGE="1", LC_ALL="C.UTF-8")
    values.pop("G_DEBUG", None)
    return values


class Screen:
    """An X server and a session bus of this run's own."""

    def __enter__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
                                       pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as stream:
            os.environ["DISPLAY"] = ":" + stream.readline().strip()
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        return self

    def __exit__(self, *unused):
        for process in (self.bus, self.server):
            process.terminate()
            process.wait()


def warm_up(valise, root):
    """The embedded driver asks QEMU what it can do once and keeps the answer; nobody's figure is to hold that."""
    library = root / "w"
    library.mkdir()
    program = subprocess.Popen([valise], env=environment(root, library), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(20)
    program.terminate()
    program.wait()
