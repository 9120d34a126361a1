#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a snapshot takes of a machine that is off, and for how long the guest stands still for one while it runs, against the limits
set for them and what QEMU alone needs for its disk. bench-snapshot.py VALISECTL

The guest at GRUB's prompt looks for keys all the time: it stands still while its processor's thread gets none of the computer's time."""
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from bench_figures import keep
from bench_standstill import Standstill, processor_time

ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
ROUNDS = int(os.environ.get("VALISE_BENCH_ROUNDS", "9"))
OFF_LIMIT, STILL_LIMIT = 100, 300  # milliseconds


def call(command, environment=None):
    begin = time.monotonic()
    done = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:4])}: {done.stderr}")
    return done.stdout.strip(), (time.monotonic() - begin) * 1000


def measure_still(pid, work):
    """For how long at most the guest stands still while @work is done, in milliseconds."""
    with Standstill(processor_time(pid), 0.001) as still:
        time.sleep(0.2)
        work()
        time.sleep(0.2)
    return still.longest * 1000


class Ours:
    def __init__(self, valisectl, root):
        self.valisectl = valisectl
        self.root = root
        self.environment = {**os.environ, "VALISE_STATE_DIR": f"{root}/s", "VALISE_LIBRARY": f"{root}/library",
                            "VALISE_CONNECT": f"qemu:///embed?root={root}/s/e"}
        self.do("create", "Kept", "--iso", ISO, "--accel", "tcg", "--cpus", "1", "--memory", "256M", "--disk", "10G")
        self.number = 0

    def do(self, *words):
        return call([self.valisectl, *words], self.environment)[1]

    def take(self):
        self.number += 1
        return self.do("snapshot", "take", "Kept", str(self.number), "--no-memory")

    def forget(self):
        self.do("snapshot", "delete", "Kept", str(self.number))

    def start(self):
        self.do("start", "Kept")
        self.do("wait", "Kept", "--for", "frame")
        return int(next(pathlib.Path(self.root, "s/e/run/qemu").glob("vm-*.pid")).read_text(encoding="ascii"))


class Bare:
    """QEMU by itself, with a disk and a monitor."""

    def __init__(self, root):
        self.root = root
        self.disk = f"{root}/bare.qcow2"
        self.number = 0
        call(["qemu-img", "create", "-q", "-f", "qcow2", self.disk, "10G"])

    def take(self):
        above = f"{self.root}/above.qcow2"
        spent = call(["qemu-img", "create", "-q", "-f", "qcow2", "-b", self.disk, "-F", "qcow2", above])[1]
        os.unlink(above)
        return spent

    def start(self):
        self.program = subprocess.Popen(["qemu-system-x86_64", "-accel", "tcg", "-m", "256", "-display", "none", "-cdrom", ISO, "-name", "bare,debug-threads=on",
                                         "-drive", f"file={self.disk},format=qcow2,if=none,id=disk", "-device", "virtio-blk-pci,drive=disk",
                                         "-qmp", f"unix:{self.root}/qmp,server=on,wait=off"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(f"{self.root}/qmp"):
            time.sleep(0.05)
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.connect(f"{self.root}/qmp")
        self.answers = self.monitor.makefile("r", encoding="utf-8")
        self.ask("qmp_capabilities")
        time.sleep(10)  # to its prompt
        return self.program.pid

    def ask(self, what, **arguments):
        self.monitor.sendall(json.dumps({"execute": what, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self.answers.readline())
            if "error" in answer:
                sys.exit(f"{what}: {answer['error']}")
            if "return" in answer:
                return

    def take_live(self):
        self.number += 1
        self.ask("blockdev-snapshot-sync", device="disk", format="qcow2", **{"snapshot-file": f"{self.root}/bare-{self.number}.qcow2"})

    def stop(self):
        self.program.terminate()
        self.program.wait()


def compare(ours, bare):
    figures = {name: [] for name in ("off", "bare off", "still", "bare still")}
    for _round in range(ROUNDS):
        figures["bare off"].append(bare.take())
        figures["off"].append(ours.take())
        ours.forget()
    pid, bare_pid = ours.start(), bare.start()
    try:
        for _round in range(ROUNDS):
            figures["bare still"].append(measure_still(bare_pid, bare.take_live))
            figures["still"].append(measure_still(pid, ours.take))
    finally:
        bare.stop()
        ours.do("stop", "Kept")
    return figures


def row(work, against, mine, theirs, reach):
    return {"work": work, "against": against, "ours": mine, "theirs": theirs, "unit": "ms", "ratio": mine / theirs, "reach": reach}


def main():
    root = tempfile.mkdtemp(prefix="v", dir="/tmp")
    try:
        figures = compare(Ours(os.path.abspath(sys.argv[1]), root), Bare(root))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    middle = {name: statistics.median(values) for name, values in figures.items()}
    still = "the guest stands still for a snapshot of its disks"
    rows = [row("snapshot of a machine that is off, the whole command", f"{OFF_LIMIT} ms", middle["off"], OFF_LIMIT, 1),
            row("snapshot of a machine that is off, the whole command", "qemu-img create -b", middle["off"], middle["bare off"], None),
            row(still, f"{STILL_LIMIT} ms", middle["still"], STILL_LIMIT, 1),
            row(still, "blockdev-snapshot-sync of a bare QEMU", middle["still"], middle["bare still"], None)]
    for one in rows:
        print(f"{one['work']}: {one['ours']:.0f} ms, {one['against']}: {one['theirs']:.0f} ms")
    note = (f"medians of {ROUNDS}. Ours is durable (fsync) when it ends and has the settings, firmware variables and a picture of the screen as well. "
            "The guest stands still while the thread of its processor gets no time, looked at every millisecond: busy programs beside it count, too.")
    keep("snapshot", rows, note, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
