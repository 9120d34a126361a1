#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""drag-source.py FILE: a small window, at the lower right, from which the file can be dragged."""
import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

SIZE = 90


def main():
    window = Gtk.Window(title="Drag source", type=Gtk.WindowType.POPUP)
    box = Gtk.EventBox()
    box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    box.drag_source_add_uri_targets()
    uri = pathlib.Path(sys.argv[1]).resolve().as_uri()
    box.connect("drag-data-get", lambda widget, context, data, info, time: data.set_uris([uri]))
    window.add(box)
    window.set_default_size(SIZE, SIZE)
    area = Gdk.Display.get_default().get_monitor(0).get_geometry()
    window.move(area.width - SIZE, area.height - SIZE)
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main()
