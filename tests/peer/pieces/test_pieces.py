"""Pieces from peer to peer, in memory: what goes well, and how each side bears the other."""

from pathlib import Path

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import capturedLogs

from napster.peer.downloads.errors import (
    BrokenError,
    DeclinedError,
    LostError,
    NoSlotError,
    SourceError,
    StalledError,
)
from napster.peer.downloads.reception import STALL_TIME as SOURCE_STALL_TIME
from napster.peer.library.hash import content_root
from napster.peer.library.remember import UnknownFileError
from napster.peer.pieces import fetching
from napster.peer.uploads.access import Access
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.talk import HANDSHAKE_TIME, STALL_TIME
from napster.wire.messages.transfers import QueueLimit, UploadFinished, UploadStarted
from napster.wire.pieces import (
    Cancel,
    Data,
    Open,
    PieceList,
    PieceMessage,
    Pieces,
    Ping,
    Pong,
    Refuse,
    Turn,
    Want,
)
from napster.wire.transfer import Mode, lines_digest
from tests.peer.pieces.helpers import CONTENT, PIECE, SECRET, Pair, Wire, collected, now
from tests.peer.test_data_port import PATH
from tests.peer.wires import TcpTransport

IDS = b"C" * 32
OPENING = Open(SECRET, 2, lines_digest(SECRET, Mode.PLAIN))
LINE = b"NAPX1 %b P\n" % SECRET.hex().encode()


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def error_of(work: Deferred[object]) -> SourceError:
    """Tell with what a fetch has failed."""
    with pytest.raises(SourceError) as caught:
        now(work)
    return caught.value


def listing(wire: Wire) -> Deferred[object]:
    return Deferred.fromCoroutine(wire.source.piece_list())


# What goes well.


def test_a_file_in_pieces(pair: Pair) -> None:
    """Its hashes, then its pieces in any order, two at a time and more; each is right."""
    wire = pair.open()
    listed = listing(wire)
    wire.run()
    assert pair.greetings == 1
    whole = now(listed)
    assert whole.size == len(CONTENT)
    assert len(whole.hashes) == 3 * 32
    fetches = [collected(wire.source, piece, 5 if piece == 2 else PIECE) for piece in (2, 0, 1)]
    assert all(not done.called for _, done in fetches)
    wire.run()
    assert [done.result for _, done in fetches] == [None] * 3
    last, first, middle = (b"".join(parts) for parts, _ in fetches)
    assert first + middle + last == CONTENT
    assert pair.port.told.messages == [UploadStarted()]
    (status,) = pair.port.desk.status()
    assert (status.state, status.done) == ("sending", len(CONTENT))
    wire.source.close()
    wire.run()
    assert pair.port.told.messages == [UploadStarted(), UploadFinished()]
    assert pair.is_idle


def test_an_empty_file(pair: Pair) -> None:
    """It has no pieces."""
    pair.port.library.add("song", b"")
    wire = pair.open()
    listed = listing(wire)
    wire.run()
    whole = now(listed)
    assert (whole.size, whole.hashes) == (0, b"")
    wire.source.close()
    wire.run()
    assert pair.is_idle


def test_empty_folders(pair: Pair) -> None:
    """The list of a file tells of those beside it."""
    pair.port.library.empty = [b"Music\\a", b"Music\\b"]
    wire = pair.open()
    listed = listing(wire)
    wire.run()
    assert now(listed).folders == (b"Music\\a", b"Music\\b")
    wire.source.close()
    wire.run()


def test_what_is_not_wanted_any_more(pair: Pair) -> None:
    """One that has not begun is refused, one that waits is not asked for, its place is free."""
    wire = pair.open()
    fetches = [collected(wire.source, piece, PIECE) for piece in (0, 1, 0, 1)]
    for _, done in fetches[1:3]:
        done.cancel()
        done.addErrback(lambda failure: failure.trap(CancelledError))
    wire.run()
    assert [sum(map(len, parts)) for parts, _ in fetches] == [PIECE, 0, 0, PIECE]
    assert fetches[3][1].result is None
    wire.source.close()
    wire.run()
    assert pair.is_idle


