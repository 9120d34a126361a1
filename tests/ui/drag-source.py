#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""drag-source.py FILE...: a small window, at the lower right, from which the files can be dragged at once. Says so on standard output
where it has been drawn: a line with its middle."""
import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

SIZE = 90


def tell(window, box, drawn):
    if box.handler_is_connected(drawn):
        box.disconnect(drawn)
        left, top = window.get_position()
        print(left + SIZE // 2, top + SIZE // 2, flush=True)
    return GLib.SOURCE_REMOVE


def main():
    window = Gtk.Window(title="Drag source", type=Gtk.WindowType.POPUP)
    box = Gtk.EventBox()
    box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    box.drag_source_add_uri_targets()
    uris = [pathlib.Path(path).resolve().as_uri() for path in sys.argv[1:]]
    box.connect("drag-data-get", lambda widget, context, data, info, time: data.set_uris(uris))
    window.add(box)
    window.set_default_size(SIZE, SIZE)
    area = Gdk.Display.get_default().get_monitor(0).get_geometry()
    window.move(area.width - SIZE, area.height - SIZE)
    drawn = box.connect_after("draw", lambda *unused: GLib.idle_add(tell, window, box, drawn) and False)
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main()
