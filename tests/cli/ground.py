# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of valisectl stand on: their cases, and a library of one's own for each. TAP on standard output."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ISO = pathlib.Path("/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
OTHER_ISO = pathlib.Path("/usr/lib/memtest86+/memtest86+x64.iso")
CASES = {}


def case(group):
    def register(function):
        CASES.setdefault(group, []).append(function)
        return function
    return register


class Ground:
    """A library, a state directory and a working directory of one's own."""

    # libvirt's probe of QEMU takes seconds; the first ground's answer serves the others.
    probed = None

    def __init__(self, program):
        self.program = program
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="v", dir="/tmp"))
        self.library = self.root / "library"
        self.work = self.root / "work"
        self.work.mkdir()
        self.cache = self.root / "s/e/cache"
        if Ground.probed:
            shutil.copytree(Ground.probed, self.cache)
        self.environment = {**os.environ, "VALISE_LIBRARY": str(self.library), "VALISE_STATE_DIR": str(self.root / "s"),
                            "XDG_DATA_HOME": str(self.root / "data"), "LC_ALL": "C.UTF-8"}

    def start(self, *arguments, **options):
        return subprocess.Popen([self.program, *map(str, arguments)], cwd=self.work, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def wait_for_driver(self, process):
        """Until the process has the embedded driver, whose door is open then."""
        deadline = time.monotonic() + 60
        while True:
            with socket.socket(socket.AF_UNIX) as visitor:
                if visitor.connect_ex(str(self.root / "s/e/door")) == 0:
                    return
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline, "the driver's door stayed closed"
            time.sleep(0.02)

    def run(self, *arguments, code=0):
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=240)
        assert process.returncode == code, f"{arguments} ended with {process.returncode}, not {code}: {out}{err}"
        return out.strip() if code == 0 else err

    def json(self, *arguments):
        return json.loads(self.run("--json", *arguments))

    def create(self, name, *more):
        return pathlib.Path(self.run("create", name, "--iso", ISO, "--accel", "tcg", "--disk", "1G", *more))

    def close(self):
        for machine in self.json("list"):
            if machine["state"] in ("running", "paused", "starting"):
                self.run("stop", machine["path"])
        if not Ground.probed and self.cache.is_dir():
            Ground.probed = pathlib.Path(tempfile.mkdtemp(prefix="v", dir="/tmp")) / "cache"
            shutil.copytree(self.cache, Ground.probed)
        shutil.rmtree(self.root, ignore_errors=True)


def tree(path):
    return sorted((str(p.relative_to(path)), p.stat().st_size) for p in path.rglob("*") if p.name != ".lock")


def main():
    program = os.path.abspath(sys.argv[1])
    # "files" are all cases of a group, "files-1" is every other one of them, so that two can run beside each other.
    group, _, part = sys.argv[2].partition("-")
    if not ISO.is_file():
        print(f"1..0 # SKIP {ISO} is not here (package grub-rescue-pc)")
        return 0
    failed = 0
    module = pathlib.Path(sys.argv[0]).stem.removeprefix("test-")
    cases = [function for function in (CASES[group][int(part) - 1::2] if part else CASES[group])
             if not sys.argv[3:] or function.__name__ in sys.argv[3:]]
    print(f"1..{len(cases)}")
    for number, function in enumerate(cases, 1):
        ground = Ground(program)
        try:
            function(ground)
            print(f"ok {number} /cli/{module}/{function.__name__}", flush=True)
        except Exception as error:  # every case is told, whatever went wrong in it
            failed += 1
            print(f"not ok {number} /cli/{module}/{function.__name__}\n# {type(error).__name__}: "
                  + str(error).replace("\n", "\n# "), flush=True)
        finally:
            try:
                ground.close()
            except Exception as error:
                print(f"# tidying up: {error}", flush=True)
    if Ground.probed:
        shutil.rmtree(Ground.probed.parent, ignore_errors=True)
    return 1 if failed else 0
