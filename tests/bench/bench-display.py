#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench-display.py SERVER CLIENT: processor time of a client for each 1920x1080 frame, offered at 60 a second.

Valise against remote-viewer as it is, and scaled to a smaller window against gtk-vnc's own scaling; the sides take turns. Writes
display.json to the directory VALISE_BENCH_OUT, and fails when a goal is missed."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from bench_figures import keep

RUNS = int(os.environ.get("VALISE_BENCH_RUNS", "5"))
SECONDS = 4.0
WIDTH, HEIGHT = 1920, 1080
SMALL = ("1280", "720")
SKIPPED = 77


def ask(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def cpu_seconds(pid):
    """All threads, in nanoseconds where the kernel counts so finely."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def start_display():
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "2560x1600x24", "-nolisten", "tcp"],
                              pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    return server, f":{number}"


class Side:
    def __init__(self, name, command, tcp=False, draws=True):
        self.name, self.command, self.tcp, self.draws = name, command, tcp, draws
        self.cpu, self.rate, self.drawn = [], [], []

    def run(self, server_program, socket, environment):
        server = subprocess.Popen([server_program, "tcp" if self.tcp else socket, str(WIDTH), str(HEIGHT), "60"], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        client = None
        try:
            port = server.stdout.readline().strip()
            socket = port if self.tcp else socket
            pipe = subprocess.PIPE if self.draws else subprocess.DEVNULL
            client = subprocess.Popen([part.replace("SOCKET", socket) for part in self.command], text=True, stdin=pipe,
                                      stdout=pipe, stderr=subprocess.DEVNULL, env=environment)
            deadline = time.monotonic() + 20
            while ask(server) < 60:
                if time.monotonic() > deadline or client.poll() is not None:
                    sys.exit(f"{self.name}: no pictures in 20 s")
                time.sleep(0.1)
            self.measure(server, client)
        finally:
            for process in (client, server):
                if process is not None:
                    process.kill()
                    process.wait()

    def measure(self, server, client):
        start, cpu, frames = time.monotonic(), cpu_seconds(client.pid), ask(server)
        drawn = ask(client) if self.draws else 0
        time.sleep(SECONDS)
        cpu, frames = cpu_seconds(client.pid) - cpu, ask(server) - frames
        seconds = time.monotonic() - start
        self.cpu.append(cpu * 1000 / frames)
        self.rate.append(frames / seconds)
        self.drawn.append((ask(client) - drawn) / seconds if self.draws else 0)

    def median(self):
        return statistics.median(self.cpu)

    def __str__(self):
        return (f"{self.name}: {self.median():.2f} ms of processor for each frame, {statistics.median(self.rate):.1f} frames/s, "
                f"{statistics.median(self.drawn):.1f} drawn/s")


def row(work, against, ours, theirs, reach):
    return {"work": work, "against": against, "ours": ours.median(), "theirs": theirs.median(), "unit": "ms",
            "ratio": ours.median() / theirs.median(), "reach": reach}


def main():
    server_program, client_program = sys.argv[1:3]
    for program in ("Xvfb", "remote-viewer"):
        if shutil.which(program) is None:
            print(f"skipped: {program} is not installed")
            return SKIPPED
    full = (str(WIDTH), str(HEIGHT))
    sides = {
        "actual": Side("Valise, 1:1", [client_program, "valise", "actual", *full, "SOCKET"]),
        "actual-tcp": Side("Valise, 1:1 over TCP", [client_program, "valise", "actual", *full, "SOCKET"], tcp=True),
        "remote-viewer": Side("remote-viewer, 1:1 over TCP", ["remote-viewer", "vnc://127.0.0.1:SOCKET"], tcp=True, draws=False),
        "smooth": Side("Valise, scaled smooth", [client_program, "valise", "smooth", *SMALL, "SOCKET"]),
        "sharp": Side("Valise, scaled sharp", [client_program, "valise", "sharp", *SMALL, "SOCKET"]),
        "gtk-vnc": Side("gtk-vnc, scaled smooth", [client_program, "gtk-vnc", "smooth", *SMALL, "SOCKET"]),
    }
    xvfb, number = start_display()
    try:
        with tempfile.TemporaryDirectory() as directory:
            environment = dict(os.environ, DISPLAY=number, GDK_BACKEND="x11", NO_AT_BRIDGE="1", HOME=directory,
                               XDG_RUNTIME_DIR=directory, GSETTINGS_BACKEND="memory")
            for _ in range(RUNS):
                for side in sides.values():
                    side.run(server_program, f"{directory}/s", environment)
    finally:
        xvfb.kill()
        xvfb.wait()
    print("\n".join(str(side) for side in sides.values()))
    rows = [row("1:1, 1920x1080, each frame, over TCP", "remote-viewer 1:1", sides["actual-tcp"], sides["remote-viewer"], 0.7),
            row("scaled to 1280x720 smooth, each frame", "gtk-vnc scaled", sides["smooth"], sides["gtk-vnc"], 0.2),
            row("scaled to 1280x720 sharp, each frame", "gtk-vnc scaled", sides["sharp"], sides["gtk-vnc"], 0.2)]
    drawn = min(statistics.median(sides[name].drawn) for name in ("actual", "smooth", "sharp"))
    note = (f"Processor time of the client's process for each frame of 1920x1080 offered 60 times a second; over a UNIX socket unless said. "
            f"remote-viewer cannot use one; Valise 1:1 over a UNIX socket takes {sides['actual'].median():.2f} ms. Valise drew at least {drawn:.0f} frames/s; gtk-vnc scaled received "
            f"{statistics.median(sides['gtk-vnc'].rate):.0f} and drew {statistics.median(sides['gtk-vnc'].drawn):.0f}.")
    keep("display", rows, note)
    for each in rows:
        print(f"{each['work']}: {each['ratio']:.2f}x of {each['against']}, goal {each['reach']}x")
    return 1 if any(each["ratio"] > each["reach"] for each in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
