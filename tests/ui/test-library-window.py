#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done with the machines of the library in the main window: test-library-window.py VALISE VALISECTL [CASE...], below
xvfb-run. Real bundles, a real QEMU (translated), real keys and a real pointer; TAP on standard output."""
import subprocess
import sys
import time

import stage
from application import wait
from ground import ISO, Ground
from guest import Guest

ARCHIVE = ".vmbundle.tar.zst"
GROUP = "metadata/valise:machine/@group"
CASES = []
case = stage.into(CASES)


def row(ground, name):
    return ground.valise.find("table cell", f"{name}, ")


def rows(ground):
    """The lines of the list, as they are read out."""
    return [node.name for node in ground.valise.nodes() if node.role == "table cell"]


def middle(node):
    left, top, right, bottom = node.box()
    return (left + right) // 2, (top + bottom) // 2


def selected(ground):
    return [node.name.split(",")[0] for node in ground.valise.nodes() if node.role == "table cell" and node.has("selected")]


def select_all(ground):
    ground.valise.press("toggle button", "Menu")
    ground.valise.press("push button", "Select All Machines")


def is_gone(ground, role, name):
    return not ground.valise.search(role, name)


def states(ground):
    return sorted(machine["state"] for machine in ground.json("list"))


# --- several --------------------------------------------------------------------------------------------------------

@case
def three_started_stopped_deleted_and_brought_back(ground):
    names = ["Alpha", "Beta", "Gamma"]
    for name in names:
        ground.create(name)
    valise = ground.valise
    valise.start()
    row(ground, "Gamma")
    select_all(ground)
    valise.wait_words("3 machines selected")
    assert is_gone(ground, "push button", "Shut Down"), "none of them runs"
    valise.press("push button", "Start")
    wait(lambda: states(ground) == ["running"] * 3, 90, "three running machines")
    valise.find("push button", "Shut Down")
    wait(lambda: is_gone(ground, "push button", "Start"), 20, "the end of the button that starts")
    ground.picture("several")
    ground.menu("Delete")
    refusal = valise.find("label", "is running. Shut it down before you delete it.")
    assert all(f"“{name}” is running" in refusal.name for name in names), refusal
    valise.press("push button", "Close this notice")
    wait(lambda: is_gone(ground, "push button", "Close this notice"), 20, "the end of the only notice")
    ground.menu("Force Off…")
    valise.find("label", "Force 3 machines off?")
    valise.press("push button", "Force Off")
    wait(lambda: states(ground) == ["off"] * 3, 60, "three stopped machines")
    wait(lambda: not any("Running" in name or "Stopping" in name for name in rows(ground)), 20, "three lines that say so")
    ground.menu("Delete")
    valise.wait_words("3 machines were moved to the Trash")
    wait(lambda: states(ground) == [], 20, "an empty library")
    ground.desktop.press("ctrl+z")
    wait(lambda: states(ground) == ["off"] * 3, 20, "all three back")
    wait(lambda: is_gone(ground, "push button", "Undo"), 20, "nothing more to undo")


@case
def two_suspended_keep_their_last_screens(ground):
    bundles = [ground.create("Alpha"), ground.create("Beta")]
    for name in ("Alpha", "Beta"):
        ground.ctl("start", name)
    ground.valise.start()
    wait(lambda: sum("Running" in name for name in rows(ground)) == 3, 30, "two machines below their heading")
    select_all(ground)
    ground.valise.wait_words("2 machines selected")
    ground.menu("Suspend")
    wait(lambda: states(ground) == ["suspended"] * 2, 60, "two suspended machines")
    for bundle in bundles:
        wait((bundle / "screenshot.png").is_file, 10, f"the last screen in {bundle.name}")


@case
def two_dragged_into_a_group(ground):
    for name in ("Alpha", "Beta", "Gamma"):
        ground.create(name)
    valise = ground.valise
    valise.start()
    valise.select_row("Alpha")
    ground.menu("Move to Group…")
    valise.window_with_keys("Move to Group")
    ground.desktop.type("Work")
    ground.desktop.press("Return")
    wait(lambda: "Work" in rows(ground), 20, "the group's heading")
    assert ground.ctl("get", "Alpha", GROUP) == "Work"
    valise.select_row("Beta")
    with ground.desktop.held("ctrl"):
        valise.select_row("Gamma")
    wait(lambda: selected(ground) == ["Beta", "Gamma"], 20, "two selected machines")
    ground.desktop.drag(middle(row(ground, "Gamma")), middle(valise.find("table cell", "Work")))
    wait(lambda: rows(ground)[0] == "Work" and len(rows(ground)) == 4, 20, "one group of three")
    for name in ("Beta", "Gamma"):
        wait(lambda name=name: ground.ctl("get", name, GROUP) == "Work", 20, f"{name} in the group")
    ground.picture("group")


# --- one that moves -------------------------------------------------------------------------------------------------

@case
def a_renamed_machine_stays_selected(ground):
    for name in ("Alpha", "Beta", "Gamma"):
        ground.create(name)
    valise = ground.valise
    valise.start()
    valise.select_row("Alpha")
    ground.desktop.press("F2")
    valise.window_with_keys("Rename")
    ground.desktop.press("ctrl+a")
    ground.desktop.type("Zeta")
    ground.desktop.press("Return")
    valise.window("Zeta — Valise")
    wait(lambda: [name.split(",")[0] for name in rows(ground)] == ["Beta", "Gamma", "Zeta"], 20, "the new order")
    assert selected(ground) == ["Zeta"], selected(ground)


@case
def a_bundle_from_elsewhere_is_selected(ground):
    """Its name is read after it has been opened and moves its line past the other one."""
    elsewhere = Ground(ground.desktop, [ground.valise.program, ground.control])
    bundle = elsewhere.create("Zeta").rename(ground.home / "Aaa.vmbundle")
    stage.tidy(elsewhere)
    ground.create("Beta")
    valise = ground.valise
    valise.start()
    valise.window("Beta — Valise")
    # What a file manager that knows no bundles hands over.
    valise.hand_over(bundle / "config.xml")
    valise.window("Zeta — Valise")
    wait(lambda: [name.split(",")[0] for name in rows(ground)] == ["Beta", "Zeta"], 20, "both machines")
    assert selected(ground) == ["Zeta"], selected(ground)
    ground.menu("Take Out of the List")
    wait(lambda: len(rows(ground)) == 1, 20, "one machine")
    wait(lambda: selected(ground) == ["Beta"], 20, "the nearest one selected")
    assert (bundle / "config.xml").is_file()


@case
def a_click_in_a_narrow_window_leads_to_the_machine(ground):
    for name in ("Alpha", "Beta"):
        ground.create(name)
    valise = ground.valise
    valise.start()
    valise.window("Alpha — Valise")
    ground.desktop.resize("Alpha — Valise", 720, 560)
    valise.press("push button", "Back to the list")
    valise.select_row("Beta")
    valise.find("push button", "Start this machine")
    valise.window("Beta — Valise")
    wait(lambda: is_gone(ground, "text", "Search machines"), 20, "one pane, of the machine")
    assert states(ground) == ["off", "off"], "a look does not start it"


# --- handed on ------------------------------------------------------------------------------------------------------

@case
def exported_as_a_folder_and_over_a_file(ground):
    ground.create("Alpha")
    valise, folder, archive = ground.valise, ground.home / "Downloads/Alpha.vmbundle", ground.home / f"Alpha{ARCHIVE}"
    valise.start()
    valise.window("Alpha — Valise")
    ground.menu("Export…")
    dialog = valise.window("Export the Machine")
    name = valise.find("text", "Name of the copy", dialog)
    assert name.text() == f"Alpha{ARCHIVE}"
    valise.wait_words("At most about")
    valise.press("combo box", "What it is written as", dialog)
    valise.press("menu item", "Folder that runs where it lies")
    wait(lambda: name.text() == "Alpha.vmbundle", 20, "the name of a folder")
    wait(lambda: "are free in that folder" in (words := valise.words(dialog)) and "At most" not in words, 20,
         "the size of a folder, in which nothing is compressed")
    ground.picture("export")
    name.write("")
    wait(lambda: "are free in that folder" not in valise.words(dialog), 20, "no size of what has no name")
    ground.desktop.press("Escape")
    valise.wait_closed("Export the Machine")
    ground.menu("Export…")
    ground.export("Export the Machine", folder)
    valise.wait_words(f"The machine was exported to {folder}")
    assert (folder / "config.xml").is_file()
    archive.write_text("an older one")
    ground.menu("Export…")
    dialog = valise.window("Export the Machine")
    valise.find("text", "Name of the copy", dialog).write(folder)
    valise.wait_words("Choose another name")
    assert not valise.find("push button", "Export", dialog).has("sensitive"), "over a machine"
    ground.export("Export the Machine", archive, "Replace")
    valise.wait_words(f"The machine was exported to {archive}")
    assert subprocess.run(["zstd", "-tq", archive], check=False).returncode == 0, "not a whole archive"
    assert not list(ground.home.glob("*.new")), "left behind"


@case
def several_in_one_file_while_one_runs(ground):
    for name in ("Alpha", "Beta"):
        ground.create(name)
    ground.ctl("start", "Alpha")
    ground.ctl("wait", "Alpha", "--for", "frame")
    valise, both = ground.valise, ground.home / "Both.ova"
    valise.start()
    wait(lambda: any("Running" in name for name in rows(ground)), 30, "the machine that runs")
    select_all(ground)
    valise.wait_words("2 machines selected")
    ground.menu("Export…")
    dialog = valise.window("Export the Machines")
    valise.press("combo box", "What it is written as", dialog)
    assert valise.find("menu item", "For VirtualBox and VMware, one file")
    assert is_gone(ground, "menu item", "One file to hand on"), "nothing else takes several"
    ground.desktop.press("Escape")
    ground.picture("export-several")
    ground.export("Export the Machines", both)
    valise.wait_words(f"2 machines were exported to {both}", 60)
    valise.wait_words("All disks are from one moment")
    ground.picture("exported-while-it-runs")
    assert sorted(machine["name"] for machine in ground.json("import", both, "--dry-run")) == ["Alpha", "Beta"]
    assert states(ground) == ["off", "running"]


@case
def brought_in_beside_the_one_that_stayed(ground):
    ground.create("Alpha")
    archive = ground.home / f"from-a-friend{ARCHIVE}"
    ground.ctl("export", "Alpha", archive)
    valise = ground.valise
    valise.start()
    valise.window("Alpha — Valise")
    valise.hand_over(archive)
    valise.window("Alpha 2 — Valise", 60)
    assert sorted(path.name for path in ground.library.glob("*.vmbundle")) == ["Alpha 2.vmbundle", "Alpha.vmbundle"]
    wait(lambda: is_gone(ground, "list box", "Work under way"), 20, "the end of the work")


@case
def failed_work_is_said_in_the_list(ground):
    """And leaves the list as wide as it is."""
    ground.create("Alpha")
    archive = ground.home / f"broken{ARCHIVE}"
    archive.write_bytes(b"no archive" * 100)
    valise = ground.valise
    valise.start()
    valise.window("Alpha — Valise")
    valise.wait_rest(None)
    before = valise.find("text", "Search machines").box()
    valise.hand_over(archive)
    valise.find("list item", f"Bringing in “{archive.name}”")
    valise.find("push button", "Dismiss")
    time.sleep(0.5)
    assert valise.find("text", "Search machines").box() == before, "the list has become wider"
    ground.picture("failed-work")
    valise.press("push button", "Dismiss")
    wait(lambda: is_gone(ground, "push button", "Dismiss"), 20, "the end of the row")


@case
def undo_goes_when_the_machine_is_back(ground):
    bundle = ground.create("Alpha")
    ground.create("Beta")
    archive = ground.home / f"alpha{ARCHIVE}"
    ground.ctl("export", "Alpha", archive)
    valise = ground.valise
    valise.start()
    valise.select_row("Alpha")
    ground.desktop.press("Delete")
    valise.find("push button", "Undo")
    assert not bundle.exists()
    wait(lambda: selected(ground) == ["Beta"], 20, "the other one selected")
    valise.hand_over(archive)
    wait((bundle / "config.xml").is_file, 60, "the machine")
    wait(lambda: is_gone(ground, "push button", "Undo"), 10, "the end of the offer")


@case
def what_was_deleted_is_called_by_its_name(ground):
    """Not by its folder's, which cannot be called everything."""
    ground.create("a/b: 1")
    ground.valise.start()
    ground.valise.window("a/b: 1 — Valise")
    ground.desktop.press("Delete")
    ground.valise.wait_words("“a/b: 1” was moved to the Trash")


