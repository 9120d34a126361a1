# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the main loop may stand still. What valise-stall-watch writes leaves out the time for which other programs had the processors,
but not what they cost by emptying the caches: hence twice the 50 ms that it writes down at all, and more for sanitizers, which slow
everything down."""
import pathlib

MOST_MS = 100


def read(path):
    """Milliseconds that the main loop stood still, each time it was more than 50."""
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def check(stalls, program):
    most = MOST_MS * (3 if b"__asan_init" in pathlib.Path(program).read_bytes() else 1)
    assert max(stalls, default=0) < most, f"the main loop stood still for {max(stalls)} ms, {most} is the most"
