#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""valisectl as a script uses it: the whole main job on a real ISO under TCG, bad input, and the door. TAP on standard output.

With the argument "files" only what needs no QEMU runs; names of cases after it run those only."""
import fcntl
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from ground import ISO, OTHER_ISO, Ground, case, main, tree
from picture import png_colours

F_OFD_SETLK = 37


# --- what the files alone can tell ---------------------------------------------------------------------------------

@case("files")
def create_show_and_xml(ground):
    path = ground.create("First", "--cpus", "3", "--memory", "768M", "--disk", "2G")
    assert path == ground.library / "First.vmbundle" and (path / "config.xml").is_file()
    shown = ground.json("show", "First")
    assert shown["cpus"] == 3 and shown["memory"] == 768 << 20 and shown["state"] == "off"
    disks = [d for d in shown["disks"] if d["device"] == "disk"]
    assert [d["size"] for d in disks] == [1 << 30, 2 << 30], disks
    assert sum(d["taken"] for d in disks) < 1 << 20
    assert ground.run("xml", "First") == (path / "config.xml").read_text().strip()
    assert [m["name"] for m in ground.json("list")] == ["First"]


@case("files")
def verify_tells_what_is_broken(ground):
    path = ground.create("Whole")
    before = tree(path)
    sound = ground.json("verify", "Whole")
    assert sound == {"sound": True, "images": 1, "findings": []}, sound
    assert "1 disk image checked. Nothing wrong was found." in ground.run("verify", "Whole")
    assert tree(path) == before
    disk = next((path / "disks").iterdir())
    (path / "media").mkdir(exist_ok=True)
    (path / "media/nobodys.img").write_bytes(b"?")
    disk.write_bytes(disk.read_bytes()[:100])
    told = ground.run("verify", "Whole", code=4)
    assert f"error: disks/{disk.name}: " in told and "note: media/nobodys.img: " in told, told
    hostile = path / "media/cl\x1b]0;ear.img"
    hostile.write_bytes(b"?")
    told = ground.run("verify", "Whole", code=4)
    assert "note: media/cl\N{REPLACEMENT CHARACTER}]0;ear.img: " in told and "\x1b" not in told, told
    hostile.unlink()
    with ground.start("--json", "verify", path) as process:
        found = json.loads(process.communicate(timeout=60)[0])
    assert process.returncode == 4 and not found["sound"], found
    assert [f["code"] for f in found["findings"]] == ["image-damaged", "orphan"], found
    (path / "config.xml").write_text("<domain")
    assert "error: config.xml: " in ground.run("verify", "Whole", code=4)
    ground.run("verify", "Nothing", code=5)


@case("files")
def what_nobody_needs_goes_to_the_trash(ground):
    path = ground.create("Tidy")
    ground.run("snapshot", "take", "Tidy", "Kept")
    kept = tree(path)
    names = ["disks/old.qcow2", "media/-odd name.iso"]
    for name in names:
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(b"x" * 5000)
    (path / "elsewhere").symlink_to(ground.work)
    (ground.work / "mine").write_bytes(b"mine")

    def orphans():
        return sorted(part["file"] for part in ground.json("size", "Tidy")["parts"] if part["kind"] == "orphan")
    assert orphans() == sorted(names + ["elsewhere"]), orphans()
    # Nothing else can go that way, and when one may not, none does.
    for other in ("config.xml", "disks/root.qcow2", "../../work/mine", str(ground.work / "mine"), "elsewhere/mine", "elsewhere",
                  "nothing", "disks"):
        ground.run("size", "Tidy", "--trash", names[0], "--trash", other, code=5)
    assert orphans() == sorted(names + ["elsewhere"]) and (ground.work / "mine").is_file()
    ground.run("size", "Tidy", "--trash", names[0])
    assert orphans() == sorted([names[1], "elsewhere"])
    (path / "elsewhere").unlink()
    ground.run("size", "Tidy", "--trash-all")
    assert orphans() == [] and tree(path) == kept
    trashed = sorted(p.name for p in (ground.root / "data/Trash/files").iterdir())
    assert trashed == ["-odd name.iso", "old.qcow2"], trashed
    ground.run("size", "Tidy", "--trash-all")


@case("files")
def shrink_and_have_it_back(ground):
    path = ground.create("Small")

    def size():
        return [d["size"] for d in ground.json("show", "Small")["disks"] if d["device"] == "disk"]
    disk = next((path / "disks").iterdir())
    subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write 800M 64k", disk], check=True, stdout=subprocess.DEVNULL)
    assert "has no partitions" in ground.run("shrink", "Small", "vda", "900M", code=3)
    assert size() == [1 << 30]
    # One of 800 MiB behind the first of them.
    subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -P 0x83 450 1", "-c", "write -P 8 455 1",
                    "-c", "write -P 0x19 460 1", "-c", "write -P 0x55 510 1", "-c", "write -P 0xaa 511 1", disk],
                   check=True, stdout=subprocess.DEVNULL)
    assert "Partition 1" in ground.run("shrink", "Small", "vda", "500M", code=3)
    assert size() == [1 << 30]
    snapshot = ground.json("shrink", "Small", "vda", "900M")["snapshot"]
    assert size() == [900 << 20], size()
    assert ground.run("get", "Small", "metadata/valise:machine/valise:disk/@size") == str(900 << 20)
    assert "snapshot revert" in ground.run("shrink", "Small", "vda", "500M", "--lose-data")
    assert size() == [500 << 20]
    ground.run("snapshot", "revert", "Small", snapshot)
    assert size() == [1 << 30]
    ground.run("shrink", "Small", "vda", "2G", code=4)
    ground.run("shrink", "Small", "vda", "much", code=2)
    ground.run("template", "Small", "on")
    ground.run("shrink", "Small", "vda", "900M", code=6)


@case("files")
def snapshots_that_are_taken_by_themselves(ground):
    ground.create("Kept")
    assert ground.json("snapshot", "schedule", "Kept") == {"every": "off", "keep": 0, "precautions": True}
    told = ground.json("snapshot", "schedule", "Kept", "--every", "day", "--precautions", "off")
    assert told == {"every": "day", "keep": 7, "precautions": False}, told
    assert ground.run("get", "Kept", "metadata/valise:machine/@precautions") == "no"
    assert ground.run("snapshot", "schedule", "Kept").splitlines() == ["Every day, 7 are kept", "Before something risky: no"]
    ground.run("snapshot", "schedule", "Kept", "--precautions", "maybe", code=2)
    assert ground.json("snapshot", "schedule", "Kept", "--precautions", "on")["precautions"]


@case("files")
def without_programs(ground):
    ground.create("Bare")
    before = tree(ground.library)
    ground.environment["PATH"] = str(ground.work)
    assert "qemu-img" in ground.run("create", "More", "--iso", ISO, "--disk", "1G", code=9)
    assert tree(ground.library) == before


@case("files")
def without_libraries(ground):
    """What needs no libvirt works without it, and the rest says what to install; the library of systems may be missing as well."""
    path = ground.create("Bare")
    before = tree(path)
    for name in ("libvirt.so.0", "libosinfo-1.0.so.0"):
        (ground.work / name).touch()
    ground.environment["LD_LIBRARY_PATH"] = str(ground.work)
    said = ground.run("start", "Bare", code=9)
    assert "libvirt.so.0" in said and "Install libvirt" in said, said
    assert [m["name"] for m in ground.json("list")] == ["Bare"] and ground.json("show", "Bare")["cpus"] > 0
    assert tree(path) == before
    ground.create("Another")
    del ground.environment["LD_LIBRARY_PATH"]


@case("files")
def bad_input(ground):
    text = ground.work / "text.iso"
    text.write_text("this is no ISO\n" * 5000)
    ground.run("create", "A", "--iso", text, code=4)
    ground.run("create", "A", "--iso", ground.work / "missing.iso", code=5)
    ground.run("create", "A", "--iso", ISO, "--disk", "large", code=2)
    ground.run("create", "A", "--iso", ISO, "--firmware", "coreboot", code=2)
    ground.run("create", "A", "--iso", ISO, "--accel", "xen", code=2)
    ground.run("create", "", "--iso", ISO, code=2)
    assert not ground.library.exists() or not list(ground.library.iterdir())
    ground.create("A")
    before = tree(ground.library)
    ground.run("create", "A", "--iso", ISO, code=10)
    ground.run("show", "Nobody", code=5)
    ground.run("frobnicate", code=2)
    ground.run("show", code=2)
    assert tree(ground.library) == before


# What is given, how it ends, and words of the one message that tells it; MACHINE, ARCHIVE and the others stand for real ones.
WRONG = [
    ("", 2, "There is no verb"), ("--bogus list", 2, "--help"), ("list more", 2, "“more” is one word too many"),
    ("show", 2, "show MACHINE"), ("show M --bogus", 2, "--bogus"), ("show -dash", 2, "after “--”"), ("show ''", 2, "show MACHINE"),
    ("show /none.vmbundle", 5, "/none.vmbundle"), ("show ../none.vmbundle", 5, "none.vmbundle"), ("show a/b", 5, "a/b"),
    ("show $'a\xff'", 5, "a"), ("get M", 2, "get MACHINE KNOB"), ("set M", 2, "KNOB=VALUE"), ("edit M --from none", 5, "none"), ("edit M --from TEXT --was TEXT", 6, "somebody else"),
    ("create N --iso I --cpus 0", 2, "--cpus"), ("create N --iso I --cpus -3", 2, "“-3”"), ("create N --iso I --memory 0", 2, "--memory"),
    ("create N --iso I --memory -5", 2, "--memory"), ("create N --iso I --disk 0", 2, "--disk"), ("create N --iso ''", 2, "--iso is empty"),
    ("create N --iso FOLDER", 5, "not a plain file"), ("create N --iso TEXT", 4, "ISO"), ("create N --iso I --in TEXT", 1, "TEXT"),
    ("create $'a\xff' --iso I", 2, "name"),
    ("wait M", 2, "--for"), ("wait M --for dinner", 2, "--for"), ("wait M --for off --timeout -1", 2, "--timeout"),
    ("wait M --for off --timeout soon", 2, "“soon”"), ("wait M --for off --timeout 99999999999", 2, "--timeout"),
    ("screenshot M", 2, "FILE.png"), ("media M --insert TEXT --eject", 2, "--eject"), ("media M --drive vdz", 5, "vdz"),
    ("media M --insert FOLDER", 1, "not a plain file"), ("media M --insert none.iso", 5, "none.iso"),
    ("export M ''", 2, "FILE.vmbundle.tar.zst"), ("export M backup.zip", 2, ".vmbundle.tar.zst"), ("export M TEXT", 1, "TEXT"),
    ("export M /none/x.vmbundle.tar.zst", 5, "/none"), ("export M PATH/x.vmbundle.tar.zst", 2, "in a machine's folder"),
    ("export M LINK/x.ova", 2, "in a machine's folder"), ("export M LINK/x.vmbundle", 2, "in a machine's folder"), ("clone M N --to LINK", 2, "in a machine's folder"),
    ("create N --iso I --in PATH/new", 2, "in a machine's folder"), ("import PATH --name N --in LINK", 2, "in a machine's folder"), ("move M LINK/new", 2, "in a machine's folder"),
    ("export M /sys/x.ova", 1, "“/sys”"), ("export M M x.ova", 2, "twice"), ("snapshot schedule M --every day --keep 0", 2, "--keep"),
    ("import none", 5, "none"), ("import TEXT", 4, "TEXT"), ("import FOLDER", 4, "config.xml"), ("import disc.iso", 2, "create NAME --iso"),
    ("import PATH --name ''", 2, "--name is empty"), ("import PATH --in TEXT --name N", 1, "TEXT"), ("import PATH", 10, "exists already"),
    ("nvram M --reset --put-back", 2, "either"), ("nvram M --reset", 6, "BIOS"), ("compact M vdz", 6, "vdz"), ("convert M vda", 2, "--format"),
    ("convert M vda --format vmdk", 2, "--format"), ("convert M vda --format qcow2", 6, "already"), ("convert M sda --format raw", 6, "sda"),
    ("create N --image TEXT --kernel TEXT", 2, "either"), ("create N --initrd TEXT", 2, "--kernel"), ("create N --image none", 4, "none"),
    ("create N --kernel TEXT", 4, "TEXT"), ("create N --kernel none", 5, "none"), ("asks M --allow-all --allow-none", 2, "either"), ("asks M --allow none", 2, "none"), ("identity M --moved --copied", 2, "either"),
    ("diff M 0", 5, "--versions"), ("diff M nobody", 5, "nobody"), ("validate TEXT", 5, "TEXT"), ("knobs --page none", 2, "processor"),
    ("rm TEXT", 5, "TEXT"), ("rm FOLDER", 5, "FOLDER"), ("--library TEXT list", 1, "TEXT"),
]


@case("files")
def every_failure_says_what_and_why(ground):
    """One message, an exit code of the manual's, nothing changed, and with --json one document that says the same."""
    path = ground.create("M")
    (ground.work / "FOLDER").mkdir()
    (ground.work / "TEXT").write_text("hello\n")
    (ground.work / "LINK").symlink_to(ground.create("Other") / "media")
    names = {"I": str(ISO), "$'a\xff'": "a\udcff"}

    def fill(word):
        return names.get(word, word).replace("PATH", str(path)).strip("'")

    before = tree(ground.root / "library"), tree(ground.work)
    for line, code, says in WRONG:
        words = [fill(word) for word in line.split(" ")]
        with ground.start("--json", *words, stdin=subprocess.DEVNULL, errors="surrogateescape") as process:
            out, err = process.communicate(timeout=60)
        assert process.returncode == code, (line, process.returncode, err)
        told = [text for text in err.splitlines() if text.startswith("valisectl: ")]
        assert len(told) == 1 and says in told[0] and "CRITICAL" not in err, (line, err)
        answer = json.loads(out)
        assert answer["exit"] == code and set(answer) == {"error", "domain", "code", "exit"}, (line, answer)
        assert (tree(ground.root / "library"), tree(ground.work)) == before, line


