# SPDX-License-Identifier: GPL-3.0-or-later
"""The X server a test runs on, as somebody sits before it: real keys and a real pointer (XTest), and pixels to look at."""
import contextlib
import subprocess
import time

from PIL import ImageGrab

KEY_DELAY = "15"


class Desktop:
    """The display of $DISPLAY with a window manager on it. Programs count in units of so many pixels."""

    def __init__(self, scale=1):
        self.scale = scale
        self.manager = subprocess.Popen(["metacity", "--no-composite"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        while subprocess.run(["xdotool", "get_num_desktops"], capture_output=True).returncode != 0:
            assert self.manager.poll() is None, "the window manager ended"
            time.sleep(0.1)

    def close(self):
        self.manager.terminate()
        self.manager.wait(10)

    # --- hands ---

    @staticmethod
    def tool(*arguments):
        subprocess.run(["xdotool", *map(str, arguments)], check=True, timeout=60, stdout=subprocess.DEVNULL)

    def press(self, *chords):
        """Keys one after the other, each perhaps with others held: "ctrl+a"."""
        self.tool("key", "--delay", KEY_DELAY, *chords)

    def type(self, text):
        self.tool("type", "--delay", KEY_DELAY, "--", text)

    def click(self, x, y, button=1):
        self.tool("mousemove", "--sync", x * self.scale, y * self.scale)
        self.tool("click", button)

    @contextlib.contextmanager
    def held(self, key):
        self.tool("keydown", key)
        try:
            yield
        finally:
            self.tool("keyup", key)

    def drag(self, start, end):
        """Pressed at start, carried to end in steps as a hand does, let go there."""
        self.tool("mousemove", "--sync", *start, "mousedown", 1)
        for step in range(1, 11):
            self.tool("mousemove", *(round(a + (b - a) * step / 10) for a, b in zip(start, end)), "sleep", 0.05)
        # GTK gives up a drop on what has not yet said that it takes it.
        self.tool("sleep", 1, "mouseup", 1)

    def activate(self, title):
        """The window comes to the front and has the keys."""
        self.tool("search", "--onlyvisible", "--name", title, "windowactivate", "--sync")

    def resize(self, title, width, height):
        self.tool("search", "--onlyvisible", "--name", title, "windowsize", "--sync", width, height)
        time.sleep(0.3)

    # --- eyes ---

    @staticmethod
    def look(box=None):
        """The picture of the whole screen, or of box (left, top, right, bottom)."""
        return ImageGrab.grab(bbox=box).convert("RGB")
