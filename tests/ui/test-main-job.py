#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job as somebody does it in the windows, on a real ISO under TCG: real keys, a real pointer, AT-SPI to find things,
and the pixels of the guest to see that it lives. TAP on standard output; a picture of every step in the build directory.

test-main-job.py VALISE VALISECTL [steps | CASE...], below xvfb-run. The steps of the main job build upon each other; the smaller
cases each have a library of their own."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

from application import Application, Missing, wait
from desktop import Desktop
from guest import Guest, Prompt

ISO = pathlib.Path("/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
OTHER_ISO = pathlib.Path("/usr/lib/memtest86+/memtest86+x64.iso")
PICTURES = pathlib.Path(os.environ.get("G_TEST_BUILDDIR", tempfile.gettempdir())) / "ui" / "pictures"
MACHINE = "Main job"
STALL_MS = 250
STEPS, CASES = [], []


def step(function):
    STEPS.append(function)
    return function


def case(function):
    CASES.append(function)
    return function


class Ground:
    """A home, a library and a state directory of one's own, with Valise and valisectl in them."""

    # libvirt's probe of QEMU takes seconds; the first ground's answer serves the others.
    probed = None

    def __init__(self, desktop, programs):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="v", dir="/tmp"))
        self.library, self.home, self.stalls = self.root / "lib", self.root / "home", self.root / "stalls"
        (self.home / "Downloads").mkdir(parents=True)
        self.cache = self.root / "s/e/cache"
        if (Ground.probed / "cache").is_dir():
            shutil.copytree(Ground.probed / "cache", self.cache)
        self.environment = {**os.environ, "HOME": str(self.home), "VALISE_STATE_DIR": str(self.root / "s"),
                            "VALISE_LIBRARY": str(self.library), "XDG_DATA_HOME": str(self.root / "data"),
                            "VALISE_STALL_LOG": str(self.stalls), "GSETTINGS_BACKEND": "memory",
                            "GTK_USE_PORTAL": "0", "GIO_USE_VFS": "local", "GTK_THEME": "Adwaita", "LC_ALL": "C.UTF-8",
                            # What GTK's modules keep until the end is theirs; the other tests look for leaks.
                            "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=0"}
        self.desktop, self.control = desktop, programs[1]
        self.valise = Application(programs[0], desktop, self.environment)

    def ctl(self, *arguments, code=0):
        done = subprocess.run([self.control, *map(str, arguments)], env=self.environment, text=True, timeout=120,
                              capture_output=True)
        assert done.returncode == code, f"valisectl {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def state(self, machine=MACHINE):
        return self.json("show", machine)["state"]

    def create(self, name):
        return pathlib.Path(self.ctl("create", name, "--iso", ISO, "--accel", "tcg", "--memory", "256M", "--cpus", 1,
                                     "--disk", "1G"))

    def picture(self, name):
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.desktop.look().save(PICTURES / f"{name}.png")

    def choose_file(self, title, path):
        """Enters a path into GTK's file chooser, whole: its completion would add to what is typed letter by letter."""
        chooser = self.valise.window(title)
        wait(lambda: self.find_path_entry(chooser) or self.desktop.press("ctrl+l"), 20, "the entry for a path").write(path)
        # GTK passes over Return while it still reads the folder.
        for seconds in (3, 3, 20):
            self.desktop.press("End", "Return")
            if self.valise.is_closed(title, seconds):
                return
        raise Missing(f"“{title}” did not take {path}")

    def find_path_entry(self, chooser):
        time.sleep(0.4)
        return next((node for node in self.valise.nodes(chooser) if node.role == "text" and node.has("focused")), None)

    def menu(self, *names):
        """Opens the machine's menu of further actions and takes an item of it."""
        self.valise.press("toggle button", "More actions")
        for name in names:
            self.valise.press("push button", name)

    def force_off(self):
        self.menu("Force Off…")
        self.valise.press("push button", "Force Off", seconds=10)

    def read_stalls(self):
        """Milliseconds that the main loop stood still, each time it was more than 50."""
        return [int(line) for line in self.stalls.read_text().split()] if self.stalls.exists() else []

    def close(self):
        self.valise.close()
        try:
            for machine in self.json("list"):
                if machine["state"] in ("running", "paused", "starting"):
                    self.ctl("stop", machine["path"])
            if self.cache.is_dir() and not (Ground.probed / "cache").is_dir():
                shutil.copytree(self.cache, Ground.probed / "cache")
        finally:
            shutil.rmtree(self.root, ignore_errors=True)


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
    wait(lambda: ground.state() == "running", 60, "the running machine")
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
    assert ground.state() == "running"
    ground.picture("cd")
    ground.ctl("media", MACHINE, "--insert", ISO)
    ground.valise.find("toggle button", f"CD drive: {ISO.name}")


@step
def force_it_off(ground):
    ground.force_off()
    wait(lambda: ground.state() == "off", 30, "the end of the machine")
    ground.valise.find("push button", "Start this machine")
    ground.picture("off")
    wait((ground.library / f"{MACHINE}.vmbundle/screenshot.png").is_file, 10, "the last screen in the bundle")
    screen = ground.valise.find("drawing area", "Last screen")
    lit = sum(value > 80 for value in ground.desktop.look(screen.box()).convert("L").getdata())
    assert lit > 2000, f"the last screen is not shown: {lit} bright pixels"


