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
# Whoever waits for its line waits no longer.
LIFE_SECONDS = 90


def tell(clock, window):
    clock.disconnect_by_func(tell)
    left, top = window.get_position()
    print(left + SIZE // 2, top + SIZE // 2, flush=True)


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
    window.realize()
    # Not "draw": it hands over what only a further package can take.
    window.get_window().get_frame_clock().connect("after-paint", tell, window)
    window.show_all()
    GLib.timeout_add_seconds(LIFE_SECONDS, Gtk.main_quit)
    Gtk.main()


if __name__ == "__main__":
    main()