# --- running --------------------------------------------------------------------------------------------------------

@case
def started_and_typed_into_without_a_click(ground):
    ground.create("Alpha")
    valise = ground.valise
    valise.start()
    valise.window("Alpha — Valise")
    valise.press("push button", "Start this machine")
    wait(lambda: ground.state("Alpha") == "running", 60, "the running machine")
    guest = Guest(valise, "Alpha")
    wait(lambda: valise.find("canvas", "Screen of Alpha").has("focused"), 20, "the focus on the screen")
    guest.wait_drawn(90)
    valise.press("push button", "Take a picture of the screen")
    picture = wait(lambda: next((ground.home / "Pictures").glob("Alpha *.png"), None), 20, "the picture")
    valise.find("label", f"The picture is {picture}")
    ground.menu("Eject the CD")
    valise.find("toggle button", "CD drive: No disc")
    wait(lambda: not ground.json("media", "Alpha")[0].get("file"), 20, "an empty drive")
    valise.press("push button", "Shut Down")
    valise.wait_words("“Alpha” has been asked to shut down. If it does not listen")
    assert ground.state("Alpha") == "running", "GRUB listens"


def running(ground):
    """The names of the machines that the list shows as running, and of all it shows."""
    names = [name for name in rows(ground) if "," in name]
    return [name.split(",")[0] for name in names if "Running" in name], [name.split(",")[0] for name in names]


