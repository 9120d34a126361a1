#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start of the window and its memory, against a bare GTK 3 window with one list (and virt-manager and Boxes where they are
installed). bench-window.py WATCH FLOOR VALISE"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import uuid

from bench_figures import keep
from bench_ground import Screen, environment, warm_up

ROUNDS = int(os.environ.get("VALISE_BENCH_ROUNDS", "15"))
LIBRARIES = [(0, 1.5), (200, 1.6), (10000, 2.5)]
ROOM_KIB = 25 * 1024  # what the program may take beyond the floor
BUNDLE_KIB = 2        # and for each further bundle
LIST = ("20", "110", "200", "200")    # where lines of the list are
FLOOR = ("20", "60", "150", "200")
PAGE = ("400", "250", "400", "250")   # where an empty library says what to do
CONFIG = """<domain type='qemu'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <metadata>
    <valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='{name}'{group}/>
  </metadata>
  <memory unit='GiB'>4</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices/>
</domain>
"""


def make_library(directory, count):
    directory.mkdir()
    for i in range(count):
        bundle = directory / f"Machine {i}.vmbundle"
        bundle.mkdir()
        group = f" group='Group {i % 7}'" if i % 3 == 0 else ""
        (bundle / "config.xml").write_text(CONFIG.format(name=f"Machine {i}", uuid=uuid.uuid4(), group=group))


def watch(tool, region, command, env):
    """None: no window came up, twice."""
    for _ in range(2):
        done = subprocess.run([tool, *region, *command], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return json.loads(done.stdout)
    return None


def median(samples, key):
    return statistics.median(sample[key] for sample in samples)


def sample_start(tool, floor, valise, root):
    """What the floor took, and what we did with each library. All of them in each round: a computer is faster at one time
    than at another, and none is to have the better one. The floor, which knows no library, comes before each of them."""
    sets, theirs = [], []
    for count, _ in LIBRARIES:
        library = root / f"l{count}"
        make_library(library, count)
        sets.append((LIST if count else PAGE, environment(root, library), []))
        watch(tool, sets[-1][0], [valise], sets[-1][1])
    for _ in range(ROUNDS):
        for region, env, ours in sets:
            theirs.append(watch(tool, FLOOR, [floor], env))
            ours.append(watch(tool, region, [valise], env))
    return theirs, [ours for _, _, ours in sets]


def compare_start(tool, floor, valise, root):
    rows = []
    theirs, sets = sample_start(tool, floor, valise, root)
    for (count, reach), ours in zip(LIBRARIES, sets):
        if None in ours or None in theirs:
            raise SystemExit("a window did not come up")
        mine, other = median(ours, "ready"), median(theirs, "ready")
        rows.append({"work": f"exec to a usable window, {count} bundles", "against": "bare GTK 3 window with one list",
                     "ours": mine, "theirs": other, "unit": "ms", "ratio": mine / other, "reach": reach})
        most = median(theirs, "pss") + ROOM_KIB + BUNDLE_KIB * count
        mine = median(ours, "pss")
        rows.append({"work": f"memory of it (PSS), {count} bundles", "against": "the same, and 25 MiB, and 2 KiB for each bundle",
                     "ours": mine / 1024, "theirs": most / 1024, "unit": "MiB", "ratio": mine / most, "reach": 1})
    return rows


def compare_peers(tool, valise, root):
    rows = []
    library = root / "l200"
    env = environment(root, library)
    for name, command in (("virt-manager", ["virt-manager", "--no-fork", "-c", "test:///default"]), ("GNOME Boxes", ["gnome-boxes"])):
        if not shutil.which(command[0]):
            continue
        ours, theirs = [], []
        for _ in range(max(3, ROUNDS // 3)):
            theirs.append(watch(tool, ("20", "20", "250", "150"), command, env))
            ours.append(watch(tool, LIST, [valise], env))
        theirs = [sample for sample in theirs if sample]
        if not theirs:
            continue
        for what, key, unit, scale in (("exec to a usable window", "ready", "ms", 1), ("memory of it (PSS)", "pss", "MiB", 1024)):
            mine, other = median(ours, key) / scale, median(theirs, key) / scale
            rows.append({"work": what, "against": name, "ours": mine, "theirs": other, "unit": unit,
                         "ratio": mine / other, "reach": 1})
    return rows


def main():
    tool, floor, valise = sys.argv[1:]
    root = pathlib.Path(tempfile.mkdtemp(prefix="v", dir="/tmp"))
    try:
        with Screen():
            warm_up(valise, root)
            rows = compare_start(tool, floor, valise, root) + compare_peers(tool, valise, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    for row in rows:
        print(f"{row['work']}, {row['against']}: {row['ours']:.1f} {row['unit']} against {row['theirs']:.1f}, {row['ratio']:.2f}x, goal {row['reach']}")
    keep("window", rows, f"windows are watched from outside (X damage, pixels); medians of {ROUNDS} runs taken in turn, the floor's of all {len(LIBRARIES) * ROUNDS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
