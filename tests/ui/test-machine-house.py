#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine is looked through from the window: whether all of it is there and whole; what takes its
room; its disks are made smaller. TAP on standard output.

test-machine-house.py VALISE VALISECTL [CASE...], below xvfb-run."""
import sys

import stage
from application import wait

CASES = []
case = stage.into(CASES)


@case
def a_machine_is_verified(ground):
    path = ground.create("Box")
    ground.ctl("snapshot", "take", "Box", "Before")
    ground.valise.start()
    valise = ground.valise
    valise.select_row("Box")
    ground.menu("Verify…")
    window = valise.window("Box: Verification")
    valise.wait_words("Nothing wrong was found")
    valise.wait_words("2 disk images were checked")
    ground.picture("verify-sound")
    (path / "media/forgotten.iso").write_bytes(b"whose is it")
    # It may be what the missing image was, under another name: nobody is told to throw that away.
    (path / "disks/root.qcow2").rename(path / "disks/renamed.qcow2")
    valise.press("push button", "Look Again", window)
    valise.find("list item", "Error: disks/root.qcow2: This disk image is missing", window)
    valise.find("list item", "Note: media/forgotten.iso: Neither", window)
    assert not valise.search("list item", "Note: disks/renamed.qcow2"), "it is needed"
    ground.picture("verify-broken")
    valise.desktop.press("Escape")
    valise.wait_closed("Box: Verification")


@case
def what_takes_the_room_is_seen(ground):
    path = ground.create("Box")
    ground.ctl("snapshot", "take", "Box", "Before")
    orphan = path / "disks/forgotten.qcow2"
    orphan.write_bytes(b"x" * 300000)
    ground.valise.start()
    valise = ground.valise
    valise.select_row("Box")
    ground.menu("Space on the Disk…")
    window = valise.window("Box: Space")
    valise.find("list item", "Disks: vda, ", window)
    valise.find("list item", "Snapshots: Before, ", window)
    valise.find("list item", "Nobody's: disks/forgotten.qcow2, 296 KiB", window)
    assert valise.search(None, "What takes the room: Disks ", window)
    ground.picture("space")
    valise.press("push button", "Move “disks/forgotten.qcow2” to the Trash", window)
    wait(lambda: not orphan.exists(), 20, "the file in the Trash")
    wait(lambda: not valise.search("list item", "Nobody's", window), 20, "a list without it")
    ground.picture("space-trashed")
    valise.press("push button", "Undo", window)
    wait(orphan.exists, 20, "the file where it was")
    valise.find("list item", "Nobody's: disks/forgotten.qcow2, 296 KiB", window)
    assert orphan.read_bytes() == b"x" * 300000
    valise.desktop.press("ctrl+w")
    valise.wait_closed("Box: Space")


@case
def a_disk_is_made_smaller(ground):
    ground.create("Box")
    ground.valise.start()
    valise = ground.valise
    valise.select_row("Box")
    valise.press("push button", "Settings")
    window = valise.window("Box: Settings")
    valise.press("list item", "Disk 1", window)
    valise.press("toggle button", "Size: make smaller", window)
    spin = valise.find("spin button", "New size of the disk", window)
    assert not valise.find("push button", "Make Smaller", window).has("sensitive")
    valise.fill(spin, "600")
    wait(lambda: valise.find("push button", "Make Smaller", window).has("sensitive"), 20, "a size to be chosen")
    ground.picture("shrink")
    valise.press("push button", "Make Smaller", window)
    valise.wait_words("The disk is smaller.")
    disk = next(disk for disk in ground.json("show", "Box")["disks"] if disk["device"] == "disk")
    assert disk["size"] == 600 << 20, disk
    ground.picture("shrunk")
    assert "Before disk vda was made smaller" in ground.ctl("snapshot", "list", "Box")


if __name__ == "__main__":
    sys.exit(stage.main("/ui/machine-house", CASES))