@case
def a_bundle_that_goes_while_it_runs(ground):
    """Renamed, moved away, put back; the machine can be stopped wherever it is."""
    bundle = ground.create("Alpha")
    ground.create("Beta")
    ground.ctl("start", "Alpha")
    valise, renamed, away = ground.valise, ground.library / "Other.vmbundle", ground.home / "Away.vmbundle"
    valise.start()
    wait(lambda: running(ground) == (["Alpha"], ["Alpha", "Beta"]), 30, "one that runs")
    bundle.rename(renamed)
    wait(lambda: not valise.search("label", "its bundle has gone"), 20, "nothing to complain about")
    wait(lambda: running(ground) == (["Alpha"], ["Alpha", "Beta"]), 20, "the same one under its new name")
    valise.select_row("Alpha")
    renamed.rename(away)
    valise.wait_words(f"its bundle has gone from {ground.library}")
    ground.picture("bundle-gone")
    wait(lambda: len(running(ground)[0]) == 1, 20, "it in the list as running")
    away.rename(renamed)
    wait(lambda: is_gone(ground, "label", "its bundle has gone"), 20, "the end of the complaint")
    wait(lambda: running(ground) == (["Alpha"], ["Alpha", "Beta"]), 20, "the same one again")
    renamed.rename(away)
    valise.wait_words("its bundle has gone")
    valise.kill()
    valise.start()
    wait(lambda: len(running(ground)[0]) == 1, 30, "the one that still runs")
    valise.click(next(node for node in valise.nodes() if node.role == "table cell" and ", Running" in node.name))
    ground.force_off()
    wait(lambda: running(ground) == ([], ["Beta"]), 30, "its end")
    away.rename(bundle)
    ground.ctl("start", "Alpha")
    wait(lambda: running(ground)[0] == ["Alpha"], 30, "it runs again")
    bundle.rename(away)
    ground.ctl("stop", bundle)
    wait(lambda: running(ground) == ([], ["Beta"]), 30, "its end")
    valise.hand_over(away)
    valise.window("Alpha — Valise")
    wait(lambda: running(ground) == ([], ["Alpha", "Beta"]), 20, "two that are off")


