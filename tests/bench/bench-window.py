#!/usr/bin/env python3
"""Start of the window, its memory, and what it does while nothing happens, against a bare GTK 3 window with one list (and
virt-manager and Boxes where they are installed). bench-window.py WATCH FLOOR VALISE VALISECTL"""
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

ROUNDS = int(os.environ.get("VALISE_BENCH_ROUNDS", "9"))
IDLE_SECONDS = int(os.environ.get("VALISE_BENCH_IDLE", "30"))
ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
LIBRARIES = [(0, 1.5), (200, 1.6), (10000, 2.5)]
ROOM_KIB = 25 * 1024  # what the program may take beyond the floor
BUNDLE_KIB = 2        # and for each further bundle
LIST = ("20", "110", "200", "200")    # where lines of the list are
FLOOR = ("20", "60", "150", "200")
PAGE = ("400", "250", "400", "250")   # where an empty library says what to do
CONFIG = """<domain type='qemu'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <metadata>
    <valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='{name}'{group}/>
  </metadata>
  <memory unit='GiB'>4</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices/>
</domain>
"""


def make_library(directory, count):
    directory.mkdir()
    for i in range(count):
        bundle = directory / f"Machine {i}.vmbundle"
        bundle.mkdir()
        group = f" group='Group {i % 7}'" if i % 3 == 0 else ""
        (bundle / "config.xml").write_text(CONFIG.format(name=f"Machine {i}", uuid=uuid.uuid4(), group=group))


def environment(root, library):
    values = dict(os.environ, VALISE_LIBRARY=str(library), VALISE_STATE_DIR=str(root / "s"), XDG_CONFIG_HOME=str(root / "c"),
                  XDG_CACHE_HOME=str(root / "k"), GSETTINGS_BACKEND="memory", NO_AT_BRIDGE="1", LC_ALL="C.UTF-8")
    values.pop("G_DEBUG", None)
    return values


class Screen:
    """An X server and a session bus of this run's own."""

    def __enter__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
                                       pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as stream:
            os.environ["DISPLAY"] = ":" + stream.readline().strip()
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        return self

    def __exit__(self, *unused):
        for process in (self.bus, self.server):
            process.terminate()
            process.wait()


def watch(tool, region, command, env):
    done = subprocess.run([tool, *region, *command], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def warm_up(valise, root):
    """The embedded driver asks QEMU what it can do once and keeps the answer; nobody's figure is to hold that."""
    library = root / "w"
    library.mkdir()
    program = subprocess.Popen([valise], env=environment(root, library), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(20)
    program.terminate()
    program.wait()


def median(samples, key):
    return statistics.median(sample[key] for sample in samples)


def compare_start(tool, floor, valise, root):
    rows = []
    for count, reach in LIBRARIES:
        library = root / f"l{count}"
        make_library(library, count)
        env = environment(root, library)
        region = LIST if count else PAGE
        watch(tool, region, [valise], env)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(watch(tool, FLOOR, [floor], env))
            ours.append(watch(tool, region, [valise], env))
        if None in ours or None in theirs:
            raise SystemExit("a window did not come up")
        mine, other = median(ours, "ready"), median(theirs, "ready")
        rows.append({"work": f"exec to a usable window, {count} bundles", "against": "bare GTK 3 window with one list",
                     "ours": mine, "theirs": other, "unit": "ms", "ratio": mine / other, "reach": reach})
        most = median(theirs, "pss") + ROOM_KIB + BUNDLE_KIB * count
        mine = median(ours, "pss")
        rows.append({"work": f"memory of it (PSS), {count} bundles", "against": f"the same, and 25 MiB, and 2 KiB for each bundle",
                     "ours": mine / 1024, "theirs": most / 1024, "unit": "MiB", "ratio": mine / most, "reach": 1})
    return rows


def compare_peers(tool, valise, root):
    rows = []
    library = root / "l200"
    env = environment(root, library)
    for name, command in (("virt-manager", ["virt-manager", "--no-fork", "-c", "test:///default"]), ("GNOME Boxes", ["gnome-boxes"])):
        if not shutil.which(command[0]):
            continue
        ours, theirs = [], []
        for _ in range(max(3, ROUNDS // 3)):
            theirs.append(watch(tool, ("20", "20", "250", "150"), command, env))
            ours.append(watch(tool, LIST, [valise], env))
        theirs = [sample for sample in theirs if sample]
        if not theirs:
            continue
        for what, key, unit, scale in (("exec to a usable window", "ready", "ms", 1), ("memory of it (PSS)", "pss", "MiB", 1024)):
            mine, other = median(ours, key) / scale, median(theirs, key) / scale
            rows.append({"work": what, "against": name, "ours": mine, "theirs": other, "unit": unit,
                         "ratio": mine / other, "reach": 1})
    return rows


def used(pid):
    """CPU milliseconds and how often a thread was woken, so far."""
    ticks = wakes = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                wakes += int(line.split()[1])
    # The scheduler's own count is finer than the ticks.
    spent = sum(int((t / "schedstat").read_text().split()[0]) for t in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e6
    return spent, wakes


def idle(command, env, what, reach=1):
    program = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(25)  # threads that have nothing to do any more end after a while
        before = used(program.pid)
        time.sleep(IDLE_SECONDS)
        after = used(program.pid)
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait()
    spent, woken, most = after[0] - before[0], after[1] - before[1], 2 * IDLE_SECONDS
    return [{"work": f"CPU in {IDLE_SECONDS} s, {what}", "against": "20 ms", "ours": spent, "theirs": 20, "unit": "ms",
             "ratio": spent / 20, "reach": reach},
            {"work": f"wake-ups in {IDLE_SECONDS} s, {what}", "against": "no polling: 2 a second", "ours": woken, "theirs": most,
             "unit": "times", "ratio": woken / most, "reach": reach}]


def measure_idle(valise, valisectl, root):
    library = root / "li"
    library.mkdir()
    env = environment(root, library)
    rows = idle([valise], env, "no machine running")
    names = [f"Machine {i}" for i in range(3)]
    try:
        for name in names:
            subprocess.run([valisectl, "create", name, "--iso", ISO, "--accel", "tcg", "--memory", "64M"], env=env, check=True,
                           stdout=subprocess.DEVNULL)
            subprocess.run([valisectl, "start", name], env=env, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([valisectl, "create", "Resting", "--iso", ISO, "--accel", "tcg", "--memory", "64M"], env=env, check=True,
                       stdout=subprocess.DEVNULL)
        time.sleep(20)  # until all show a menu that waits
        rows += idle([valise, str(library / "Resting.vmbundle")], env, "3 machines running")
        rows += idle([valise, str(library / "Machine 0.vmbundle")], env, "3 machines running, one shown whose cursor blinks", None)
    finally:
        for name in names:
            subprocess.run([valisectl, "stop", name], env=env, check=False, stderr=subprocess.DEVNULL)
    return rows


def main():
    tool, floor, valise, valisectl = sys.argv[1:]
    out = pathlib.Path(os.environ.get("VALISE_BENCH_OUT", "."))
    root = pathlib.Path(tempfile.mkdtemp(prefix="vb-"))
    try:
        with Screen():
            warm_up(valise, root)
            rows = compare_start(tool, floor, valise, root) + compare_peers(tool, valise, root)
            rows += measure_idle(valise, valisectl, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    result = {"rows": rows, "note": f"windows are watched from outside (X damage, pixels); medians of {ROUNDS} runs taken in turn"}
    (out / "window.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
