# SPDX-License-Identifier: GPL-3.0-or-later
"""What assistive technology is told about a program: AT-SPI read from its bus, many questions on the way at a time."""
from gi.repository import Gio, GLib

PREFIX = "org.a11y.atspi."
ROOT = "/org/a11y/atspi/accessible/root"
STATES = {"active": 1, "checked": 4, "editable": 7, "expanded": 10, "focusable": 11, "focused": 12, "pressed": 20,
          "selected": 23, "sensitive": 24, "showing": 25}
LABELLED_BY = 2
PATIENCE = 15000


def open_bus():
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                Gio.DBusCallFlags.NONE, PATIENCE).unpack()[0]
    flags = Gio.DBusConnectionFlags
    return Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)


class Node:
    """One widget: role, name and states as they were when it was read; everything else is asked when it is wanted."""

    def __init__(self, bus, reference):
        self.bus, self.owner, self.path = bus, *reference
        self.role, self.name, self.states, self.parent, self.children = "", "", (0, 0), None, []

    def __repr__(self):
        return f"{self.role} “{self.name}”"

    def call(self, interface, method, *arguments, signature=None):
        parameters = GLib.Variant(f"({signature})", arguments) if signature else None
        answer = self.bus.call_sync(self.owner, self.path, PREFIX + interface, method, parameters, None,
                                    Gio.DBusCallFlags.NONE, PATIENCE).unpack()
        return answer[0] if answer else None

    def questions(self):
        name = GLib.Variant("(ss)", (PREFIX + "Accessible", "Name"))
        return [("org.freedesktop.DBus.Properties", "Get", name), (PREFIX + "Accessible", "GetRoleName", None),
                (PREFIX + "Accessible", "GetState", None), (PREFIX + "Accessible", "GetChildren", None)]

    def take(self, answers):
        """False if it went away meanwhile."""
        if any(answer is None for answer in answers):
            return False
        self.name, self.role, self.states, children = (answer.unpack()[0] for answer in answers)
        self.children = [Node(self.bus, reference) for reference in children if not reference[1].endswith("/null")]
        for child in self.children:
            child.parent = self
        return True

    def refresh(self):
        return bool(read_level([self]))

    def has(self, *states):
        return all(self.states[STATES[s] // 32] >> STATES[s] % 32 & 1 for s in states)

    def box(self):
        """Left, top, right, bottom on the screen."""
        left, top, width, height = self.call("Component", "GetExtents", 0, signature="u")
        return left, top, left + width, top + height

    def text(self):
        return self.call("Text", "GetText", 0, -1, signature="ii")

    def write(self, text):
        assert self.call("EditableText", "SetTextContents", str(text), signature="s"), self

    def act(self):
        """What a click does, and to nothing else, wherever it has moved to. False if it went away meanwhile."""
        try:
            return self.call("Action", "DoAction", 0, signature="i")
        except GLib.Error:
            return False

    def is_labelled(self):
        """Whether a label beside it stands for its name."""
        return any(kind == LABELLED_BY for kind, _ in self.call("Accessible", "GetRelationSet"))

    def focus(self):
        """Gives it the focus; a page that scrolls brings it into view."""
        assert self.call("Component", "GrabFocus"), self

    def walk(self):
        for child in self.children:
            yield child
            yield from child.walk()

    def print(self, depth=0):
        print("# " + "  " * depth + repr(self), "".join(f" {state}" for state in STATES if self.has(state)
                                                        and state not in ("showing", "sensitive")), flush=True)
        for child in self.children:
            child.print(depth + 1)


def read_level(nodes):
    """Asks all nodes at once; those that are still there."""
    waiting, context = 0, GLib.MainContext.default()
    answers = {}

    def answered(bus, result, key):
        nonlocal waiting
        waiting -= 1
        try:
            answers[key] = bus.call_finish(result)
        except GLib.Error:
            answers[key] = None

    for i, node in enumerate(nodes):
        for j, (interface, method, parameters) in enumerate(node.questions()):
            waiting += 1
            node.bus.call(node.owner, node.path, interface, method, parameters, None, Gio.DBusCallFlags.NONE, PATIENCE,
                          None, answered, (i, j))
    while waiting:
        context.iteration(True)
    return [node for i, node in enumerate(nodes) if node.take([answers[i, j] for j in range(4)])]


def read_tree(top):
    """Fills top and what is shown below it; what is not on the screen is left out."""
    level = [top]
    while level:
        there = read_level(level)
        for parent in {node.parent for node in level} - {None}:
            parent.children = [child for child in parent.children
                               if child in there and (child.has("showing") or child.role == "application")]
        level = [child for node in there if node is top or node.has("showing") for child in node.children]
    return top
