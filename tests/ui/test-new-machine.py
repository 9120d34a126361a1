#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new machine from all that somebody may have, and from what is no good: clicked and typed in the real window.

test-new-machine.py VALISE VALISECTL [CASE...], below xvfb-run."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

import stage
from application import wait
from ground import ISO
from guest import Guest, Prompt

DISK = pathlib.Path("/usr/lib/grub-rescue/grub-rescue-usb.img")
KERNEL = pathlib.Path("/boot/memtest86+x64.bin")
LOOK = 90
CASES = []
case = stage.into(CASES)


def open_new(ground, *arguments):
    """The window of a new machine, and what was in it when it appeared."""
    valise = ground.valise
    if not valise.process:
        valise.start(*arguments)
    if not arguments:
        valise.press("toggle button", "New machine, open, bring in")
        valise.press("push button", "New Machine…")
    return valise.window("New Machine")


def choose(ground, window, row, title, path):
    ground.valise.press("list item", row, window)
    ground.choose_file(title, path)


def wait_second_step(ground, window):
    return ground.valise.find("push button", "Create and Start", window, seconds=LOOK)


def use_emulation(ground, window):
    show(ground, window, "System")
    ground.valise.press("combo box", "Acceleration", window)
    ground.valise.press("menu item", "Emulation (slow, works everywhere)")


def show(ground, window, page):
    """Opens a page of the editor, wherever in the list it is."""
    ground.valise.focus(lambda: next(n for n in ground.valise.nodes(window) if n.role == "list item" and "Pages" in n.parent.name
                                     and n.name.split(",")[0] == page), f"the page {page}")
    ground.desktop.press("space")
    time.sleep(0.3)


def create(ground, window, button="Create"):
    ground.valise.press("push button", button, window)
    ground.valise.wait_closed("New Machine", LOOK)


def find_name(ground, window):
    """The one on top; the page System has another, which is read out later."""
    return wait(lambda: next((n for n in ground.valise.nodes(window) if n.role == "text" and n.has("editable")), None))


# --- what somebody may have -----------------------------------------------------------------------------------------

@case
def there_before_qemu_has_answered(ground):
    """On a computer where nothing has been asked yet, the editor is there at once and Create waits for the answer."""
    shutil.rmtree(ground.cache, ignore_errors=True)
    ground.valise.start(ISO)
    window = ground.valise.window("New Machine")
    began = time.monotonic()
    wait_second_step(ground, window)
    took = time.monotonic() - began
    ground.picture("new-at-once")
    create(ground, window)
    bundle = ground.library / "grub-rescue-cdrom.vmbundle"
    assert (bundle / "config.xml").is_file()
    stage.say(f"# the editor came after {took:.1f} s, the machine after {time.monotonic() - began:.1f} s")


@case
def a_disk_with_a_system(ground):
    window = open_new(ground)
    ground.picture("what-do-you-have")
    choose(ground, window, "A disk with a system on it…", "Choose a Disk Image", DISK)
    wait_second_step(ground, window)
    ground.valise.find("label", "On disk 4.8 MiB at first", window)
    use_emulation(ground, window)
    show(ground, window, "Disk 1")
    ground.valise.find("label", "Takes 4.8 MiB now", window)
    ground.picture("new-disk")
    create(ground, window, "Create and Start")
    screen = ground.valise.find("canvas", "Screen of grub-rescue-usb", seconds=60)
    wait(lambda: screen.refresh() and screen.has("focused"), 20, "the focus on the screen")
    copy = ground.library / "grub-rescue-usb.vmbundle/disks/root.raw"
    assert ground.ctl("get", "grub-rescue-usb", "devices/disk[1]/driver/@type") == "raw"
    assert copy.stat().st_size >= DISK.stat().st_size
    Prompt(Guest(ground.valise, "grub-rescue-usb")).reach()
    ground.picture("new-disk-runs")


@case
def a_qcow2_that_grows(ground):
    disk = ground.home / "small.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "1G"], check=True)
    window = open_new(ground)
    choose(ground, window, "A disk with a system on it…", "Choose a Disk Image", disk)
    wait_second_step(ground, window)
    show(ground, window, "Disk 1")
    ground.valise.fill(ground.valise.find("spin button", "Size", window), "2")
    ground.valise.find("label", "at most 2 GiB", window)
    create(ground, window)
    disks = [d for d in ground.json("show", "small")["disks"] if d["device"] == "disk"]
    assert [d["size"] for d in disks] == [2 << 30], disks
    said = subprocess.run(["qemu-img", "info", ground.library / "small.vmbundle/disks/root.qcow2"], capture_output=True,
                          text=True, check=True).stdout
    assert "virtual size: 2 GiB" in said, said
    assert disk.stat().st_size < 1 << 20, "the original was touched"


@case
def a_kernel(ground):
    window = open_new(ground)
    choose(ground, window, "A Linux kernel…", "Choose a Kernel", KERNEL)
    wait_second_step(ground, window)
    show(ground, window, "Boot and Firmware")
    ground.picture("new-kernel")
    use_emulation(ground, window)
    create(ground, window, "Create and Start")
    bundle = ground.library / "Linux Memtest86-.vmbundle"
    inside = ground.ctl("get", "Linux Memtest86+", "os/kernel")
    assert (bundle / inside).read_bytes() == KERNEL.read_bytes(), inside
    Guest(ground.valise, "Linux Memtest86+").wait_drawn(LOOK)
    ground.picture("new-kernel-runs")


