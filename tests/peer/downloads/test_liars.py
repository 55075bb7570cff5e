"""Sources that lie, stall, break the protocol, or send the wrong file: every way must end well."""

import hashlib

import pytest

from napster.peer.api import DownloadState
from napster.peer.arrange import Arrangement
from napster.peer.dialing import Dialer
from napster.peer.uploads.talk import SEGMENT_PAUSE
from tests.peer.downloads.helpers import ADDRESS, PATH, World, content, source_of, wanted_of

DATA = content(400_000)
OTHER = content(400_000, seed=1)
MD5 = hashlib.md5(DATA[:299_008]).hexdigest()
HOUR = 3600


def begin(world: World, **more: object) -> int:
    """Want the file and let the source greet and be asked."""
    number = world.add(wanted_of(DATA, **more))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    return number


def part_size(world: World) -> int:
    part = world.folder / "song.mp3.part"
    return part.stat().st_size if part.exists() else 0


def keep_lying(world: World, lie: bytes, *, hours: float = 6, closes: bool = True) -> int:
    """Answer every connection with the same lie for hours; returns how many there were."""
    met = 0
    for _ in range(int(hours * HOUR / 10)):
        for source in world.dialer.sources[met:]:
            met += 1
            source.send(b"1")
            world.tick(SEGMENT_PAUSE)
            source.send(lie)
            if closes and not source.closed:
                source.close()
        world.tick(10)
    return met


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        b"4",
        b"399999" + DATA[:1000],
        b"99999999999999999999999999",
        b"-400000",
        b"INVALID REQUEST",
        b"FILE NOT SHARED",
        b"FILE NOT FOUND",
        b"\0\xff\x01 rubbish",
        b"x" * 5000,
        b"400000",
        b"400000" + DATA[:1],
        b"400000" + DATA + b"more",
    ],
)
def test_retries_on_a_liar_are_bounded(world: World, lie: bytes) -> None:
    """Whatever a source does wrong every time, it is asked a few times only, and then named."""
    number = world.add(wanted_of(DATA))
    met = keep_lying(world, lie)
    status = world.status(number)
    assert 1 <= met <= 9
    assert status.state is DownloadState.FAILED
    assert "no source is left (alice: " in status.reason
    assert part_size(world) <= len(DATA)
    assert "song.mp3" not in world.files()


@pytest.mark.parametrize("greeting", [b"", b"2", b"HTTP/1.0 400 Bad Request\r\n", b"\xff\xf0"])
def test_nothing_is_said_to_what_is_no_peer(world: World, greeting: bytes) -> None:
    """A service that does not greet as a peer hears nothing from us, and is left within 30 s."""
    number = world.add(wanted_of(DATA))
    stranger = world.source
    stranger.send(greeting)
    world.tick(31)
    assert stranger.transport.segments == []
    assert stranger.dropped
    assert world.dialer.greetings == []
    assert world.state_of(number) is not DownloadState.DONE


def test_a_source_that_greets_and_falls_silent(world: World) -> None:
    """A source that never answers is given up within 30 s, whatever it drips."""
    number = begin(world)
    silent = world.source
    for drop in b"4000" + 30 * b" ":
        silent.send(bytes([drop]))
        world.tick(1)
    assert silent.dropped
    assert world.status(number).done == 0


def test_a_source_that_sends_nothing_after_the_size(world: World) -> None:
    """A source that tells the size and stops is named within 60 s."""
    number = begin(world)
    world.source.send(b"400000" + DATA[:50_000])
    world.tick(63)
    assert world.source.dropped
    assert "alice: it has sent next to nothing for 60 s" in world.status(number).reason
    assert part_size(world) == 50_000


def test_a_source_that_never_ends(world: World) -> None:
    """The partial file never grows past the announced size."""
    number = begin(world)
    world.source.send(b"400000")
    for at in range(0, 350_000, 50_000):
        world.source.send(DATA[at : at + 50_000])
    while not world.source.dropped:
        world.source.send(content(65_536, seed=2))
        assert part_size(world) <= len(DATA)
    world.tick()
    assert world.state_of(number) is DownloadState.FAILED
    assert "it sends more than it announced" in world.status(number).reason


def test_a_surplus_is_not_built_upon(world: World) -> None:
    """What a source sent that sends too much is fetched again from another one."""
    number = begin(world, sources=[source_of(), source_of("bob", speed=1)])
    world.source.send(b"400000" + OTHER[:350_000])
    world.source.send(OTHER[350_000:] + b"more")
    world.tick(1)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


