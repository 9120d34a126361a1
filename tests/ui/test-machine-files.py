#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done at once with a machine's files from its windows: disks compacted and converted, firmware made fresh, a start from
something else once. TAP on standard output.

test-machine-files.py VALISE VALISECTL [CASE...], below xvfb-run."""
import pathlib
import subprocess
import sys

import stage
from application import wait
from guest import Guest

MIB = 1024 * 1024
CASES = []
case = stage.into(CASES)


def make_image(ground, sectors=b""):
    """A disk of 32 MiB of which 8 hold something and 16 hold zeros that are stored."""
    raw, image = ground.home / "disk.raw", ground.home / "disk.qcow2"
    raw.write_bytes(sectors.ljust(MIB, b"\0") + bytes(range(1, 256)) * (7 * MIB // 255) + bytes(24 * MIB))
    raw.open("ab").truncate(32 * MIB)
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-S", "0", raw, image], check=True)
    return image, raw


def create(ground, name, *more):
    return pathlib.Path(ground.ctl("create", name, "--accel", "tcg", "--memory", "128M", "--cpus", 1, *more))


def open_settings(ground, name, page):
    valise = ground.valise
    valise.start()
    valise.select_row(name)
    valise.press("push button", "Settings")
    window = valise.window(f"{name}: Settings")
    valise.press("list item", page, window)
    return window


def is_usable(ground, name, window):
    node = next(iter(ground.valise.search("push button", name, window)), None)
    return node is not None and node.has("sensitive")


def disk_of(ground, name):
    return next(disk for disk in ground.json("show", name)["disks"] if disk["device"] == "disk")


@case
def a_disk_is_compacted_and_converted(ground):
    image, raw = make_image(ground)
    path = create(ground, "Box", "--image", image)
    before = disk_of(ground, "Box")["taken"]
    window = open_settings(ground, "Box", "Disk 1")
    valise = ground.valise
    valise.press("push button", "Image file: compact", window)
    valise.wait_words("of this computer's disk are free again")
    assert disk_of(ground, "Box")["taken"] < before - 15 * MIB
    ground.picture("disk-compacted")
    valise.press("push button", "Image file: convert to raw", window)
    valise.find("push button", "Image file: convert to qcow2", window)
    disk = disk_of(ground, "Box")
    assert (disk["format"], disk["file"]) == ("raw", "disks/root.raw"), disk
    subprocess.run(["qemu-img", "compare", "-q", "-f", "raw", "-F", "raw", raw, path / "disks/root.raw"], check=True)
    assert [file.name for file in (path / "disks").iterdir()] == ["root.raw"]
    ground.ctl("start", "Box")
    valise.wait_words("Shut the machine down to compact the file")
    wait(lambda: not is_usable(ground, "Image file: compact", window), 20, "no compacting while it runs")
    ground.ctl("stop", "Box")
    wait(lambda: is_usable(ground, "Image file: compact", window), 20, "compacting when it is off")


@case
def firmware_is_made_fresh_and_put_back(ground):
    path = create(ground, "Box", "--firmware", "uefi", "--disk", "64M")
    ground.ctl("start", "Box")
    ground.ctl("wait", "Box", "--for", "frame", "--timeout", "90")
    ground.ctl("stop", "Box")
    kept = (path / "nvram/vars.fd").read_bytes()
    window = open_settings(ground, "Box", "Boot and Firmware")
    valise = ground.valise
    ground.picture("firmware-kept")
    valise.press("push button", "What the firmware remembers: reset", window)
    wait(lambda: not (path / "nvram/vars.fd").exists(), 20, "fresh firmware")
    valise.wait_words("Fresh at the next start")
    ground.picture("firmware-fresh")
    valise.press("push button", "What the firmware remembers: put back", window)
    wait(lambda: (path / "nvram/vars.fd").exists(), 20, "the firmware's settings")
    assert (path / "nvram/vars.fd").read_bytes() == kept
    wait(lambda: not valise.search("push button", "What the firmware remembers: put back", window), 20, "nothing more to put back")
    ground.ctl("start", "Box")
    valise.wait_words("Shut the machine down to reset them")
    ground.ctl("stop", "Box")


# Fills the screen with blue and halts.
BLUE = bytes.fromhex("b80300cd10b800b88ec031ffb8201fb9d007fcf3abfaf4ebfc").ljust(510, b"\0") + b"\x55\xaa"


def share_of_blue(ground):
    left, top, right, bottom = ground.valise.find("canvas", "Screen of").box()
    pixels = ground.desktop.look((left, top, right, bottom)).convert("RGB").resize((64, 48)).getdata()
    return sum(blue > 120 and red < 70 and green < 70 for red, green, blue in pixels) / (64 * 48)


@case
def from_the_disc_once_and_then_from_the_disk(ground):
    image, _ = make_image(ground, BLUE)
    create(ground, "Box", "--image", image)
    ground.ctl("media", "Box", "--insert", "/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
    ground.ctl("set", "Box", "devices/disk[1]/boot/@order=1", "devices/disk[2]/boot/@order=2")
    settings = ground.ctl("xml", "Box")
    valise = ground.valise
    valise.start()
    valise.select_row("Box")
    valise.press("toggle button", "Start from something else this time")
    valise.find("push button", "Boot menu of the BIOS")
    ground.picture("start-menu")
    valise.press("push button", "CD: grub-rescue-cdrom.iso")
    wait(lambda: ground.state("Box") == "running", 60, "a running machine")
    Guest(valise, "Box").wait_drawn(90)
    ground.picture("started-once")
    assert share_of_blue(ground) < 0.3
    ground.ctl("stop", "Box")
    valise.press("push button", "Start")
    wait(lambda: share_of_blue(ground) > 0.4, 90, "what the disk draws")
    orders = [ground.ctl("get", "Box", f"devices/disk[{number}]/boot/@order") for number in (1, 2)]
    assert orders == ["1", "2"] and "order" in settings, orders
    ground.ctl("stop", "Box")


if __name__ == "__main__":
    sys.exit(stage.main("/ui/machine-files", CASES))
