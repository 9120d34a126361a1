#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job as somebody does it in the windows, on a real ISO under TCG: real keys, a real pointer, AT-SPI to find things,
and the pixels of the guest to see that it lives. TAP on standard output; a picture of every step in the build directory.

test-main-job.py VALISE VALISECTL [steps | CASE...], below xvfb-run. The steps of the main job build upon each other; the smaller
cases each have a library of their own."""
import subprocess
import sys
import time

import stage
import stalls
from application import wait
from ground import ISO, OTHER_ISO, Ground
from guest import Guest, Prompt
from stage import say, tidy

MACHINE = "Main job"
STEPS, CASES = [], []


def step(function):
    STEPS.append(function)
    return function


def case(function):
    CASES.append(function)
    return function


# --- the main job ---------------------------------------------------------------------------------------------------

@step
def new_from_iso(ground):
    valise = ground.valise
    valise.start()
    valise.wait_words("What would you like to run?")
    ground.picture("empty")
    valise.press("toggle button", "New machine, open, bring in")
    valise.press("push button", "New Machine…")
    window = valise.window("New Machine")
    ground.picture("what-do-you-have")
    valise.press("list item", "An ISO to install from…", window)
    ground.choose_file("Choose an ISO", ISO)
    # The first look at this computer's QEMU takes libvirt seconds.
    valise.find("push button", "Create and Start", seconds=90)
    ground.picture("the-machine")


@step
def change_cpu_memory_disk_and_acceleration(ground):
    valise, window = ground.valise, ground.valise.window("New Machine")
    labels = [node for node in valise.nodes(window) if node.role == "text" and node.text() == "grub-rescue-cdrom"]
    assert labels, "the name is not that of the file"
    valise.fill(labels[0], MACHINE)
    valise.press("list item", "Processor", window)
    valise.fill(valise.find("spin button", "Virtual CPUs", window), "1")
    ground.picture("processor")
    valise.press("list item", "Memory", window)
    valise.fill(valise.find("spin button", "Memory", window), "512")
    ground.picture("memory")
    valise.press("list item", "Disk 1", window)
    valise.fill(valise.find("spin button", "Size", window), "3")
    valise.find("label", "at most 3 GiB once it is full", window)
    ground.picture("disk")
    valise.press("list item", "System", window)
    valise.press("combo box", "Acceleration", window)
    valise.press("menu item", "Emulation (slow, works everywhere)")
    valise.find("label", "Takes 1 of", window)
    ground.picture("changed")


@step
def create_and_start(ground):
    ground.valise.press("push button", "Create and Start")
    ground.valise.wait_closed("New Machine")
    ground.valise.window(f"{MACHINE} — Valise")
    wait(lambda: ground.state(MACHINE) == "running", 60, "the running machine")
    assert [ground.ctl("get", MACHINE, knob) for knob in ("vcpu", "memory")] == ["1", str(512 << 10)]
    shown = ground.json("show", MACHINE)
    assert [disk["size"] for disk in shown["disks"] if disk["device"] == "disk"] == [3 << 30], shown["disks"]


@step
def grub_in_the_pixels(ground):
    ground.guest = Guest(ground.valise, MACHINE)
    ground.guest.show_actual_size()
    ground.prompt = Prompt(ground.guest)
    ground.prompt.reach()
    ground.picture("prompt")
    ground.prompt.prove()
    ground.picture("proof")


@step
def type_ls_and_see_the_answer(ground):
    # Return after the proof of the prompt gives an error and a new prompt.
    ground.desktop.press("Return")
    row = wait(ground.prompt.find_row, 20, "a new prompt")
    before = ground.guest.look()
    ground.desktop.type("ls")
    ground.desktop.press("Return")
    ground.guest.wait_change(before, 300)
    wait(lambda: (ground.prompt.find_row() or 0) > row, 20, "the prompt below the answer")
    ground.picture("ls")


@step
def change_the_cd(ground):
    ground.guest.leave()
    ground.valise.press("toggle button", "CD drive")
    ground.valise.press("push button", "Change")
    ground.choose_file("Insert a Disc", OTHER_ISO)
    ground.valise.find("toggle button", f"CD drive: {OTHER_ISO.name}")
    wait(lambda: ground.json("media", MACHINE)[0]["file"] == str(OTHER_ISO), 20, "the other disc")
    assert ground.state(MACHINE) == "running"
    ground.picture("cd")
    ground.ctl("media", MACHINE, "--insert", ISO)
    ground.valise.find("toggle button", f"CD drive: {ISO.name}")


@step
def force_it_off(ground):
    ground.force_off()
    wait(lambda: ground.state(MACHINE) == "off", 30, "the end of the machine")
    ground.valise.find("push button", "Start this machine")
    ground.picture("off")
    wait((ground.library / f"{MACHINE}.vmbundle/screenshot.png").is_file, 10, "the last screen in the bundle")
    screen = ground.valise.find("drawing area", "Last screen")
    wait(lambda: sum(value > 80 for value in ground.desktop.look(screen.box()).convert("L").getdata()) > 2000, 20,
         "the last screen, in bright pixels")


@step
def export_to_one_file(ground):
    ground.archive = ground.root / "main-job.vmbundle.tar.zst"
    ground.menu("Export…")
    ground.export("Export the Machine", ground.archive)
    wait(ground.archive.is_file, 60, "the archive")
    wait(lambda: subprocess.run(["zstd", "-tq", ground.archive], stderr=subprocess.DEVNULL).returncode == 0, 20,
         "a whole archive")
    ground.picture("exported")


@step
def delete_undo_delete(ground):
    valise, bundle = ground.valise, ground.library / f"{MACHINE}.vmbundle"
    before = (bundle / "config.xml").read_bytes()
    ground.menu("Delete")
    wait(lambda: not bundle.exists(), 20, "the way to the Trash")
    valise.wait_words(f"“{MACHINE}” was moved to the Trash")
    ground.picture("trashed")
    valise.press("push button", "Undo")
    wait(bundle.is_dir, 20, "the way back")
    assert (bundle / "config.xml").read_bytes() == before
    valise.window(f"{MACHINE} — Valise")
    ground.menu("Delete")
    wait(lambda: not bundle.exists(), 20, "the way to the Trash")
    valise.wait_words("What would you like to run?")


@step
def import_it_back(ground):
    ground.valise.press("push button", "Bring in a machine")
    ground.choose_file("Bring In a Machine", ground.archive)
    wait((ground.library / f"{MACHINE}.vmbundle/config.xml").is_file, 60, "the imported bundle")
    ground.valise.window(f"{MACHINE} — Valise")
    ground.picture("imported")


@step
def start_again(ground):
    """It was made here, so it need not ask again for what it was given."""
    valise = ground.valise
    valise.press("push button", "Start this machine")
    wait(lambda: ground.state(MACHINE) == "running", 60, "the running machine")
    guest = Guest(valise, MACHINE)
    guest.show_actual_size()
    again = Prompt(guest)
    again.reach()
    again.prove()
    ground.picture("again")
    assert again.letters == ground.prompt.letters, "the prompt looks different from the first one"
    guest.leave()


@step
def quitting_asks(ground):
    valise = ground.valise
    ground.desktop.press("ctrl+q")
    dialog = valise.window("Quit Valise")
    ground.picture("quit")
    choices = {node.name: node.has("checked") for node in valise.nodes(dialog) if node.role == "radio button"}
    assert len(choices) == 3 and sum(choices.values()) == 1, choices
    valise.press("push button", "Cancel", dialog)
    valise.wait_closed("Quit Valise")
    assert ground.state(MACHINE) == "running"
    ground.desktop.press("ctrl+q")
    valise.press("push button", "Quit", valise.window("Quit Valise"))
    valise.wait_end()
    assert ground.state(MACHINE) == "running", "Keep running was chosen"


@step
def never_stalled(ground):
    seen = ground.read_stalls()
    say(f"# main loop: {len(seen)} waits of over 50 ms: {stalls.tell(seen)}")
    stalls.check(seen)


# --- smaller cases --------------------------------------------------------------------------------------------------

@case
def killed_while_the_machine_runs(ground):
    ground.create("Survivor")
    ground.valise.start()
    ground.valise.window("Survivor — Valise")
    ground.valise.press("push button", "Start this machine")
    wait(lambda: ground.state("Survivor") == "running", 60, "the running machine")
    Guest(ground.valise, "Survivor").wait_drawn(90)
    ground.valise.kill()
    ground.valise.start()
    ground.valise.window("Survivor — Valise")
    guest = Guest(ground.valise, "Survivor")
    guest.wait_drawn(60)
    prompt = Prompt(guest)
    prompt.reach()
    ground.picture("survived")
    assert ground.state("Survivor") == "running"
    assert "Running" in ground.valise.words()


@case
def from_elsewhere_asks_first(ground):
    elsewhere = Ground(ground.desktop, [ground.valise.program, ground.control])
    elsewhere.create("Guest")
    archive = ground.home / "guest.vmbundle.tar.zst"
    elsewhere.ctl("export", "Guest", archive)
    tidy(elsewhere)
    valise = ground.valise
    valise.start(archive)
    valise.window("Guest — Valise")
    valise.press("push button", "Start this machine")
    dialog = valise.window("What This Machine Asks For")
    switches = [node for node in valise.nodes(dialog) if node.role == "toggle button"]
    ground.picture("grants")
    assert [str(ISO) in node.name for node in switches] == [True], switches
    assert not any(node.has("checked") for node in switches), "what it asks for must be off at first"
    assert ground.state("Guest") == "off"
    valise.click(switches[0])
    valise.press("push button", "Allow Selected and Start", dialog)
    wait(lambda: ground.state("Guest") == "running", 60, "the running machine")
    guest = Guest(valise, "Guest")
    Prompt(guest).reach()


@case
def settings_while_running_say_after_restart(ground):
    ground.create("Edited")
    ground.ctl("start", "Edited")
    valise = ground.valise
    valise.start()
    valise.window("Edited — Valise")
    # The others move for it, and would do so below the pointer, when the machine is found running.
    valise.find("push button", "Window")
    valise.press("push button", "Settings")
    window = valise.window("Edited: Settings")
    valise.press("list item", "Processor", window)
    spin = valise.find("spin button", "Virtual CPUs", window)
    valise.fill(spin, "2")
    valise.find(None, "after restart", window)
    ground.picture("settings-running")
    valise.press("push button", "Apply", window)
    wait(lambda: ground.ctl("get", "Edited", "vcpu") == "2", 20, "the stored change")
    assert ground.state("Edited") == "running"


@case
def a_file_that_is_no_disc(ground):
    text = ground.home / "notes.iso"
    text.write_text("this is no disc\n" * 5000)
    ground.valise.start()
    ground.valise.wait_words("What would you like to run?")
    ground.valise.hand_over(text)
    ground.valise.wait_words("“notes.iso” is nothing that Valise can use")
    ground.picture("no-disc")
    assert not ground.library.exists() or not list(ground.library.iterdir())
    ground.valise.hand_over(ground.home / "gone.iso")
    ground.valise.wait_words("“gone.iso” is not there any more")


@case
def an_iso_as_argument(ground):
    ground.valise.start(ISO)
    ground.valise.find("push button", "Create and Start", seconds=90)
    ground.valise.press("push button", "Create", ground.valise.window("New Machine"))
    wait((ground.library / "grub-rescue-cdrom.vmbundle/config.xml").is_file, 30, "the bundle")
    ground.valise.wait_closed("New Machine")
    assert ground.state("grub-rescue-cdrom") == "off", "Create does not start"


@case
def an_iso_dropped_on_the_window(ground):
    window = ground.valise.start()
    ground.valise.wait_words("What would you like to run?")
    with ground.dropped(window, ISO):
        ground.valise.window("New Machine")
    ground.valise.find("list item", "CD, grub-rescue-cdrom.iso", seconds=90)


@case
def narrow_window_shows_one_pane(ground):
    ground.create("Narrow")
    ground.valise.start()
    window = ground.valise.window("Narrow — Valise")
    ground.valise.find("text", "Search machines", window)
    ground.desktop.resize("Narrow — Valise", 720, 560)
    wait(lambda: not ground.valise.search("text", "Search machines"), 20, "one pane, of the machine")
    ground.valise.find("push button", "Start this machine")
    ground.picture("narrow")
    ground.valise.press("push button", "Back to the list")
    ground.valise.find("text", "Search machines")
    wait(lambda: not ground.valise.search("push button", "Start this machine"), 20, "one pane, of the list")
    ground.picture("narrow-list")


@case
def every_control_has_a_name(ground):
    ground.create("Named")
    valise = ground.valise
    valise.start()
    window = valise.window("Named — Valise")
    nameless = find_nameless(valise, window)
    valise.press("toggle button", "New machine, open, bring in")
    valise.press("push button", "New Machine…")
    new = valise.window("New Machine")
    nameless += find_nameless(valise, new)
    valise.press("list item", "Nothing yet", new)
    valise.find("push button", "Create", new, seconds=90)
    nameless += find_nameless(valise, new)
    ground.desktop.press("alt+F4")
    valise.wait_closed("New Machine")
    valise.press("push button", "Settings")
    settings = valise.window("Named: Settings")
    valise.find("list item", "Display", settings)
    pages = [node.name for node in valise.nodes(settings) if node.role == "list item" and node.parent.role == "list box"
             and "Pages" in node.parent.name]
    assert len(pages) > 6, pages
    for page in pages:
        valise.focus(lambda page=page: next(n for n in valise.nodes(settings) if n.name == page and n.role == "list item"), page)
        ground.desktop.press("space")
        time.sleep(0.4)
        nameless += find_nameless(valise, settings)
    ground.desktop.press("alt+F4")
    valise.wait_closed("Named: Settings")
    valise.press("toggle button", "Menu", window)
    valise.press("push button", "Preferences")
    nameless += find_nameless(valise, valise.window("Preferences"))
    ground.picture("preferences")
    assert not nameless, "controls without an accessible name: " + "; ".join(sorted(set(nameless)))


def find_nameless(valise, window):
    """What can have the focus and is neither named nor labelled; frames around other controls need no name."""
    frames = ("scroll pane", "frame", "viewport", "split pane", "page tab list")
    return [f"{node.role} below {node.parent.role} “{node.parent.name}”" for node in valise.nodes(window)
            if node.has("focusable") and not node.name and node.role not in frames and not node.is_labelled()]


def main():
    stage.enter_session()
    programs, wanted = sys.argv[1:3], sys.argv[3:]
    if stage.find_missing():
        return 0
    steps = STEPS if not wanted or "steps" in wanted else []
    cases = [function for function in CASES if not wanted or function.__name__ in wanted]
    say(f"1..{len(steps) + len(cases)}")
    with stage.Stage() as desktop:
        failed = stage.run_steps(desktop, programs, "/ui/main-job", steps)
        failed += stage.run_cases(desktop, programs, "/ui/windows", cases, len(steps) + 1)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
