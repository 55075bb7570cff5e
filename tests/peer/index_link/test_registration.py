"""What the index is told: all of it, once, in turns."""

from collections.abc import Iterator

from twisted.internet.task import Clock

from napster.peer.index_link.offers import OldForm
from napster.peer.index_link.registration import MOST, TURN, Registration
from napster.peer.library.shared_file import SharedFile
from napster.wire.framing import MAX_BODY, FrameReader
from napster.wire.messages.sharing import ShareDirectory, Unshare
from tests.peer.index_link.fakes import shared_file


def share(number: int) -> SharedFile:
    return shared_file(b"folder%d\\%d.mp3" % (number, number))


def told(written: list[bytes]) -> list[bytes]:
    """List the paths offered, and those withdrawn with a minus before them."""
    paths: list[bytes] = []
    for type_, body in FrameReader().feed(b"".join(written)):
        if type_ == Unshare.type:
            paths.append(b"-" + Unshare.from_body(body).path)
        else:
            assert type_ == ShareDirectory.type
            paths += [file.path for file in ShareDirectory.from_body(body).files]
    return paths


class Busy(Clock):
    """A clock by which every look at it takes a tenth of a turn."""

    def seconds(self) -> float:
        self.rightNow += TURN / 10
        return super().seconds()


class Index:
    """Keeps what is written, a text for each turn."""

    def __init__(self, clock: Clock) -> None:
        self.written: list[bytes] = []
        self.registration = Registration(clock, self.take, lambda: None)

    def take(self, frames: bytes) -> None:
        self.written.append(frames)


def test_what_is_added_during_the_first_telling_is_told_once() -> None:
    """A file that is both found by the first look and announced meanwhile is offered once."""
    clock, library = Clock(), [share(number) for number in range(100)]
    index = Index(clock)

    def found() -> Iterator[SharedFile]:
        yield from library[:50]
        index.registration.add([library[98]])
        yield from library[50:]

    index.registration.begin(OldForm(), found())
    index.registration.add([library[0], library[99]])
    clock.advance(0)
    assert sorted(told(index.written)) == sorted(file.path for file in library)
    assert index.registration.told == 100


def test_after_the_first_telling_everything_new_is_told() -> None:
    """A file withdrawn and offered again later is offered again."""
    clock = Clock()
    index = Index(clock)
    index.registration.begin(OldForm(), [share(1)])
    clock.advance(0)
    index.registration.remove([share(1).path])
    index.registration.add([share(1)])
    clock.advance(0)
    path = share(1).path
    assert told(index.written) == [path, b"-" + path, path]
    assert index.registration.told == 1


def test_a_turn_ends_in_time() -> None:
    """Others wait for some milliseconds, however many files there are."""
    clock, library = Busy(), [share(number) for number in range(200)]
    index = Index(clock)
    index.registration.begin(OldForm(), library)
    clock.advance(0)
    assert told(index.written) == [file.path for file in library]
    assert all(len(told([turn])) <= 10 for turn in index.written)


def test_files_that_are_skipped_take_turns_as_well() -> None:
    """A million that were announced before the first look came to them cost time, too."""
    clock, library = Busy(), [share(number) for number in range(100)]
    index, seen = Index(clock), list[int]()

    def found() -> Iterator[SharedFile]:
        for file in library:
            seen.append(len(index.written))
            yield file

    index.registration.begin(OldForm(), found())
    index.registration.add(library)
    clock.advance(0)
    assert told(index.written) == [file.path for file in library]
    assert max(seen.count(turn) for turn in seen) <= 10


def test_a_turn_writes_no_more_than_a_transport_takes() -> None:
    """What it does not take at once would lie in memory."""
    clock = Clock()
    library = [shared_file(b"folder\\%06d.mp3" % each) for each in range(5000)]
    index = Index(clock)
    index.registration.begin(OldForm(), library)
    clock.advance(0)
    assert told(index.written) == [file.path for file in library]
    *full, _ = index.written
    assert len(full) > 3
    assert all(MOST <= len(turn) < MOST + MAX_BODY + 4 for turn in full)


def test_goes_on_where_it_was_paused() -> None:
    """Nothing is written to an index that does not read, and nothing is lost."""
    clock, library = Busy(), [share(number) for number in range(100)]
    index = Index(clock)

    def take_one(frames: bytes) -> None:
        index.written.append(frames)
        registration.pauseProducing()

    registration = Registration(clock, take_one, lambda: None)
    registration.begin(OldForm(), library)
    for turns in range(1, 6):
        clock.advance(10)
        assert len(index.written) == turns
        registration.resumeProducing()
    while clock.getDelayedCalls():
        clock.advance(0)
        registration.resumeProducing()
    assert told(index.written) == [file.path for file in library]
