#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main window as somebody uses it, with machines that come and go beside it. TAP on standard output.

test-main-window.py VALISE VALISECTL, below xvfb-run. The steps build upon each other."""
import subprocess
import sys

import stage
import stalls
from application import wait
from guest import Guest, Prompt


def find_group(valise, name):
    """The headline of a group of the list."""
    return next((node for node in valise.search("table cell", name) if node.name == name), None)


def wait_group(valise, name):
    return wait(lambda: find_group(valise, name), 30, f"the group “{name}”")


def wait_drawn(ground):
    """The guest's own picture: nothing of the window looks like the bar in GRUB's menu."""
    wait(Prompt(Guest(ground.valise, "Debian")).sees_bar, 90, "GRUB's menu")


def empty_library(ground):
    ground.keep_complaints()
    ground.library.mkdir()
    ground.valise.start()
    for name in ("Install from an ISO", "Bring in a machine", "Open a bundle"):
        ground.valise.find("push button", name)


def new_bundles_appear(ground):
    for name in ("Debian", "Build box"):
        ground.create(name, memory="64M")
    for name in ("Debian", "Build box"):
        wait(lambda name=name: ground.valise.find_row(name, "Off"), 30, f"“{name}” in the list")


def unusable_file_is_refused(ground):
    letter = ground.home / "letter.txt"
    letter.write_text("no machine")
    ground.valise.hand_over(letter)
    ground.valise.find("label", "“letter.txt” is nothing that Valise can use")


OVF = """<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
<References><File ovf:id="f" ovf:href="disk.vmdk"/></References>
<DiskSection><Info>Disks</Info><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="1048576"
  ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/></DiskSection>
<VirtualSystem ovf:id="v"><Info>A machine</Info><Name>%s</Name><VirtualHardwareSection><Info>Parts</Info>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType>
<rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item>
<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>buslogic</rasd:ResourceSubType>
<rasd:ResourceType>6</rasd:ResourceType></Item>
<Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/d</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID>
<rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
</VirtualHardwareSection></VirtualSystem></Envelope>
"""


def other_programs_machines_come_in(ground):
    """Two at once; what is different in the one is told on demand."""
    names = ("From elsewhere", "From afar")
    for name in names:
        folder = ground.home / name
        folder.mkdir()
        (folder / "box.ovf").write_text(OVF % name)
        subprocess.run(["qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=streamOptimized", "disk.vmdk", "1M"], cwd=folder,
                       check=True)
        subprocess.run(["tar", "--format=ustar", "-cf", f"../{name}.ova", "box.ovf", "disk.vmdk"], cwd=folder, check=True)
    ground.valise.hand_over(*(ground.home / f"{name}.ova" for name in names))
    for name in names:
        wait(lambda name=name: ground.valise.find_row(name, "Off"), 60, f"“{name}” in the list")
    ground.valise.wait_words("came in with 1 difference.")
    ground.picture("came-in")
    ground.valise.press("push button", "Show What")
    ground.valise.wait_words("was attached to buslogic")
    ground.picture("what-is-different")
    ground.valise.press("push button", "Close")
    for name in names:
        ground.ctl("rm", name)
        wait(lambda name=name: ground.valise.find_row(name) is None, 30, f"“{name}” out of the list")


def search_hides_the_others(ground):
    valise = ground.valise
    entry = valise.find("text", "Search machines")
    entry.write("bUILD")
    wait(lambda: valise.find_row("Debian") is None, 20, "“Debian” out of sight")
    assert valise.find_row("Build box")
    entry.write("")
    wait(lambda: valise.find_row("Debian"), 20, "“Debian” in sight")


def group_of_one(ground):
    ground.ctl("set", "Debian", "metadata/valise:machine/@group=Work")
    ground.valise.select_row("Debian")
    wait_group(ground.valise, "Work")


def rename_by_keyboard(ground):
    valise = ground.valise
    valise.select_row("Build box")
    ground.desktop.press("F2")
    valise.find("push button", "Rename")
    wait(lambda: next((node for node in valise.nodes() if node.role == "text" and "Build box" in node.text()), None), 20,
         "the name to change").write("Kitchen")
    valise.press("push button", "Rename")
    wait(lambda: valise.find_row("Kitchen"), 20, "the new name in the list")
    assert "Kitchen" in ground.ctl("list")


def delete_and_undo(ground):
    valise = ground.valise
    valise.select_row("Kitchen")
    ground.desktop.press("Delete")
    valise.press("push button", "Undo")
    wait(lambda: valise.find_row("Kitchen"), 20, "the machine in the list again")
    assert "Kitchen" in ground.ctl("list")


def broken_one_says_why(ground):
    broken = ground.library / "Old box.vmbundle"
    broken.mkdir()
    (broken / "config.xml").write_text("<domain")
    wait(lambda: ground.valise.find_row("Old box", "config.xml"), 30, "the broken machine in the list")
    ground.valise.select_row("Old box")
    ground.valise.find("push button", "Look Again")


def start_shows_the_guest(ground):
    ground.valise.select_row("Debian")
    ground.valise.press("push button", "Start this machine")
    wait_group(ground.valise, "Running")
    wait_drawn(ground)


def killed_and_found_running(ground):
    ground.valise.kill()
    ground.valise.start()
    wait_group(ground.valise, "Running")


def quit_asks_and_keeps(ground):
    ground.valise.select_row("Kitchen")
    ground.desktop.press("ctrl+q")
    ground.valise.find("label", "1 machine is running")
    ground.valise.press("push button", "Quit")
    ground.valise.wait_end()
    assert ground.state("Debian") == "running"


def last_screen_is_kept(ground):
    bundle = ground.library / "Debian.vmbundle"
    ground.valise.start(bundle)
    wait_group(ground.valise, "Running")
    ground.valise.find("push button", "Shut Down")
    wait_drawn(ground)
    ground.ctl("stop", "Debian")
    wait((bundle / "screenshot.png").is_file, 20, "the last screen in the bundle")
    ground.valise.find("push button", "Start this machine")


def ends_when_told(ground):
    ground.valise.close()


def no_complaints(ground):
    complaints = ground.read_complaints()
    assert not complaints, complaints


def never_stalled(ground):
    seen = ground.read_stalls()
    stage.say(f"# main loop: {len(seen)} waits of over 50 ms: {stalls.tell(seen)}")
    stalls.check(seen)


STEPS = [empty_library, new_bundles_appear, unusable_file_is_refused, other_programs_machines_come_in,
         search_hides_the_others, group_of_one, rename_by_keyboard, delete_and_undo, broken_one_says_why,
         start_shows_the_guest, killed_and_found_running,
         quit_asks_and_keeps, last_screen_is_kept, ends_when_told, no_complaints,
         never_stalled]


def main():
    stage.enter_session()
    if stage.find_missing():
        return 0
    stage.say(f"1..{len(STEPS)}")
    with stage.Stage() as desktop:
        return 1 if stage.run_steps(desktop, sys.argv[1:3], "/ui/main-window", STEPS) else 0


if __name__ == "__main__":
    sys.exit(main())