@case("files")
def help_of_a_verb(ground):
    for words in ("show", "--help"), ("show", "-h"), ("help", "show"):
        assert ground.run(*words).startswith("valisectl show MACHINE\n")
    assert "knobs" in ground.run("help") and "knobs" in ground.run("--help")
    ground.run("help", "nothing")


@case("files")
def output_that_cannot_be_written(ground):
    path = ground.create("M")
    before = tree(path)
    for verb in ("list",), ("--json", "show", "M"), ("xml", "M"), ("get", "M", "vcpu"):
        with open("/dev/full", "w") as full:
            done = subprocess.run([ground.program, *verb], cwd=ground.work, env=ground.environment, stdout=full, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 1 and "could not be written" in done.stderr, (verb, done)
        # Closed, and the wrong way round: nobody wants to know, and nothing else is written to.
        for how in ">&-", ">&- 2>&- <&-", "1<" + shlex.quote(str(path / "config.xml")):
            subprocess.run(["sh", "-c", f'"$0" "$@" {how}', ground.program, *verb], cwd=ground.work, env=ground.environment, check=True)
        assert tree(path) == before, verb
    with ground.start("--json", "knobs") as process:
        process.stdout.close()
        assert "could not" not in process.stderr.read()


@case("files")
def any_locale_any_bytes(ground):
    """Over ssh the locale is often C; and a bundle's name is any bytes."""
    ground.environment["LC_ALL"] = "C"
    path = ground.create("M", "--disk", "none")
    copy = pathlib.Path(ground.run("import", path, "--name", "K\u00f6rbe \U0001f9f3"))
    strange = copy.rename(copy.with_name("K\udcff.vmbundle"))
    listed = {m["name"]: m["path"] for m in ground.json("list")}
    assert listed["K\u00f6rbe \U0001f9f3"].startswith(str(ground.library / "K")), listed
    assert ground.run("get", strange, "vcpu") == ground.run("get", "K\u00f6rbe \U0001f9f3", "vcpu")


@case("files")
def broken_off_by_the_terminal(ground):
    """The end of an ssh session leaves as little behind as Ctrl+C."""
    path = ground.create("M")
    with open(path / "disks/filler.bin", "wb") as filler:
        for _ in range(64):
            filler.write(os.urandom(1 << 20))
    target = ground.work / "m.vmbundle.tar.zst"
    partial = ground.work / ".m.vmbundle.tar.zst.partial"
    for number in signal.SIGHUP, signal.SIGTERM, signal.SIGINT:
        with ground.start("export", "M", target) as process:
            while not partial.exists() and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(number)
            process.communicate(timeout=60)
        assert process.returncode in (0, 11), (number, process.returncode)
        assert not partial.exists() and target.exists() == (process.returncode == 0), number
        target.unlink(missing_ok=True)


@case("files")
def strange_names(ground):
    names = ["a/b", "../up", "emoji \U0001f9f3", "x" * 300, ".hidden", "-dash", "new\nline"]
    for name in names:
        path = pathlib.Path(ground.run("create", "--iso", ISO, "--disk", "none", "--", name))
        assert path.parent == ground.library and path.is_dir() and len(path.name.encode()) < 255
        assert not path.name.startswith((".", "-"))
    assert {m["name"] for m in ground.json("list")} >= {n for n in names if "\n" not in n}
    for name in names:
        assert ground.json("show", "--", name)["name"].split("\n")[0] == name.split("\n")[0], name


@case("files")
def damaged_bundles_stay_listed(ground):
    good = ground.create("Good")
    for name, text in {"Empty": "", "Text": "hello", "Foreign": "<network/>",
                       "Newer": (good / "config.xml").read_text().replace("version='1'", "version='99'")}.items():
        (ground.library / f"{name}.vmbundle").mkdir()
        (ground.library / f"{name}.vmbundle" / "config.xml").write_text(text)
    (ground.library / "Bare.vmbundle").mkdir()
    listed = {m["name"]: m for m in ground.json("list")}
    assert listed["Good"]["state"] == "off" and not listed["Good"]["error"]
    for name in ("Empty", "Text", "Foreign", "Newer", "Bare"):
        assert listed[name]["state"] == "broken" and listed[name]["error"], listed[name]
        ground.run("show", name, code=4)
    ground.run("rm", "Text")
    assert "Text" not in {m["name"] for m in ground.json("list")}


@case("files")
def rm_of_what_is_gone_forgets_it(ground):
    path = ground.create("Away", "--disk", "none", "--in", ground.work / "folder")
    shutil.rmtree(path)
    assert [(m["path"], m["state"]) for m in ground.json("list")] == [(str(path), "broken")]
    ground.run("rm", path)
    assert ground.json("list") == []
    ground.run("rm", path, code=5)


@case("files")
def rm_where_there_is_no_trash(ground):
    """Nothing is deleted for good without being asked; how to do that is said."""
    with tempfile.TemporaryDirectory(prefix="valise", dir="/dev/shm") as memory:
        path = ground.create("Fleeting", "--in", memory)
        said = ground.run("rm", path, code=1)
        assert "there is no Trash" in said and "delete its folder" in said, said
        assert (path / "config.xml").is_file()


@case("files")
def export_rm_import(ground):
    path = ground.create("Round")
    config = (path / "config.xml").read_text()
    archive = ground.work / "round.vmbundle.tar.zst"
    ground.run("export", "Round", archive.name)
    ground.run("export", "Round", archive.name, code=10)
    subprocess.run(["zstd", "-tq", archive], check=True)
    ground.run("rm", "Round")
    assert not path.exists() and list((ground.root / "data/Trash/files").iterdir())
    assert ground.run("import", archive) == str(path)
    assert (path / "config.xml").read_text() == config
    copy = pathlib.Path(ground.run("import", archive, "--name", "Second"))
    one, two = (ground.json("get", p, "uuid")["value"] for p in (path, copy))
    assert one != two, "two machines may not share an identity"
    folder = ground.work / "folder"
    folder.mkdir()
    ground.run("export", "Round", folder)
    assert (folder / "Round.vmbundle" / "config.xml").is_file()


@case("files")
def killed_jobs_leave_a_name(ground):
    ground.create("Whole")
    archive = ground.work / "Whole.vmbundle.tar.zst"
    ground.run("export", "Whole", archive)
    half = [ground.library / ".Half.vmbundle.partial", ground.library / ".It's half.vmbundle.tar.zst.partial",
            ground.library / ".Held.vmbundle.partial"]
    for folder in half[0], half[2]:
        (folder / "disks").mkdir(parents=True)
        (folder / "disks/root.qcow2").write_bytes(b"x")
        (folder / ".lock").touch()
    half[1].write_bytes(archive.read_bytes()[:100])
    with open(half[2] / ".lock", "r+b") as held:
        fcntl.fcntl(held, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        with ground.start("list") as process:
            out, err = process.communicate(timeout=60)
        assert process.returncode == 0 and out.count("\n") == 1 and "Whole" in out, out
        lines = sorted(line for line in err.splitlines() if "half made" in line)
        assert len(lines) == 2 and str(half[0]) in lines[0] and str(half[1]) in lines[1], err
        ground.run("rm", half[2], code=8)
    # The command that is offered is the command that works.
    for line in lines:
        ground.run(*shlex.split(line.split("To remove it: valisectl ")[1]))
    assert [p.exists() for p in half] == [False, False, True]
    ground.run("rm", half[2])
    assert ground.json("list")[0]["name"] == "Whole" and not half[2].exists()
    # Nothing of it went to the Trash.
    assert not list((ground.root / "data").glob("Trash/files/*"))


@case("files")
def tampered_archives(ground):
    ground.create("Tamper")
    archive = ground.work / "t.vmbundle.tar.zst"
    ground.run("export", "Tamper", archive)
    before = tree(ground.library)
    whole = archive.read_bytes()
    for name, data in {"cut": whole[:-20], "flip": whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], "none": b"",
                       "text": b"hello" * 100}.items():
        (ground.work / f"{name}.vmbundle.tar.zst").write_bytes(data)
        ground.run("import", f"{name}.vmbundle.tar.zst", "--name", name, code=4)
    evil = ground.work / "evil"
    for number, build in enumerate((
            lambda d: (d / "disks").symlink_to("/etc"),
            lambda d: os.mkfifo(d / "disks"))):
        shutil.rmtree(evil, ignore_errors=True)
        evil.mkdir()
        shutil.copy(ground.library / "Tamper.vmbundle" / "config.xml", evil)
        build(evil)
        target = ground.work / f"evil{number}.vmbundle.tar.zst"
        subprocess.run(f"tar -C {evil} -c config.xml disks | zstd -q -o {target}", shell=True, check=True)
        ground.run("import", target, "--name", f"evil{number}", code=4)
    target = ground.work / "up.vmbundle.tar.zst"
    subprocess.run(f"tar -P -C {evil} -c config.xml ../../library/Tamper.vmbundle/config.xml | zstd -q -o {target}",
                   shell=True, check=True)
    ground.run("import", target, "--name", "up", code=4)
    assert tree(ground.library) == before


@case("files")
def from_elsewhere_asks(ground):
    path = ground.create("Mine")
    assert ground.json("asks", "Mine")["settled"] is True
    elsewhere = Ground(ground.program)
    try:
        archive = ground.work / "mine.vmbundle.tar.zst"
        ground.run("export", "Mine", archive)
        elsewhere.run("import", archive)
        asks = elsewhere.json("asks", "Mine")
        assert asks["settled"] is False and [a["value"] for a in asks["asks"]] == [str(ISO)], asks
        assert not asks["asks"][0]["granted"]
        elsewhere.run("asks", "Mine", "--allow", "no/such/knob", code=2)
        elsewhere.run("asks", "Mine", "--allow", asks["asks"][0]["knob"])
        asks = elsewhere.json("asks", "Mine")
        assert asks["settled"] is True and asks["asks"][0]["granted"] is True
    finally:
        elsewhere.close()
    assert path.exists()


@case("files")
def moved_or_copied(ground):
    path = ground.create("Twin")
    assert ground.json("identity", "Twin")["identity"] == "known"
    moved = ground.work / "Moved.vmbundle"
    path.rename(moved)
    assert ground.json("identity", moved)["identity"] == "moved"
    ground.run("identity", moved, "--moved")
    copy = ground.work / "Copy.vmbundle"
    shutil.copytree(moved, copy)
    asked = ground.json("identity", copy)
    assert asked == {"identity": "twin", "other": str(moved)}, asked
    before = ground.run("get", copy, "uuid"), ground.run("get", copy, "devices/interface/mac/@address")
    ground.run("identity", copy, "--copied")
    after = ground.run("get", copy, "uuid"), ground.run("get", copy, "devices/interface/mac/@address")
    assert before[0] != after[0] and before[1] != after[1]
    assert ground.run("get", moved, "uuid") == before[0]


@case("files")
def without_uuid(ground):
    path = ground.create("Nameless")
    config = path / "config.xml"
    lines = [line for line in config.read_text().splitlines(True) if "<uuid>" not in line]
    config.write_text("".join(lines))
    assert "uuid" in ground.run("asks", path, "--allow-none", code=1)
    assert "uuid" in ground.run("start", path, code=1)
    ground.run("identity", path, "--copied")
    ground.run("asks", path, "--allow-none")
    assert ground.run("get", path, "uuid")


@case("files")
def nothing_stays_when_it_cannot_be_remembered(ground):
    path = ground.create("First")
    archive = ground.work / "a.vmbundle.tar.zst"
    ground.run("export", path, archive)
    identities = ground.root / "s/identities"
    shutil.rmtree(identities)
    identities.write_text("in the way")
    before = tree(ground.library)
    ground.run("create", "Second", "--iso", ISO, "--disk", "none", code=1)
    ground.run("import", archive, "--name", "Third", code=1)
    assert tree(ground.library) == before, tree(ground.library)


@case("files")
def many_open_at_once(ground):
    """Of several that start at the same moment one gets the driver, and the others come to it or after it."""
    ground.create("Shared")
    for _ in range(6):
        together = [ground.start("get", "Shared", "vcpu") for _ in range(5)]
        for process in together:
            out, err = process.communicate(timeout=100)
            assert process.returncode == 0 and out.strip() and not err, (process.returncode, out, err)


class Lock:
    """Another program that holds one of the embedded driver's locks."""

    def __init__(self, path, kind):
        path.parent.mkdir(parents=True, exist_ok=True)
        program = ("import fcntl, os, struct, sys\n"
                   "f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)\n"
                   "fcntl.fcntl(f, int(sys.argv[2]), struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))\n"
                   "print(flush=True)\nsys.stdin.read()\n")
        self.holder = subprocess.Popen([sys.executable, "-c", program, path, str(kind)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.inode = f":{path.stat().st_ino} "

    def wait_for_waiter(self, process):
        """Until somebody sleeps in front of the lock."""
        deadline = time.monotonic() + 60
        while not any("->" in line and self.inode in line for line in pathlib.Path("/proc/locks").read_text().splitlines()):
            assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
            time.sleep(0.02)

    def release(self):
        self.holder.communicate()


@case("files")
def waits_for_the_driver_asleep(ground):
    """A program that is no Valise (virsh) locks the driver's pid file only, one that is just starting has no door yet."""
    ground.create("Patient")
    for path, kind in (ground.root / "s/e/claim", F_OFD_SETLK), (ground.root / "s/e/run/qemu/driver.pid", fcntl.F_SETLK):
        lock = Lock(path, kind)
        with ground.start("get", "Patient", "vcpu") as waiting:
            lock.wait_for_waiter(waiting)
            assert waiting.poll() is None
            lock.release()
            out, err = waiting.communicate(timeout=60)
            assert waiting.returncode == 0 and out.strip() and not err, (path, out, err)
        lock = Lock(path, kind)
        with ground.start("--json", "start", "Patient") as waiting:
            lock.wait_for_waiter(waiting)
            waiting.send_signal(signal.SIGINT)
            out, err = waiting.communicate(timeout=20)
            assert waiting.returncode == 11 and json.loads(out)["error"] in err, (waiting.returncode, out, err)
        lock.release()


@case("files")
def sees_a_door_open(ground):
    """Whoever waits for the driver goes through the holder's door as soon as there is one."""
    ground.create("Knocks")
    lock = Lock(ground.root / "s/e/claim", F_OFD_SETLK)
    with ground.start("get", "Knocks", "vcpu") as waiting, socket.socket(socket.AF_UNIX) as door:
        lock.wait_for_waiter(waiting)
        door.bind(str(ground.root / "s/door"))
        door.listen()
        door.settimeout(60)
        os.link(ground.root / "s/door", ground.root / "s/e/door")
        visitor, _ = door.accept()
        # Nobody is at home there after all.
        os.unlink(ground.root / "s/e/door")
        visitor.close()
        lock.release()
        out, err = waiting.communicate(timeout=60)
        assert waiting.returncode == 0 and out.strip() and not err, (out, err)


@case("files")
def media_without_running(ground):
    ground.create("Drive")
    assert ground.json("media", "Drive")[0]["file"] == str(ISO)
    ground.run("media", "Drive", "--eject")
    assert ground.json("media", "Drive")[0]["file"] == ""
    ground.run("media", "Drive", "--insert", "nothing.iso", code=5)
    ground.run("media", "Drive", "--insert", OTHER_ISO)
    assert ground.json("media", "Drive")[0]["file"] == str(OTHER_ISO)


# --- a machine that runs --------------------------------------------------------------------------------------------

@case("life")
def main_job(ground):
    path = ground.create("Grub", "--memory", "256M")
    ground.run("start", "Grub")
    assert ground.json("show", "Grub")["state"] == "running"
    ground.run("wait", "Grub", "--for", "frame", "--timeout", "120")
    ground.run("screenshot", "Grub", "one.png")
    colours, size, one = png_colours(ground.work / "one.png")
    assert colours > 1 and size[0] >= 640, (colours, size)
    ground.run("type", "Grub", "c")
    ground.run("type", "Grub", "ls", "--enter")
    deadline = time.monotonic() + 30
    while True:
        ground.run("screenshot", "Grub", "two.png")
        if png_colours(ground.work / "two.png")[2] != one:
            break
        assert time.monotonic() < deadline, "typing changed nothing on the screen"
        time.sleep(0.5)
    ground.run("pause", "Grub")
    assert ground.json("show", "Grub")["state"] == "paused"
    ground.run("pause", "Grub", code=6)
    ground.run("resume", "Grub")
    ground.run("media", "Grub", "--insert", OTHER_ISO)
    ground.run("reset", "Grub")
    ground.run("keys", "Grub", "ctrl-alt-delete")
    ground.run("keys", "Grub", "ctrl-nosuchkey", code=1)
    assert ground.run("export", "Grub", "live.vmbundle.tar.zst").endswith("/live.vmbundle.tar.zst")
    assert ground.json("show", "Grub")["state"] == "running"
    ground.run("rm", "Grub", code=6)
    ground.run("wait", "Grub", "--for", "off", "--timeout", "1", code=7)
    ground.run("stop", "Grub")
    ground.run("wait", "Grub", "--for", "off")
    ground.run("stop", "Grub", code=6)
    assert ground.json("show", "Grub")["state"] == "off" and (ground.work / "live.vmbundle.tar.zst").exists()
    addresses = (path / "config.xml").read_text().count("<address type='pci'")
    assert addresses > 3, "the addresses that the guest saw were not kept"


@case("life")
def suspend_and_wake(ground):
    ground.create("Sleep", "--memory", "256M")
    ground.run("start", "Sleep")
    ground.run("wait", "Sleep", "--for", "frame", "--timeout", "120")
    ground.run("suspend", "Sleep")
    assert ground.json("show", "Sleep")["state"] == "suspended"
    ground.run("start", "Sleep")
    assert ground.json("show", "Sleep")["state"] == "running"
    ground.run("suspend", "Sleep")
    ground.run("discard", "Sleep")
    assert ground.json("show", "Sleep")["state"] == "off"
    assert "Off" in ground.run("discard", "Sleep", code=6)


@case("life")
def several_at_once(ground):
    """Only one process holds the embedded driver; the others go through its door."""
    ground.create("Busy", "--memory", "256M")
    ground.run("start", "Busy")
    with ground.start("wait", "Busy", "--for", "off", "--timeout", "100") as waiting:
        ground.wait_for_driver(waiting)
        for _ in range(3):
            assert ground.json("show", "Busy")["state"] == "running"
        ground.run("set", "Busy", "description=through the door")
        ground.run("stop", "Busy")
        assert waiting.wait(30) == 0, waiting.stderr.read()
    assert ground.run("get", "Busy", "description") == "through the door"


@case("life")
def killed_while_it_runs(ground):
    ground.create("Survivor", "--memory", "256M")
    ground.run("start", "Survivor")
    waiting = ground.start("wait", "Survivor", "--for", "off", "--timeout", "100")
    ground.wait_for_driver(waiting)
    waiting.send_signal(signal.SIGKILL)
    waiting.communicate()
    assert ground.json("show", "Survivor")["state"] == "running"
    ground.run("stop", "Survivor")
    assert ground.json("show", "Survivor")["state"] == "off"


@case("life")
def killed_while_it_starts(ground):
    """However far a start has come: either the machine runs and can be stopped, or it is off and can be started."""
    ground.create("Broken", "--memory", "128M")
    ground.run("start", "Broken")
    ground.run("stop", "Broken")
    for delay in range(0, 600, 75):
        with ground.start("start", "Broken") as starting:
            time.sleep(delay / 1000)
            starting.kill()
        state = ground.json("show", "Broken")["state"]
        assert state in ("off", "running"), (delay, state)
        if state == "off":
            ground.run("start", "Broken")
        ground.run("stop", "Broken")


@case("life")
def moved_while_it_runs(ground):
    """Also when another machine has taken its place: no machine runs out of reach."""
    path = ground.create("Here", "--memory", "128M")
    ground.run("start", path)
    there = path.with_name("There.vmbundle")
    path.rename(there)
    ground.create("Here", "--memory", "128M")
    assert ground.json("show", path)["state"] == "off"
    assert ground.json("show", there)["state"] == "running"
    ground.run("stop", there)


@case("life")
def gone_at_once(ground):
    """A verb that is done before the driver has found the running machines again ends as it should."""
    ground.create("Quick", "--memory", "128M")
    ground.run("start", "Quick")
    for _ in range(30):
        ground.run("xml", "Quick")
    ground.run("stop", "Quick")


@case("life")
def cancelled_by_ctrl_c(ground):
    ground.create("Stopped", "--memory", "256M")
    ground.run("start", "Stopped")
    with ground.start("wait", "Stopped", "--for", "off", "--timeout", "100") as waiting:
        ground.wait_for_driver(waiting)
        waiting.send_signal(signal.SIGINT)
        waiting.communicate(timeout=20)
        assert waiting.returncode == 11, waiting.returncode
    ground.run("stop", "Stopped")


if __name__ == "__main__":
    sys.exit(main())
