#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page and the completion know exactly the verbs and options that valisectl has."""
import pathlib
import re
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    table = (root / "src/cli/valise-command.c").read_text(encoding="utf-8")
    manual = (root / "docs/valisectl.1").read_text(encoding="utf-8").replace("\\-", "-")
    completion = (root / "data/completions/valisectl").read_text(encoding="utf-8")
    rows = re.findall(r'\{\s*"([a-z]+)",\s*((?:"[^"]*"\s*)+),', table)
    found = [] if len(rows) > 20 else ["valise-command.c: the table of verbs was not understood"]
    listed = set(re.search(r"_valise_verbs=\(([^)]*)\)", completion)[1].split())
    for verb, synopsis in rows:
        if not re.search(rf'^\.(?:BI|B) "?{verb}\b', manual, re.M):
            found.append(f"valisectl.1: {verb} is missing")
        if verb not in listed:
            found.append(f"completion: {verb} is missing")
        for option in re.findall(r"--[a-z-]+", synopsis):
            if option not in manual:
                found.append(f"valisectl.1: {verb} {option} is missing")
            if option not in completion:
                found.append(f"completion: {verb} {option} is missing")
    found += [f"completion: {verb} is no verb" for verb in sorted(listed - {r[0] for r in rows})]
    codes = re.findall(r"VALISE_EXIT_\w+ = (\d+)", (root / "src/cli/valise-command.h").read_text(encoding="utf-8"))
    found += [f"valisectl.1: exit code {code} is missing" for code in codes if not re.search(rf"^{code}\|", manual, re.M)]
    print("\n".join(found) or f"{len(rows)} verbs, {len(codes)} exit codes, all told")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
