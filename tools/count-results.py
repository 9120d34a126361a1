#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""count-results.py JUNIT:STATUS...: adds up what meson's test runs said and closes with one plain line."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


SKIP = re.compile(r"^ok \d+ (?:- )?(\S+) # SKIP ?(.*)$", re.M)
# What is said of a case that failed stands on its line and in the comments that follow it.
FAILURE = re.compile(r"^not ok \d+ (?:- )?(\S+)(.*)\n((?:#.*\n){0,150})", re.M)
# What a test has to say to whoever runs it, also when it passes.
TOLD = re.compile(r"^# told: (.*)$", re.M)
# How often a test tried to have something lost, and of what kind: freezes, kills, faults.
SURVIVED = re.compile(r"^# survived: (\d+) (\w+)$", re.M)
# What meson copies into its report as it is, and XML cannot hold: a test may well speak of such characters.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The last case that a program told of, and how many it had planned.
ENDED = re.compile(r"^(?:not )?ok (\d+) (?:- )?(\S+)", re.M)
PLANNED = re.compile(r"^1\.\.(\d+)", re.M)
# Where a program that is aborted says why; what a sanitizer adds below it is long.
REASON = re.compile(r"ERROR|runtime error|Bail out|CRITICAL|WARNING")
# A test program that runs a part of itself in another suite leaves it out here; the other run counts it.
ELSEWHERE = "by request"


def log(path, kind):
    try:
        return pathlib.Path(path).with_name(f"testlog.{kind}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def read_cases(path):
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
        return list(ElementTree.fromstring(FORBIDDEN.sub("\ufffd", text).encode()).iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"{path} cannot be read: {error}")
        return []


def reasons(path):
    """What the programs said about each case that they skipped; meson's JUnit file leaves it out."""
    return dict(SKIP.findall(log(path, "txt")))


def failures(path):
    """What the programs said about each case that failed: a reader of the closing lines may have nothing else."""
    return {name: [line for line in [rest.strip(" -"), *comments.splitlines()] if line]
            for name, rest, comments in FAILURE.findall(log(path, "txt"))}


def broken(path):
    """The runs that ended badly; meson's JUnit file does not tell of one that was aborted between two cases."""
    try:
        runs = [json.loads(line) for line in log(path, "json").splitlines()]
    except ValueError:
        return []
    return [run for run in runs if run["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")]


def excerpt(text, count=30):
    """The lines from the first on that tells why a program was aborted, or the last ones if none does."""
    lines = [line[:300] for line in text.splitlines()]
    first = next((index for index, line in enumerate(lines) if REASON.search(line)), len(lines))
    first = max(0, min(first - 2, len(lines) - count))
    return lines[first:first + count]


def tell_cut_short(run):
    """In which case a program was aborted, and what it wrote then: a reader of the closing lines may have nothing else."""
    output = run.get("stdout") or ""
    ended, planned = ENDED.findall(output), PLANNED.search(output)
    number, name = ended[-1] if ended else (0, "")
    where = f"in case {int(number) + 1} of {planned[1]}" if planned else "before it told how many cases it has"
    print(f"failed: {run['name']} ({run['result'].lower()}, exit status {run['returncode']}, {where}{', after ' + name if name else ''})")
    tell_output(run)


def tell_output(run):
    for line in [*excerpt((run.get("stdout") or "")[-4000:]), *excerpt(run.get("stderr") or "")]:
        print(f"    {line}")


def add_up(paths):
    """What was tried to lose something, in all: '51 freezes, 410 kills'."""
    counts = {}
    for path in paths:
        for count, kind in SURVIVED.findall(log(path, "txt")):
            counts[kind] = counts.get(kind, 0) + int(count)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def main():
    passed, failed, skipped = 0, 0, 0
    for argument in sys.argv[1:]:
        path, status = argument.rsplit(":", 1)
        before, said, wrong, told = failed, reasons(path), failures(path), []
        for case in read_cases(path):
            name = f"{case.get('classname') or ''} {case.get('name')}".strip()
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                told.append(name)
                print(f"failed: {name}")
                for line in wrong.get((case.get("name") or "").split()[-1], []):
                    print(f"    {line}")
                for run in broken(path):
                    if run["name"].split(" / ")[-1] == (case.get("name") or "").split(" / ")[-1]:
                        tell_output(run)
            elif skip is not None:
                reason = said.get((case.get("name") or "").split()[-1]) or skip.get("message") or skip.text or "no reason given"
                if reason.startswith(ELSEWHERE):
                    continue
                skipped += 1
                print(f"skipped: {name}: {reason}")
            else:
                passed += 1
        for run in broken(path):
            if not any(run["name"] in name for name in told):
                failed += 1
                tell_cut_short(run)
        if status != "0" and failed == before:
            failed += 1
            print(f"failed: {path} (ended with {status})")
    for line in dict.fromkeys(line for argument in sys.argv[1:] for line in TOLD.findall(log(argument.rsplit(":", 1)[0], "txt"))):
        print(line)
    survived = add_up(argument.rsplit(":", 1)[0] for argument in sys.argv[1:])
    if survived:
        print(f"{survived}; {'nothing lost' if failed == 0 else 'see what failed'}")
    if passed == 0 and failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
