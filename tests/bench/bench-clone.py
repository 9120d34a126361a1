#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench-clone.py TOOL: clones, linked and full.

VALISE_BENCH_SIZE   MiB of data (600) on a disk of 2048 MiB
VALISE_BENCH_RUNS   runs of each side (5)
VALISE_BENCH_OUT    directory for clone.json (none: it is not kept)
TMPDIR              where the files lie"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from bench_disk import MIB, make_disk, sharing_file_system
from bench_figures import keep

VIRTUAL = 2048 * MIB
GOAL_LINKED = 100.0  # ms
SMALL, GOAL_CONSTANT, GOAL_COPY = 1, 1.5, 1.1


class Comparison:
    def __init__(self, tool, runs):
        self.tool, self.runs, self.figures = tool, runs, {}

    def make(self, place, name, raw):
        subprocess.run([self.tool, place, "make", name], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cp", "--sparse=always", raw, place / f"{name}.vmbundle/disks/root.img"], check=True)
        os.sync()  # no clone pays for what its original left to be written
        return place / f"{name}.vmbundle"

    def clone(self, figure, bundle, kind):
        target = bundle.parent / "clones"
        taken = subprocess.run([self.tool, bundle, target, kind], check=True, capture_output=True, text=True).stdout
        self.figures.setdefault(figure, []).append(float(taken))
        shutil.rmtree(target)

    def copy(self, raw):
        target = raw.parent / "copy"
        began = os.times().elapsed
        subprocess.run(["cp", "--sparse=always", raw, target], check=True)
        subprocess.run(["sync", target], check=True)
        self.figures.setdefault("cp", []).append((os.times().elapsed - began) * 1000)
        target.unlink()

    def compare(self, root, raw):
        bundle = self.make(root, "Box", raw)
        for _ in range(self.runs):
            self.clone("full", bundle, "full")
            self.copy(raw)
        linked = self.make(root, "Base", raw)
        for _ in range(self.runs):
            self.clone("linked", linked, "linked")

    def share(self, place, raw):
        small = place / "small.img"
        small.write_bytes(b"\1" * SMALL * MIB)
        bundles = {"shared": self.make(place, "Large", raw), "shared-small": self.make(place, "Small", small)}
        for _ in range(self.runs):
            for figure, bundle in bundles.items():
                self.clone(figure, bundle, "full")

    def row(self, work, against, ours, theirs, reach):
        first = statistics.median(self.figures[ours])
        second = statistics.median(self.figures[theirs]) if isinstance(theirs, str) else theirs
        return {"work": work, "against": against, "ours": first, "theirs": second, "unit": "ms", "ratio": first / second, "reach": reach}

    def rows(self):
        yield self.row("linked clone, with its snapshot", "100 ms", "linked", GOAL_LINKED, 1.0)
        yield self.row("full clone, on the disk", "cp --sparse=always and sync", "full", "cp", GOAL_COPY)
        if "shared" in self.figures:
            yield self.row("full clone where files share blocks (XFS)", f"a disk of {SMALL} MiB", "shared", "shared-small", GOAL_CONSTANT)


def main():
    data = int(os.environ.get("VALISE_BENCH_SIZE", "600")) * MIB
    root = pathlib.Path(tempfile.mkdtemp(prefix="v-bench-"))
    comparison = Comparison(str(pathlib.Path(sys.argv[1]).resolve()), int(os.environ.get("VALISE_BENCH_RUNS", "5")))
    try:
        make_disk(root / "disk.img", data, VIRTUAL)
        comparison.compare(root, root / "disk.img")
        with sharing_file_system(root, 4 * VIRTUAL) as place:
            if place is not None:
                comparison.share(place, root / "disk.img")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    rows = list(comparison.rows())
    note = (f"{data // MIB} MiB of data on a raw disk of {VIRTUAL // MIB} MiB; the clone is on the disk (fsync) when it ends."
            + ("" if "shared" in comparison.figures else " No XFS could be mounted here: sharing blocks was not measured."))
    keep("clone", rows, note, comparison.figures)
    for row in rows:
        print(f"{row['work']:52} {row['ours']:8.1f} {row['theirs']:8.1f} {row['unit']:4} ratio {row['ratio']:.2f} goal {row['reach']}")


if __name__ == "__main__":
    main()
