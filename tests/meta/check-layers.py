#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a file includes a room it may not see, or a library that belongs to another room."""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "base": set(),
    "bundle": {"base"},
    "formats": {"base", "bundle"},
    "model": {"base", "bundle", "formats"},
    "engine": {"base", "bundle", "formats", "model"},
    "cli": {"base", "bundle", "formats", "model", "engine"},
    "ui": {"base", "bundle", "formats", "model", "engine", "cli"},
}
# The application serves valisectl over D-Bus; that is the only thing it takes from the cli room.
ONLY = {("ui", "cli"): {"cli/valise-verb-service.h"}}
LIBRARY_ROOMS = {"libvirt/": {"engine"}, "gtk/": {"ui"}, "handy.h": {"ui"}, "gtksourceview/": {"ui"}}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def faults(source: pathlib.Path):
    for path in sorted(source.rglob("*.[ch]")):
        room = path.relative_to(source).parts[0]
        for kind, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            if kind == "<":
                for library, rooms in LIBRARY_ROOMS.items():
                    if name.startswith(library) and room not in rooms:
                        yield f"{path}: <{name}> belongs to {', '.join(sorted(rooms))}"
                continue
            if "/" not in name:
                if name != "valise-config.h":
                    yield f'{path}: write "{room}/{name}": includes start at src/'
                continue
            other = name.split("/")[0]
            if other not in MAY_INCLUDE:
                yield f"{path}: {name} is in no known room"
            elif other != room and other not in MAY_INCLUDE[room]:
                yield f"{path}: {room} may not include {other} ({name})"
            elif name.endswith("-private.h") and other != room:
                yield f"{path}: {name} is private to {other}"
            elif (room, other) in ONLY and name not in ONLY[room, other]:
                yield f"{path}: {room} takes only {', '.join(ONLY[room, other])} from {other}"


def main():
    source = pathlib.Path(sys.argv[1]) / "src"
    found = list(faults(source))
    missing = [r for r in MAY_INCLUDE if not (source / r / "README.md").is_file()]
    found += [f"src/{r}: no README.md on the door" for r in missing]
    print("\n".join(found) or "all includes follow the arrows")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
