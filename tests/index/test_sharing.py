"""Sharing files and withdrawing them."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from napster.catalog.interface import Asker
from napster.wire.framing import encode
from napster.wire.messages.login import Notice, Stats, StatsRequest
from napster.wire.messages.searching import Search, SearchEnd, SearchHit
from napster.wire.messages.sharing import Share, ShareDirectory, Unshare, UnshareAll
from napster.wire.search import SearchQuery
from tests.catalog.helpers import fired
from tests.index.harness import Conn, World, file


def paths(world: World, nick: str = "anna") -> list[bytes]:
    return [each.path for each in fired(world.catalog.browse(nick))]


def test_leaving_while_files_wait_for_their_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is withdrawn because its owner is gone is no failure that anybody has to be told of."""
    taken: Deferred[Any] = Deferred()
    anna = world.login("anna")
    monkeypatch.setattr(world.catalog, "share", lambda *_: taken)
    anna.send(file())
    anna.protocol._session.end()
    taken.errback(KeyError("anna"))
    assert anna.transport.disconnecting


def test_share(world: World) -> None:
    """Files are taken without an answer and found by others at once."""
    anna, berta = world.login("anna"), world.login("berta")
    assert anna.ask(file(b"a\\one.mp3"), file(b"a\\two.mp3")) == []
    hit, end = berta.ask(Search(SearchQuery(contains=(b"two",))))
    assert isinstance(hit, SearchHit)
    assert (hit.path, hit.nick, hit.speed) == (b"a\\two.mp3", "anna", 8)
    assert end == SearchEnd()
    assert berta.ask(StatsRequest()) == [Stats(2, 2, 0)]


def test_share_in_pieces(world: World) -> None:
    """Frames that arrive byte by byte are as good as any."""
    anna = world.login("anna")
    for byte in file(b"a\\one.mp3").frame() + file(b"a\\two.mp3").frame():
        anna.raw(bytes([byte]))
    assert paths(world) == [b"a\\one.mp3", b"a\\two.mp3"]


def test_order_of_batches(world: World) -> None:
    """Shares, withdrawals and shares again are done in the order in which they came."""
    anna = world.login("anna")
    one, two = file(b"one.mp3"), file(b"two.mp3")
    anna.send(one, two, Unshare(b"one.mp3"), one, UnshareAll(), two)
    assert paths(world) == [b"two.mp3"]


def test_duplicate(world: World) -> None:
    """A path shared twice is refused with a sentence that names it."""
    anna = world.login("anna")
    anna.send(file(b"a\\one.mp3"))
    assert anna.ask(file(b"a\\one.mp3")) == [Notice(b"duplicate file: a\\one.mp3")]
    assert paths(world) == [b"a\\one.mp3"]


def test_many_refusals(world: World) -> None:
    """A library of refusals is told by number, not by ten thousand sentences."""
    anna = world.login("anna")
    files = [file(b"%d.mp3" % n) for n in range(500)]
    anna.send(*files)
    assert len(anna.ask(*files)) == 10
    world.patrol(1)
    assert anna.messages() == []
    world.patrol(1)
    assert anna.messages() == [Notice(b"490 more files were not taken")]
    world.patrol(5)
    assert anna.messages() == []
    assert len(anna.ask(files[0])) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"',
        b'"open.mp3 x 1 1 1 1',
        b'"a.mp3" md5',
        b'"" md5 1 2 3 4',
        b"\0",
        b'"a\0b.mp3" md5 1 2 3 4',
        b'"' + b"x" * 2030 + b'" m 1 2 3 4',
    ],
)
def test_unreadable_share(world: World, body: bytes) -> None:
    """A file that cannot be taken is answered by a sentence; the ones around it are taken."""
    anna = world.login("anna")
    anna.raw(file(b"a.mp3").frame() + encode(Share.type, body) + file(b"b.mp3").frame())
    assert [type(each) for each in anna.messages()] == [Notice]
    assert paths(world) == [b"a.mp3", b"b.mp3"]


