#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of a machine's snapshots: taken, named, gone back to, compared and deleted, with the keyboard alone, and with the memory of a
machine that runs. TAP on standard output.

test-snapshots-window.py VALISE VALISECTL [CASE...], below xvfb-run."""
import pathlib
import subprocess
import sys

import numpy
import stage
from application import wait
from PIL import Image

MIB = 1024 * 1024
GREEN, BLUE = 1, 2  # of red, green and blue
CASES = []
case = stage.into(CASES)


def boot_sector(color):
    """Fills the screen with one colour of the text mode, and waits for a key, at which it fills it with another."""
    code = bytes.fromhex("b80300cd10b800b88ec031ffb8") + bytes([0x20, color << 4]) + bytes.fromhex("b9d007fcf3ab")
    code += bytes.fromhex("31c0cd16") + bytes.fromhex("31ffb8") + bytes([0x20, 0x20]) + bytes.fromhex("b9d007f3ab")
    return (code + bytes.fromhex("faf4ebfc")).ljust(510, b"\0") + b"\x55\xaa"


def create(ground, name, sector=b""):
    raw, image = ground.home / "disk.raw", ground.home / "disk.qcow2"
    raw.write_bytes(sector.ljust(MIB, b"\0"))
    raw.open("ab").truncate(8 * MIB)
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image], check=True)
    return pathlib.Path(ground.ctl("create", name, "--accel", "tcg", "--memory", "64M", "--cpus", 1, "--image", image))


def open_window(ground, name):
    """With its key, from the list of machines."""
    ground.valise.start()
    ground.valise.select_row(name)
    ground.desktop.press("ctrl+t")
    return wait_window(ground, name)


def wait_window(ground, name):
    return ground.valise.window_with_keys(f"{name}: Snapshots")


def names(ground, machine):
    return sorted(snapshot["name"] for snapshot in ground.json("snapshot", "list", machine))


def wait_names(ground, machine, *expected):
    wait(lambda: names(ground, machine) == sorted(expected), 60, f"the snapshots {expected}")


def row(ground, words, window):
    return ground.valise.find("list item", words, window)


def take_by_key(ground, window, name, note=None):
    ground.desktop.press("ctrl+n")
    entry = ground.valise.find("text", "Name of the new snapshot", window)
    wait(lambda: entry.refresh() and entry.has("focused"), 20, "the focus in the name")
    ground.desktop.press("ctrl+a")
    ground.desktop.type(name)
    if note:
        ground.desktop.press("Tab")
        ground.desktop.type(note)
        ground.valise.press("push button", "Take the Snapshot", window)
    else:
        ground.desktop.press("Return")
    row(ground, f"{name},", window)


def focus_row(ground, words, window):
    ground.valise.focus(lambda: ground.valise.look_for("list item", words, window), words)


@case
def all_with_the_keyboard(ground):
    path = create(ground, "Box")
    valise, desktop = ground.valise, ground.desktop
    window = open_window(ground, "Box")
    valise.find("label", "No snapshots yet", window)
    ground.picture("snapshots-empty")
    take_by_key(ground, window, "First", "before anything")
    take_by_key(ground, window, "Second")
    assert names(ground, "Box") == ["First", "Second"]
    assert ground.json("snapshot", "list", "Box")[0]["note"] == "before anything"
    valise.find("list item", "Now: you are here", window)
    valise.find(None, "The present was made after 2 snapshots")
    ground.picture("snapshots-two")

    # Another name.
    focus_row(ground, "Second,", window)
    desktop.press("F2")
    entry = valise.find("text", "Name", window)
    wait(lambda: entry.refresh() and entry.has("focused"), 20, "the focus in the name")
    desktop.press("ctrl+a")
    desktop.type("After the update")
    desktop.press("Return")
    wait_names(ground, "Box", "First", "After the update")

    # What differs from now, in words.
    ground.ctl("set", "Box", "vcpu=2")
    focus_row(ground, "First,", window)
    valise.press("toggle button", "Compare With Now", window)
    valise.wait_words("1 → 2")
    assert "disks/" not in "".join(node.name for node in valise.nodes(window) if "→" in node.name)
    ground.picture("snapshots-compared")

    # Going back keeps the present, and can be undone.
    focus_row(ground, "First,", window)
    desktop.press("Return")
    valise.focus(lambda: valise.look_for("push button", "Go Back", window), "the button")
    desktop.press("Return")
    valise.wait_words("is what it was at “First”", 60)
    assert ground.ctl("get", "Box", "vcpu") == "1"
    wait_names(ground, "Box", "First", "After the update", "Before going back to First")
    row(ground, "Before going back to First,", window)
    ground.picture("snapshots-branch")
    valise.press("push button", "Undo", window)
    wait_names(ground, "Box", "First", "After the update")
    wait(lambda: ground.ctl("get", "Box", "vcpu") == "2", 20, "the settings of before")
    # Off the list before it is merged: until then nothing is deleted.
    wait(lambda: valise.find("toggle button", "Take", window).has("sensitive"), 60, "the end of the work")
    wait(lambda: not valise.search("list item", "Before going back", window), 20, "its row to go")

    # Deleting can be undone too, and is done when nobody does.
    focus_row(ground, "First,", window)
    desktop.press("Delete")
    wait(lambda: not valise.search("list item", "First,", window), 20, "its row to go")
    desktop.press("ctrl+z")
    focus_row(ground, "First,", window)
    assert names(ground, "Box") == ["After the update", "First"]
    desktop.press("Delete")
    valise.press("push button", "Close this notice", window)
    wait_names(ground, "Box", "After the update")
    row(ground, "After the update,", window)
    desktop.press("ctrl+w")
    valise.wait_closed("Box: Snapshots")
    wait(lambda: len(list((path / "snapshots").iterdir())) == 1, 60, "the one that is left, and no journal")


@case
def another_machine_is_made_of_one(ground):
    path = create(ground, "Box")
    ground.ctl("snapshot", "take", "Box", "First")
    ground.ctl("set", "Box", "vcpu=2")
    ground.ctl("snapshot", "take", "Box", "Second")
    valise = ground.valise
    window = open_window(ground, "Box")
    valise.click(row(ground, "First,", window))
    valise.press("push button", "Clone from This…", window)
    dialog = valise.window("Clone")
    assert valise.find("text", "Name of the clone", dialog).text() == "Box, First"
    valise.wait_words("on the disk at most")
    ground.picture("snapshots-clone")
    valise.find("text", "Name of the clone", dialog).write("Then")
    valise.press("push button", "Clone", dialog)
    valise.wait_words("“Then” is there, in the list of machines.", 60)
    assert ground.ctl("get", "Then", "vcpu") == "1"
    assert not [file for file in (ground.library / "Then.vmbundle/disks").iterdir() if file.name not in ("disk.qcow2", "root.qcow2")]

    # What is asked is what the machine had then.
    ground.ctl("unset", "Box", "devices/interface")
    copy = ground.home / "Then.vmbundle"
    valise.press("push button", "Export…", window)
    valise.find("combo box", "Network addresses", valise.window("Export the Snapshot"))
    ground.export("Export the Snapshot", copy)
    valise.wait_words(f"The machine was exported to {copy}", 60)
    ground.picture("snapshots-exported")
    assert ground.ctl("get", copy, "vcpu") == "1"
    assert names(ground, "Box") == ["First", "Second"] and path.is_dir()

    # Those that are taken by themselves.
    valise.press("check box", "Take a snapshot before risky changes", window)
    wait(lambda: not ground.json("snapshot", "schedule", "Box")["precautions"], 20, "no precautions")
    ground.ctl("snapshot", "schedule", "Box", "--precautions", "on", "--every", "day")
    wait(lambda: valise.find("check box", "Take a snapshot before risky changes", window).has("checked"), 20, "precautions again")
    valise.find("spin button", "How many of them are kept", window)


def share_of(ground, channel):
    """How much of the guest's screen is of that colour and no other, windows above it or not."""
    file = ground.home / "screen.png"
    ground.ctl("screenshot", "Box", file)
    pixels = numpy.asarray(Image.open(file).convert("RGB"))
    others = [other for other in range(3) if other != channel]
    return float(((pixels[:, :, channel] > 120) & (pixels[:, :, others] < 70).all(axis=2)).mean())


