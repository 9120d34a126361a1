#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines are cloned, kept as templates, and moved, from the window. TAP on standard output.

test-machine-clones.py VALISE VALISECTL [CASE...], below xvfb-run."""
import pathlib
import subprocess
import sys

import stage
from application import wait

CASES = []
case = stage.into(CASES)


def begin(ground, name):
    path = ground.create(name)
    ground.ctl("snapshot", "take", name, "Before")
    ground.valise.start()
    return path


def open_dialog(ground, name, item, title):
    ground.valise.select_row(name)
    ground.menu(item)
    window = ground.valise.window(title)
    ground.valise.wait_words("on the disk at most")
    return window


def images(path):
    return sorted(file.name for file in (pathlib.Path(path) / "disks").iterdir())


def path_of(ground, name):
    return pathlib.Path(ground.json("show", name)["path"])


@case
def a_machine_is_cloned(ground):
    original = begin(ground, "Box")
    valise = ground.valise
    ground.ctl("media", "Box", "--eject")
    window = open_dialog(ground, "Box", "Clone…", "Clone")
    assert valise.find("text", "Name of the clone", window).text() == "Clone of Box"
    valise.find("combo box", "What becomes of vda", window)
    assert not valise.search("combo box", "What becomes of sda", window), "nothing becomes of an empty drive"
    ground.picture("clone")
    # By keys alone: the name is selected, and what is beside the letters is reached by mnemonics.
    valise.desktop.type("Second")
    valise.desktop.press("alt+l")
    wait(lambda: valise.find("radio button", "Linked: what both have", window).has("checked"), 20, "a linked clone")
    valise.press("push button", "Clone", window)
    wait(lambda: valise.find_row("Second", "Linked"), 30, "the clone in the list, as one that is linked")
    second = path_of(ground, "Second")
    assert (second / "disks/root.qcow2").samefile(original / "disks/root.qcow2")
    assert len(images(second)) == 2, images(second)
    assert len(images(original)) == 2, images(original)
    valise.select_row("Second")
    ground.menu("Make Independent")
    wait(lambda: images(second) == ["root.qcow2"], 30, "disks of its own")
    subprocess.run(["qemu-img", "check", "-q", second / "disks/root.qcow2"], check=True)


@case
def a_template_is_what_others_are_made_of(ground):
    path = begin(ground, "Form")
    valise = ground.valise
    valise.select_row("Form")
    ground.menu("Keep as a Template")
    valise.wait_words("is a template now")
    wait(lambda: not valise.find("push button", "Start").has("sensitive"), 20, "no starting of a template")
    wait(lambda: valise.find_row("Form", "Template"), 20, "it in the list, as a template")
    ground.menu("Delete")
    valise.wait_words("neither started nor deleted")
    valise.select_row("Form")
    ground.desktop.press("Return")
    valise.wait_words("is a template, and is not started")
    valise.press("push button", "Close this notice")
    ground.picture("template")
    assert path.is_dir()
    window = open_dialog(ground, "Form", "New from This…", "New from the Template")
    assert valise.find("radio button", "Linked: what both have", window).has("checked")
    ground.picture("clone-template")
    valise.desktop.type("Letter")
    valise.press("push button", "Clone", window)
    wait(lambda: valise.find_row("Letter"), 30, "the new machine in the list")
    wait(lambda: valise.find("push button", "Start").has("sensitive"), 20, "a machine that can be started")
    valise.select_row("Form")
    ground.menu("No Longer a Template")
    valise.wait_words("is an ordinary machine again")


def use_strange_memory(ground, name, path):
    """What it was suspended with is another file than the one that was written here."""
    ground.ctl("start", name)
    ground.ctl("wait", name, "--for", "frame")
    ground.ctl("suspend", name)
    memory = path / "state/suspend.save"
    with memory.open("ab") as file:
        file.write(b"\0" * 512)


@case
def memory_of_another_computer_is_asked_about(ground):
    path = ground.create("Box", "64M")
    use_strange_memory(ground, "Box", path)
    valise = ground.valise
    valise.start()
    valise.select_row("Box")
    valise.press("push button", "Continue")
    valise.wait_words("was suspended on another computer")
    wait(lambda: valise.find("push button", "I Trust It").has("focused"), 20, "the focus on the question")
    ground.picture("strange-memory")
    valise.press("push button", "I Trust It")
    wait(lambda: ground.state("Box") == "running", 60, "a machine that goes on")
    assert not valise.search("push button", "I Trust It")
    ground.ctl("stop", "Box")
    valise.find("push button", "Start this machine")
    use_strange_memory(ground, "Box", path)
    valise.press("push button", "Continue", seconds=40)
    valise.press("push button", "Discard the Memory", seconds=40)
    wait(lambda: ground.state("Box") == "off", 30, "no memory")


@case
def what_keeps_nothing_says_so(ground):
    ground.create("Box", "64M")
    ground.ctl("start", "Box", "--disposable")
    valise = ground.valise
    valise.start()
    wait(lambda: valise.find_row("Box", "Running"), 30, "it in the list, running")
    valise.select_row("Box")
    valise.wait_words("Running. All that is written is gone at power-off", 40)
    ground.picture("disposable")
    valise.press("push button", "Window")
    wait(lambda: len(valise.search(None, "All that is written is gone at power-off")) > 1, 20,
         "the words in its own window")
    ground.picture("disposable-window")
    ground.ctl("stop", "Box")


@case
def a_machine_is_moved(ground):
    path = begin(ground, "Box")
    other = ground.home / "elsewhere"
    other.mkdir()
    valise = ground.valise
    valise.select_row("Box")
    ground.menu("Move to a Folder…")
    ground.choose_file("Move the Machine", other)
    wait((other / path.name / "config.xml").is_file, 30, "the machine at its new place")
    assert not path.exists()
    wait(lambda: [machine["path"] for machine in ground.json("list")] == [str(other / path.name)], 30, "it at its new place for all")
    wait(lambda: valise.find_row("Box"), 30, "it in the list")


if __name__ == "__main__":
    sys.exit(stage.main("/ui/machine-clones", CASES))