def test_too_many_files() -> None:
    """Above the quota nothing is taken, and the user is told once how much of it all was."""
    world = World(max_shared=5000)
    anna = world.login("anna")
    for first in range(0, 7000, 500):
        assert anna.ask(*(file(b"%d.mp3" % n) for n in range(first, first + 500))) == []
        world.patrol(1)
    assert anna.messages() == []
    world.patrol(2)
    text = (
        b"5,000 of 7,000 accepted; the others were not taken, "
        b"for one user may share 5,000 files here"
    )
    assert anna.messages() == [Notice(text)]
    assert paths(world) == [b"%d.mp3" % n for n in range(5000)]
    anna.send(file(b"one more"))
    world.patrol(2)
    (told,) = anna.messages()
    assert isinstance(told, Notice)
    assert told.text.startswith(b"0 of 1 accepted; ")
    world.end()


def test_sharing_above_the_quota_without_a_pause() -> None:
    """Who never pauses is told in time nevertheless, and again of what comes after that."""
    world = World(max_shared=1)
    anna = world.login("anna")
    told = []
    for second in range(65):
        anna.send(file(b"%d.mp3" % second))
        world.patrol(1)
        told += [(second, each.text) for each in anna.messages() if isinstance(each, Notice)]
    end = b"; the others were not taken, for one user may share 1 files here"
    assert told == [(30, b"1 of 31 accepted" + end), (60, b"0 of 30 accepted" + end)]
    world.end()


def test_room_again() -> None:
    """What is withdrawn makes room, and a library within the quota is not remarked upon."""
    world = World(max_shared=2)
    anna = world.login("anna")
    anna.send(file(b"a"), file(b"b"))
    anna.send(Unshare(b"a"), file(b"c"))
    world.patrol(5)
    assert anna.messages() == []
    assert paths(world) == [b"b", b"c"]
    world.end()


def test_summary_waits_for_slow_sharing() -> None:
    """A client that is read slowly has not ended its offer meanwhile."""
    world = World(max_shared=1, share_rate=1, burst_seconds=1)
    anna = world.login("anna")
    anna.send(*(file(b"%03d" % n + b"x" * 1500) for n in range(10)))
    world.patrol(3)
    assert anna.messages() == []
    world.clock.pump([1] * 15)
    world.patrol(2)
    (told,) = anna.messages()
    assert isinstance(told, Notice)
    assert told.text.startswith(b"1 of 10 accepted; ")
    world.end()


@pytest.mark.parametrize("leave", [Conn.lose, lambda conn: conn.raw(b"\xff\xff\xc8\0")])
def test_leaving_before_the_summary(leave: Any) -> None:
    """Somebody who goes is told nothing more."""
    world = World(max_shared=0)
    anna = world.login("anna")
    anna.send(file(b"a"))
    leave(anna)
    world.patrol(5)
    assert not [each for each in anna.messages() if b"accepted" in each.body()]
    world.end()


def test_unwanted_names() -> None:
    """Names that whoever runs the index does not want are refused with the reason."""
    world = World(unshareable=("*.EXE", r"re:\\private\\"))
    anna = world.login("anna")
    offered = [rb"a\setup.exe", rb"a\song.mp3", rb"C:\Private\x.mp3", b"b.exe.mp3"]
    assert anna.ask(*map(file, offered)) == [
        Notice(rb"not taken here, as *.EXE: a\setup.exe"),
        Notice(rb"not taken here, as re:\\private\\: C:\Private\x.mp3"),
    ]
    assert paths(world) == [rb"a\song.mp3", b"b.exe.mp3"]
    told = anna.tell(870, b'"d\\" "one.exe" m 1 2 3 4 "two.mp3" m 1 2 3 4')
    assert told == [Notice(rb"not taken here, as *.EXE: d\one.exe")]
    assert anna.tell(100, b'"open.exe x 1 1 1 1')[0].body().startswith(b"parameters are unparsable")
    world.end()


