# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame around tests on a screen: a message bus of one's own, TAP on standard output, each case on a ground of its own."""
import os
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

import stalls
from application import Missing
from gi.repository import GLib
from desktop import Desktop
from ground import ISO, OTHER_ISO, Ground


def enter_session():
    """Into a message bus of one's own. Its services talk on standard output, which is for TAP alone: they get standard error."""
    if "VALISE_TAP" in os.environ:
        return
    tap = os.dup(1)
    os.set_inheritable(tap, True)
    os.dup2(2, 1)
    os.environ["VALISE_TAP"] = str(tap)
    # What other programs warn of is not what is tested; and Valise is to be accessible.
    for name in ("G_DEBUG", "NO_AT_BRIDGE", "MALLOC_PERTURB_"):
        os.environ.pop(name, None)
    os.execvp("dbus-run-session", ["dbus-run-session", "--", sys.executable, *sys.argv])


def say(text):
    os.write(int(os.environ["VALISE_TAP"]), (text + "\n").encode())


def describe(ground):
    """What there is to see after a failure: the screen's words, or how the program ended, and what it complained of."""
    valise = ground.valise
    ended = valise.process.poll() if valise.process else "was not started"
    try:
        state = f"on the screen:\n{valise.words()}" if ended is None else f"the program ended: {ended}"
    except GLib.Error as error:
        state = f"the screen cannot be read: {error}"
    return state + "\nit wrote:\n" + "".join(ground.read_errors()[-80:])


def tell(number, path, failure=None, ground=None):
    say(f"{'not ' if failure else ''}ok {number} {path}")
    if failure and ground:
        name = path.rsplit("/", 1)[1]
        ground.picture(f"failed-{name}")
        say("\n".join("# " + line for line in (failure + "\n" + describe(ground)).splitlines()))


def attempt(function, ground):
    """None, or what went wrong."""
    began, earlier = time.monotonic(), len(ground.read_stalls())
    try:
        function(ground)
        say(f"# {function.__name__}: {time.monotonic() - began:.1f} s, stood still: {stalls.tell(ground.read_stalls()[earlier:])}")
        return None
    except (Missing, AssertionError) as error:
        return f"{error}\n{traceback.format_exc(limit=-3)}"
    except Exception:  # every case is told, whatever went wrong in it
        return traceback.format_exc()


def tidy(ground):
    try:
        ground.close()
    except Exception as error:
        say(f"# tidying up: {error}")


def find_missing():
    """Says why nothing can be tested here; false if all is there."""
    missing = [str(iso) for iso in (ISO, OTHER_ISO) if not iso.is_file()]
    if missing:
        say(f"1..0 # SKIP not here: {', '.join(missing)} (packages grub-rescue-pc, memtest86+)")
    return bool(missing)


def run_steps(desktop, programs, prefix, steps):
    """How many failed. They build upon each other: what a step needs, the step before has made."""
    ground, failed = Ground(desktop, programs), 0
    for number, function in enumerate(steps, 1):
        failure = "a step before it failed" if failed else attempt(function, ground)
        tell(number, f"{prefix}/{function.__name__}", failure, None if failed else ground)
        failed += failure is not None
    tidy(ground)
    return failed


def run_cases(desktop, programs, prefix, cases, first=1):
    """How many failed."""
    failed = 0
    for number, function in enumerate(cases, first):
        ground = Ground(desktop, programs)
        failure = attempt(function, ground)
        tell(number, f"{prefix}/{function.__name__}", failure, ground)
        failed += failure is not None
        tidy(ground)
    return failed


class Stage:
    """The desktop, and what libvirt has found out about QEMU, which serves all grounds."""

    def __init__(self, scale=1):
        self.scale = scale

    def __enter__(self):
        Ground.probed = pathlib.Path(tempfile.mkdtemp(prefix="vp", dir="/tmp"))
        self.desktop = Desktop(self.scale)
        return self.desktop

    def __exit__(self, *unused):
        self.desktop.close()
        shutil.rmtree(Ground.probed, ignore_errors=True)


def into(cases):
    """A decorator by which a function becomes one of the cases; GTK's complaints while it runs are faults as well."""
    def case(function):
        def watched(ground):
            ground.keep_complaints()
            function(ground)
            complaints = ground.read_complaints()
            assert not complaints, complaints
        watched.__name__ = function.__name__
        cases.append(watched)
        return watched
    return case


def main(prefix, cases):
    """The whole of a test that is nothing but cases: TEST VALISE VALISECTL [CASE...]."""
    enter_session()
    programs, wanted = sys.argv[1:3], sys.argv[3:]
    if find_missing():
        return 0
    cases = [function for function in cases if not wanted or function.__name__ in wanted]
    say(f"1..{len(cases)}")
    with Stage() as desktop:
        return 1 if run_cases(desktop, programs, prefix, cases) else 0
