#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench-keys.py CLIENT: from the press of a key to the letter drawn, in GRUB on a real QEMU (no KVM).

Valise against a plain VNC client (gtk-vnc's widget as it is), in turn on the same machine: while somebody types, and the first key
after a pause. Writes keys.json to the directory VALISE_BENCH_OUT, and fails when a goal is missed."""
import json
import os
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from bench_figures import keep

ROUNDS = int(os.environ.get("VALISE_BENCH_RUNS", "5"))
KEYS = 12
ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
REACH = 0.5
SKIPPED = 77


def start_display():
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
                              pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    return server, f":{number}"


class Monitor:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(500):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.02)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer or "error" in answer:
                return answer


def count_lit(monitor, path):
    monitor.ask("screendump", filename=path)
    pixels = pathlib.Path(path).read_bytes()[15:]
    return sum(1 for value in pixels[::3] if value > 100)


def wait_lit(monitor, path, low, high):
    for _ in range(300):
        if low <= count_lit(monitor, path) < high:
            return
        time.sleep(0.2)
    sys.exit("GRUB did not come up")


def press(client):
    client.stdin.write("press\n")
    client.stdin.flush()
    return int(client.stdout.readline()) / 1000


def measure(program, kind, vnc, environment, typing, first):
    client = subprocess.Popen([program, kind, vnc], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=environment)
    try:
        time.sleep(3.5)
        for _ in range(3):
            first.append(press(client))
            time.sleep(3.5 + random.random() * 0.3)
        press(client)
        for _ in range(KEYS):
            time.sleep(0.3 + random.random() * 0.25)
            typing.append(press(client))
    finally:
        client.kill()
        client.wait()


def row(work, ours, theirs, reach):
    if min(ours + theirs) < 0:
        sys.exit(f"{work}: a key did not arrive: {ours} {theirs}")
    return {"work": work, "against": "plain VNC client", "ours": statistics.median(ours), "theirs": statistics.median(theirs),
            "unit": "ms", "ratio": statistics.median(ours) / statistics.median(theirs), "reach": reach}


def run(program, directory, environment):
    vnc, qmp, dump = (f"{directory}/{name}" for name in ("vnc", "qmp", "dump.ppm"))
    qemu = subprocess.Popen(["qemu-system-x86_64", "-accel", "tcg", "-m", "64", "-nodefaults", "-vga", "std", "-cdrom", ISO,
                             "-vnc", f"unix:{vnc}", "-qmp", f"unix:{qmp},server=on,wait=off"], stdout=subprocess.DEVNULL)
    times = {kind: ([], []) for kind in ("valise", "gtk-vnc")}
    try:
        monitor = Monitor(qmp)
        wait_lit(monitor, dump, 18000, 1 << 30)
        monitor.ask("send-key", keys=[{"type": "qcode", "data": "c"}])
        wait_lit(monitor, dump, 1000, 18000)
        for _ in range(ROUNDS):
            for kind, (typing, first) in times.items():
                measure(program, kind, vnc, environment, typing, first)
    finally:
        qemu.kill()
        qemu.wait()
    return times


def main():
    for program in ("Xvfb", "qemu-system-x86_64"):
        if shutil.which(program) is None:
            print(f"skipped: {program} is not installed")
            return SKIPPED
    xvfb, number = start_display()
    try:
        with tempfile.TemporaryDirectory() as directory:
            environment = dict(os.environ, DISPLAY=number, GDK_BACKEND="x11", NO_AT_BRIDGE="1")
            times = run(sys.argv[1], directory, environment)
    finally:
        xvfb.kill()
        xvfb.wait()
    rows = [row("key press to letter, while typing", times["valise"][0], times["gtk-vnc"][0], REACH),
            row("key press to letter, first key after a pause", times["valise"][1], times["gtk-vnc"][1], None)]
    note = ("GRUB's command line on QEMU without KVM; from the event of the key to the letter drawn in the window. "
            "QEMU looks for changes at once when the first key comes, too early, and then no sooner than 30 ms later.")
    keep("keys", rows, note)
    for each in rows:
        print(f"{each['work']}: {each['ours']:.1f} ms against {each['theirs']:.1f} ms, {each['ratio']:.2f}x, goal {each['reach'] or '-'}")
    return 1 if rows[0]["ratio"] > REACH else 0


if __name__ == "__main__":
    sys.exit(main())