def test_what_is_under_way_is_dropped(pair: Pair) -> None:
    """The rest of a piece that is cancelled in the middle still comes, to nobody."""
    wire = pair.open()
    parts, done = collected(wire.source, 0, PIECE)
    wire.at_alice.protocol.dataReceived(wire.at_bob.take())
    wire.at_bob.protocol.dataReceived(wire.at_alice.take())
    wire.at_bob.protocol.dataReceived(wire.at_alice.take())
    assert 0 < sum(map(len, parts)) < PIECE
    done.cancel()
    done.addErrback(lambda failure: failure.trap(CancelledError))
    came = len(parts)
    after, done = collected(wire.source, 1, PIECE)
    wire.run()
    assert len(parts) == came
    assert b"".join(after) == CONTENT[PIECE : 2 * PIECE]
    wire.source.close()
    wire.run()
    assert pair.is_idle


def test_reading_is_paused(pair: Pair) -> None:
    """While the disk is slow; nobody takes that for a stall."""
    wire = pair.open()
    collected(wire.source, 0, PIECE)[1].addErrback(lambda failure: failure.trap(LostError))
    wire.source.pause()
    assert wire.at_bob.producerState == "paused"
    pair.clock.advance(SOURCE_STALL_TIME * 0.9)
    pair.clock.advance(SOURCE_STALL_TIME * 0.9)
    wire.source.resume()
    assert wire.at_bob.producerState == "producing"
    assert not wire.at_bob.disconnected
    wire.source.close()
    wire.source.close()
    wire.source.pause()
    wire.source.resume()
    wire.run()
    assert pair.is_idle


def test_the_end_is_told(pair: Pair) -> None:
    """First what was under way fails, then `lost` fires, and nothing can be asked any more."""
    wire = pair.open()
    order: list[str] = []
    _, done = collected(wire.source, 0, PIECE)
    listed = listing(wire)
    for name, work in (("fetch", done), ("list", listed)):
        work.addErrback(lambda failure, name=name: order.append(name + failure.type.__name__))
    wire.source.lost.addCallback(lambda _: order.append("lost"))
    wire.at_alice.cut()
    wire.at_bob.cut()
    assert order == ["listLostError", "fetchLostError", "lost"]
    assert isinstance(error_of(collected(wire.source, 0, PIECE)[1]), LostError)
    assert isinstance(error_of(listing(wire)), LostError)
    assert pair.is_idle


# One file after another.


OTHER = b"Music\\other"


def read(wire: Wire, length: int) -> bytes:
    """Ask for the hashes of a small file, then for all of it."""
    listed = listing(wire)
    wire.run()
    assert now(listed).size == length
    parts, done = collected(wire.source, 0, length)
    wire.run()
    now(done)
    return b"".join(parts)


def test_another_file(pair: Pair) -> None:
    """It comes by the same connection, with a slot of its own; the index is not asked."""
    for name, content in (("song", b"first"), ("other", b"another")):
        pair.port.library.add(name, content)
    wire = pair.open()
    assert read(wire, 5) == b"first"
    first_is_over = wire.source.lost
    kept: list[object] = []
    wire.source.keep = kept.append
    wire.source.release()
    assert kept == [wire.source]
    wire.source.turn(OTHER)
    assert read(wire, 7) == b"another"
    assert pair.port.told.messages == [UploadStarted(), UploadFinished(), UploadStarted()]
    (status,) = pair.port.desk.status()
    assert status.name == "other"
    wire.source.close()
    wire.run()
    assert not first_is_over.called
    assert pair.is_idle


def test_what_may_not_be_kept(pair: Pair) -> None:
    """A connection by which something is still to come is closed, as is that to an old version."""
    for version, asks in ((2, True), (1, False)):
        wire = pair.open()
        wire.source.keep = pytest.fail
        wire.source._side.can_turn = version > 1
        if asks:
            collected(wire.source, 0, PIECE)[1].addErrback(lambda failure: failure.trap(LostError))
        wire.source.release()
        wire.run()
        assert wire.at_bob.disconnected
        assert pair.is_idle


@pytest.mark.parametrize("path", [OTHER, b"Private\\song"])
def test_another_file_that_may_not_be_had(pair: Pair, path: bytes) -> None:
    """It is refused as at the index: a file that is not there, or is for others."""
    song = pair.port.library.add("song", CONTENT)
    pair.port.library.on_offer[b"private\\song"] = song._replace(path=b"Private\\song")
    pair.port.desk.set_access(Access(shares={b"private": frozenset({"eve"})}))
    wire = pair.open()
    wire.source.turn(path)
    listed = listing(wire)
    wire.run()
    assert isinstance(error_of(listed), DeclinedError)
    assert pair.is_idle


