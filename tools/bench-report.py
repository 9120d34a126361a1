#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench-report.py DIR FILE.md: the table of docs/performance.md from what the comparisons wrote.

Each DIR/NAME.json is {"rows": [{"work", "against", "ours", "theirs", "unit", "ratio", "reach"}, ...], "note": "..."};
"ours" and "theirs" are medians of runs taken in turn, "ratio" is what the goal is about, "reach" the goal."""
import json
import os
import pathlib
import platform
import sys

HEAD = """# Performance

Made by `./check --bench`. Both sides of a row ran in turn in the same run; the figures are medians. Times move with the
machine, ratios hold. The goal is the largest ratio that is good enough.

Last run: {cores} cores, {system}.

| work | against | Valise | other | ratio | goal |
|---|---|---|---|---|---|
"""


def figure(value, unit):
    if value is None:
        return "-"
    return f"{value:.0f} {unit}" if value >= 1000 else f"{value:.3g} {unit}"


def main():
    directory, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    text = HEAD.format(cores=os.cpu_count(), system=f"{platform.system()} {platform.release().split('-')[0]}")
    notes = []
    for path in sorted(directory.glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        for row in result["rows"]:
            ratio, reach = row.get("ratio"), row.get("reach")
            mark = "" if ratio is None or reach is None or ratio <= reach else " (missed)"
            work, against = (row[name].replace("|", r"\|") for name in ("work", "against"))
            text += (f"| {work} | {against} | {figure(row['ours'], row['unit'])} "
                     f"| {figure(row['theirs'], row['unit'])} | {figure(ratio, '').strip()}{mark} "
                     f"| {figure(reach, '').strip()} |\n")
        if result.get("note"):
            notes.append(f"- {path.stem}: {result['note']}")
    if notes:
        text += "\n" + "\n".join(notes) + "\n"
    target.write_text(text, encoding="utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
