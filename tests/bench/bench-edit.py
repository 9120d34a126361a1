#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit with all the findings that follow from it, and opening a machine for editing, against one validation of the same document by libxml2.
bench-edit.py CLIENT DOCUMENT PAINT-CLIENT"""
import statistics
import subprocess
import sys

from bench_figures import keep

EDIT_MS, PAINT_MS = 15, 150  # what people do not notice
SCREEN = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24"]


def run(*command):
    """A list for each column of what the program prints."""
    output = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
    return list(zip(*(map(float, line.split()) for line in output.splitlines())))


def main():
    columns = run(*sys.argv[1:3]) + run(*SCREEN, sys.argv[3])
    validation, edit, large, large_edit, large_open, paint = (statistics.median(column) for column in columns)
    print(f"one validation {validation:.2f} ms, an edit {edit:.2f} ms; with 200 devices one validation {large:.2f} ms, an edit {large_edit:.2f} ms, "
          f"opening {large_open:.2f} ms, to its first painting {paint:.1f} ms")
    rows = [{"work": "all findings after an edit", "against": "one validation of the same machine, with one of every device",
             "ours": edit, "theirs": validation, "unit": "ms", "ratio": edit / validation, "reach": 3},
            {"work": "opening a machine with 200 devices for editing", "against": "one validation of it",
             "ours": large_open, "theirs": large, "unit": "ms", "ratio": large_open / large, "reach": 3},
            {"work": "opening the editor on it, to its first painting", "against": "what nobody notices",
             "ours": paint, "theirs": PAINT_MS, "unit": "ms", "ratio": paint / PAINT_MS, "reach": 1}]
    keep("edit", rows)
    return 0 if edit < EDIT_MS and paint < PAINT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
