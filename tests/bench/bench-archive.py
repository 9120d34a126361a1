#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench-archive.py TOOL: a bundle to .vmbundle.tar.zst and back, against tar and zstd on the same directory, in turn.

VALISE_BENCH_SIZE   MiB of data (1024); the disk is ten times as large
VALISE_BENCH_RUNS   runs of each side (5)
VALISE_BENCH_OUT    directory for archive.json (none: it is not kept)
TMPDIR              where the files lie"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from bench_disk import MIB, make_disk, measure, shell
from bench_figures import keep

GOAL_TIME, GOAL_MEMORY = 1.1, 100.0


class Comparison:
    def __init__(self, tool, root, runs):
        self.tool, self.root, self.runs = tool, root, runs
        self.bundle = root / "Machine.vmbundle"
        self.figures = {}
        self.memory = {}

    def note(self, name, seconds, cpu, memory=None):
        self.figures.setdefault(name, []).append(seconds)
        self.figures.setdefault(name + "-cpu", []).append(cpu)
        if memory is not None:
            self.memory[name] = max(self.memory.get(name, 0), memory)

    def settle(self):
        """Neither side pays for what the other left to be written."""
        os.sync()

    def pack_ours(self, archive):
        archive.unlink(missing_ok=True)
        self.settle()
        self.note("pack", *measure([self.tool, "pack", str(self.bundle), str(archive)]))

    def pack_theirs(self, archive):
        archive.unlink(missing_ok=True)
        self.settle()
        seconds, cpu = shell('tar --sparse -C "$1" -cf - Machine.vmbundle | zstd -T0 -3 -q -o "$2"', self.root, archive)
        self.note("tar-pack", seconds, cpu)
        more, more_cpu = shell('sync "$1"', archive)
        self.note("tar-pack-sync", seconds + more, cpu + more_cpu)

    def unpack_ours(self, archive):
        target = self.root / "ours"
        shutil.rmtree(target, ignore_errors=True)
        self.settle()
        self.note("unpack", *measure([self.tool, "unpack", str(archive), str(target)]))
        shutil.rmtree(target)

    def unpack_theirs(self, archive):
        target = self.root / "theirs"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        self.settle()
        seconds, cpu = shell('zstd -dcq "$1" | tar -C "$2" -xf -', archive, target)
        self.note("tar-unpack", seconds, cpu)
        more, more_cpu = shell('find "$1" -type f -exec sync {} +', target)
        self.note("tar-unpack-sync", seconds + more, cpu + more_cpu)
        shutil.rmtree(target)

    def run(self):
        ours, theirs = self.root / "ours.vmbundle.tar.zst", self.root / "theirs.tar.zst"
        for i in range(self.runs):
            turn = [lambda: self.pack_ours(ours), lambda: self.pack_theirs(theirs)]
            for step in turn if i % 2 == 0 else reversed(turn):
                step()
            turn = [lambda: self.unpack_ours(ours), lambda: self.unpack_theirs(theirs)]
            for step in turn if i % 2 == 0 else reversed(turn):
                step()
        self.sizes = ours.stat().st_size, theirs.stat().st_size

    def row(self, work, against, ours, theirs, reach=GOAL_TIME):
        first, second = statistics.median(self.figures[ours]), statistics.median(self.figures[theirs])
        return {"work": work, "against": against, "ours": first, "theirs": second, "unit": "s", "ratio": first / second,
                "reach": reach}

    def rows(self):
        yield self.row("bundle to single file", "tar --sparse | zstd -T0 -3", "pack", "tar-pack")
        yield self.row("bundle to single file, on the disk", "the same and sync", "pack", "tar-pack-sync")
        yield self.row("single file to bundle", "zstd -d | tar -x", "unpack", "tar-unpack")
        yield self.row("single file to bundle, on the disk", "the same and sync", "unpack", "tar-unpack-sync")
        yield self.row("CPU of packing", "tar --sparse | zstd -T0 -3", "pack-cpu", "tar-pack-cpu")
        yield self.row("CPU of unpacking", "zstd -d | tar -x", "unpack-cpu", "tar-unpack-cpu")
        for name in ("pack", "unpack"):
            yield {"work": f"peak memory, {name}", "against": "-", "ours": self.memory[name], "theirs": GOAL_MEMORY, "unit": "MiB",
                   "ratio": self.memory[name] / GOAL_MEMORY, "reach": 1.0}
        yield {"work": "size of the single file", "against": "tar --sparse | zstd -T0 -3", "ours": self.sizes[0] / MIB,
               "theirs": self.sizes[1] / MIB, "unit": "MiB", "ratio": self.sizes[0] / self.sizes[1], "reach": 1.05}


def main():
    tool = str(pathlib.Path(sys.argv[1]).resolve())
    data = int(os.environ.get("VALISE_BENCH_SIZE", "1024")) * MIB
    runs = int(os.environ.get("VALISE_BENCH_RUNS", "5"))
    root = pathlib.Path(tempfile.mkdtemp(prefix="v-bench-"))
    try:
        subprocess.run([tool, "begin", str(root), "Machine"], check=True)
        make_disk(root / "Machine.vmbundle/disks/root.img", data, 10 * data)
        comparison = Comparison(tool, root, runs)
        comparison.run()
        rows = list(comparison.rows())
    finally:
        shutil.rmtree(root, ignore_errors=True)
    note = (f"{data // MIB} MiB of programs and texts on a disk of {10 * data // MIB} MiB, {runs} runs in turn. Ours verifies SHA-256 of every file and is "
            "on the disk (fsync) when it ends. Run it on a quiet machine: among many busy programs the scheduler favours the thousands of short naps of two "
            "processes at a pipe.")
    keep("archive", rows, note, comparison.figures)
    for row in rows:
        print(f"{row['work']:40} {row['ours']:8.2f} {row['theirs']:8.2f} {row['unit']:4} ratio {row['ratio']:.2f} "
              f"goal {row['reach']}")


main()
