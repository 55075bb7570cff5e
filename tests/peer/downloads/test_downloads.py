"""Downloads from the wish to the saved file, with played sources."""

import errno
import hashlib
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from twisted.internet.defer import Deferred

from napster.peer.api import ApiError, BadRequestError, DownloadState, NotFoundError
from napster.peer.arrange import Arrangement, OfflineError
from napster.peer.downloads import downloads as module
from napster.peer.downloads import register
from napster.peer.downloads.files import sync_files
from napster.peer.uploads.talk import SEGMENT_PAUSE
from napster.wire.messages.searching import BrowseFile
from tests.peer.downloads.helpers import (
    ADDRESS,
    PATH,
    PORT,
    World,
    content,
    now,
    source_of,
    wanted_of,
)

DATA = content(700_000)
MD5 = hashlib.md5(DATA[:299_008]).hexdigest()


def test_a_file_arrives(world: World) -> None:
    """A file that a source sends is saved under its name, byte for byte, and nothing else is."""
    number = world.add(wanted_of(DATA, md5=MD5))
    assert world.state_of(number) is DownloadState.CONNECTING
    world.answer(DATA)
    status = world.status(number)
    assert status.state is DownloadState.DONE
    assert status.verified == "head checked"
    assert status.saved == str(world.folder / "song.mp3")
    assert world.files() == ["song.mp3"]
    assert (world.folder / "song.mp3").read_bytes() == DATA
    assert world.source.dropped
    assert world.dialer.greetings


@pytest.mark.parametrize(
    ("data", "step"),
    [
        (b"", 0),
        (b"", 1),
        (b"1", 0),
        (b"1", 1),
        (b"12345", 0),
        (b"12345", 1),
        (content(300_000), 0),
        (content(300_000), 1009),
    ],
)
def test_files_of_every_size(world: World, data: bytes, step: int) -> None:
    """Small files arrive, also when they are digits and come in pieces behind their size."""
    number = world.add(wanted_of(data))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"%d" % len(data) + data, step)
    world.tick(1)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == data


def test_what_is_said_to_a_source(world: World) -> None:
    """Nothing is said before the greeting; then GET and the request go in segments of their own."""
    world.add(wanted_of(DATA))
    transport = world.source.transport
    world.tick(5)
    assert transport.no_delay
    assert transport.segments == []
    world.source.send(b"1")
    world.tick()
    assert transport.segments == [b"GET"], "some programs take what one read returns for one"
    world.tick(SEGMENT_PAUSE)
    assert transport.segments == [b"GET", b'me "Music\\sub\\song.mp3" 0']


def test_progress_is_told(world: World) -> None:
    """While a file comes in, its status says from whom, how much, how fast and how long still."""
    number = world.add(wanted_of(DATA))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:1])
    for at in range(1, 400_001, 100_000):
        world.tick(1)
        world.source.send(DATA[at : at + 100_000])
    world.tick(1)
    status = world.status(number)
    assert status.state is DownloadState.RECEIVING
    assert (status.done, status.size, status.source) == (400_001, 700_000, "alice")
    assert 60_000 < status.rate <= 100_001
    assert status.seconds_left == pytest.approx(299_999 / status.rate)
    assert world.arranger.running == 1
    assert world.downloads.active == 1


def test_a_size_nobody_told_is_looked_up(world: World) -> None:
    """A file wanted by its path alone is sized by its owner's list first."""
    world.arranger.lists["alice"] = [BrowseFile("alice", PATH, b"0", len(DATA), 0, 0, 0)]
    number = world.add(wanted_of(DATA, size=None))
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert world.status(number).size == len(DATA)


def test_a_file_that_is_not_in_its_owners_list(world: World) -> None:
    """A path that the user does not share is told as such."""
    number = world.add(wanted_of(DATA, size=None))
    assert "alice does not share that file" in world.status(number).reason


