# SPDX-License-Identifier: GPL-3.0-or-later
"""Valise as somebody uses it: started as a program, its controls found by role and name, clicked and typed into."""
import signal
import subprocess
import time

from accessible import ROOT, Node, open_bus, read_level, read_tree
from gi.repository import GLib


class Missing(AssertionError):
    """What should be on the screen is not."""


# How much longer than is usual is waited for anything on the screen: where it comes, that costs nothing, and with
# sanitizers on a busy computer everything takes its time.
SLOWER = 3


def wait(question, seconds=20, what="the awaited", slower=SLOWER):
    """The first true answer of question, asked again and again. seconds: in which it comes on a usual computer."""
    seconds *= slower
    end = time.monotonic() + seconds
    while True:
        try:
            answer = question()
        except (GLib.Error, IndexError, StopIteration):  # it went away while it was looked at, or is not there yet
            answer = None
        if answer:
            return answer
        if time.monotonic() > end:
            raise Missing(f"{what} did not come within {seconds} s")
        time.sleep(0.1)


class Application:
    def __init__(self, program, desktop, environment):
        self.program, self.desktop, self.environment = program, desktop, environment
        self.process, self.owner = None, None
        self.errors = None  # where its standard error goes; None: on the test's
        self.bus = open_bus()

    # --- the process ---

    def start(self, *arguments):
        self.owner = None
        self.process = subprocess.Popen([self.program, *map(str, arguments)], env=self.environment,
                                        stderr=self.errors)
        return self.window("Valise")

    def hand_over(self, *arguments):
        """A second start gives its files to the first and ends."""
        subprocess.run([self.program, *map(str, arguments)], env=self.environment, check=True, timeout=30 * SLOWER)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def wait_end(self, seconds=60):
        """Its end takes a while where leaks are looked for."""
        assert self.process.wait(seconds * SLOWER) == 0, f"Valise ended with {self.process.returncode}"

    def close(self):
        """Told to end, it ends well."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.wait_end()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    # --- what is there ---

    def find_owner(self):
        """The name on the accessibility bus of the program that was started."""
        root = Node(self.bus, ("org.a11y.atspi.Registry", ROOT))
        read_level([root])
        for child in root.children:
            number = self.bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                        "GetConnectionUnixProcessID", GLib.Variant("(s)", (child.owner,)), None, 0,
                                        5000).unpack()[0]
            if number == self.process.pid:
                return child.owner
        return None

    def windows(self):
        assert self.process.poll() is None, f"Valise ended with {self.process.returncode}"
        self.owner = self.owner or self.find_owner()
        if not self.owner:
            return []
        top = Node(self.bus, (self.owner, ROOT))
        read_level([top])
        return [child for child in read_level(top.children) if child.has("showing")]

    def window(self, title, seconds=30):
        return wait(lambda: next((w for w in self.windows() if title in w.name), None), seconds, f"the window “{title}”")

    def window_with_keys(self, title):
        """What is typed goes there."""
        window = self.window(title)
        wait(lambda: window.refresh() and window.has("active"), 20, f"the focus in “{title}”")
        return window

    def wait_closed(self, title, seconds=30, slower=SLOWER):
        wait(lambda: all(title not in w.name for w in self.windows()), seconds, f"the end of “{title}”", slower)

    def is_closed(self, title, seconds):
        try:
            self.wait_closed(title, seconds, 1)
            return True
        except Missing:
            return False

    def nodes(self, within=None):
        """Everything on the screen, or within one window, in the order it is read out."""
        return [node for top in ([within] if within else self.windows()) for node in read_tree(top).walk()]

    def search(self, role, name, within=None):
        """All that is shown with this role (None: any) and these words in its name."""
        return [node for node in self.nodes(within) if role in (None, node.role) and name in node.name]

    def look_for(self, role, name, within=None):
        """The one of that very name, or else the first whose name has these words; None when there is none now."""
        found = self.search(role, name, within)
        return next((node for node in found if node.name == name), found[0] if found else None)

    def find(self, role, name, within=None, seconds=20):
        return wait(lambda: self.look_for(role, name, within), seconds, f"the {role or 'control'} “{name}”")

    def find_row(self, name, words=""):
        """The machine of that name in the list, whose row says these words too; None when it is not shown."""
        return next((node for node in self.search("table cell", words) if node.name.startswith(name)), None)

    def select_row(self, name):
        """Also while another state puts the row of a machine elsewhere."""
        self.click_found(lambda: self.find_row(name), 20, f"“{name}” in the list")
        time.sleep(0.3)

    def words(self, within=None):
        """All words on the screen, one piece a line."""
        return "\n".join(node.name for node in self.nodes(within) if node.name)

    def wait_words(self, words, seconds=20):
        return wait(lambda: words in self.words(), seconds, f"“{words}” on the screen")

    def print(self):
        for window in self.windows():
            read_tree(window).print()

    def wait_rest(self, within):
        """What slides in has come to its place."""
        before = []

        def rested():
            now = [node.box() for node in self.nodes(within) if node.role == "push button"]
            same, before[:] = now == before, now
            return same
        wait(rested, 20, "rest on the screen")

    # --- what is done with it ---

    def click(self, node, button=1, seconds=20):
        """With the pointer, in the middle of it, once it has come to rest and can be used."""
        def rested():
            box = node.box()
            time.sleep(0.06)
            return box if node.refresh() and node.has("showing", "sensitive") and box == node.box() else None
        left, top, right, bottom = wait(rested, seconds, f"{node} at rest and usable")
        self.desktop.click((left + right) // 2, (top + bottom) // 2, button)

    def click_found(self, look, seconds, what):
        """Once, what look finds: found again as long as it is made anew before it was clicked."""
        def clicked():
            node = look()
            try:
                return node and (self.click(node, seconds=2) or True)
            except Missing:
                return False
        wait(clicked, seconds, what)

    def press(self, role, name, within=None, seconds=20):
        """seconds: until it is there; until it can be used, it may take twenty more."""
        self.click_found(lambda: self.look_for(role, name, within), seconds + 20, f"the {role or 'control'} “{name}”, usable,")

    def focus(self, look, what):
        """Gives the focus to what look finds, until that has it."""
        def focused():
            node = look()
            return node and (node.has("focused") or node.focus() or (node.refresh() and node.has("focused"))) and node
        return wait(focused, 20, f"the focus on {what}")

    def focused(self, within=None):
        """The name of what has the focus; of a choice GTK says nothing."""
        return next((node.name for node in self.nodes(within) if node.has("focused")), "")

    def reach(self, names, within=None):
        """Tab comes to each of them, perhaps in the second round: a key may be quicker than the look at what it did."""
        missing = set(names)
        for _ in range(120):
            missing.discard(self.focused(within))
            if not missing:
                return
            self.desktop.press("Tab")
        raise AssertionError(f"Tab never comes to {missing}")

    def pick(self, name, within=None):
        """A radio button, clicked until it is on."""
        button = self.find("radio button", name, within)
        wait(lambda: (button.refresh() and button.has("checked")) or self.click(button), 20, f"{button} picked")

    def fill(self, node, text):
        """Types text over what an entry holds, and leaves it."""
        node.focus()
        self.desktop.press("ctrl+a")
        self.desktop.type(text)
        self.desktop.press("Tab")