@case
def one_that_ends_unseen_keeps_its_last_screen(ground):
    ground.create("Alpha")
    bundle = ground.create("Beta")
    ground.ctl("start", "Beta")
    ground.valise.start()
    ground.valise.window("Alpha — Valise")
    wait(lambda: running(ground)[0] == ["Beta"], 30, "it is found running")
    wait((bundle / "screenshot.png").is_file, 30, "its last screen")
    ground.ctl("stop", "Beta")
    ground.valise.select_row("Beta")
    ground.valise.find("drawing area", "Last screen")


@case
def one_that_starts_while_the_list_is_hidden_is_pictured_in_it(ground):
    ground.create("Alpha")
    bundle = ground.create("Beta")
    ground.valise.start()
    ground.valise.window("Alpha — Valise")
    ground.desktop.resize("Alpha — Valise", 720, 560)
    wait(lambda: is_gone(ground, "text", "Search machines"), 20, "one pane, of the machine")
    ground.ctl("start", "Beta")
    time.sleep(3)
    assert not (bundle / "screenshot.png").exists(), "nobody saw it"
    ground.valise.press("push button", "Back to the list")
    wait((bundle / "screenshot.png").is_file, 30, "its picture")


@case
def a_disc_that_is_missing_is_said_to_be(ground):
    disc = ground.home / "gone.iso"
    disc.symlink_to(ISO)
    ground.ctl("create", "Alpha", "--iso", disc, "--accel", "tcg")
    ground.ctl("create", "Beta", "--iso", ISO, "--accel", "tcg")
    disc.unlink()
    ground.valise.start()
    ground.valise.window("Alpha — Valise")
    ground.valise.find("toggle button", "CD drive: gone.iso is missing")
    ground.valise.select_row("Beta")
    ground.valise.find("toggle button", f"CD drive: {ISO.name}")