def test_the_hash_of_the_index_is_used_if_nobody_told_one(world: World) -> None:
    """The hash that comes with the agreement is checked, too."""
    world.arranger.answers["alice"] = Arrangement(
        "alice", PATH, ADDRESS, PORT, MD5.upper().encode() + b"-7708144", 8
    )
    number = world.add(wanted_of(DATA))
    world.answer(DATA)
    assert world.status(number).verified == "head checked"


def test_a_size_cut_by_an_old_index(world: World) -> None:
    """A size that an old index cut to 32 bits is made good by the source's answer."""
    number = world.add(wanted_of(DATA, size=5))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"%d" % (2**32 + 5) + b"\xff" + content(100))
    world.tick(1)
    status = world.status(number)
    assert status.state is DownloadState.RECEIVING
    assert (status.size, status.done) == (2**32 + 5, 101)


def test_folders_and_names(world: World) -> None:
    """A folder is kept below the downloads folder, and names cannot leave it."""
    paths = {
        "alice": b"Music\\CD 1\\a%22b%5C.mp3",
        "bob": b"..\\..\\..\\etc\\passwd",
        "eve": b"x\\..",
    }
    for nick, path in paths.items():
        world.add(wanted_of(b"x", sources=[source_of(nick, path)], folder="../Al/../bum"))
        world.answer(b"x")
    folder = world.folder / "unnamed" / "Al" / "unnamed" / "bum"
    assert sorted(path.name for path in folder.iterdir()) == ['a"b\\.mp3', "passwd", "unnamed"]


def test_a_taken_name_gets_a_number(world: World) -> None:
    """Files of one name, also but for case, stand beside each other; none is overwritten."""
    world.folder.joinpath("SONG.mp3").write_text("mine")
    for nick in ("alice", "bob"):
        number = world.add(wanted_of(b"x", sources=[source_of(nick)]))
        world.answer(b"x")
        assert world.state_of(number) is DownloadState.DONE
    assert world.files() == ["SONG.mp3", "song (2).mp3", "song (3).mp3"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(world: World) -> None:
    """Whatever has taken the name when a download ends stays as it is."""
    number = world.add(wanted_of(DATA))
    (world.folder / "song.mp3").write_text("mine")
    world.answer(DATA)
    assert (world.folder / "song.mp3").read_text() == "mine"
    assert world.status(number).saved == str(world.folder / "song (2).mp3")


def test_wishes_that_cannot_be_met(world: World) -> None:
    """A wish without a source, for one's own file, or that cannot be sent, is refused at once."""
    for wanted, why in [
        (attrs.evolve(wanted_of(b"x"), sources=[]), "nobody is named"),
        (wanted_of(b"x", sources=[source_of("ME")]), "only you share"),
        (wanted_of(b"x", sources=[source_of("alice", b'a"b')]), "cannot be asked for"),
        (wanted_of(b"x", size=-1), "not the size of a file"),
    ]:
        with pytest.raises(BadRequestError, match=why):
            now(world.downloads.add(wanted))
    assert world.files() == []


def test_wanting_a_file_twice_is_one_download(world: World) -> None:
    """A second wish for a file under way goes on with it, with the sources of both."""
    number = world.add(wanted_of(DATA))
    again = world.add(wanted_of(DATA, sources=[source_of("bob"), source_of("ALICE")]))
    assert again == number
    assert len(world.downloads.list()) == 1
    world.source.send(b"no peer at all")
    world.tick()
    assert world.arranger.calls[-1] == ("arrange", "bob", PATH)


def test_a_folder_in_the_way(world: World) -> None:
    """A disk that refuses is told in a sentence."""
    (world.folder / "album").write_text("mine")
    with pytest.raises(ApiError, match="cannot be saved"):
        now(world.downloads.add(wanted_of(b"x", folder="album")))
    (world.folder / "out").symlink_to(world.state)
    with pytest.raises(BadRequestError, match="leads out of the downloads folder"):
        now(world.downloads.add(wanted_of(b"x", folder="out")))


def test_cancelling_leaves_nothing(world: World) -> None:
    """A cancelled download's connection is closed and its files are deleted."""
    number = world.add(wanted_of(DATA))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:300_000])
    assert world.cancel(number).state is DownloadState.CANCELLED
    assert world.source.dropped
    assert world.files() == []
    assert world.cancel(number).state is DownloadState.CANCELLED
    world.tick(100)
    assert len(world.dialer.sources) == 1


