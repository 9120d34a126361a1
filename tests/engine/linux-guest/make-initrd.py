#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first file system of the Linux guest: its init, the guest agent with the libraries that it needs, and modules of the kernel.
make-initrd.py PARTS INIT INITRD   (PARTS: what tools/linux-guest fetched)"""
import os
import pathlib
import subprocess
import sys

AGENT = "usr/sbin/qemu-ga"


def libraries(program):
    """The dynamic linker tells them, itself among them, each with the path at which the program will look for it."""
    told = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    return sorted({word for line in told.splitlines() for word in line.split() if word.startswith("/")})


class Archive:
    """A cpio archive, as the kernel unpacks it."""

    def __init__(self):
        self.parts = []
        self.folders = set()

    def add(self, name, mode, content=b""):
        fields = (len(self.parts) + 1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self.parts += [head, bytes(-len(head) % 4), content, bytes(-len(content) % 4)]

    def add_folders(self, name):
        for folder in reversed(pathlib.PurePath(name).parents[:-1]):
            if folder not in self.folders:
                self.folders.add(folder)
                self.add(str(folder), 0o040755)

    def add_file(self, name, path):
        self.add_folders(name)
        self.add(name, 0o100755, pathlib.Path(path).read_bytes())

    def write(self, path):
        self.add("TRAILER!!!", 0)
        path.write_bytes(b"".join(self.parts))


def main():
    parts, init, initrd = (pathlib.Path(word) for word in sys.argv[1:])
    agent = parts / AGENT
    archive = Archive()
    archive.add_folders("dev/console")
    archive.add_file("init", init)
    archive.add_file(AGENT, agent)
    for library in libraries(agent):
        archive.add_file(library.lstrip("/"), library)
    for module in sorted(os.listdir(parts / "modules")):
        archive.add_file(f"modules/{module}", parts / "modules" / module)
    archive.write(initrd)


main()
