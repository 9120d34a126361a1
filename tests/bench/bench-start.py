#!/usr/bin/env python3
"""Click on Start to the guest's first own picture in the widget, against a bare QEMU with the same machine and a raw RFB
client. bench-start.py CLIENT VALISECTL"""
import json
import os
import pathlib
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
ROUNDS = int(os.environ.get("VALISE_BENCH_ROUNDS", "9"))
REACH = 1.4
NOTICE = (640, 480)  # QEMU's own notice, until the guest sets up its graphics card
RAW, DESKTOP_SIZE = 0, -223


class Rfb:
    """Just enough RFB 3.8 for a picture: no security, raw rectangles, desktop size."""

    def __init__(self, path, deadline):
        self.socket = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.socket.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.001)
        self.socket.settimeout(30)
        self.read(12)
        self.socket.sendall(b"RFB 003.008\n")
        self.read(self.read(1)[0])
        self.socket.sendall(b"\x01")
        self.read(4)
        self.socket.sendall(b"\x01")
        self.size = struct.unpack(">HH", self.read(4))
        self.read(16)
        self.read(struct.unpack(">I", self.read(4))[0])
        self.socket.sendall(struct.pack(">BxHii", 2, 2, RAW, DESKTOP_SIZE))

    def read(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return bytes(data)

    def wait_for_guest(self):
        incremental = 0
        while True:
            self.socket.sendall(struct.pack(">BBHHHH", 3, incremental, 0, 0, *self.size))
            incremental = 1
            colours = set()
            while (kind := self.read(1)[0]) != 0:
                self.read({2: 0, 1: 5}.get(kind, 0))
            for _ in range(struct.unpack(">xH", self.read(3))[0]):
                _, _, width, height, encoding = struct.unpack(">HHHHi", self.read(12))
                if encoding == DESKTOP_SIZE:
                    self.size, incremental = (width, height), 0
                    continue
                data = self.read(width * height * 4)
                colours |= set(struct.unpack(f"<{width * height}I", data))
            if self.size != NOTICE and len(colours) > 1:
                return


def bare(directory, disk):
    path = f"{directory}/vnc"
    began = time.monotonic()
    process = subprocess.Popen([
        "qemu-system-x86_64", "-machine", "q35,accel=tcg", "-m", "256", "-smp", "2", "-nodefaults", "-no-user-config",
        "-device", "qemu-xhci", "-device", "usb-tablet", "-device", "usb-kbd",
        "-blockdev", f"driver=qcow2,node-name=root,file.driver=file,file.filename={disk}", "-device", "virtio-blk-pci,drive=root",
        "-blockdev", f"driver=raw,node-name=cd,read-only=on,file.driver=file,file.filename={ISO}",
        "-device", "ide-cd,drive=cd,bootindex=1", "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net",
        "-device", "virtio-vga", "-device", "virtio-balloon-pci", "-vnc", f"unix:{path}"])
    try:
        Rfb(path, began + 20).wait_for_guest()
        return (time.monotonic() - began) * 1000
    finally:
        process.kill()
        process.wait()


def main():
    client, valisectl = map(os.path.abspath, sys.argv[1:3])
    root = tempfile.mkdtemp(prefix="v", dir="/tmp")
    try:
        environment = {**os.environ, "VALISE_STATE_DIR": f"{root}/s", "VALISE_LIBRARY": f"{root}/library",
                       "GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "1"}
        bundle = subprocess.run([valisectl, "create", "Start", "--iso", ISO, "--accel", "tcg", "--cpus", "2", "--memory",
                                 "256M", "--disk", "1G"], env=environment, check=True, capture_output=True, text=True).stdout.strip()
        ours, theirs = [], []
        for number in range(ROUNDS + 1):  # the first of each warms the caches
            mine = float(subprocess.run(["xvfb-run", "-a", client, bundle], env=environment, check=True,
                                        capture_output=True, text=True).stdout)
            other = bare(root, f"{bundle}/disks/root.qcow2")
            os.unlink(f"{root}/vnc") if os.path.exists(f"{root}/vnc") else None
            if number:
                ours.append(mine)
                theirs.append(other)
                print(f"valise {mine:.0f} ms, bare QEMU {other:.0f} ms", flush=True)
        ratio = statistics.median(ours) / statistics.median(theirs)
        row = {"work": "click on Start to the guest's first picture", "against": "bare QEMU and a raw RFB client",
               "ours": statistics.median(ours), "theirs": statistics.median(theirs), "unit": "ms", "ratio": ratio, "reach": REACH}
        print(f"ratio {ratio:.2f}")
        if out := os.environ.get("VALISE_BENCH_OUT"):
            pathlib.Path(out, "start.json").write_text(json.dumps({"rows": [row]}))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
