#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""valisectl export into what other programs take, read by their tools and brought back in."""
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile

from ground import case, main

SECRET = "52:54:00:5e:c1:e7"
KINDS = {"a.qcow2": "qcow2", "a.img": "raw", "a.vmdk": "vmdk", "a.vdi": "vdi", "a.vhdx": "vhdx", "a.vhd": "vpc"}


def fill(ground, name):
    """Bytes on the machine's disk, and the disk."""
    path = ground.create(name)
    disk = next((path / "disks").iterdir())
    subprocess.run(["qemu-io", "-f", disk.suffix[1:], "-c", "write -P 0x5a 7M 3M", disk], check=True, stdout=subprocess.DEVNULL)
    return path, disk


def compare(first, first_kind, second):
    subprocess.run(["qemu-img", "compare", "-q", "-f", first_kind, "-F", second.suffix[1:], first, second], check=True)


def entries(ground):
    return sorted(entry.name for entry in ground.work.iterdir())


@case("export")
def single_disks(ground):
    _, disk = fill(ground, "One")
    for name, kind in KINDS.items():
        assert ground.run("export", "One", name) == str(ground.work / name)
        compare(ground.work / name, kind, disk)
        size = json.loads(subprocess.check_output(["qemu-img", "info", "--output=json", "-f", kind, ground.work / name]))["virtual-size"]
        assert size == 1 << 30, f"{name} has {size} bytes"
    ground.run("export", "One", "other", "--format", "vhd")
    compare(ground.work / "other", "vpc", disk)
    ground.run("export", "One", "a.img", code=10)
    assert "vdz" in ground.run("export", "One", "b.img", "--disk", "vdz", code=6)
    assert entries(ground) == sorted([*KINDS, "other"])


@case("export")
def one_snapshot(ground):
    """It leaves as the machine was then, and nothing else of the machine does."""
    path, disk = fill(ground, "One")
    then = ground.work / "then.img"
    subprocess.run(["qemu-img", "convert", "-f", disk.suffix[1:], "-O", "raw", disk, then], check=True)
    for name in "First", "Second":
        ground.run("snapshot", "take", "One", name)
        now = path / ground.run("get", "One", "devices/disk[1]/source/@file").strip()
        subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -P 0x11 7M 1M", now], check=True, stdout=subprocess.DEVNULL)
    ground.run("set", "One", "vcpu=3")
    # What lies outside is no part of it, and is not looked at.
    uuid = ground.run("get", "One", "uuid")
    for config in (path / "snapshots").glob("*/domain.xml"):
        # Taken before the machine was made of another one.
        text = config.read_text().replace(uuid, "5c1e5ad2-6a0e-4d63-9f0c-2f5d0c9e7a11")
        outside = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/nowhere/else.qcow2'/>" \
            "<target dev='vdz' bus='virtio'/></disk>"
        config.write_text(text.replace("</devices>", outside + "</devices>"))
    for name in "a.qcow2", "a.vmdk":
        ground.run("export", "One", name, "--snapshot", "First")
        compare(then, "raw", ground.work / name)
    ground.run("export", "One", "then.vmbundle", "--snapshot", "First")
    copy = ground.work / "then.vmbundle"
    compare(then, "raw", disk_of(copy))
    assert f"<uuid>{uuid}</uuid>" in (copy / "config.xml").read_text()
    assert len(list((copy / "disks").iterdir())) == 1 and not (copy / "snapshots").exists()
    ground.run("export", "One", "then.vmbundle.tar.zst", "--snapshot", "First")
    made = ground.run("import", "then.vmbundle.tar.zst", "--name", "Then").strip()
    compare(then, "raw", disk_of(made))
    assert ground.run("get", made, "vcpu").strip() != "3" == ground.run("get", path, "vcpu").strip()
    assert "clone" in ground.run("export", "One", "no.xml", "--snapshot", "First", code=6).lower()
    assert "About" in ground.run("export", "One", "no.qcow2", "--snapshot", "First", "--dry-run")
    told = ground.json("export", "One", "no.ova", "--dry-run")
    assert told["bytes"] > 0 and told["at_most"] and {"code", "text"} <= set(told["findings"][0]), told
    assert ground.json("clone", "One", "No", "--dry-run")["bytes"] > 0
    assert entries(ground) == sorted(["a.qcow2", "a.vmdk", "then.img", "then.vmbundle", "then.vmbundle.tar.zst"])
    # What it builds on is looked at, as before a start.
    subprocess.run(["qemu-io", "-f", disk.suffix[1:], "-c", "write -P 0x22 7M 1M", disk], check=True, stdout=subprocess.DEVNULL)
    assert "First" in ground.run("export", "One", "torn.qcow2", "--snapshot", "First", code=4)
    assert not (ground.work / "torn.qcow2").exists()


