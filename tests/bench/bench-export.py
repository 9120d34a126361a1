#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench-export.py VALISECTL JOURNAL-TOOL: a machine to OVA, in turn with the tools that a person has without Valise; and how much slower
a guest writes while it is exported.

VALISE_BENCH_SIZE   MiB of data (600) on a disk of 2048 MiB
VALISE_BENCH_RUNS   runs of each side (5)
VALISE_BENCH_OUT    directory for export.json (none: it is not kept)
TMPDIR              where the files lie; those of a second part lie in memory"""
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from bench_disk import MIB, make_disk, measure
from bench_figures import keep
from bench_standstill import Standstill, find_qemu, processor_time

VIRTUAL = 2048 * MIB
GOAL_TIME = 1.05
# Less than 30 % slower: the time of one write over that of one before and after.
GOAL_LIVE = 1 / 0.7
LONGEST = 1.0  # seconds of a pause: the guest gets nothing of the processor, or writes nothing
SETTLE, WATCHED, LOOK, LOOK_CLOSELY = 3, 6, 0.02, 0.005  # seconds
# Where files are only memory: what is left is what the guest and the export take from each other of the processors. A disk that
# others use as well is slower than itself by ten times from one minute to the next.
MEMORY = "/dev/shm"
# Where the guest writes, tests/engine/journal-guest.c: sectors that begin with the number of the write.
RING, RING_SECTORS = 100 * 512, 64
QUIET = 200 * 512  # what the guest needs for itself at the start of each of its disks

DISK = ("<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='disks/{name}.img'/>"
        "<target dev='{target}' bus='virtio'/><boot order='{order}'/></disk>")
CONFIG = ("<domain type='qemu'><name>writer</name><uuid>5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b77</uuid><metadata>"
          "<valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='Writer' accel='tcg'/></metadata>"
          "<memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
          + DISK.format(name="one", target="vda", order=1) + DISK.format(name="two", target="vdb", order=2) + "</devices></domain>")


def newest(image):
    with open(image, "rb") as file:
        file.seek(RING)
        ring = file.read(RING_SECTORS * 512)
    return max(struct.unpack_from("<I", ring, sector * 512)[0] for sector in range(RING_SECTORS))


def row(work, against, ours, theirs, reach, unit="s"):
    return {"work": work, "against": against, "ours": ours, "theirs": theirs, "unit": unit, "ratio": ours / theirs, "reach": reach}


class Ground:
    def __init__(self, valisectl, journal, root):
        self.valisectl, self.journal, self.root = valisectl, journal, root
        (root / "library").mkdir()
        os.environ.update(VALISE_STATE_DIR=str(root / "s"), VALISE_LIBRARY=str(root / "library"))
        self.seconds = {name: [] for name in ("ova", "convert", "tar", "whole", "alone", "during", "silence", "silence alone", "still", "still alone")}
        self.memory = 0.0

    def do(self, *words):
        done = subprocess.run([self.valisectl, *map(str, words)], check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"valisectl {words}: {done.stderr}")
        return done.stdout.strip()

    # --- to OVA ---

    def ours(self):
        target = self.root / "box.ova"
        os.sync()  # neither side pays for what the other left to be written
        seconds, _, memory = measure(["sh", "-c", 'exec "$@" > /dev/null 2>&1', "sh", self.valisectl, "--connect", "test:///default",
                                      "export", "Box", target])
        self.seconds["ova"].append(seconds)
        self.memory = max(self.memory, memory)
        target.unlink()

    def theirs(self, raw, qcow2):
        vmdk, tar = self.root / "disk.vmdk", self.root / "disk.tar"
        os.sync()
        convert = measure(["qemu-img", "convert", "-f", "qcow2", "-O", "vmdk", "-o", "subformat=streamOptimized", qcow2, vmdk])[0]
        more = measure(["sh", "-c", 'cd "$1" && sha256sum disk.vmdk > disk.mf && tar --format=ustar -cf whole.tar disk.mf disk.vmdk && sync whole.tar',
                        "sh", self.root])[0]
        for name in ("disk.vmdk", "disk.mf", "whole.tar"):
            (self.root / name).unlink()
        os.sync()
        self.seconds["tar"].append(measure(["sh", "-c", 'tar --sparse -C "$1" -cf "$2" "$3" && sync "$2"', "sh", raw.parent, tar, raw.name])[0])
        tar.unlink()
        self.seconds["convert"].append(convert)
        self.seconds["whole"].append(convert + more)

    def pack(self, data, runs):
        raw, qcow2 = self.root / "disk.img", self.root / "disk.qcow2"
        make_disk(raw, data, VIRTUAL)
        subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2], check=True)
        self.do("--connect", "test:///default", "create", "Box", "--image", qcow2)
        for number in range(runs):
            for step in (self.ours, lambda: self.theirs(raw, qcow2))[::1 if number % 2 == 0 else -1]:
                step()
        raw.unlink()
        qcow2.unlink()

    # --- while it runs ---

    def written(self, image, work):
        """Milliseconds that the guest takes for one write while @work is done, and in seconds the longest time without any and the longest
        in which it stands still."""
        first, begin = newest(image), time.monotonic()
        with Standstill(lambda: newest(image), LOOK) as silence, Standstill(processor_time(find_qemu(self.root)), LOOK_CLOSELY) as still:
            work()
        spent, count = time.monotonic() - begin, newest(image) - first
        if count <= 0:
            sys.exit("the guest writes nothing")
        return spent * 1000 / count, silence.longest, still.longest

    def alone(self, image):
        os.sync()  # what the export has left to be written, and the file that was removed
        time.sleep(SETTLE)
        return self.written(image, lambda: time.sleep(WATCHED))

    def make_writer(self, data):
        folder = self.root / "library" / "Writer.vmbundle"
        (folder / "disks").mkdir(parents=True)
        (folder / "config.xml").write_text(CONFIG, encoding="utf-8")
        one, two = folder / "disks/one.img", folder / "disks/two.img"
        with open(one, "wb") as file:
            file.truncate(16 * MIB)
        make_disk(two, data, VIRTUAL)
        with open(two, "r+b") as file:
            file.write(bytes(QUIET))
        subprocess.run([self.journal, one], check=True)
        return one

    def run(self, data, runs):
        image, target = self.make_writer(data), self.root / "live.ova"
        self.do("start", "Writer")
        try:
            before = self.alone(image)
            for _ in range(runs):
                during = self.written(image, lambda: self.do("export", "Writer", target))
                target.unlink()
                after = self.alone(image)
                self.seconds["alone"].append((before[0] + after[0]) / 2)
                self.seconds["during"].append(during[0])
                self.seconds["silence"].append(during[1])
                self.seconds["silence alone"].append(max(before[1], after[1]))
                self.seconds["still"].append(during[2])
                self.seconds["still alone"].append(max(before[2], after[2]))
                before = after
        finally:
            self.do("stop", "Writer")

    # --- what comes out ---

    def rows_of_packing(self):
        middle = {name: statistics.median(self.seconds[name]) for name in ("ova", "convert", "tar", "whole")}
        slower = "convert" if middle["convert"] >= middle["tar"] else "tar"
        name = {"convert": "qemu-img convert to streamOptimized", "tar": "tar --sparse of the raw disk, and sync"}
        yield row("bundle to OVA, on the disk", f"the slower of two: {name[slower]}", middle["ova"], middle[slower], GOAL_TIME)
        yield row("bundle to OVA, on the disk", "qemu-img convert, sha256sum, tar and sync", middle["ova"], middle["whole"], None)
        yield row("peak memory of an export to OVA", "-", self.memory, 150.0, 1.0, "MiB")

    def rows_of_running(self, where):
        """The ratio is the middle one of the runs': each was measured against what came right before and after it."""
        during, alone = self.seconds["during"], self.seconds["alone"]
        yield {**row(f"a write of a guest to its two disks{where}, while it is exported", "the same before and after",
                     statistics.median(during), statistics.median(alone), GOAL_LIVE, "ms"),
               "ratio": statistics.median(one / other for one, other in zip(during, alone))}
        for work, kind in ((f"the longest in which it stands still{where}, of all runs", "still"),
                           (f"the longest in which it writes nothing{where}, of all runs", "silence")):
            yield row(work, "a pause under a second", max(self.seconds[kind]), LONGEST, 1.0)
            yield row(work, "the same without an export", max(self.seconds[kind]), max(self.seconds[f"{kind} alone"]), None)


