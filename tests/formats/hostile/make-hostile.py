# SPDX-License-Identifier: GPL-3.0-or-later
"""make-hostile.py DIR: makes the hostile set below DIR, and DIR/table with three words for each row of it, a tab
between them and a NUL behind: its name, what is to be opened, and how that has to end as
the file outcomes says. Every row aims at DIR/canary, and at nothing real."""
import os
import sys
import importlib

ROOMS = ["disks", "containers", "descriptions", "trees"]


def main():
    root = os.path.realpath(sys.argv[1])
    canary = os.path.join(root, "canary")
    secret = os.path.join(canary, "secret")
    os.makedirs(os.path.join(canary, "folder"))
    with open(secret, "w") as file:
        file.write("CANARY-IN-THE-MINE " * 4096)
    os.chmod(secret, 0o600)
    from samples import put
    seen = set()
    with open(os.path.join(os.path.dirname(__file__), "outcomes"), encoding="utf-8") as file:
        outcomes = dict(line.rstrip("\n").split("\t") for line in file if not line.startswith("#"))
    with open(os.path.join(root, "table"), "w", encoding="utf-8") as table:
        for room in ROOMS:
            for row in importlib.import_module("rows_" + room).rows(secret):
                name, files, opened = row
                assert name not in seen, name
                seen.add(name)
                folder = os.path.join(root, "rows", name)
                if not isinstance(files, dict):
                    opened, files = opened or "machine", {opened or "machine": files}
                os.makedirs(folder)
                for path, what in files.items():
                    put(os.path.join(folder.encode(), path if isinstance(path, bytes) else path.encode()), what)
                table.write("%s\t%s\t%s\0" % (name, os.path.join("rows", name, opened), outcomes.pop(name)))
    assert not outcomes, outcomes


main()
