#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a C file is not as clang-format would write it. Skips with another version than the pinned one."""
import pathlib
import re
import shutil
import subprocess
import sys

PINNED = "14"


def main():
    root = pathlib.Path(sys.argv[1])
    tool = shutil.which("clang-format")
    version = tool and re.search(r"version (\d+)", subprocess.run([tool, "--version"], capture_output=True, text=True).stdout)
    if not version or version[1] != PINNED:
        print(f"clang-format {PINNED} is not here")
        return 77
    files = [p for d in ("src", "tests") for p in sorted((root / d).rglob("*.[ch]"))]
    if not files:
        return 0
    found = subprocess.run([tool, "--dry-run", "-Werror", *files], capture_output=True, text=True)
    print(found.stderr[-4000:] or f"{len(files)} files are well formatted")
    return found.returncode


if __name__ == "__main__":
    sys.exit(main())