def on_ground(root, work):
    """What @work finds on a ground below @root (None: where temporary files lie), which is removed then."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="v-", dir=root))
    try:
        ground = Ground(*(os.path.abspath(word) for word in sys.argv[1:3]), root)
        return ground.seconds, list(work(ground))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def main():
    data = int(os.environ.get("VALISE_BENCH_SIZE", "600")) * MIB
    runs = int(os.environ.get("VALISE_BENCH_RUNS", "5"))

    def on_disk(ground):
        ground.pack(data, runs)
        ground.run(data, runs)
        yield from ground.rows_of_packing()
        yield from ground.rows_of_running("")

    def in_memory(ground):
        ground.run(data, runs)
        yield from ground.rows_of_running(" in memory")

    if shutil.disk_usage(MEMORY).free < 4 * data:
        sys.exit(f"{MEMORY} has no room for {4 * data // MIB} MiB; take a smaller VALISE_BENCH_SIZE")
    figures, rows = on_ground(None, on_disk)
    memory_figures, memory_rows = on_ground(MEMORY, in_memory)
    rows += memory_rows
    note = (f"{data // MIB} MiB of programs and texts on a disk of {VIRTUAL // MIB} MiB, as qcow2 in the bundle; {runs} runs in turn. Ours takes the digests "
            "and is on the disk (fsync) when it ends. The guest, on QEMU without KVM, writes one sector after the other and has the computer's "
            "cores for itself but for the export; the ratio is the middle one of the runs', each against what came right before and after it. It stands still while the "
            "thread of its processor gets no time.")
    keep("export", rows, note, {"disk": figures, "memory": memory_figures})
    for row in rows:
        print(f"{row['work']:52} {row['ours']:8.3f} {row['theirs']:8.3f} {row['unit']:4} ratio {row['ratio']:.2f} goal {row['reach']}")


if __name__ == "__main__":
    main()
