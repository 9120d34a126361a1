#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a machine through valisectl: every knob read, set, taken back, compared, edited and judged. TAP on standard output."""
import json
import pathlib
import shutil
import subprocess
import sys

from ground import case, main


@case("knobs")
def get_set_and_unset(ground):
    path = ground.create("Knobs")
    before = (path / "config.xml").read_text()
    ground.run("set", "Knobs", "vcpu=2", "memory=1G", "devices/disk[1]/driver/@cache=writeback")
    assert ground.run("get", "Knobs", "vcpu") == "2"
    assert ground.run("get", path, "memory") == str(1 << 20)
    assert ground.json("get", "Knobs", "devices/disk[1]/driver/@cache") == {"value": "writeback"}
    ground.run("unset", "Knobs", "devices/disk[1]/driver/@cache")
    ground.run("get", "Knobs", "devices/disk[1]/driver/@cache", code=5)
    changed = (path / "config.xml").read_text()
    ground.run("unset", "Knobs", "devices/disk[1]/driver/@cache")
    ground.run("unset", "Knobs", ".", code=2)
    assert changed == (path / "config.xml").read_text()
    assert before != (path / "config.xml").read_text() and list((path / ".history").iterdir())


@case("knobs")
def set_is_all_or_nothing(ground):
    path = ground.create("Whole")
    before = (path / "config.xml").read_bytes()
    ground.run("set", "Whole", "vcpu=2", "devices/disk[1]/target/@bus=nonsense", code=2)
    ground.run("set", "Whole", "vcpu=2", "no such knob!=1", code=2)
    ground.run("set", "Whole", "vcpu", code=2)
    assert (path / "config.xml").read_bytes() == before


@case("knobs")
def every_knob_of_libvirt(ground):
    path = ground.create("Every")
    knobs = {"devices/serial/@type": "pty", "cputune/shares": "512", "features/pvspinlock/@state": "on", "pm/suspend-to-mem/@enabled": "no",
             "memtune/hard_limit": str(1 << 22), "blkiotune/weight": "500", "devices/disk[1]/iotune/total_iops_sec": "100",
             "qemu:commandline/qemu:arg/@value": "-nodefaults"}
    ground.run("set", path, *[f"{knob}={value}" for knob, value in knobs.items()])
    for knob in "qemu:commandline/qemu:arg/@value", "devices/disk[1]/iotune/total_iops_sec":
        assert ground.run("get", path, knob) == knobs[knob], knob
    ground.run("set", path, "features/privnet=yes")
    assert "<privnet/>" in ground.run("xml", path)
    ground.run("set", path, "features/privnet=no")
    ground.run("get", path, "features/privnet", code=5)
    ground.run("unset", path, *[k for k in knobs if not k.startswith("devices/serial")], "devices/serial")
    before = (path / "config.xml").read_bytes()
    for word, says in [("blkiotune/weight=heavy", "from 100 to 1000"), ("devices/serial/@type=tape", "pty"),
                       ("devices/disk/driver/@cash=none", "devices/disk/driver/@name"), ("vcpu/@cpuset=all", "0-3,^2")]:
        knob = word.split("=")[0]
        err = ground.run("set", path, word, code=2)
        assert knob in err and says in err, err
    assert "devices/disk/@type is network" in ground.run("set", path, "devices/disk[1]/source/@protocol=nbd", code=2)
    assert "qemu-xhci" in ground.run("set", path, "devices/controller[@type='usb']/@model=virtio-scsi", code=2)
    for verb in "get", "unset":
        assert "no/such/knob" in ground.run(verb, path, "no/such/knob", code=2)
    assert (path / "config.xml").read_bytes() == before


@case("knobs")
def knobs(ground):
    every = ground.json("knobs")
    assert len(every) > 1500 and len({knob["path"] for knob in every}) == len(every)
    assert all(knob["label"] and knob["help"] and knob["takes"] and knob["page"] for knob in every)
    assert len(ground.run("knobs").splitlines()) == len(every)
    cache = ground.json("knobs", "devices/disk[2]/driver/@cache")
    assert len(cache) == 1 and cache[0]["kind"] == "choice" and "writeback" in cache[0]["words"]
    assert "words 2: none" in ground.run("knobs", "devices/disk/driver/@cache")
    assert ground.json("knobs", "--search", "boot menu")[0]["path"] == "os/bootmenu/@enable"
    below = ground.json("knobs", "devices/serial", "--search", "path")
    assert below and all(knob["path"].startswith("devices/serial/") for knob in below)
    assert ground.json("knobs", "--page", "tuning") == [knob for knob in every if knob["page"] == "tuning"] != []
    assert "processor" in ground.run("knobs", "--page", "engine", code=2)
    assert "devices/disk/driver/@name" in ground.run("knobs", "devices/disk/driver/@cash", code=2)
    ground.environment["VALISE_SCHEMA_DIR"] = "/nonexistent"
    assert ground.json("knobs", "os/loader/@type")[0]["words"] == ["rom", "pflash"]
    ground.run("knobs", "devices/serial/@type")


@case("knobs")
def set_tells_only_of_what_it_did(ground):
    ground.create("Told", "--memory", "900G")
    with ground.start("set", "Told", "vcpu=2") as process:
        assert process.communicate(timeout=60)[1] == "" and process.returncode == 0
    with ground.start("set", "Told", "vcpu=200") as process:
        told = process.communicate(timeout=60)[1]
    assert "vcpu" in told and "memory" not in told, told