@pytest.mark.parametrize("length", [0, 1, 3, 6, 7, 500, 299_999, 399_999])
def test_a_source_that_closes_early(world: World, length: int) -> None:
    """Wherever a source breaks off, the download goes on from there and ends right."""
    number = begin(world, md5=MD5)
    world.source.send((b"400000" + DATA)[:length])
    world.source.close()
    assert world.state_of(number) is DownloadState.WAITING
    world.tick(30)
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"400000" + DATA[world.asked_offset() :])
    world.source.close()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


def test_a_wrong_file_is_not_accepted(world: World) -> None:
    """A file whose head has another hash ends in failure, with the reason; it is kept aside."""
    number = begin(world, md5=MD5)
    world.source.send(b"400000" + OTHER)
    world.tick(1)
    status = world.status(number)
    assert status.state is DownloadState.FAILED
    assert "alice: what came is not the file that was offered" in status.reason
    assert "kept as song.mp3.part" in status.reason
    assert (world.folder / "song.mp3.part").exists()
    assert not (world.folder / "song.mp3").exists()


def test_the_right_file_comes_from_another_source(world: World) -> None:
    """After a wrong file, another source is asked for all of it; the liar is not asked again."""
    number = begin(world, md5=MD5, sources=[source_of("liar", speed=10), source_of("bob", speed=1)])
    world.source.send(b"400000" + OTHER)
    world.tick(1)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA
    assert [call[1] for call in world.arranger.calls if call[0] == "arrange"] == ["liar", "bob"]


def test_a_liar_is_remembered(world: World) -> None:
    """After a restart, a source that sent the wrong file is still not asked."""
    world.arranger.answers["bob"] = OSError("unused")
    number = begin(world, md5=MD5, sources=[source_of("liar", speed=10), source_of("bob", speed=1)])
    world.arranger.answers["bob"] = Arrangement("bob", PATH, ADDRESS, 6699, b"", 1)
    world.source.send(b"400000" + OTHER)
    world.tick(1)
    world.stop()
    world.arranger.calls.clear()
    world.restart()
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert {call[1] for call in world.arranger.calls if call[0] == "arrange"} == {"bob"}


def test_a_wrong_file_can_be_wanted_again(world: World) -> None:
    """A file that failed its check is fetched from its first byte when it is wanted again."""
    number = begin(world, md5=MD5)
    world.source.send(b"400000" + OTHER)
    world.tick(1)
    assert world.add(wanted_of(DATA, md5=MD5)) == number
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    assert world.asked_offset() == 0
    world.source.send(b"400000" + DATA)
    world.tick(1)
    assert world.state_of(number) is DownloadState.DONE


def test_two_sources_of_different_files(world: World) -> None:
    """What one source sends does not go on where another one's file stopped."""
    number = begin(world, sources=[source_of("liar", speed=10), source_of("bob", speed=1)])
    world.source.send(b"400000" + OTHER[:200_000])
    world.source.close()
    world.arranger.answers["liar"] = Arrangement("liar", PATH, "203.0.113.9", 6699, b"", 1)
    world.dialer.unreachable.add("203.0.113.9")
    world.tick(5)
    for _ in range(2):
        world.source.send(b"1")
        world.tick(SEGMENT_PAUSE)
        world.source.send(b"400000" + DATA[world.asked_offset() :])
        world.tick(3)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


@pytest.mark.parametrize(
    ("address", "port"),
    [
        (ADDRESS, 25),
        (ADDRESS, 1023),
        ("0.0.0.0", 6699),
        ("224.0.0.1", 6699),
        ("255.255.255.255", 6699),
    ],
)
def test_an_index_cannot_aim_us_at_others(world: World, address: str, port: int) -> None:
    """No connection goes to a system's service or to what is no peer's address."""
    reactor = NoReactor()
    real = Dialer(reactor, world.clock)  # type: ignore[arg-type]  # must not be used
    world.dialer.dial = real.dial  # type: ignore[method-assign]
    world.arranger.answers["alice"] = Arrangement("alice", PATH, address, port, b"", 8)
    number = world.add(wanted_of(DATA))
    assert world.state_of(number) is DownloadState.WAITING
    assert "alice: " in world.status(number).reason
    assert ("failed", "alice") not in world.arranger.calls


class NoReactor:
    """A reactor that must not connect."""

    def connectTCP(self, *_args: object, **_options: object) -> None:  # noqa: N802
        pytest.fail("connected")