def wait_screen(ground, channel, what):
    wait(lambda: share_of(ground, channel) > 0.4, 90, what)


@case
def memory_comes_back(ground):
    path = create(ground, "Box", boot_sector(1))
    valise, desktop = ground.valise, ground.desktop
    valise.start()
    valise.select_row("Box")
    valise.press("push button", "Start")
    wait(lambda: ground.state("Box") == "running", 60, "a running machine")
    wait_screen(ground, BLUE, "a blue screen")
    ground.menu("Snapshots…")
    window = wait_window(ground, "Box")
    take_by_key(ground, window, "Blue")
    snapshot = ground.json("snapshot", "list", "Box")[0]
    assert snapshot["memory"] == "running", snapshot
    assert (path / "snapshots" / snapshot["id"] / "screenshot.png").stat().st_size > 0
    ground.picture("snapshots-running")
    ground.ctl("keys", "Box", "a")
    wait_screen(ground, GREEN, "a green screen")

    focus_row(ground, "Blue,", window)
    desktop.press("Return")
    valise.wait_words("has to be off to go back")
    ground.picture("snapshots-off-first")
    valise.press("check box", "Keep the present as a snapshot first", window)
    valise.press("push button", "Force Off and Go Back", window)
    valise.wait_words("is what it was at “Blue”", 90)
    wait(lambda: ground.state("Box") == "suspended", 20, "the memory of then")
    desktop.press("ctrl+w")
    valise.wait_closed("Box: Snapshots")
    valise.press("push button", "Continue")
    wait(lambda: ground.state("Box") == "running", 60, "a machine that goes on")
    wait_screen(ground, BLUE, "the blue screen of then")
    ground.ctl("keys", "Box", "a")
    wait_screen(ground, GREEN, "a guest that goes on from there")
    ground.ctl("stop", "Box")


