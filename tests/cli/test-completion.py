#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The completion in a real, interactive bash at a terminal: what stands on the line after Tab. TAP on standard output.

Arguments: valisectl, the completion's file."""
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

RC = r"""
PS1='$ '
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
bind 'set completion-query-items -1'
bind 'set page-completions off'
bind -x '"\C-xp": printf "\n<<%s>>\n" "$READLINE_LINE"'
. "$COMPLETION"
"""
TAB, EVERY = "\t", "\x1b*"  # every: puts all there are in the line
PRINT, CLEAR = "\x18p", "\x05\x15"
CONFIG = """<domain type='qemu'>
  <name>{plain}</name>
  <uuid>0d9a4b58-6c1f-4d6e-9a53-00000000000{number}</uuid>
  <title>{name}</title>
  <memory>1024</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='disks/root.img'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><source file='/disc.iso'/><target dev='sda' bus='sata'/></disk>
  </devices>
</domain>
"""
NAMES = ["One", "Two words", "It's $5 & (more)", "K\u00f6rbe"]
FILES = ["disc.iso", "a.qcow2", "two discs.ISO", "note.txt", "save.vmbundle.tar.zst", "new.xml", "sub/deep.iso", "Bundle.vmbundle/config.xml"]

# What is typed, the key, and the whole line afterwards.
CASES = [
    ("sta", TAB, "start "), ("sh", TAB, "sh"), ("sh", EVERY, "show shrink shutdown "), ("--js", TAB, "--json "), ("--json li", TAB, "--json list "),
    ("help unse", TAB, "help unset "), ("create --fi", TAB, "create --firmware "), ("show --", EVERY, "show --help --json "),
    ("start O", TAB, "start One "), ("start Tw", TAB, r"start Two\ words "), (r"start Two\ w", TAB, r"start Two\ words "),
    ('start "Two w', TAB, 'start "Two words" '), ("start 'Two w", TAB, "start 'Two words' "), ("start It", TAB, r"start It\'s\ \$5\ \&\ \(more\) "),
    ('start "It', TAB, r'start "It' + r"'s \$5 & (more)" + '" '), ("start K", TAB, "start K\u00f6rbe "), ("start --json Tw", TAB, r"start --json Two\ words "),
    ("start -- Tw", TAB, r"start -- Two\ words "), ("--library lib start O", TAB, "--library lib start O"), ("start One ", EVERY, "start One "),
    ("start Bun", TAB, "start Bundle.vmbundle "), ("start ./Bun", TAB, "start ./Bundle.vmbundle "),
    ("get One vcp", TAB, "get One vcpu"), ("get One os/bootmenu/@en", TAB, "get One os/bootmenu/@enable "),
    ("set One os/bootmenu/@en", TAB, "set One os/bootmenu/@enable="), ("set One os/bootmenu/@enable=", EVERY, "set One os/bootmenu/@enable=no yes "),
    ("set One devices/dis", TAB, "set One devices/disk"), ("set One devices/disk[1]", TAB, "set One devices/disk[1]/"),
    ("set One devices/disk[1]/driver/@cac", TAB, "set One devices/disk[1]/driver/@cache="),
    ("set One devices/disk[1]/driver/@cache=writeb", TAB, "set One devices/disk[1]/driver/@cache=writeback "),
    ("set One vcpu=2 devices/disk/driver/@cache=writet", TAB, "set One vcpu=2 devices/disk/driver/@cache=writethrough "),
    (r"set Two\ words devices/disk/driver/@cache=n", TAB, r"set Two\ words devices/disk/driver/@cache=none "),
    ("set One \"cpu/feature[@name='vmx']/@policy=req", TAB, "set One \"cpu/feature[@name='vmx']/@policy=require\" "),
    ("unset One 'devices/disk[2]/driver/@cac", TAB, "unset One 'devices/disk[2]/driver/@cache' "), ("set One qemu:comma", TAB, "set One qemu:commandline/"),
    ("knobs devices/disk[2]/dr", TAB, "knobs devices/disk[2]/driver/"), ("knobs --page pro", TAB, "knobs --page processor "),
    ("create N --iso d", TAB, "create N --iso disc.iso "), ("create N --iso tw", TAB, r"create N --iso two\ discs.ISO "),
    ("create N --iso no", TAB, "create N --iso no"), ("create N --iso su", TAB, "create N --iso sub/"), ("create N --iso sub/", TAB, "create N --iso sub/deep.iso "),
    ("create N --firmware=b", TAB, "create N --firmware=bios "), ("create N --accel t", TAB, "create N --accel tcg "), ("create N --cpus ", EVERY, "create N --cpus "),
    ("start One --boot-once n", TAB, "start One --boot-once network "), ("start --boot-once=s", TAB, "start --boot-once=setup "), ("nvram --r", TAB, "nvram --reset "),
    ("compact One v", TAB, "compact One vda "), ("convert One vda --format q", TAB, "convert One vda --format qcow2 "), ("conv", TAB, "convert "),
    ("clone One N --mac ", EVERY, "clone One N --mac keep new "), ("clone One N --li", TAB, "clone One N --linked "), ("clone One N --tpm=n", TAB, "clone One N --tpm=new "),
    ("create N --image a", TAB, "create N --image a.qcow2 "), ("create N --ker", TAB, "create N --kernel "),
    ("start --boot-once cd O", TAB, "start --boot-once cd One "), ("wait One --for r", TAB, "wait One --for running "), ("import s", EVERY, "import save.vmbundle.tar.zst sub/ "), ("import Bun", TAB, "import Bundle.vmbundle "),
    ("media One --drive ", TAB, "media One --drive sda "), ("asks One --allow d", TAB, "asks One --allow devices/disk[2]/source/@file "),
    ("edit One --from ne", TAB, "edit One --from new.xml "), ("validate n", TAB, "validate new.xml "), ("keys One ctrl-alt-d", TAB, "keys One ctrl-alt-delete "),
]


