#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs made is brought in: looked at, chosen and decided in the assistant, or several files at once.

test-import-assistant.py VALISE VALISECTL [CASE...], below xvfb-run."""
import sys

import appliance
import stage
import stalls
from application import wait

TITLE = "Bring In"
LONG = "Database with a name that nobody can be expected to read to its very end, and then some"
THREE = (("Web", "Ubuntu_64", "buslogic", 1, "bridged"), (LONG, "Debian10_64", "lsilogic", 4, "NAT"), ("Worker", "Other", "VirtualSCSI", 1, "VM Network"))
ONE = (("From afar", "Ubuntu_64", "VirtualSCSI", 1, "NAT"),)
LOOK = 90
CASES = []
case = stage.into(CASES)

VBOX = """<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.16-linux">
  <Machine uuid="{{a1f0b6b0-0000-4000-8000-000000000001}}" name="Asking" OSType="Debian10_64"><Hardware>
    <CPU count="1"/><Memory RAMSize="64"/>
    <SharedFolders><SharedFolder name="here" hostPath="{folder}" writable="false"/></SharedFolders>
    <USB><DeviceFilters><DeviceFilter name="stick" active="true" vendorId="0951" productId="1666"/></DeviceFilters></USB>
  </Hardware></Machine>
</VirtualBox>
"""



def open_file(ground, path):
    ground.valise.start(path)
    return ground.valise.window(TITLE, LOOK)


def is_ready(ground, window):
    return ground.valise.find("push button", "Import", window).has("sensitive")


def wait_machine(ground, name):
    return wait(lambda: ground.valise.find_row(name, "Off"), LOOK, f"“{name}” in the list")


def choose(ground, window, disk, place):
    """By the keyboard, from the disk's switch on: the first entry of the choice that is so many further."""
    ground.valise.focus(lambda: ground.valise.look_for("toggle button", f"Bring in {disk}", window), disk)
    ground.desktop.press(*["Tab"] * place, "Down")


def show(ground, window, name):
    ground.valise.focus(lambda: ground.valise.look_for("list item", name, window), name)
    ground.desktop.press("space")


def config(ground, name):
    return next(path for path in ground.library.iterdir() if path.name == f"{name}.vmbundle").joinpath("config.xml").read_text()


@case
def three_machines_with_six_disks(ground):
    """One lacks a disk, and is asked about; a name and a bus are chosen; one stays where it is."""
    path = appliance.make(ground.home / "three", THREE, lacking={4})
    window = open_file(ground, path)
    ground.valise.wait_words("waits for your decision", LOOK)
    assert not is_ready(ground, window)
    ground.picture("assistant")
    ground.valise.fill(ground.valise.find("text", "Name", window), "Front")
    choose(ground, window, "disk-1.vmdk", 1)
    show(ground, window, LONG[:59] + "\u2026")
    ground.picture("assistant-decision")
    choose(ground, window, "disk-4.vmdk", 3)
    wait(lambda: is_ready(ground, window), LOOK, "everything decided")
    ground.valise.press("check box", "Worker", window)
    ground.valise.wait_words("Stays where it is")
    ground.picture("assistant-ready")
    ground.valise.press("push button", "Import", window)
    ground.valise.wait_closed(TITLE)
    wait_machine(ground, "Front")
    wait(lambda: [path.suffix for path in ground.library.iterdir()] == [".vmbundle"] * 2, LOOK, "two whole machines and no more")
    assert config(ground, "Front").count("bus='virtio'") == 1
    database = next(path for path in ground.library.iterdir() if path.name.startswith("Database"))
    assert len(list((database / "disks").iterdir())) == 3, "the one that was left out is missing, and no other"


def wait_focus(ground, window, name):
    wait(lambda: ground.valise.focused(window) == name, LOOK, f"the focus on “{name}”")