def test_whoever_turns_waits_like_others(pair: Pair) -> None:
    """The slot goes to who has waited for it, and the place in the queue is told."""
    pair.port.library.add("other", b"another")
    pair.port.desk.set_limits(UploadLimits(1, 1, 10))
    wire = pair.open()
    assert isinstance(pair.port.desk.requested("eve", PATH), QueueLimit)
    wire.source.turn(OTHER)
    listed = listing(wire)
    wire.run()
    error = error_of(listed)
    assert isinstance(error, NoSlotError)
    assert error.place == 2
    assert wire.at_bob.disconnected
    assert pair.is_idle


# How a downloader that misbehaves is borne: alice and raw bytes.


class Stranger:
    """Connects to alice and says what it likes."""

    def __init__(self, pair: Pair, *, opens: bool = True) -> None:
        self.pair = pair
        if opens:
            pair.port.agree()
        pair.announce()
        self.transport: TcpTransport = pair.port.connect()
        self.send(LINE)
        if opens:
            self.send(OPENING.frame())
            assert self.transport.take() == b"NAPX1 P\n" + OPENING.frame()

    def send(self, data: bytes) -> None:
        if self.transport.protocol is not None:
            self.transport.protocol.dataReceived(data)

    def say(self, *messages: PieceMessage) -> None:
        self.send(b"".join(each.frame() for each in messages))


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([OPENING], "a Open out of turn"),
        ([Pieces(0, 1), Pieces(0, 1)], "twice at once"),
        ([Want(1, 0, 1), Want(2, 0, 1), Want(3, 0, 1)], "more than 2"),
        ([Want(1, 3, 1)], "behind the end"),
        ([Want(1, 2, 2)], "behind the end"),
        ([Want(1, 2**32 - 1, 2**16 - 1)], "behind the end"),
        ([Ping(), Ping()], "pings twice"),
        ([Data(1, 0, 1)], "a Data out of turn"),
        ([PieceList(1, 0, b"", IDS)], "a PieceList out of turn"),
        ([Refuse(0, 1, "no")], "a Refuse out of turn"),
        ([Pong()], "a Pong out of turn"),
        ([Want(1, 0, 1), Turn(PATH)], "in the middle of one"),
    ],
)
def test_a_downloader_that_asks_for_too_much(
    pair: Pair, messages: list[PieceMessage], why: str
) -> None:
    """It is cut off, and its slot is free."""
    with capturedLogs() as events:
        stranger = Stranger(pair)
        stranger.say(*messages)
    assert stranger.transport.aborted
    assert pair.is_idle
    assert any(why in str(event.get("reason")) for event in events)


def test_a_frame_that_is_too_long(pair: Pair) -> None:
    """Its header is enough."""
    stranger = Stranger(pair)
    stranger.send(b"\xff\xff\xff\xff\2")
    assert stranger.transport.aborted
    assert pair.is_idle


def test_cancels_of_nothing_are_borne(pair: Pair) -> None:
    """They may have crossed the end of the answer."""
    stranger = Stranger(pair)
    stranger.say(Want(1, 2, 1), Cancel(7))
    assert stranger.transport.take_all() == Data(1, 2 * PIECE, 5).frame() + CONTENT[2 * PIECE :]
    stranger.say(Cancel(1), Ping())
    assert stranger.transport.take_all() == Pong().frame()
    stranger.transport.lose()
    assert pair.is_idle


def test_a_want_of_many_pieces(pair: Pair) -> None:
    """Each has a Data; what is withdrawn in the middle ends with the piece under way."""
    stranger = Stranger(pair)
    stranger.say(Want(1, 0, 3))
    stranger.say(Cancel(1))
    expected = Data(1, 0, PIECE).frame() + CONTENT[:PIECE] + Refuse(1, 3, "as asked").frame()
    assert stranger.transport.take_all() == expected
    stranger.transport.lose()
    assert pair.is_idle


