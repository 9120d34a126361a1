#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine is looked through from the window: whether all of it is there and whole. TAP on standard output.

test-machine-house.py VALISE VALISECTL [CASE...], below xvfb-run."""
import sys

import stage
from application import wait

CASES = []


def case(function):
    def watched(ground):
        ground.keep_complaints()
        function(ground)
        assert ground.read_complaints() == []
    watched.__name__ = function.__name__
    CASES.append(watched)
    return function


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
    (path / "disks/forgotten.qcow2").write_bytes(b"whose is it")
    (path / "disks/root.qcow2").unlink()
    valise.press("push button", "Look Again", window)
    valise.find("list item", "Error: disks/root.qcow2: This disk image is missing", window)
    valise.find("list item", "Note: disks/forgotten.qcow2: Neither", window)
    ground.picture("verify-broken")
    valise.desktop.press("Escape")
    valise.wait_closed("Box: Verification")


if __name__ == "__main__":
    sys.exit(stage.main("/ui/machine-house", CASES))
