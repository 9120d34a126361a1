# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the main loop may stand still: what valise-stall-watch wrote, and the most of it that is allowed.

What the main thread may calculate at a stretch is a multiple of what a fixed piece of work took at that very moment, in the same program: sanitizers, a
slow computer and neighbours that empty its caches slow both. Where the piece takes 3 ms, fifty of it are 150 ms. It waits for nothing but the X server,
which may be starved itself and is therefore given more."""
import typing

RAN_PIECES, WAITED_PIECES = 50, 80
# Microseconds: nobody needs less than 150 ms on a faster computer, and no slow moment excuses more than 450 ms.
LEAST_PIECE, MOST_PIECE = 3000, 9000


class Stall(typing.NamedTuple):
    ran: int  # milliseconds
    waited: int  # milliseconds
    piece: int  # microseconds that the fixed piece of work took right after it

    def count(self, milliseconds):
        return milliseconds * 1000 / min(max(self.piece, LEAST_PIECE), MOST_PIECE)

    def ran_pieces(self):
        return self.count(self.ran)

    def waited_pieces(self):
        return self.count(self.waited)


def read(path):
    """Each time that the main loop stood still for more than 50 ms."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [Stall(*map(int, line.split())) for line in lines]


def tell(stalls):
    """The worst of them, as somebody reads them in a log."""
    worst = sorted(stalls, key=Stall.ran_pieces, reverse=True)[:20]
    return ", ".join(f"{one.ran}+{one.waited} ms ({one.ran_pieces():.0f}+{one.waited_pieces():.0f} pieces)" for one in worst) or "never"


def check(stalls):
    for what, measure, most in (("calculated", Stall.ran_pieces, RAN_PIECES), ("waited", Stall.waited_pieces, WAITED_PIECES)):
        pieces = max(map(measure, stalls), default=0)
        assert pieces < most, f"the main loop {what} {pieces:.0f} times as long as the fixed piece of work took, {most} is the most: {tell(stalls)}"
