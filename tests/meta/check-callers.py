#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a function that is not static is called by no other file of the program: it is dead, or it wants to be static. What is tested by
itself may be called from its own file and the tests alone, and a room's own table by the tests alone."""
import collections
import pathlib
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/", re.S)
DEFINITION = re.compile(r"^(?![^\n]*\bstatic\b)\w[^\n;{}#]*\n(\w*[a-z]\w*) \([^;{}]*\)\n\{", re.M)
ENTRANCES = {"main"}  # called from outside


def read(folder, pattern):
    return {path: COMMENT.sub("", path.read_text(encoding="utf-8")) for path in sorted(folder.rglob(pattern))}


def count_words(text):
    return collections.Counter(re.findall(r"\b\w+", text))


def faults(sources, headers, tests):
    in_sources = {path: count_words(text) for path, text in sources.items()}
    # What a header names twice it uses: in an inline function, or as what frees a type.
    in_headers = sum((count_words(text) for text in headers.values()), collections.Counter())
    in_tests = sum((count_words(text) for text in tests.values()), collections.Counter())
    for path, text in sources.items():
        for name in DEFINITION.findall(text):
            if name in ENTRANCES:
                continue
            if not name.lstrip("_").startswith("valise_"):
                yield f"{path}: {name} is not static, so it begins with valise_"
            elif in_headers[name] < 2 and not any(words[name] for other, words in in_sources.items() if other != path):
                own = in_sources[path][name] > 1 or name.startswith("_")
                if not (own and in_tests[name]):
                    yield f"{path}: {name} is called by no other file: make it static, or take it away"


def main():
    root = pathlib.Path(sys.argv[1])
    sources, headers = read(root / "src", "*.c"), read(root / "src", "*.h")
    found = list(faults(sources, headers, read(root / "tests", "*.c")))
    print("\n".join(found) or f"every function of {len(sources)} files has its callers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
