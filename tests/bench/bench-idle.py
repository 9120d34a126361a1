#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the application does while nothing happens: processor time and how often a thread of it is woken, with no machine and with three
running ones. bench-idle.py VALISE VALISECTL"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from bench_figures import keep
from bench_ground import ISO, Screen, environment, warm_up

SECONDS = int(os.environ.get("VALISE_BENCH_IDLE", "30"))
MOST_MS = 20
SETTLE = 25        # threads that have nothing to do any more end after a while
WAKES_A_SECOND = 2  # more than that is a timer that polls
RUNNING = [f"Machine {number}" for number in range(3)]


def used(pid):
    """Processor milliseconds and how often a thread went to sleep to be woken, so far."""
    spent = wakes = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        spent += int((task / "schedstat").read_text().split()[0])  # nanoseconds, finer than the ticks
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                wakes += int(line.split()[1])
    return spent / 1e6, wakes


def measure(command, env, what):
    program = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(SETTLE)
        before = used(program.pid)
        time.sleep(SECONDS)
        if program.poll() is not None:
            sys.exit(f"the application ended: {program.returncode}")
        after = used(program.pid)
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait()
    spent, woken, most = after[0] - before[0], after[1] - before[1], WAKES_A_SECOND * SECONDS
    print(f"{what}: {spent:.1f} ms, woken {woken} times", flush=True)
    return [{"work": f"CPU in {SECONDS} s, {what}", "against": f"{MOST_MS} ms", "ours": spent, "theirs": MOST_MS, "unit": "ms",
             "ratio": spent / MOST_MS, "reach": 1},
            {"work": f"wake-ups in {SECONDS} s, {what}", "against": "no polling", "ours": woken, "theirs": most,
             "unit": "times", "ratio": woken / most, "reach": 1}]


class Library:
    def __init__(self, valisectl, env):
        self.valisectl, self.env = valisectl, env
        self.path = pathlib.Path(env["VALISE_LIBRARY"])

    def ctl(self, *words, check=True):
        subprocess.run([self.valisectl, *words], env=self.env, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make(self, name, *more):
        self.ctl("create", name, "--accel", "tcg", "--memory", "64M", *more)
        return str(self.path / f"{name}.vmbundle")


def compare(valise, library):
    rows = measure([valise], library.env, "no machine")
    resting = library.make("Resting", "--iso", ISO)
    bundles = [library.make(name, "--iso", ISO) for name in RUNNING]
    for name in RUNNING:
        library.ctl("start", name)
        library.ctl("wait", name, "--for", "frame", "--timeout", "60")
    time.sleep(20)  # until all show a menu that waits
    rows += measure([valise, resting], library.env, "3 machines running, another one shown")
    rows += measure([valise, bundles[0]], library.env, "3 machines running, one of them shown at GRUB's prompt")
    return rows


def main():
    valise, valisectl = sys.argv[1:]
    root = pathlib.Path(tempfile.mkdtemp(prefix="v", dir="/tmp"))
    (root / "l").mkdir()
    try:
        with Screen():
            library = Library(valisectl, environment(root, root / "l"))
            warm_up(valise, root)
            try:
                rows = compare(valise, library)
            finally:
                for name in RUNNING:
                    library.ctl("stop", name, check=False)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    note = (f"after {SETTLE} s, from /proc (schedstat, voluntary context switches) of all threads of the application. A guest whose screen "
            "stands still costs nothing; a display that is hidden or minimised asks for no pictures.")
    keep("idle", rows, note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