@case("export")
def for_other_programs(ground):
    _, disk = fill(ground, "One")
    ground.create("Two")
    assert ground.run("export", "One", "Two", "both.ova") == str(ground.work / "both.ova")
    assert "OVA" in ground.run("export", "One", "Two", "no.utm", code=6)
    with tarfile.open(ground.work / "both.ova") as tar:
        assert tar.getnames() == ["both.ovf", "both.mf", "both-disk1.vmdk", "both-disk2.vmdk"]
        tar.extract("both-disk1.vmdk", ground.work)
    compare(ground.work / "both-disk1.vmdk", "vmdk", disk)
    assert ground.run("export", "One", "plain.ovf") == str(ground.work / "plain/plain.ovf")
    assert ground.run("export", "One", "second", "--format", "ovf2") == str(ground.work / "second/second.ovf")
    assert "envelope/2" in (ground.work / "second/second.ovf").read_text()
    ground.run("export", "One", "mac.utm")
    subprocess.run(["plistutil", "-i", ground.work / "mac.utm/config.plist"], check=True, stdout=subprocess.DEVNULL)
    for source in "both.ova", "plain/plain.ovf", "second/second.ovf", "mac.utm":
        shutil.rmtree(ground.library)
        made = ground.run("import", source).splitlines()
        assert len(made) == (2 if source == "both.ova" else 1), made
        compare(disk_of(made[0]), disk_of(made[0]).suffix[1:], kept_disk(ground))
        assert ground.json("show", made[0])["name"] == "One"


def disk_of(bundle):
    return next(pathlib.Path(bundle, "disks").iterdir())


def kept_disk(ground):
    """What the guest had written, once more, after the machine itself is gone."""
    kept = ground.work / "kept.qcow2"
    if not kept.exists():
        subprocess.run(["qemu-img", "convert", "-f", "vmdk", "-O", "qcow2", ground.work / "both-disk1.vmdk", kept], check=True)
    return kept


@case("export")
def settings(ground):
    path = ground.create("One")
    ground.run("export", "One", "one.xml")
    assert str(path / "disks") in (ground.work / "one.xml").read_text()
    subprocess.run(["virt-xml-validate", ground.work / "one.xml", "domain"], check=True, stdout=subprocess.DEVNULL)
    ground.run("export", "One", "one.sh")
    text = (ground.work / "one.sh").read_text()
    assert "qemu-system-x86_64" in text and str(path / "disks") in text, text
    subprocess.run(["sh", "-n", ground.work / "one.sh"], check=True)


@case("export")
def without_secrets(ground):
    path = ground.create("One")
    config = path / "config.xml"
    ground.run("set", "One", f"devices/interface/mac/@address={SECRET}", "description=my notes")
    (path / "screenshot.png").write_bytes(b"picture")
    (path / "tpm").mkdir(exist_ok=True)
    (path / "tpm/key").write_text("key")
    uuid = ground.run("get", "One", "uuid")
    ground.run("export", "One", "Gift.vmbundle", "--without-secrets")
    gift = (ground.work / "Gift.vmbundle/config.xml").read_text()
    for secret in SECRET, "my notes", uuid, str(ground.root):
        assert secret in config.read_text() or secret == str(ground.root)
        assert secret not in gift, f"{secret} is told"
    for name in "screenshot.png", "tpm/key":
        assert not (ground.work / "Gift.vmbundle" / name).exists()
    ground.run("export", "One", "all.vmbundle.tar.zst")
    ground.run("export", "One", "some.vmbundle.tar.zst", "--without", "tpm,iso,suspended", "--mac", "new")
    members = subprocess.check_output(["tar", "--zstd", "-tf", ground.work / "all.vmbundle.tar.zst"], text=True)
    fewer = subprocess.check_output(["tar", "--zstd", "-tf", ground.work / "some.vmbundle.tar.zst"], text=True)
    assert "tpm/key" in members and "tpm/key" not in fewer
    ground.run("export", "One", "Stripped.vmbundle", "--mac", "strip")
    assert "<mac " not in (ground.work / "Stripped.vmbundle/config.xml").read_text()
    ground.run("import", "Stripped.vmbundle", "--name", "Back")
    ground.run("export", "One", "x.ova", "--without", "nonsense", code=2)
    ground.run("export", "One", "x.ova", "--mac", "nonsense", code=2)
    ground.run("export", "One", "x", "--format", "nonsense", code=2)


@case("export")
def with_and_without_snapshots(ground):
    path, disk = fill(ground, "One")
    ground.run("snapshot", "take", "One", "before")
    assert len(list((path / "disks").iterdir())) == 2, "the snapshot made no new image"
    ground.run("export", "One", "whole.img")
    compare(ground.work / "whole.img", "raw", disk)
    ground.run("export", "One", "one.ova")
    ground.run("export", "One", "one.utm")
    ground.run("export", "One", "With.vmbundle")
    assert (ground.work / "With.vmbundle/snapshots").is_dir() and "before" in ground.run("snapshot", "list", "With.vmbundle")
    for name, *options in ("Flat.vmbundle", "--without", "snapshots"), ("Gift.vmbundle", "--without-secrets"), \
            ("NoKeys.vmbundle", "--without", "tpm"), ("NoMemory.vmbundle", "--without", "suspended"):
        ground.run("export", "One", name, *options)
        made = ground.work / name
        assert not (made / "snapshots").exists() and len(list((made / "disks").iterdir())) == 1, name
        compare(next((made / "disks").iterdir()), "qcow2", disk)
        assert "backing" not in subprocess.check_output(["qemu-img", "info", "-f", "qcow2", next((made / "disks").iterdir())], text=True)
    ground.run("export", "One", "flat.vmbundle.tar.zst", "--without", "snapshots")
    ground.run("import", "flat.vmbundle.tar.zst", "--name", "Back")
    assert ground.run("snapshot", "list", "Back") == ""


@case("export")
def what_it_would_become(ground):
    ground.create("One")
    with ground.start("export", "One", "x.ova", "--dry-run") as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode == 0 and "SATA" in err and "At most" in out, (out, err)
    assert entries(ground) == []


if __name__ == "__main__":
    sys.exit(main())