@case
def memory_of_another_computer_is_asked_about(ground):
    path = create(ground, "Box", boot_sector(1))
    ground.ctl("start", "Box")
    ground.ctl("snapshot", "take", "Box", "Elsewhere")
    ground.ctl("stop", "Box")
    memory = next((path / "snapshots").glob("*/memory"))
    with memory.open("ab") as file:
        file.write(b"\0" * 512)
    valise = ground.valise
    window = open_window(ground, "Box")
    focus_row(ground, "Elsewhere,", window)
    ground.desktop.press("Return")
    valise.press("push button", "Go Back", window)
    valise.find("push button", "I Trust It", window, 30)
    ground.picture("snapshots-ask")
    assert ground.state("Box") == "off" and names(ground, "Box") == ["Elsewhere"]
    valise.press("push button", "Without Its Memory", window)
    valise.wait_words("is what it was at “Elsewhere”", 60)
    assert ground.state("Box") == "off"


@case
def what_was_interrupted_is_said(ground):
    path = create(ground, "Box")
    folder = path / "snapshots" / "0123456789ab.partial"
    folder.mkdir(parents=True)
    (path / "snapshots" / ".journal").write_text(
        "[journal]\nwhat=take\nname=Half\npresent=0badcafe\nmade=snapshots/0123456789ab;snapshots/0123456789ab.partial;\nold=\nmoves=\n")
    valise = ground.valise
    valise.start()
    valise.select_row("Box")
    valise.press("push button", "Start")
    valise.wait_words("Box: Taking the snapshot “Half” was interrupted, and there is no such snapshot.", 60)
    ground.picture("snapshots-interrupted")
    assert not folder.exists()
    wait(lambda: ground.state("Box") == "running", 60, "a machine that starts all the same")
    ground.ctl("stop", "Box")


if __name__ == "__main__":
    sys.exit(stage.main("/ui/snapshots-window", CASES))
