#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main window as somebody uses it: test-main-window.py BUILD. Real bundles, a real QEMU (translated), real pixels; TAP on stdout."""
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import stalls  # noqa: E402
from valise_driver import Driver  # noqa: E402

ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"


def state_of(driver, name):
    return driver.look(name, "table cell", prefix=True)


def has_state(driver, name, word):
    cell = state_of(driver, name)
    return cell is not None and word in cell.name


def empty_library(driver):
    driver.start_program()
    for name in ("Install from an ISO", "Bring in a machine", "Open a bundle"):
        driver.find(name, "push button")


def new_bundles_appear(driver):
    for name in ("Debian", "Build box"):
        driver.ctl("create", name, "--iso", ISO, "--accel", "tcg", "--memory", "64M")
    for name in ("Debian", "Build box"):
        driver.wait_for(lambda name=name: has_state(driver, name, "Off"), f"{name} in the list")


def unusable_file_is_refused(driver):
    path = driver.root / "letter.txt"
    path.write_text("no machine")
    subprocess.run([str(driver.build / "src/ui/valise"), str(path)], env=driver.environment, check=True, timeout=30)
    driver.find("“letter.txt” is nothing that Valise can use", "label", prefix=True)


def search_hides_the_others(driver):
    entry = driver.find("Search machines")
    entry.queryEditableText().setTextContents("bUILD")
    driver.wait_for(lambda: state_of(driver, "Debian") is None, "Debian to be hidden")
    assert state_of(driver, "Build box")
    entry.queryEditableText().setTextContents("")
    driver.wait_for(lambda: state_of(driver, "Debian"), "Debian to be shown")


def group_of_one(driver):
    driver.ctl("set", "Debian", "metadata/valise:machine/@group=Work")
    driver.select_row("Debian")
    driver.find("Work", "table cell")


def rename_by_keyboard(driver):
    driver.select_row("Build box")
    driver.keys("F2")
    driver.find("Rename", "push button")
    entry = driver.wait_for(lambda: next((n for n in driver.walk(driver.application()) if n.getRoleName() == "text" and "Build box" in
                                          n.queryText().getText(0, -1)), None), "the name to change")
    entry.queryEditableText().setTextContents("Kitchen")
    driver.click("Rename", "push button")
    driver.wait_for(lambda: state_of(driver, "Kitchen"), "the new name in the list")
    assert "Kitchen" in driver.ctl("list")


def delete_and_undo(driver):
    driver.select_row("Kitchen")
    driver.keys("Delete")
    driver.click("Undo", "push button")
    driver.wait_for(lambda: state_of(driver, "Kitchen"), "the machine to be back")
    assert "Kitchen" in driver.ctl("list")


def broken_one_says_why(driver):
    broken = driver.library / "Old box.vmbundle"
    broken.mkdir()
    (broken / "config.xml").write_text("<domain")
    driver.wait_for(lambda: has_state(driver, "Old box", "config.xml"), "the broken machine in the list")
    driver.select_row("Old box")
    driver.find("Look Again", "push button")


def start_shows_the_guest(driver):
    driver.select_row("Debian")
    driver.click("Start this machine", "push button")
    driver.wait_for(lambda: driver.look("Running", "table cell"), "the group of running machines")
    driver.ctl("wait", "Debian", "--for", "frame", "--timeout", "60")

    def bright():
        image = driver.grab().convert("L").crop((330, 120, 1050, 640))
        return sum(image.histogram()[128:]) > 500 and sum(image.histogram()[:32]) > 100000
    driver.wait_for(bright, "GRUB on the screen", 60)


def killed_and_found_running(driver):
    driver.stop_program(kill=True)
    driver.start_program()
    driver.wait_for(lambda: driver.look("Running", "table cell"), "the running machine to be found")


def quit_asks_and_keeps(driver):
    driver.select_row("Kitchen")
    driver.keys("Control_L+q")
    driver.find("1 machine is running", "label", prefix=True)
    driver.click("Quit", "push button")
    driver.wait_end()
    assert "running" in driver.ctl("list")


def last_screen_is_kept(driver):
    driver.start_program(str(driver.library / "Debian.vmbundle"))
    driver.wait_for(lambda: driver.look("Running", "table cell"), "the running machine to be found")
    driver.find("Shut Down", "push button")
    time.sleep(3)  # until its display is open
    driver.ctl("stop", "Debian")
    driver.wait_for(lambda: (driver.library / "Debian.vmbundle" / "screenshot.png").exists(), "screenshot.png")
    driver.find("Start this machine", "push button")


def ends_when_told(driver):
    driver.stop_program()


def no_complaints(driver):
    bad = [line for line in driver.messages() if "GVFS" not in line and "dconf" not in line]
    assert not bad, bad


def never_stalled(driver):
    print(f"# waits of over 50 ms: {driver.stalls()}", flush=True)
    stalls.check(driver.stalls(), driver.build / "src/ui/valise")


CASES = [empty_library, new_bundles_appear, unusable_file_is_refused, search_hides_the_others, group_of_one, rename_by_keyboard,
         delete_and_undo, broken_one_says_why, start_shows_the_guest, killed_and_found_running, quit_asks_and_keeps,
         last_screen_is_kept, ends_when_told, no_complaints, never_stalled]


def main():
    print(f"1..{len(CASES)}", flush=True)
    failed = 0
    with Driver(sys.argv[1]) as driver:
        for number, case in enumerate(CASES, 1):
            began = time.monotonic()
            try:
                case(driver)
                print(f"ok {number} /ui/main-window/{case.__name__.replace('_', '-')} # {time.monotonic() - began:.1f} s", flush=True)
            except Exception as error:  # the next case may still say something
                failed += 1
                print(f"not ok {number} /ui/main-window/{case.__name__.replace('_', '-')}", flush=True)
                print(f"# {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
