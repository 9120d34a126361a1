#!/usr/bin/env python3
"""count-results.py JUNIT:STATUS...: adds up what meson's test runs said and closes with one plain line."""
import sys
import xml.etree.ElementTree as ElementTree


def main():
    passed, failed, skipped = 0, 0, 0
    for argument in sys.argv[1:]:
        path, status = argument.rsplit(":", 1)
        before = failed
        try:
            cases = list(ElementTree.parse(path).iter("testcase"))
        except (OSError, ElementTree.ParseError):
            cases = []
        for case in cases:
            name = f"{case.get('classname') or ''} {case.get('name')}".strip()
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {name}")
            elif skip is not None:
                skipped += 1
                print(f"skipped: {name}: {skip.get('message') or skip.text or 'no reason given'}")
            else:
                passed += 1
        if status != "0" and failed == before:
            failed += 1
            print(f"failed: {path} (ended with {status})")
    if passed == 0 and failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