@case
def the_keyboard_alone(ground):
    """All is reached; another size and a decision keep the focus where it was."""
    window = open_file(ground, appliance.make(ground.home / "three", THREE[:2], lacking={4}))
    ground.valise.wait_words("waits for your decision", LOOK)
    wait(lambda: ground.valise.find("push button", "All Settings\u2026", window).has("sensitive"), LOOK, "all known")
    wait_focus(ground, window, "Web")
    ground.valise.reach(["Web", "Name", "System", "Processors", "Memory (MiB)", "Bring in disk-1.vmdk", "All Settings\u2026"], window)
    ground.valise.reach(["System"], window)
    ground.desktop.press("Tab", "Down")
    wait(lambda: ground.valise.find("spin button", "Processors", window).text() == "2", LOOK, "the larger machine")
    ground.desktop.press("shift+Tab")
    wait_focus(ground, window, "System")
    ground.desktop.press("shift+Tab", "shift+Tab", "Down")
    ground.valise.find("toggle button", "Bring in disk-4.vmdk", window)
    choose(ground, window, "disk-4.vmdk", 3)
    wait(lambda: is_ready(ground, window), LOOK, "everything decided")
    ground.desktop.press("Up")
    wait(lambda: not is_ready(ground, window), LOOK, "it to be open again")
    ground.desktop.press("Down")
    wait(lambda: is_ready(ground, window), LOOK, "everything decided once more")
    ground.desktop.press("alt+i")
    ground.valise.wait_closed(TITLE)
    wait_machine(ground, "Web")
    assert ">2</vcpu>" in config(ground, "Web")


@case
def several_files_at_once(ground):
    """Five that need no decision are five machines; the sixth is asked about."""
    names = [f"Box {number}" for number in range(1, 6)]
    paths = [appliance.make(ground.home / name, ((name, *ONE[0][1:]),)) for name in names]
    lacking = appliance.make(ground.home / "lacking", (("Lacking", *ONE[0][1:]),), lacking={1})
    window = ground.valise.start()
    with ground.dropped(window, *paths, lacking):
        assistant = ground.valise.window(TITLE, LOOK)
        for name in names:
            wait_machine(ground, name)
    ground.valise.wait_words("Needs your decision")
    assert sorted(path.stem for path in ground.library.iterdir()) == names, "nothing is made of the one that waits"
    assert not is_ready(ground, assistant)
    ground.desktop.press("Escape")
    stalls.check(ground.read_stalls())


@case
def nothing_is_granted_unsaid(ground):
    shared = ground.home / "shared"
    shared.mkdir()
    path = ground.home / "asking.vbox"
    path.write_text(VBOX.format(folder=shared))
    window = open_file(ground, path)
    wait(lambda: is_ready(ground, window), LOOK, "all known")
    ask = ground.valise.find("toggle button", f"To read the folder \u201c{shared}\u201d of this computer.", window)
    assert not ask.has("checked")
    ask.focus()
    for expected in (True, False, True):
        ground.desktop.press("space")
        wait(lambda: ask.refresh() and ask.has("checked") is expected, LOOK, "the switch to follow the key")
        assert ask.has("focused")
    ground.picture("assistant-asks")
    ground.valise.press("push button", "Import", window)
    wait_machine(ground, "Asking")
    made = config(ground, "Asking")
    assert f"<source dir='{shared}'/>" in made and "<readonly/>" in made and "hostdev" not in made, made


@case
def all_settings_before_it_is_made(ground):
    window = open_file(ground, appliance.make(ground.home / "one", ONE))
    wait(lambda: is_ready(ground, window), LOOK, "all known")
    ground.valise.press("push button", "All Settings\u2026", window)
    ground.valise.fill(ground.valise.find("text", "Notes", window), "Changed before it was made")
    ground.picture("assistant-settings")
    ground.valise.press("push button", "Back", window)
    ground.valise.wait_words("Set up in all settings")
    ground.picture("assistant-by-hand")
    ground.valise.press("push button", "Import", window)
    wait_machine(ground, "From afar")
    assert "Changed before it was made" in config(ground, "From afar")


@case
def narrow(ground):
    """First the list, then a machine; every button of the head is whole."""
    window = open_file(ground, appliance.make(ground.home / "three", THREE))
    wait(lambda: is_ready(ground, window), LOOK, "all known")
    for width in (480, 360):
        ground.desktop.resize(TITLE, width, 640)
        ground.valise.wait_rest(window)
        ground.picture(f"assistant-{width}")
        left, top, right, bottom = window.box()
        box = ground.valise.find("push button", "Import", window).box()
        assert right - left <= width + 60 and left <= box[0] and box[2] <= right, (width, box, window.box())


if __name__ == "__main__":
    sys.exit(stage.main("/ui/import-assistant", CASES))
