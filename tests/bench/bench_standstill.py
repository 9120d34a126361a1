# SPDX-License-Identifier: GPL-3.0-or-later
"""For how long something that ought to go on did not."""
import pathlib
import threading
import time


class Standstill(threading.Thread):
    """The longest time within the block in which @look, asked every so many seconds, gave the same answer: @longest, in seconds."""

    def __init__(self, look, interval):
        super().__init__()
        self.look, self.interval = look, interval
        self.longest, self.is_over = 0.0, threading.Event()

    def run(self):
        last, since = self.look(), time.monotonic()
        while not self.is_over.wait(self.interval):
            answer, now = self.look(), time.monotonic()
            self.longest = max(self.longest, now - since)
            if answer != last:
                last, since = answer, now

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()


def find_qemu(root):
    """The process of the one guest whose files lie below @root."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if b"qemu-system" in words[0] and any(str(root).encode() in word for word in words):
            return int(path.parent.name)
    raise SystemExit(f"no guest runs below {root}")


def processor_time(pid):
    """A look for Standstill: a guest stands still while the thread of its processor gets none of the computer's time."""
    task = next(task for task in pathlib.Path(f"/proc/{pid}/task").iterdir() if (task / "comm").read_text().startswith("CPU 0"))
    return lambda: (task / "schedstat").read_text().split()[0]