class Shell:
    def __init__(self, root, environment):
        (root / "rc").write_text(RC)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(root / "work")
            os.execvpe("bash", ["bash", "--noprofile", "--rcfile", str(root / "rc"), "-i"], environment)
        # A line that wraps would be drawn in pieces.
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 4000, 0, 0))
        self.press(PRINT)

    def press(self, keys):
        """The line that there is when the keys have done their work."""
        os.write(self.fd, keys.encode())
        seen, deadline = b"", time.monotonic() + 60
        while not (found := re.search(rb"\n<<(.*?)>>\r?\n", seen, re.S)):
            assert time.monotonic() < deadline, seen
            if select.select([self.fd], [], [], 1)[0]:
                seen += os.read(self.fd, 65536)
        os.write(self.fd, CLEAR.encode())
        return found[1].decode()

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def prepare(root):
    for number, name in enumerate(NAMES):
        folder = root / "library" / f"m{number}.vmbundle"
        folder.mkdir(parents=True)
        text = name.replace("&", "&amp;")
        (folder / "config.xml").write_text(CONFIG.format(plain=f"m{number}", name=text, number=number), encoding="utf-8")
    for file in FILES:
        (root / "work" / file).parent.mkdir(parents=True, exist_ok=True)
        (root / "work" / file).touch()


def main():
    program, completion = (os.path.abspath(word) for word in sys.argv[1:3])
    root = pathlib.Path(tempfile.mkdtemp(prefix="v", dir="/tmp"))
    prepare(root)
    environment = {**os.environ, "PATH": f"{os.path.dirname(program)}:{os.environ['PATH']}", "VALISE_LIBRARY": str(root / "library"),
                   "VALISE_STATE_DIR": str(root / "s"), "COMPLETION": completion, "LC_ALL": "C.UTF-8", "TERM": "dumb", "HISTFILE": "/dev/null",
                   "INPUTRC": "/dev/null"}
    shell = Shell(root, environment)
    failed = 0
    print(f"1..{len(CASES)}")
    try:
        for number, (typed, key, wanted) in enumerate(CASES, 1):
            got = shell.press("valisectl " + typed + key + PRINT).removeprefix("valisectl ")
            failed += got != wanted
            print(f"{'ok' if got == wanted else 'not ok'} {number} /cli/completion/{number}", flush=True)
            if got != wanted:
                print(f"# {typed!r} became {got!r}, not {wanted!r}", flush=True)
    finally:
        shell.close()
        shutil.rmtree(root, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