def test_a_downloader_that_does_not_read(pair: Pair) -> None:
    """Whatever it asks for waits; it costs one chunk, and is given up after a while."""
    stranger = Stranger(pair)
    stranger.say(Pieces(0, 1000), Ping(), Want(1, 0, 3), Want(2, 0, 3))
    assert len(stranger.transport.value()) < 1 << 15
    for _ in range(1000):
        stranger.say(Cancel(1))
    assert len(stranger.transport.value()) < 1 << 15
    pair.clock.advance(STALL_TIME)
    assert stranger.transport.aborted
    assert pair.is_idle


def test_a_downloader_that_only_pings(pair: Pair) -> None:
    """It does not keep its slot by that."""
    stranger = Stranger(pair)
    for _ in range(10):
        pair.clock.advance(STALL_TIME / 10)
        stranger.say(Ping())
        stranger.transport.take_all()
    assert stranger.transport.aborted
    assert pair.is_idle


def test_a_downloader_that_says_nothing(pair: Pair) -> None:
    """Neither in the handshake, nor behind it."""
    stranger = Stranger(pair, opens=False)
    pair.clock.advance(HANDSHAKE_TIME)
    assert stranger.transport.aborted
    assert pair.is_idle


@pytest.mark.parametrize(
    "opening",
    [
        Ping(),
        Open(b"?" * 16, 1, OPENING.lines),
        Open(SECRET, 1, lines_digest(SECRET, Mode.TLS)),
        Open(SECRET, 0, OPENING.lines),
    ],
)
def test_a_downloader_that_is_not_the_one(pair: Pair, opening: PieceMessage) -> None:
    """Another ticket, lines that were changed on their way, a version that is none."""
    stranger = Stranger(pair, opens=False)
    stranger.say(opening)
    assert stranger.transport.aborted
    assert pair.port.desk.active == 0


def test_a_downloader_that_was_not_agreed_with(pair: Pair) -> None:
    """A ticket alone is no upload slot; why is said."""
    stranger = Stranger(pair, opens=False)
    stranger.say(OPENING)
    said = stranger.transport.take_all().removeprefix(b"NAPX1 P\n" + OPENING.frame())
    assert said == Refuse(0, 1, "it was not asked for through the index").frame()
    assert stranger.transport.disconnected
    assert not stranger.transport.aborted


def test_a_downloader_whose_slot_has_gone(pair: Pair) -> None:
    """It hears its place in the queue."""
    wire = pair.open()
    pair.port.desk.set_limits(UploadLimits(1, 1, 10))
    stranger = Stranger(pair, opens=False)
    stranger.say(OPENING)
    said = stranger.transport.take_all().removeprefix(b"NAPX1 P\n" + OPENING.frame())
    assert said == Refuse(0, 2, "it has to wait, at place 1 of the queue", 1).frame()
    wire.source.close()
    wire.run()
    assert pair.is_idle


