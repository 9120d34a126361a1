# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk as a guest leaves it, and what a command takes."""
import contextlib
import os
import random
import subprocess
import sys
import time

MIB = 1 << 20


def sources():
    """What a guest's disk holds: programs, libraries, texts. The same files in the same order each time."""
    for top in ("/usr/lib", "/usr/bin", "/usr/share", "/usr/include", "/usr/src"):
        for folder, folders, names in os.walk(top):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def blocks(total):
    done = 0
    while done < total:
        before = done
        for path in sources():
            try:
                with open(path, "rb") as source:
                    while done < total and (piece := source.read(MIB)):
                        done += len(piece)
                        yield piece
            except OSError:
                continue
            if done >= total:
                return
        if done == before:
            piece = random.Random(1).randbytes(MIB)
            done += len(piece)
            yield piece


def make_disk(path, data, virtual):
    """Runs of 64 KiB to 16 MiB of data, spread over the whole disk."""
    dice = random.Random(2)
    with open(path, "wb") as disk:
        disk.truncate(virtual)
        at, left = 0, 0
        for piece in blocks(data):
            if left <= 0:
                left = dice.choice([64 << 10, 256 << 10, MIB, 4 * MIB, 16 * MIB])
                at += int(left * (virtual / data - 1.2)) // 65536 * 65536
            disk.seek(min(at, virtual - len(piece)))
            disk.write(piece)
            padded = (len(piece) + 4095) // 4096 * 4096
            at, left = at + padded, left - padded


@contextlib.contextmanager
def sharing_file_system(root, size):
    """Where files can share blocks, as on most Fedora and some Debian disks; None where such a one cannot be mounted."""
    image, place = root / "xfs.img", root / "xfs"
    place.mkdir()
    with open(image, "wb") as file:
        file.truncate(size)
    try:
        subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", image], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["mount", "-o", "loop", image, place], check=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)
        image.unlink()


def measure(argv):
    """Seconds, seconds of CPU and peak MiB (of the largest process) of a command with all it starts."""
    start = time.monotonic()
    child = subprocess.Popen(argv)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{argv} ended with {child.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def shell(script, *arguments):
    return measure(["sh", "-c", script, "sh", *map(str, arguments)])[:2]
