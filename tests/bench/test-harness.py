#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the comparisons do with figures and command lines, without running one. test-harness.py SOURCE-ROOT"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
LOG = r"""2026-01-01 00:00:00.000+0000: starting up libvirt version: 9.0.0
LC_ALL=C \
/usr/bin/qemu-old \
-S
2026-01-02 00:00:00.000+0000: starting up libvirt version: 9.0.0, hostname: here
LC_ALL=C \
HOME='/tmp/a b' \
/usr/bin/qemu-system-x86_64 \
-name guest=vm-1,debug-threads=on \
-S \
-object '{"qom-type":"secret","id":"masterKey0"}' \
-m 256 \
-no-user-config \
-chardev socket,id=charmonitor,fd=13,server=on,wait=off \
-mon chardev=charmonitor,id=monitor,mode=control \
-chardev socket,id=charchannel0,fd=12,server=on,wait=off \
-chardev pty,id=charserial0 \
-vnc none,audiodev=audio1 \
-device '{"driver":"virtio-vga","id":"video0"}' \
-msg timestamp=on
2026-01-02 00:00:00.000+0000: Domain id=1 is tainted: high-privileges
"""
BARE = ["/usr/bin/qemu-system-x86_64", "-name", "guest=vm-1,debug-threads=on", "-m", "256", "-no-user-config",
        "-chardev", "socket,id=charchannel0,path=/d/charchannel0,server=on,wait=off", "-chardev", "pty,id=charserial0",
        "-vnc", "unix:/d/vnc,audiodev=audio1", "-device", '{"driver":"virtio-vga","id":"video0"}', "-msg", "timestamp=on"]


def load(name):
    spec = importlib.util.spec_from_file_location("module", ROOT / "tests" / "bench" / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bare_command_is_the_logged_one():
    start = load("bench-start.py")
    with tempfile.TemporaryDirectory() as directory:
        log = pathlib.Path(directory, "vm-1.log")
        log.write_text(LOG, encoding="utf-8")
        found = start.without_private(start.logged_command(log), "/d")
    assert found == BARE, found


def report_tells_what_is_missed():
    rows = [{"work": "one", "against": "other", "ours": 12.345, "theirs": 10, "unit": "ms", "ratio": 1.2345, "reach": 1.4},
            {"work": "two", "against": "other", "ours": 1500, "theirs": 1000, "unit": "ms", "ratio": 1.5, "reach": 1.4},
            {"work": "three", "against": "tar | zstd", "ours": 1, "theirs": 1, "unit": "s", "ratio": 1, "reach": None}]
    with tempfile.TemporaryDirectory() as directory:
        target = pathlib.Path(directory, "page.md")
        pathlib.Path(directory, "part.json").write_text(json.dumps({"rows": rows, "note": "a word"}), encoding="utf-8")
        subprocess.run([sys.executable, ROOT / "tools" / "bench-report.py", directory, target], check=True, stdout=subprocess.DEVNULL)
        page = target.read_text(encoding="utf-8")
    for line in ("| one | other | 12.3 ms | 10 ms | 1.23 | 1.4 |", "| two | other | 1500 ms | 1000 ms | 1.5 (missed) | 1.4 |",
                 r"| three | tar \| zstd | 1 s | 1 s | 1 | - |", "- part: a word"):
        assert line in page, (line, page)


def main():
    cases = [bare_command_is_the_logged_one, report_tells_what_is_missed]
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        try:
            case()
            print(f"ok {number} /bench/harness/{case.__name__.replace('_', '-')}")
        except Exception as error:  # the next case may still say something
            failed += 1
            print(f"not ok {number} /bench/harness/{case.__name__.replace('_', '-')}\n# {type(error).__name__}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
