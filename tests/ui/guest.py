# SPDX-License-Identifier: GPL-3.0-or-later
"""The guest's screen in the window: what its pixels say, without a font to read them by."""
import time

import numpy
from application import wait

# The guest's text mode: 80 by 25 cells of 9 by 16 pixels.
CELL = 9, 16
PROMPT = "grub>"
WIDTH = CELL[0] * len(PROMPT)


class Guest:
    def __init__(self, valise, name):
        self.valise, self.desktop = valise, valise.desktop
        self.canvas = valise.find("canvas", f"Screen of {name}", seconds=60)

    def look(self):
        """Its pixels as brightness, rows of columns."""
        return numpy.asarray(self.desktop.look(self.canvas.box()).convert("L")).astype(int)

    def wait_drawn(self, seconds):
        """Letters, not just a cursor: bright and dark, in more than a few places."""
        wait(lambda: 2000 < (self.look() > 100).sum() < self.look().size // 2, seconds, "a drawing of the guest")

    def wait_change(self, before, pixels, seconds=20):
        def changed():
            now = self.look()
            return now.shape == before.shape and (abs(now - before) > 60).sum() >= pixels
        wait(changed, seconds, f"a change of {pixels} pixels")

    def show_actual_size(self):
        self.valise.press("toggle button", "Size of the picture")
        self.valise.press(None, "Actual size")
        self.desktop.press("Escape")
        time.sleep(0.5)

    def focus(self):
        self.valise.click(self.canvas)
        time.sleep(0.3)

    def leave(self):
        self.desktop.press("ctrl+alt")
        time.sleep(0.3)


class Prompt:
    """GRUB's command line. That it is there is shown by typing its own words after it: the same letters must appear twice."""

    def __init__(self, guest):
        self.guest, self.letters, self.column = guest, None, None

    def reach(self):
        """From GRUB's menu: known by the bar of its chosen entry, which nothing else on the way to it has."""
        wait(self.sees_bar, 90, "GRUB's menu")
        self.guest.focus()
        self.guest.desktop.press("c")
        wait(lambda: not self.sees_bar(), 20, "GRUB's command line")
        time.sleep(0.5)

    def sees_bar(self):
        lit = (self.guest.look() > 100).sum(axis=1) > 50 * CELL[0]
        return any(lit[top:top + CELL[1] // 2].all() for top in range(len(lit) - CELL[1]))

    def prove(self):
        before = self.guest.look()
        self.guest.desktop.type(PROMPT)
        self.letters = wait(lambda: self.find_twice(before), 20, "the prompt's letters a second time")

    def find_twice(self, before):
        """The letters, if what has been typed since before looks like what stands six cells to the left of it."""
        now = self.guest.look()
        rows, columns = numpy.nonzero(abs(now - before) > 60) if now.shape == before.shape else ((), ())
        if not len(rows):
            return None
        now = now[rows.min():min(rows.max() + 1, rows.min() + CELL[1])] > 100
        for left in range(columns.min(), columns.min() - 3, -1):
            typed, prompt = (now[:, at:at + WIDTH] for at in (left, left - WIDTH - CELL[0]))
            if typed[:, -CELL[0]:].any() and typed.sum() > 100 and (typed == prompt).all():
                self.column = left - WIDTH - CELL[0]
                return typed[typed.any(axis=1)].tolist()
        return None

    def find_row(self):
        """The pixel row of an empty prompt: the letters once found, in their column, nothing but the cursor behind them."""
        now, height = self.guest.look() > 100, len(self.letters)
        behind = self.column + WIDTH + 2 * CELL[0]
        return next((top for top in range(now.shape[0] - height)
                     if now[top:top + height, self.column:self.column + WIDTH].tolist() == self.letters
                     and not now[top:top + height, behind:behind + 20 * CELL[0]].any()), None)