@case
def quitting_waits_and_can_be_taken_back(ground):
    """GRUB does not listen when it is asked to shut down."""
    ground.create("Alpha")
    ground.ctl("start", "Alpha")
    valise = ground.valise
    valise.start()
    Guest(valise, "Alpha").wait_drawn(90)
    ground.desktop.press("ctrl+q")
    dialog = valise.window("Quit Valise")
    valise.find("radio button", "Keep running; Valise finds it again", dialog)
    valise.pick("Shut down, and quit when it is off", dialog)
    valise.press("push button", "Quit", dialog)
    valise.wait_words("Valise quits as soon as the machine has shut down.")
    valise.press("push button", "Stay Open")
    wait(lambda: is_gone(ground, "push button", "Stay Open"), 20, "the end of the notice")
    ground.ctl("stop", "Alpha")
    valise.find("push button", "Start this machine")
    time.sleep(0.5)
    assert valise.process.poll() is None, "it quit all the same"


@case
def suspended_at_the_end_with_its_last_screen(ground):
    bundle = ground.create("Alpha")
    valise = ground.valise
    valise.start()
    valise.press("push button", "Start this machine")
    wait(lambda: ground.state("Alpha") == "running", 60, "the running machine")
    Guest(valise, "Alpha").wait_drawn(90)
    ground.desktop.press("ctrl+alt", "ctrl+q")
    dialog = valise.window("Quit Valise")
    valise.pick("Suspend; it goes on later where it was", dialog)
    valise.press("push button", "Quit", dialog)
    valise.wait_end(60)
    assert ground.state("Alpha") == "suspended"
    assert (bundle / "screenshot.png").is_file(), "how it looked is forgotten"
    valise.start()
    valise.press("push button", "Continue", seconds=30)
    wait(lambda: ground.state("Alpha") == "running", 60, "the machine to go on")


# --- by keyboard alone ----------------------------------------------------------------------------------------------

@case
def everything_by_keyboard(ground):
    for name in ("Alpha", "Beta"):
        ground.create(name)
    valise, press = ground.valise, ground.desktop.press
    valise.start()
    valise.window("Alpha — Valise")
    wait(lambda: valise.focused() == "Machines", 20, "the focus on the list")
    press("Down")
    valise.window("Beta — Valise")
    ground.desktop.type("alp")
    wait(lambda: [name.split(",")[0] for name in rows(ground)] == ["Alpha"], 20, "what is searched")
    press("Down")
    wait(lambda: valise.focused() == "Machines", 20, "the list again")
    press("Escape")
    wait(lambda: len(rows(ground)) == 2, 20, "the end of the search")
    press("F10")
    valise.find("push button", "Select All Machines")
    press("Escape")
    wait(lambda: is_gone(ground, "push button", "Select All Machines"), 20, "the end of the menu")
    valise.reach(["New machine, open, bring in", "Menu", "Search machines", "Machines", "Start", "Settings", "More actions",
                  "Start this machine", "CD drive: grub-rescue-cdrom.iso"])
    valise.focus(lambda: valise.look_for("table", "Machines"), "the list")
    press("Return")
    wait(lambda: "running" in states(ground), 60, "the running machine")
    valise.find("canvas", "Screen of")
    press("ctrl+d")
    wait(lambda: len(valise.windows()) == 2, 20, "a window of its own")
    wait(lambda: valise.focused().startswith("Screen of"), 20, "the focus on the screen")
    press("ctrl+alt")
    wait(lambda: not valise.focused().startswith("Screen of"), 20, "the keys back")
    press("ctrl+d")
    wait(lambda: len(valise.windows()) == 1, 20, "the screen back in its place")


# --- what is said ---------------------------------------------------------------------------------------------------