@case("knobs")
def diff(ground):
    path = ground.create("Compared")
    ground.run("set", "Compared", "vcpu=3")
    ground.run("set", "Compared", "memory=1G")
    versions = ground.json("diff", "Compared", "--versions")
    assert [v["version"] for v in versions] == [1, 2] and versions[0]["replaced"] >= versions[1]["replaced"], versions
    last = ground.json("diff", "Compared")
    assert [(c["knob"], c["after"], c["live"]) for c in last] == [("memory", "1 GiB", False), ("currentMemory", "1 GiB", True)], last
    assert [c["knob"] for c in ground.json("diff", "Compared", "2")] == ["memory", "currentMemory", "vcpu"]
    assert "→ 3" in ground.run("diff", "Compared", "2")
    assert "2 earlier versions" in ground.run("diff", "Compared", "3", code=5)
    ground.create("Other")
    assert "vcpu" in [c["knob"] for c in ground.json("diff", "Compared", "Other")]
    copy = ground.work / "copy.xml"
    copy.write_text((path / "config.xml").read_text())
    assert ground.json("diff", "Compared", copy) == [] and ground.run("diff", "Compared", "copy.xml") == ""
    ground.run("diff", "Compared", "nobody", code=5)


@case("knobs")
def edit(ground):
    path = ground.create("Edited")
    before = (path / "config.xml").read_text()
    editor = ground.work / "editor"
    editor.write_text("#!/bin/sh\nsed -i \"$SCRIPT\" \"$1\"\n")
    editor.chmod(0o755)

    def use(script, code=0):
        ground.environment.update(EDITOR=str(editor), SCRIPT=script)
        ground.environment.pop("VISUAL", None)
        with ground.start("edit", "Edited", stdin=subprocess.DEVNULL) as process:
            out, err = process.communicate(timeout=240)
        assert process.returncode == code, (process.returncode, out, err)
        return err

    ground.environment.pop("VISUAL", None)
    ground.environment.pop("EDITOR", None)
    with ground.start("edit", "Edited", stdin=subprocess.DEVNULL) as process:
        assert "--from FILE" in process.communicate(timeout=60)[1] and process.returncode == 2
    use("s,<vcpu[^<]*</vcpu>,<vcpu>5</vcpu>,")
    assert ground.run("get", "Edited", "vcpu") == "5"
    after = (path / "config.xml").read_text()
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines()) if a != b]
    assert len(changed) == 1 and len(before.splitlines()) == len(after.splitlines()), changed
    assert "Nothing was changed" in use("")
    for script, code, words in (("s,<vcpu>5,<vcpu,", 4, "config.xml"), ("s,<vcpu>5,<vcpu>many,", 2, "vcpu"),
                                ("s,<vcpu>5</vcpu>,<vcpu>5</vcpu><nonsense/>,", 2, "nonsense")):
        told = use(script, code)
        assert words in told and "is kept in" in told, told
        kept = pathlib.Path(told.split("is kept in ")[1].split(".xml")[0] + ".xml")
        assert kept.is_file()
        shutil.rmtree(kept.parent)
        assert (path / "config.xml").read_text() == after
    editor.write_text("#!/bin/sh\nexit 1\n")
    assert "editor ended with an error" in use("", 1)

    # Somebody else is faster than the editor.
    was, new = ground.work / "was.xml", ground.work / "new.xml"
    was.write_text(after)
    new.write_text(after.replace("<vcpu>5<", "<vcpu>6<"))
    ground.run("set", "Edited", "vcpu=4")
    assert "somebody else" in ground.run("edit", "Edited", "--from", new, "--was", was, code=6)
    assert ground.run("get", "Edited", "vcpu") == "4"
    ground.run("edit", "Edited", "--from", new)
    assert ground.run("get", "Edited", "vcpu") == "6"
    ground.run("edit", "Edited", "--from", ground.work / "none.xml", code=5)


@case("knobs")
def validate(ground):
    path = ground.create("Judged")
    assert ground.json("validate", "Judged") == [] and ground.run("validate", path) == ""
    good = (path / "config.xml").read_text()
    bad = ground.work / "bad.xml"
    bad.write_text(good.replace("<vcpu", "<nonsense/><vcpu", 1))
    with ground.start("--json", "validate", bad) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 4, (out, err)
    found, _ = json.JSONDecoder().raw_decode(out)
    line = next(n for n, text in enumerate(good.splitlines(), 1) if "<vcpu" in text)
    assert [(f["severity"], f["knob"], f["line"]) for f in found] == [("error", "nonsense", line)], found
    assert "nonsense" in ground.run("validate", bad, code=4)
    bad.write_text("<domain>")
    ground.run("validate", bad, code=4)
    ground.run("validate", "nobody", code=5)


@case("knobs")
def nothing_is_saved_that_does_not_open_again(ground):
    path = ground.create("Opens")
    before = (path / "config.xml").read_bytes()
    ground.run("set", path, "metadata/valise:machine/@version=9", code=4)
    ground.run("unset", path, "os", code=2)
    ground.run("unset", path, "uuid", code=1)
    assert (path / "config.xml").read_bytes() == before
    ground.run("show", path)


if __name__ == "__main__":
    sys.exit(main())
