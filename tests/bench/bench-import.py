#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench-import.py TOOL NO_SYNC: machines of other programs to bundles, in turn with the tools that a person has without Valise.

VALISE_BENCH_SIZE   MiB of data (600) on a disk of 2048 MiB
VALISE_BENCH_RUNS   runs of each side (5)
VALISE_BENCH_OUT    directory for import.json (none: it is not kept)
TMPDIR              where the files lie"""
import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile

from bench_disk import MIB, make_disk, measure, sharing_file_system
from bench_figures import keep

VIRTUAL = 2048 * MIB
GOAL_TIME, GOAL_MEMORY = 1.05, 150.0
# A disk without data against one full of it; the goal allows for what a journal does in between.
SMALL, GOAL_CONSTANT = 1, 1.5
VMDK = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"


def item(number, kind, **more):
    facts = {"InstanceID": number, "ResourceType": kind, **more}
    return "<Item>" + "".join(f"<rasd:{name}>{value}</rasd:{name}>" for name, value in sorted(facts.items())) + "</Item>"


def descriptor():
    return (f'<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="{RASD}">'
            '<References><File ovf:id="f" ovf:href="disk.vmdk"/></References>'
            f'<DiskSection><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="{VIRTUAL}" ovf:format="{VMDK}"/></DiskSection>'
            '<VirtualSystem ovf:id="Box"><Name>Box</Name><VirtualHardwareSection>' + item(1, 3, VirtualQuantity=2)
            + item(2, 4, AllocationUnits="byte * 2^20", VirtualQuantity=1024) + item(3, 6, ResourceSubType="lsilogic")
            + item(4, 17, AddressOnParent=0, Parent=3, HostResource="ovf:/disk/d")
            + "</VirtualHardwareSection></VirtualSystem></Envelope>")


def digest(path):
    with open(path, "rb") as file:
        return f"SHA256({path.name})= {hashlib.file_digest(file, 'sha256').hexdigest()}\n"


def make_appliance(root, raw):
    """As a vendor ships it: descriptor, digests, disk."""
    folder = root / "appliance"
    folder.mkdir()
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, folder / "disk.vmdk"], check=True)
    (folder / "box.ovf").write_text(descriptor(), encoding="utf-8")
    (folder / "box.mf").write_text(digest(folder / "box.ovf") + digest(folder / "disk.vmdk"), encoding="utf-8")
    with tarfile.open(root / "box.ova", "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in ("box.ovf", "box.mf", "disk.vmdk"):
            tar.add(folder / name, name)
    return root / "box.ova", folder / "disk.vmdk"


class Comparison:
    def __init__(self, tool, no_sync, root, runs):
        self.tool, self.no_sync, self.root, self.runs = tool, no_sync, root, runs
        self.figures = {}
        self.memory = 0.0

    def fresh(self, name):
        target = self.root / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        os.sync()  # neither side pays for what the other left to be written
        return target

    def ours(self, name, source, place="ours"):
        target = self.fresh(place)
        seconds, _, memory = measure([self.tool, source, target])
        self.figures.setdefault(name, []).append(seconds)
        self.memory = max(self.memory, memory)
        shutil.rmtree(target)

    def ours_unsynced(self, name, source):
        """The same program, to which the disk says at once that it has everything."""
        target = self.fresh("ours")
        seconds = measure(["env", f"LD_PRELOAD={self.no_sync}", self.tool, source, target])[0]
        self.figures.setdefault(name, []).append(seconds)
        shutil.rmtree(target)

    def theirs(self, name, *commands):
        """@commands write below the current directory."""
        target = self.fresh("theirs")
        seconds = sum(measure(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", target, *command])[0] for command in commands)
        self.figures.setdefault(name, []).append(seconds)
        more = measure(["sh", "-c", 'find "$1" -type f -exec sync {} +', "sh", target])[0]
        self.figures.setdefault(name + "-sync", []).append(seconds + more)
        shutil.rmtree(target)

    def in_turn(self, *steps):
        for number in range(self.runs):
            for step in steps if number % 2 == 0 else reversed(steps):
                step()

    def convert(self, ova, vmdk):
        convert = ["qemu-img", "convert", "-f", "vmdk", "-O", "qcow2"]
        self.in_turn(lambda: self.ours("ova", ova), lambda: self.theirs("convert", [*convert, vmdk, "disk.qcow2"]),
                     lambda: self.theirs("extract", ["tar", "-xf", ova], [*convert, "disk.vmdk", "disk.qcow2"]))

    def copy(self, raw, qcow2):
        for name, source in (("raw", raw), ("qcow2", qcow2)):
            self.in_turn(lambda name=name, source=source: self.ours(name, source),
                         lambda name=name, source=source: self.ours_unsynced(f"{name}-unsynced", source),
                         lambda name=name, source=source: self.theirs(f"cp-{name}", ["cp", "--sparse=always", source, "disk"]))

    def share(self, place, raw):
        large, small = place / "large.img", place / "small.img"
        shutil.copyfile(raw, large)
        with open(small, "wb") as file:
            file.write(b"\1" * SMALL * MIB)
        name = place.relative_to(self.root) / "ours"
        self.in_turn(lambda: self.ours("shared", large, name), lambda: self.ours("shared-small", small, name))

    def row(self, work, against, ours, theirs, reach=GOAL_TIME):
        first, second = statistics.median(self.figures[ours]), statistics.median(self.figures[theirs])
        return {"work": work, "against": against, "ours": first, "theirs": second, "unit": "s", "ratio": first / second, "reach": reach}

    def rows(self):
        convert = "qemu-img convert of the VMDK taken out before"
        yield self.row("OVA to bundle", convert, "ova", "convert")
        yield self.row("OVA to bundle, on the disk", "the same and sync", "ova", "convert-sync")
        yield self.row("OVA to bundle", "tar -x, then qemu-img convert", "ova", "extract", None)
        for name in ("raw", "qcow2"):
            yield self.row(f"{name} image to bundle", "cp --sparse=always", name, f"cp-{name}")
            yield self.row(f"{name} image to bundle, fsync left out", "cp --sparse=always", f"{name}-unsynced", f"cp-{name}")
            yield self.row(f"{name} image to bundle, on the disk", "the same and sync", name, f"cp-{name}-sync")
        if "shared" in self.figures:
            yield self.row("raw image to bundle where files share blocks (XFS)", f"a disk of {SMALL} MiB", "shared", "shared-small", GOAL_CONSTANT)
        yield {"work": "peak memory of an import", "against": "-", "ours": self.memory, "theirs": GOAL_MEMORY, "unit": "MiB",
               "ratio": self.memory / GOAL_MEMORY, "reach": 1.0}


def compare(tool, no_sync, root, data, runs):
    comparison = Comparison(tool, no_sync, root, runs)
    raw, qcow2 = root / "disk.img", root / "disk.qcow2"
    make_disk(raw, data, VIRTUAL)
    comparison.convert(*make_appliance(root, raw))
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2], check=True)
    comparison.copy(raw, qcow2)
    with sharing_file_system(root, 4 * VIRTUAL) as place:
        if place is not None:
            comparison.share(place, raw)
    return comparison


def main():
    data = int(os.environ.get("VALISE_BENCH_SIZE", "600")) * MIB
    runs = int(os.environ.get("VALISE_BENCH_RUNS", "5"))
    root = pathlib.Path(tempfile.mkdtemp(prefix="v-bench-"))
    os.environ["VALISE_STATE_DIR"] = str(root / "state")
    try:
        tool, no_sync = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
        comparison = compare(tool, no_sync, root, data, runs)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    rows = list(comparison.rows())
    note = (f"{data // MIB} MiB of programs and texts on a disk of {VIRTUAL // MIB} MiB, as a streamOptimized OVA with digests, as raw image and as qcow2; "
            f"{runs} runs in turn. Ours checks the digests and is on the disk (fsync) when it ends."
            + ("" if "shared" in comparison.figures else " No XFS could be mounted here: sharing blocks was not measured."))
    keep("import", rows, note, comparison.figures)
    for row in rows:
        print(f"{row['work']:52} {row['ours']:8.2f} {row['theirs']:8.2f} {row['unit']:4} ratio {row['ratio']:.2f} goal {row['reach']}")


if __name__ == "__main__":
    main()
