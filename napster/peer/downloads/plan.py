"""Which source fetches which piece: no input or output, times are passed in.

Some sources serve pieces in any order; those of the old protocol send a file from an offset on
until one hangs up. A source in order gets the start of a gap and reads on through it; the others
take from gaps no such source heads for, else from the far end of the longest. When nothing is left
to be given out, whoever is idle also fetches what a slower source would finish last: the first to
finish wins.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from napster.peer.downloads.gaps import Gaps, Range
from napster.peer.downloads.pace import Pace
from napster.peer.library.hash import PIECE_SIZE

DEPTH: Final = 2
"""How many pieces are asked of a source at once, so that it never waits for the next request."""
_WORTH_IT: Final = 1.2
"""How many times as long a source must still take for its piece to be fetched twice."""
_MOST_AT_ONE_PIECE: Final = 2


@attrs.define(eq=False)
class Member:
    """A source that takes part. One `in_order` goes on from piece to piece until it hangs up."""

    in_order: bool = False
    start_up: float = 0.0
    """How many seconds pass before the first byte."""
    pace: Pace = attrs.field(factory=Pace, init=False)
    left: dict[int, int] = attrs.field(factory=dict, init=False)
    """How many bytes are still to come of each piece asked for, in that order."""
    heads_for: int | None = attrs.field(default=None, init=False)
    """The piece that one in order comes to next."""

    @property
    def asked(self) -> int:
        """How many pieces something is still to come of."""
        return sum(left > 0 for left in self.left.values())

    def seconds(self, piece: int, rate: float) -> float:
        """Estimate when a piece that was asked for will be here."""
        before = 0
        for each, left in self.left.items():
            before += left
            if each == piece:
                break
        return before / rate if rate else float("inf")


class Plan:
    """The pieces of one file of `size` bytes, but those in `done`, and who fetches them."""

    def __init__(self, size: int, done: Iterable[int] = ()) -> None:
        self.size = size
        self.count = -(-size // PIECE_SIZE)
        """How many pieces the file has."""
        self._done = {piece for piece in done if piece < self.count}
        self._free = Gaps(self.count, self._done)
        self._fetching: dict[int, list[Member]] = {}
        self._members: list[Member] = []

    @property
    def complete(self) -> bool:
        """Whether every piece is done."""
        return len(self._done) == self.count

    @property
    def free(self) -> int:
        """How many pieces nobody fetches."""
        return len(self._free)

    @property
    def members(self) -> Sequence[Member]:
        """Who takes part."""
        return self._members

    def length(self, piece: int) -> int:
        """Tell how many bytes a piece has."""
        return min(PIECE_SIZE, self.size - piece * PIECE_SIZE)

    def is_done(self, piece: int) -> bool:
        """Tell whether a piece needs not be fetched any more."""
        return piece in self._done

    def join(self, member: Member) -> None:
        """Let a source take part."""
        self._members.append(member)

    def leave(self, member: Member) -> None:
        """Let a source go; what it had not finished is given out again."""
        if member in self._members:
            self._members.remove(member)
        for piece in list(member.left):
            self.give_back(member, piece)
        member.heads_for = None

    def take(self, member: Member, now: float) -> int | None:
        """Choose the next piece for a source that serves any; None if it can be of no use now."""
        piece = self._pick()
        if piece is None:
            piece = self._slowest(member, now)
        return self._give(member, piece, now)

    def start(self, member: Member, now: float) -> int | None:
        """Choose the piece that a source in order begins with; None if it can be of no use now."""
        piece = self._open_ground(member, now)
        if piece is None:
            piece = self._slowest(member, now)
        return self._give(member, piece, now)

    def go_on(self, member: Member, piece: int, now: float) -> bool:
        """Let a source in order go on with a piece, unless that is done or fetched elsewhere."""
        if piece in member.left:
            return True
        if piece not in self._free:
            member.heads_for = None
            return False
        self._give(member, piece, now)
        return True

    def came(self, member: Member, piece: int, count: int, now: float) -> None:
        """Take note of bytes of a piece that have come."""
        member.pace.came(count, now)
        if piece in member.left:
            member.left[piece] -= count
        if not member.asked:
            member.pace.rest()

    def finish(self, piece: int) -> Sequence[Member]:
        """Take note that a piece is done; returns who need not go on with it."""
        self._done.add(piece)
        self._free.remove(piece)
        holders = self._fetching.pop(piece, [])
        for member in holders:
            self._forget(member, piece)
        return holders

    def give_back(self, member: Member, piece: int) -> None:
        """Take note that a source does not fetch a piece any more, which is not done by that."""
        self._forget(member, piece)
        holders = self._fetching.get(piece, [])
        if member in holders:
            holders.remove(member)
        if not holders and piece not in self._done:
            self._fetching.pop(piece, None)
            self._free.add(piece)

    def undo(self, piece: int) -> None:
        """Take note that a piece which was done turned out to be wrong."""
        if piece in self._done:
            self._done.remove(piece)
            self._free.add(piece)

    def _forget(self, member: Member, piece: int) -> None:
        member.left.pop(piece, None)
        if not member.asked:
            member.pace.rest()

    def _give(self, member: Member, piece: int | None, now: float) -> int | None:
        if piece is None:
            return None
        self._free.remove(piece)
        self._fetching.setdefault(piece, []).append(member)
        member.left[piece] = self.length(piece)
        member.pace.work(now)
        if member.in_order:
            member.heads_for = piece + 1
        return piece

    def _pick(self) -> int | None:
        """Choose a piece out of the gaps that nobody in order heads for, else the longest."""
        heads = self._heads()
        open_ground = next((first for first, _ in self._free if first not in heads), None)
        if open_ground is not None:
            return open_ground
        longest = max(self._free, key=_span, default=None)
        return None if longest is None else longest[1] - 1

    def _open_ground(self, member: Member, now: float) -> int | None:
        """Choose where one in order begins: at a gap's start, else where it meets another."""
        heads = self._heads()
        own = [each for each in self._free if each[0] not in heads]
        if own:
            return max(own, key=_span)[0]
        longest = max(self._free, key=_span, default=None)
        if longest is None:
            return None
        first, end = longest
        theirs, ours = self._rate(heads[first], now), self._rate(member, now)
        share = theirs / (theirs + ours) if theirs + ours else 0.5
        return min(end - 1, first + round((end - first) * share))

    def _heads(self) -> dict[int, Member]:
        return {each.heads_for: each for each in self._members if each.heads_for is not None}

    def _slowest(self, member: Member, now: float) -> int | None:
        """Choose a piece that another source will finish later than this one could."""
        latest, found = _WORTH_IT * self._seconds_for_one(member, now), None
        for piece, holder in self._others(member):
            seconds = holder.seconds(piece, self._rate(holder, now))
            if seconds > latest:
                latest, found = seconds, piece
        return found

    def _others(self, member: Member) -> Iterator[tuple[int, Member]]:
        """Go through what others fetch that is not here yet."""
        for piece, holders in self._fetching.items():
            awaited = all(each.left.get(piece, 0) > 0 for each in holders)
            if awaited and member not in holders and len(holders) < _MOST_AT_ONE_PIECE:
                yield piece, holders[0]

    def _seconds_for_one(self, member: Member, now: float) -> float:
        rate = self._rate(member, now)
        todo = sum(member.left.values()) + PIECE_SIZE
        return member.start_up + (todo / rate if rate else float("inf"))

    def _rate(self, member: Member, now: float) -> float:
        """Tell a source's rate, or guess that it is as fast as the others."""
        own = member.pace.rate(now)
        if own is not None:
            return own
        known = [rate for each in self._members if (rate := each.pace.rate(now)) is not None]
        return sum(known) / len(known) if known else 0.0


def _span(gap: Range) -> int:
    return gap[1] - gap[0]