@step
def export_to_one_file(ground):
    ground.archive = ground.root / "main-job.vmbundle.tar.zst"
    ground.menu("Export…")
    ground.choose_file("Export the Machine", ground.archive)
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
    wait(lambda: ground.state() == "running", 60, "the running machine")
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
    assert ground.state() == "running"
    ground.desktop.press("ctrl+q")
    valise.press("push button", "Quit", valise.window("Quit Valise"))
    valise.wait_end()
    assert ground.state() == "running", "Keep running was chosen"


@step
def never_stalled(ground):
    stalls = ground.read_stalls()
    say(f"# main loop: {len(stalls)} waits of over 50 ms: {sorted(stalls, reverse=True)[:20]}")
    most = STALL_MS * slowness(ground.valise.program)
    assert max(stalls, default=0) < most, f"the main loop stood still for {max(stalls)} ms, {most:.0f} is the most"


def slowness(program):
    """How much slower than alone and bare: a stall of a starved program is not the program's, nor one of its sanitizers."""
    sanitizers = 4 if b"__asan_init" in pathlib.Path(program).read_bytes() else 1
    return sanitizers * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


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
    left, top, right, bottom = window.box()
    source = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("drag-source.py"), ISO])
    try:
        time.sleep(1)
        ground.desktop.drag((1250, 770), ((left + right) // 2, (top + bottom) // 2))
        ground.valise.window("New Machine")
    finally:
        source.terminate()
        source.wait()
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
        node = next(n for n in valise.nodes(settings) if n.name == page and n.role == "list item")
        node.focus()
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


# --- the frame around them ------------------------------------------------------------------------------------------

def enter_session():
    """Into a message bus of one's own. Its services talk on standard output, which is for TAP alone: they get standard error."""
    if "VALISE_TAP" in os.environ:
        return
    tap = os.dup(1)
    os.set_inheritable(tap, True)
    os.dup2(2, 1)
    os.environ["VALISE_TAP"] = str(tap)
    # What other programs warn of is not what is tested; and Valise is to be accessible.
    for name in ("G_DEBUG", "NO_AT_BRIDGE", "MALLOC_PERTURB_"):
        os.environ.pop(name, None)
    os.execvp("dbus-run-session", ["dbus-run-session", "--", sys.executable, *sys.argv])


def say(text):
    os.write(int(os.environ["VALISE_TAP"]), (text + "\n").encode())


def tell(number, path, failure=None, ground=None):
    say(f"{'not ' if failure else ''}ok {number} {path}")
    if failure and ground:
        name = path.rsplit("/", 1)[1]
        ground.picture(f"failed-{name}")
        words = ground.valise.words() if ground.valise.process and ground.valise.process.poll() is None else "-"
        say("\n".join("# " + line for line in (failure + "\non the screen:\n" + words).splitlines()))


def attempt(function, ground):
    """None, or what went wrong."""
    began, stalls = time.monotonic(), len(ground.read_stalls())
    try:
        function(ground)
        say(f"# {function.__name__}: {time.monotonic() - began:.1f} s, stood still for {ground.read_stalls()[stalls:]} ms")
        return None
    except (Missing, AssertionError) as error:
        return f"{error}\n{traceback.format_exc(limit=-3)}"
    except Exception:  # every case is told, whatever went wrong in it
        return traceback.format_exc()


def tidy(ground):
    try:
        ground.close()
    except Exception as error:
        say(f"# tidying up: {error}")


def main():
    enter_session()
    programs, wanted = sys.argv[1:3], sys.argv[3:]
    missing = [str(iso) for iso in (ISO, OTHER_ISO) if not iso.is_file()]
    if missing:
        say(f"1..0 # SKIP not here: {', '.join(missing)} (packages grub-rescue-pc, memtest86+)")
        return 0
    steps = STEPS if not wanted or "steps" in wanted else []
    cases = [function for function in CASES if not wanted or function.__name__ in wanted]
    say(f"1..{len(steps) + len(cases)}")
    Ground.probed = pathlib.Path(tempfile.mkdtemp(prefix="vp", dir="/tmp"))
    desktop, failed = Desktop(), 0
    ground, failure = Ground(desktop, programs), None
    for number, function in enumerate(steps, 1):
        # What a step needs, the step before has made.
        broken = failure is not None
        now = "a step before it failed" if broken else attempt(function, ground)
        tell(number, f"/ui/main-job/{function.__name__}", now, None if broken else ground)
        failure = failure or now
        failed += now is not None
    tidy(ground)
    for number, function in enumerate(cases, len(steps) + 1):
        ground = Ground(desktop, programs)
        failure = attempt(function, ground)
        tell(number, f"/ui/windows/{function.__name__}", failure, ground)
        failed += failure is not None
        tidy(ground)
    desktop.close()
    shutil.rmtree(Ground.probed, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
