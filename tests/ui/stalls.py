# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the main loop may stand still: what valise-stall-watch wrote, and the most of it that is allowed.

The time for which other programs had the processors is left out of it, but not what they cost by emptying the caches: hence the main thread
may calculate for three times the 50 ms from which on it is written down, and more with sanitizers, which slow everything down. It waits for nothing
but the X server, which may be starved itself."""
import pathlib

RAN_MS, WAITED_MS = 150, 250


def read(path):
    """Milliseconds that the main loop stood still, each time it was more than 50: (calculating, waiting)."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [tuple(map(int, line.split())) for line in lines]


def check(stalls, program):
    slow = 3 if b"__asan_init" in pathlib.Path(program).read_bytes() else 1
    for what, most, seen in (("calculated", RAN_MS * slow, [s[0] for s in stalls]), ("waited", WAITED_MS * slow, [s[1] for s in stalls])):
        assert max(seen, default=0) < most, f"the main loop stood still and {what} for {max(seen)} ms, {most} is the most"