@case
def leftovers_are_offered_for_removal(ground):
    half = ground.library / ".Half.vmbundle.partial"
    half.mkdir(parents=True)
    ground.valise.start()
    ground.valise.wait_words("1 unfinished machine was left behind")
    ground.valise.press("push button", "Remove")
    wait(lambda: not half.exists(), 20, "its removal")


@case
def a_connection_of_ones_own_that_fails_leads_to_the_preferences(ground):
    keep_settings(ground, f"connection='nothing:///here'\nlibrary='{ground.library}'")
    valise = ground.valise
    valise.start()
    valise.wait_words("nothing:///here")
    valise.press("push button", "Preferences")
    window = valise.window("Preferences")
    entry = valise.find("text", "Connection to libvirt", window)
    assert entry.text() == "nothing:///here"
    entry.write("test:///default")
    ground.desktop.press("Escape")
    valise.wait_closed("Preferences")
    wait(lambda: "nothing:///here" not in valise.words(), 20, "the end of the complaint")


def keep_settings(ground, settings):
    """In a file of the ground's own; what the environment says would win."""
    keyfile = ground.root / "config/glib-2.0/settings/keyfile"
    keyfile.parent.mkdir(parents=True)
    keyfile.write_text(f"[io/github/valise/Valise]\n{settings}\n")
    ground.environment.update(GSETTINGS_BACKEND="keyfile", XDG_CONFIG_HOME=str(ground.root / "config"))
    for name in ("VALISE_CONNECT", "VALISE_LIBRARY"):
        ground.environment.pop(name, None)


@case
def another_library_is_shown_at_once(ground):
    """With what runs in the one before; not while something is being changed."""
    other = ground.home / "Other"
    other.mkdir()
    ground.create("Gamma").rename(other / "Gamma.vmbundle")
    for name in ("Alpha", "Beta"):
        ground.create(name)
    keep_settings(ground, f"library='{ground.library}'")
    valise = ground.valise
    valise.start()
    wait(lambda: len(rows(ground)) == 2, 20, "two machines")
    valise.press("push button", "Start this machine")
    wait(lambda: running(ground) == (["Alpha"], ["Alpha", "Beta"]), 60, "one that runs")
    valise.select_row("Beta")
    valise.press("push button", "Settings")
    valise.window("Beta: Settings")
    ground.desktop.activate("Beta — Valise")
    ground.desktop.press("ctrl+p")
    window = valise.window("Preferences")
    chooser = next(node for node in valise.nodes(window) if node.role == "combo box" and node.parent.name == "Folder of the library")
    ground.picture("preferences-library")
    valise.click(chooser)
    valise.press("menu item", "Other…")
    ground.choose_file("Folder of the Library", other)
    valise.window_with_keys("Preferences")
    ground.desktop.press("Escape")
    valise.wait_words("counts as soon as the windows of settings")
    valise.wait_closed("Preferences")
    ground.desktop.activate("Beta: Settings")
    ground.desktop.press("alt+F4")
    valise.wait_closed("Beta: Settings")
    wait(lambda: running(ground) == (["Alpha"], ["Alpha", "Gamma"]), 30, "the other library, and what runs")
    ground.picture("other-library")
    assert len(valise.windows()) == 1, valise.windows()
    valise.select_row("Alpha")
    ground.force_off()
    wait(lambda: running(ground) == ([], ["Alpha", "Gamma"]), 30, "its end")
    valise.select_row("Gamma")
    ground.menu("Delete")
    wait(lambda: not (other / "Gamma.vmbundle").exists(), 20, "the way to the Trash")


@case
def a_changed_setting_is_taken_back(ground):
    ground.create("Alpha")
    ground.ctl("set", "Alpha", "vcpu=3")
    ground.valise.start()
    ground.valise.window("Alpha — Valise")
    ground.menu("Undo the Last Change of Settings")
    ground.valise.wait_words("The settings are as they were before the last change.")
    assert ground.ctl("get", "Alpha", "vcpu") == "1"


@case
def a_file_is_dropped_that_is_a_machine(ground):
    elsewhere = Ground(ground.desktop, [ground.valise.program, ground.control])
    elsewhere.create("Gift")
    archive = ground.home / f"gift{ARCHIVE}"
    elsewhere.ctl("export", "Gift", archive)
    stage.tidy(elsewhere)
    window = ground.valise.start()
    ground.valise.wait_words("What would you like to run?")
    with ground.dropped(window, archive):
        ground.valise.window("Gift — Valise", 60)


if __name__ == "__main__":
    sys.exit(stage.main("/ui/library-window", CASES))