def test_share_directory(world: World) -> None:
    """Files of one directory are joined to it; a Unix path keeps its slashes and gains one."""
    anna = world.login("anna")
    body = b'"/home/u/Dir/" "one.mp3" m 1 2 3 4 "two.mp3" m 1 2 3 4'
    assert anna.tell(ShareDirectory.type, body) == []
    assert paths(world) == [b"/home/u/Dir/\\one.mp3", b"/home/u/Dir/\\two.mp3"]


def test_broken_directory(world: World) -> None:
    """The files before a broken one stay shared."""
    anna = world.login("anna")
    (answer,) = anna.tell(870, b'"d\\" "one.mp3" m 1 2 3 4 "two.mp3" m 1')
    assert isinstance(answer, Notice)
    assert paths(world) == [b"d\\one.mp3"]


def test_directory_with_a_quote(world: World) -> None:
    """A name that no message can carry is refused; the ones around it are taken."""
    anna = world.login("anna")
    answers = anna.tell(870, b'"d" "one" m 1 2 3 4 t"wo m 1 2 3 4 "three" m 1 2 3 4')
    assert [type(each) for each in answers] == [Notice]
    assert paths(world) == [b"d\\one", b"d\\three"]


@pytest.mark.parametrize("body", [b"", b'"open', b'"d'])
def test_unreadable_directory(world: World, body: bytes) -> None:
    """A directory that cannot be read is answered by a sentence, and the next one is taken."""
    anna = world.login("anna")
    anna.raw(encode(870, body) + encode(870, b'"d" "x.mp3" m 1 2 3 4'))
    assert Notice in [type(each) for each in anna.messages()]
    assert paths(world) == [b"d\\x.mp3"]


def test_unshare(world: World) -> None:
    """A file is withdrawn by its bare path, without case; it is found no more."""
    anna = world.login("anna")
    anna.send(file(b"a b\\one.mp3"), file(b"a b\\two.mp3"))
    assert anna.tell(Unshare.type, b"A B\\ONE.mp3") == []
    assert paths(world) == [b"a b\\two.mp3"]


def test_unshare_unknown(world: World) -> None:
    """Withdrawing what is not shared is told, and so is an empty path."""
    anna = world.login("anna")
    assert anna.ask(Unshare(b"x.mp3")) == [Notice(b"Not sharing any files")]
    anna.send(file(b"a.mp3"))
    assert anna.ask(Unshare(b"x.mp3")) == [Notice(b"Not sharing that file")]
    assert [type(each) for each in anna.tell(102, b"")] == [Notice]


def test_unshare_all(world: World) -> None:
    """Withdrawing everything tells how many files that were."""
    anna = world.login("anna")
    anna.send(file(b"a.mp3"), file(b"b.mp3"))
    anna.send(UnshareAll())
    assert anna.frames() == [(110, b"2")]
    assert paths(world) == []


def test_gone_with_the_connection(world: World) -> None:
    """The moment a connection ends nothing of its user is found, counted or listed."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(file())
    anna.lose()
    assert berta.ask(Search(SearchQuery(contains=(b"band",)))) == [SearchEnd()]
    assert berta.ask(StatsRequest()) == [Stats(1, 0, 0)]


def test_sharing_fast_is_slowed_down() -> None:
    """Above the rate a client is read more slowly; nothing is lost and nothing refused."""
    world = World(share_rate=1, burst_seconds=1)
    anna = world.login("anna")
    files = [file(b"%04d.mp3" % n) for n in range(100)]
    for each in files:
        anna.send(each)
        if anna.transport.producerState == "paused":
            break
    taken = world.catalog.count("anna")
    assert taken < 50
    assert anna.messages() == []
    world.clock.pump([1] * 10)
    assert anna.transport.producerState == "producing"
    assert world.catalog.count("anna") > taken
    world.end()


def test_big_sizes(world: World) -> None:
    """A size of 64 bits survives."""
    anna = world.login("anna")
    anna.send(file(b"big.iso", size=2**40))
    (found,) = fired(world.catalog.search(SearchQuery(contains=(b"big",)), Asker("x")))
    assert found.file.size == 2**40