@case
def a_disk_as_argument(ground):
    disk = ground.home / "given.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "1G"], check=True)
    window = open_new(ground, disk)
    wait_second_step(ground, window)
    create(ground, window)
    assert (ground.library / "given.vmbundle/disks/root.qcow2").is_file()


# --- what is no good ------------------------------------------------------------------------------------------------

def says(ground, window, words):
    ground.valise.find("label", words, window)


@case
def files_that_are_no_good(ground):
    text, hidden, vdi = ground.home / "notes.iso", ground.home / "locked.iso", ground.home / "other.vdi"
    text.write_text("this is no disc\n" * 5000)
    shutil.copy(ISO, hidden)
    subprocess.run(["qemu-img", "create", "-q", "-f", "vdi", vdi, "1M"], check=True)
    window = open_new(ground)
    choose(ground, window, "An ISO to install from…", "Choose an ISO", text)
    says(ground, window, "notes.iso")
    ground.picture("new-no-iso")
    choose(ground, window, "A disk with a system on it…", "Choose a Disk Image", vdi)
    says(ground, window, "qemu-img convert")
    choose(ground, window, "A Linux kernel…", "Choose a Kernel", text)
    says(ground, window, "no Linux kernel")
    ground.picture("new-no-kernel")
    if os.geteuid() != 0:
        hidden.chmod(0)
        choose(ground, window, "An ISO to install from…", "Choose an ISO", hidden)
        says(ground, window, "locked.iso")
    assert not ground.library.exists() or not list(ground.library.iterdir())


@case
def an_iso_that_vanishes(ground):
    """Between the look at it and Create: the machine says so, and is made once the disc is out of it."""
    disc = ground.home / "gone.iso"
    shutil.copy(ISO, disc)
    window = open_new(ground, disc)
    wait_second_step(ground, window)
    wait(lambda: not ground.valise.search("animation", "", window), LOOK, "what QEMU can do")
    disc.unlink()
    show(ground, window, "CD")
    ground.valise.press("push button", "Create", window)
    ground.picture("new-vanished")
    if not ground.valise.is_closed("New Machine", 5):
        assert "gone.iso" in ground.valise.words(window)
        return
    assert ground.state("gone") == "off"
    ground.valise.press("push button", "Start this machine")
    ground.valise.wait_words("gone.iso")


@case
def names(ground):
    """Any text is a name; what no folder can be called is called otherwise, and a name that is taken is refused at once."""
    long = "Ümläut " * 43
    window = open_new(ground, ISO)
    wait_second_step(ground, window)
    for name in ("a/b\\c: ../..", "🐧 penguin", long[:200].strip()):
        entry = find_name(ground, window)
        entry.write(name)
        ground.valise.press("push button", "Create", window)
        ground.valise.wait_closed("New Machine", LOOK)
        shown = [machine["name"] for machine in ground.json("list")]
        assert name.strip() in shown, shown
        ground.picture(f"name-{len(shown)}")
        ground.valise.press("toggle button", "New machine, open, bring in")
        ground.valise.press("push button", "New Machine…")
        window = ground.valise.window("New Machine")
        ground.valise.press("list item", "Nothing yet", window)
        wait_second_step(ground, window)
    bundles = sorted(path.name for path in ground.library.iterdir())
    assert len(bundles) == 3 and all(path.endswith(".vmbundle") for path in bundles), bundles
    assert all(len(path.encode()) <= 90 + len(".vmbundle") for path in bundles), bundles
    entry = find_name(ground, window)
    entry.write("x" + long)
    says(ground, window, "The name is longer than 200 characters. Shorten it")
    wait(lambda: not ground.valise.find("push button", "Create", window).has("sensitive"), 20, "a button that waits")
    entry.write("x" + long[:100])
    wait(lambda: ground.valise.find("push button", "Create", window).has("sensitive"), 20, "a button that can be used")
    entry.write("🐧 penguin")
    says(ground, window, "Choose another name")
    assert not ground.valise.find("push button", "Create", window).has("sensitive")
    ground.picture("name-taken")
    entry.write("  ")
    says(ground, window, "Give the machine a name")


@case
def a_name_typed_on_the_page(ground):
    """Create right after the last letter: the name counts."""
    window = open_new(ground, ISO)
    wait_second_step(ground, window)
    ground.valise.find("text", "Name", window).write("Typed below")
    create(ground, window)
    assert [machine["name"] for machine in ground.json("list")] == ["Typed below"]


@case
def more_than_this_computer_has(ground):
    window = open_new(ground, ISO)
    wait_second_step(ground, window)
    show(ground, window, "Memory")
    ground.valise.fill(ground.valise.find("spin button", "Memory", window), "9999999")
    says(ground, window, "more memory than this computer has")
    ground.picture("too-much-memory")
    show(ground, window, "Processor")
    ground.valise.fill(ground.valise.find("spin button", "Virtual CPUs", window), "200")
    says(ground, window, "This computer has only")
    ground.picture("too-many-processors")


@case
def narrow(ground):
    """Nothing is cut off: what does not fit can be scrolled to, and every button of the head is whole."""
    window = open_new(ground)
    ground.desktop.resize("New Machine", 720, 560)
    ground.picture("narrow-new")
    ground.valise.press("list item", "Nothing yet", window)
    wait_second_step(ground, window)
    ground.valise.wait_rest(window)
    ground.picture("narrow-machine")
    left, top, right, bottom = window.box()
    for name in ("Create", "Create and Start", "Back"):
        box = ground.valise.find("push button", name, window).box()
        assert left <= box[0] and box[2] <= right and top <= box[1] and box[3] <= bottom, (name, box, window.box())


if __name__ == "__main__":
    sys.exit(stage.main("/ui/new-machine", CASES))