def test_hashes_that_are_not_known(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """They could not be kept."""

    async def forgotten(_file: object) -> bytes:
        raise UnknownFileError("the hashes of this file could not be remembered")

    monkeypatch.setattr(pair.port.library, "pieces", forgotten)
    wire = pair.dial((pair.port.agree(), pair.announce())[1])
    wire.run()
    now(wire.source.opened)
    assert "could not be remembered" in str(error_of(listing(wire)))
    assert pair.is_idle


def test_a_file_that_changes_meanwhile(pair: Pair) -> None:
    """No byte of what it is now goes out as if it were what was hashed."""
    wire = pair.open()
    parts, done = collected(wire.source, 0, PIECE)
    wire.at_alice.protocol.dataReceived(wire.at_bob.take())
    (pair.folder / "song").write_bytes(b"something else")
    wire.run()
    assert isinstance(error_of(done), LostError)
    assert CONTENT.startswith(b"".join(parts))
    assert pair.is_idle


def test_a_file_that_is_gone(pair: Pair) -> None:
    """The downloader is told."""
    (pair.folder / "song").unlink()
    pair.port.agree()
    wire = pair.dial(pair.announce())
    wire.run()
    now(wire.source.opened)
    error = error_of(listing(wire))
    assert isinstance(error, DeclinedError)
    assert "is gone" in str(error)
    assert pair.is_idle


def test_an_error_of_our_own(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, logged_failures: list[object]
) -> None:
    """It is logged, and the connection closed."""

    async def broken(_file: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(pair.port.library, "pieces", broken)
    pair.port.agree()
    wire = pair.dial(pair.announce())
    wire.run()
    assert isinstance(error_of(wire.source.opened), LostError)
    assert len(logged_failures) == 1
    logged_failures.clear()
    assert pair.is_idle


# How an uploader that misbehaves is borne: bob and raw bytes.


class Impostor:
    """Bob has dialled the test, which says what it likes."""

    def __init__(self, pair: Pair, *, opens: bool = True) -> None:
        self.wire = pair.dial(pair.announce())
        self.source = self.wire.source
        self.bob = self.wire.at_bob
        self.send(b"1")
        assert self.bob.take() == LINE
        if opens:
            self.send(b"NAPX1 P\n")
            assert self.bob.take() == OPENING.frame()
            self.say(OPENING)

    def send(self, data: bytes) -> None:
        if self.bob.protocol is not None:
            self.bob.protocol.dataReceived(data)

    def say(self, *messages: PieceMessage) -> None:
        self.send(b"".join(each.frame() for each in messages))


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (OPENING, "out of turn"),
        (PieceList(9, 1, b"", IDS), "not asked for"),
        (PieceList(PIECE, 0, b"H" * 64, IDS), "2 hashes came"),
        (Data(2, 0, 1), "not asked for"),
        (Data(1, 0, PIECE + 1), "other bytes"),
        (Data(1, 1, 1), "other bytes"),
        (Refuse(9, 1, ""), "not asked for"),
        (Pieces(0, 1), "out of turn"),
        (Want(1, 0, 1), "out of turn"),
        (Cancel(1), "out of turn"),
        (Ping(), "out of turn"),
        (Pong(), "out of turn"),
    ],
)
def test_an_uploader_that_says_what_makes_no_sense(
    pair: Pair, message: PieceMessage, why: str
) -> None:
    """All that was asked of it fails by a sentence that tells why."""
    impostor = Impostor(pair)
    _, done = collected(impostor.source, 0, PIECE)
    listed = listing(impostor.wire)
    impostor.say(message)
    for work in (done, listed):
        error = error_of(work)
        assert isinstance(error, BrokenError)
        assert why in str(error)
    assert impostor.bob.aborted
    impostor.wire.at_alice.lose()


def test_an_uploader_whose_slots_are_taken(pair: Pair) -> None:
    """It tells the place in its queue, and when a slot may be free."""
    impostor = Impostor(pair)
    listed = listing(impostor.wire)
    impostor.say(Refuse(0, 2, "it has to wait", 4, 90))
    error = error_of(listed)
    assert isinstance(error, NoSlotError)
    assert (error.place, error.start) == (4, 90)
    impostor.wire.at_alice.lose()


def test_an_uploader_that_refuses_a_piece(pair: Pair) -> None:
    """Its text is shown without what a terminal would obey; the connection stays."""
    impostor = Impostor(pair)
    _, done = collected(impostor.source, 0, PIECE)
    impostor.say(Refuse(1, 77, "no\x1b[2J" + "x" * 999))
    error = error_of(done)
    assert isinstance(error, DeclinedError)
    assert "\x1b" not in str(error)
    assert len(str(error)) < 250
    assert not impostor.bob.disconnected
    impostor.source.close()
    impostor.wire.at_alice.lose()


@pytest.mark.parametrize("trickle", [0, 100])
def test_an_uploader_that_sends_next_to_nothing(pair: Pair, trickle: int) -> None:
    """A byte now and then does not help."""
    impostor = Impostor(pair)
    _, done = collected(impostor.source, 0, PIECE)
    for _ in range(2):
        if trickle:
            impostor.send(Data(1, 0, PIECE).frame() + b"x" * trickle)
            trickle = 0
        pair.clock.advance(SOURCE_STALL_TIME / 2)
    assert isinstance(error_of(done), StalledError)
    assert impostor.bob.aborted
    impostor.wire.at_alice.lose()