@pytest.mark.parametrize("moment", ["asking", "connecting", "waiting"])
def test_cancelling_at_any_moment(world: World, moment: str) -> None:
    """A download can be cancelled whatever it waits for."""
    if moment == "asking":
        world.arranger.answers["alice"] = Deferred()
    elif moment == "waiting":
        world.arranger.answers["alice"] = OfflineError("alice is not online")
    number = world.add(wanted_of(DATA))
    assert world.state_of(number).value == moment
    world.cancel(number)
    assert world.files() == []


def test_a_file_that_cannot_be_deleted(world: World) -> None:
    """Cancelling says what the disk says, and can be tried again."""
    number = world.add(wanted_of(DATA))
    part = world.folder / "song.mp3.part"
    part.unlink()
    part.mkdir()
    with pytest.raises(ApiError, match="cannot be deleted: Is a directory"):
        world.cancel(number)
    part.rmdir()
    assert world.cancel(number).state is DownloadState.CANCELLED
    assert world.files() == []


def test_what_is_over_is_listed_for_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of the oldest that are done or cancelled nothing is told any more."""
    monkeypatch.setattr(register, "MOST_ENDED", 2)
    numbers = [
        world.add(wanted_of(b"x", sources=[source_of(path=b"%d" % number)])) for number in range(4)
    ]
    world.cancel(numbers[1])
    for number in (0, 3):
        world.dialer.sources[number].send(b"1")
        world.tick(SEGMENT_PAUSE)
        world.dialer.sources[number].send(b"1x")
        world.tick(1)
    states = {each.id: each.state for each in world.downloads.list()}
    assert list(states) == [numbers[0], *numbers[2:]]
    assert states[numbers[3]] is DownloadState.DONE
    assert states[numbers[2]] is DownloadState.CONNECTING
    with pytest.raises(NotFoundError):
        world.cancel(numbers[1])


def test_what_cannot_be_cancelled(world: World) -> None:
    """A finished download stays as it is; for an unknown one nothing is cancelled."""
    number = world.add(wanted_of(b"x"))
    world.answer(b"x")
    assert world.cancel(number).state is DownloadState.DONE
    other = world.add(wanted_of(DATA, sources=[source_of("bob")]))
    with pytest.raises(NotFoundError, match="there is no download 99"):
        now(world.downloads.cancel([other, 99]))
    assert world.state_of(other) is DownloadState.CONNECTING
    world.cancel(other)
    assert world.files() == ["song.mp3"]


def test_wishes_are_synced_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that were taken are on the disk when the answer comes, also if one could not be."""
    synced: list[str] = []

    def sync(records: Sequence[Path]) -> None:
        synced.extend(path.name for path in records)
        sync_files(records)

    monkeypatch.setattr(module, "sync_files", sync)
    wishes = [wanted_of(DATA, sources=[source_of(path=b"%d.mp3" % each)]) for each in range(3)]
    now(world.downloads.add_all(wishes))
    assert synced == [f"{each}.mp3.part.napster" for each in range(3)]
    bad = attrs.evolve(wishes[0], sources=[])
    with pytest.raises(BadRequestError):
        now(world.downloads.add_all([wanted_of(DATA), bad]))
    assert synced[3:] == ["song.mp3.part.napster"]
    assert len(world.downloads.list()) == 4


def test_wishes_that_cannot_be_synced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, for a power cut would take them away."""

    def refuse(_records: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(module, "sync_files", refuse)
    with pytest.raises(ApiError, match="cannot be written down: Input/output error"):
        now(world.downloads.add(wanted_of(DATA)))