def test_an_uploader_that_is_slow(pair: Pair) -> None:
    """As long as something comes it is not given up; and an idle one is not watched."""
    impostor = Impostor(pair)
    pair.clock.advance(SOURCE_STALL_TIME)
    _, done = collected(impostor.source, 0, 4096)
    impostor.say(Data(1, 0, 4096))
    for _ in range(4):
        assert not done.called
        impostor.send(b"x" * 1024)
        pair.clock.advance(SOURCE_STALL_TIME * 0.99)
    assert done.result is None
    impostor.source.close()
    impostor.wire.at_alice.lose()


def test_an_uploader_that_changes_its_mind_about_the_size(pair: Pair) -> None:
    """Hashes of two files are of no use."""
    impostor = Impostor(pair)
    listed = listing(impostor.wire)
    impostor.say(PieceList(1001 * PIECE, 0, b"H" * 32_000, IDS))
    impostor.say(PieceList(1002 * PIECE, 1000, b"H" * 64, IDS))
    assert "how large the file is" in str(error_of(listed))
    impostor.source.close()
    impostor.wire.at_alice.lose()


def test_an_uploader_with_an_endless_file(pair: Pair) -> None:
    """The memory is not filled with its hashes."""
    impostor = Impostor(pair)
    listed = listing(impostor.wire)
    impostor.say(PieceList(fetching.LARGEST_FILE + 1, 0, b"H" * 32_000, IDS))
    assert "bytes" in str(error_of(listed))
    impostor.source.close()
    impostor.wire.at_alice.lose()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"NAPX1 REFUSED TICKET\n", "does not take the ticket: TICKET"),
        (b"NAPX1 T\n", "another mode"),
        (b"NAPX1 P\n" + OPENING.frame(), "answers a ticket by"),
        (b"INVALID REQUEST\n", "answers a ticket by"),
    ],
)
def test_an_uploader_that_does_not_let_bob_in(pair: Pair, answer: bytes, why: str) -> None:
    """Refused, changed on the way, or more than there should be."""
    impostor = Impostor(pair, opens=False)
    impostor.send(answer)
    assert why in str(error_of(impostor.source.opened))
    assert impostor.bob.aborted
    impostor.wire.at_alice.lose()


@pytest.mark.parametrize(
    "opening",
    [
        Pong(),
        Open(b"?" * 16, 1, OPENING.lines),
        Open(SECRET, 1, lines_digest(SECRET, Mode.TLS)),
    ],
)
def test_an_uploader_that_is_not_the_one(pair: Pair, opening: PieceMessage) -> None:
    """Nothing was asked of it yet."""
    impostor = Impostor(pair, opens=False)
    impostor.send(b"NAPX1 P\n")
    impostor.say(opening)
    assert isinstance(error_of(impostor.source.opened), BrokenError)
    impostor.wire.at_alice.lose()


def test_an_uploader_that_leaves_in_the_handshake(pair: Pair) -> None:
    """Or falls silent."""
    for leave in (lambda made: made.bob.cut(), lambda _: pair.clock.advance(HANDSHAKE_TIME)):
        impostor = Impostor(pair, opens=False)
        leave(impostor)
        assert isinstance(error_of(impostor.source.opened), SourceError)
        assert impostor.source.lost.called
        impostor.wire.at_alice.lose()


def test_waiting_for_an_uploader_is_given_up(pair: Pair) -> None:
    """The connection is closed."""
    impostor = Impostor(pair, opens=False)
    impostor.source.opened.cancel()
    assert isinstance(error_of(impostor.source.opened), LostError)
    impostor.send(b"NAPX1 P\n")
    assert impostor.bob.aborted
    impostor.wire.at_alice.lose()


@pytest.mark.parametrize(("changed", "told"), [(1_100_000_000.9, 1_100_000_000), (-1, None)])
def test_the_content_id_and_the_time_are_told(pair: Pair, changed: float, told: int | None) -> None:
    """The one is made of size and hashes, the other is left out where it is before 1970."""
    pair.port.library.add("song", CONTENT, changed)
    stranger = Stranger(pair)
    stranger.say(Pieces(1, 1))
    hashes = now(Deferred.fromCoroutine(pair.port.library.pieces(pair.port.library.find(PATH))))
    whole = content_root(len(CONTENT), hashes)
    expected = PieceList(len(CONTENT), 1, hashes[32:64], whole, told)
    assert stranger.transport.take_all() == expected.frame()
    stranger.transport.lose()
    assert pair.is_idle
