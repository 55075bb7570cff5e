"""Downloads from several sources at once, every piece checked."""

import hashlib
import json
from collections.abc import Sequence

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from napster.peer.api import DownloadState
from napster.peer.arrange import Arrangement, Holder, NotSharedError, OfflineError, QueuedError
from napster.peer.downloads.backlog import PAUSE_AT, RESUME_AT, Backlog
from napster.peer.downloads.partial import PartialFile
from napster.peer.downloads.piece_source import PieceList
from napster.peer.library.hash import PIECE_SIZE
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.talk import SEGMENT_PAUSE
from napster.wire.messages.searching import Source as FoundSource
from tests.peer.downloads.helpers import (
    ADDRESS,
    PATH,
    PORT,
    PlayedPieces,
    PlayedSource,
    World,
    content,
    content_id,
    now,
    piece_list,
    source_of,
    wanted_of,
)

MIB = PIECE_SIZE
DATA = content(8 * MIB + 777)
ID = content_id(DATA)
MD5 = hashlib.md5(DATA[:299_008]).hexdigest()


def play(world: World, *nicks: str, data: bytes = DATA) -> Sequence[PlayedPieces]:
    """Let users serve pieces."""
    for nick in nicks:
        world.pieces.sources[nick] = PlayedPieces(data)
    return [world.pieces.sources[nick] for nick in nicks]


def want(world: World, *nicks: str, **more: object) -> int:
    """Want the content of some users."""
    more.setdefault("content", ID)
    return world.add(wanted_of(DATA, sources=[source_of(nick) for nick in nicks], **more))


def let_all_send(world: World, played: Sequence[PlayedPieces]) -> None:
    """Let everybody send what is asked for, in turn, until nothing is asked for any more."""
    for _ in range(50):
        for each in played:
            each.send_all(1)
        world.tick()
        if not any(each.asked for each in played):
            return
    pytest.fail("it asks for ever more")


def is_right(world: World, number: int) -> bool:
    """Tell whether a download has ended as it should."""
    status = world.status(number)
    saved = (world.folder / "song.mp3").read_bytes() == DATA
    return (status.state, status.verified) == (DownloadState.DONE, "content checked") and saved


def serve(world: World, source: PlayedSource, data: bytes = DATA, count: int = 10**9) -> int:
    """Play a source of the old protocol until it is hung up on; tell from where it was asked."""
    source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    offset = int(source.transport.segments[1].rpartition(b" ")[2])
    source.send(b"%d" % len(DATA) + data[offset : offset + count], 100_000)
    world.tick()
    return offset


def test_all_sources_send_at_once(world: World) -> None:
    """Three sources send different pieces at the same time, two each; all of it is checked."""
    played = play(world, "alice", "bob", "carol")
    number = want(world, "alice", "bob", "carol")
    asked = [piece for each in played for piece in each.asked]
    assert sorted(asked) == list(range(6))
    assert world.status(number).source == "alice, bob, carol"
    assert world.status(number).reason == "from alice, bob, carol"
    let_all_send(world, played)
    assert is_right(world, number)
    assert all(each.closed for each in played)
    assert world.files() == ["song.mp3"]


def test_a_list_is_asked_for_once_only(world: World) -> None:
    """Hashes that have proved right are not asked for again."""
    (alice,) = play(world, "alice")
    number = want(world, "alice")
    alice.send_all(1)
    alice.die()
    (again,) = play(world, "alice")
    world.tick(5)
    let_all_send(world, [again])
    assert is_right(world, number)
    assert (alice.lists, again.lists) == (1, 1)


def test_a_ticket_is_not_used_again(world: World) -> None:
    """While the index is away there is no other, so that the source has to wait for it."""
    ticket = Ticket(bytes(16), "alice", PATH, None, ADDRESS, dials=True, uploads=False)
    world.arranger.answers["alice"] = Arrangement("alice", PATH, ADDRESS, PORT, b"", 8, ticket)
    (alice,) = play(world, "alice")
    number = want(world, "alice")
    alice.send_all(1)
    world.arranger.online = False
    alice.die()
    (again,) = play(world, "alice")
    world.tick(60)
    assert not again.asked
    world.arranger.online = True
    world.tick(60)
    let_all_send(world, [again])
    assert is_right(world, number)


def test_a_liar_is_found_out(world: World) -> None:
    """Who sends a wrong byte is dropped at once, named and remembered; the others go on."""
    liar, bob = play(world, "liar", "bob")
    number = want(world, "liar", "bob")
    wrong, *_ = liar.asked
    liar.send(wrong, content(MIB, seed=9))
    assert liar.closed
    assert "liar sent wrong bytes, not asked again" in world.status(number).reason
    let_all_send(world, [bob])
    assert is_right(world, number)
    (remembered,) = json.loads((world.state / "liars.json").read_text())
    assert (remembered["nick"], remembered["address"]) == ("liar", ADDRESS)
    assert world.arranger.asked("arrange") == 2


def test_a_liar_is_not_asked_for_other_files_either(world: World) -> None:
    """A restart does not make a liar honest; a week does, as far as one can know."""
    (liar,) = play(world, "liar")
    number = want(world, "liar")
    liar.send(0, content(MIB, seed=9))
    assert "liar: it sent wrong bytes 0 MiB into the file" in world.status(number).reason
    world.cancel(number)
    world.stop()
    world.restart()
    other = world.add(wanted_of(b"x", sources=[source_of("LIAR", b"other.mp3")]))
    assert "LIAR sent wrong bytes on 2027-01-15" in world.status(other).reason
    assert world.arranger.asked("arrange") == 1
    world.date += 8 * 86400
    world.stop()
    world.restart()
    world.pieces.sources.clear()
    world.add(wanted_of(b"y", sources=[source_of("liar", b"third.mp3")]))
    assert world.arranger.asked("arrange") == 2


@pytest.mark.parametrize(("told", "kept"), [(1_100_000_000, True), (2**40, False)])
def test_a_file_keeps_its_time(world: World, told: int, kept: bool) -> None:  # noqa: FBT001
    """What is saved was last changed when its source says; no date that cannot be is believed."""
    (alice,) = play(world, "alice")
    alice.listed = attrs.evolve(alice.listed, modified=told)
    number = want(world, "alice")
    alice.send_all()
    assert is_right(world, number)
    assert ((world.folder / "song.mp3").stat().st_mtime == told) is kept


def folders(world: World) -> set[str]:
    inner = (path for path in world.folder.rglob("*") if path.is_dir())
    return {str(path.relative_to(world.folder)) for path in inner}


HOSTILE = (
    b"Music\\Album\\..\\..\\..\\out",
    b"Music\\Album\\/etc/x",
    b"Music\\Album\\" + b"x" * 3000,
    b"Music\\Album\\" + b"d\\" * 500,
    b"Music\\Album\\CD\\taken\\x",
    b"Music\\Album",
    b"Music\\Alb",
    b"",
    b"..",
    b"/tmp/x",
)


def told(world: World, folder: str, *paths: bytes, whole: bool) -> None:
    """Fetch a file whose source tells of empty folders."""
    (alice,) = play(world, "alice")
    alice.listed = attrs.evolve(alice.listed, folders=paths)
    source = attrs.evolve(source_of("alice"), path=b"Music\\Album\\CD\\song.mp3")
    world.add(wanted_of(DATA, sources=[source], content=ID, folder=folder, whole=whole))
    alice.send_all()


def test_empty_folders_of_a_whole_folder(world: World) -> None:
    """Those within it are made, under names that are safe here, and no others."""
    paths = [b"Music\\Album\\Art\\con", b"Music\\Album\\CD\\%22x%22", b"Music\\Other"]
    told(world, "Album/CD", *paths, whole=True)
    assert folders(world) == {"Album", "Album/Art", "Album/Art/_con", "Album/CD", 'Album/CD/"x"'}


def test_empty_folders_that_nobody_wants(world: World) -> None:
    """Whoever wants some files only, or has them of somebody with other folders, gets no more."""
    told(world, "Album/CD", b"Music\\Album\\Art", whole=False)
    assert folders(world) == {"Album", "Album/CD"}


def test_empty_folders_of_another_place(world: World) -> None:
    """A source that has the file elsewhere has other folders beside it."""
    told(world, "Mine/CD", b"Music\\Album\\Art", whole=True)
    assert folders(world) == {"Mine", "Mine/CD"}


def test_hostile_empty_folders(world: World) -> None:
    """None lies outside, none keeps the file from being saved; those that cannot be are named."""
    (world.folder / "Album" / "CD").mkdir(parents=True)
    (world.folder / "Album" / "CD" / "taken").write_text("a file")
    with capturedLogs() as logs:
        told(world, "Album/CD", *HOSTILE, whole=True)
    assert (world.folder / "Album" / "CD" / "song.mp3").read_bytes() == DATA
    assert {path.name for path in world.folder.parent.iterdir() if path.is_dir()} == {"downloads"}
    assert all("Album" in each for each in folders(world))
    assert sum("problem" in each for each in logs) == 1


@pytest.mark.parametrize(
    "lie",
    [
        piece_list(content(8 * MIB + 777, seed=1)),
        PieceList(len(DATA), piece_list(DATA).hashes[:-32]),
        PieceList(len(DATA) + 1, piece_list(DATA).hashes),
        PieceList(len(DATA), b""),
    ],
)
def test_a_list_of_something_else_is_a_lie(world: World, lie: PieceList) -> None:
    """Whose list is not of the content is not asked for a single piece."""
    liar, bob = play(world, "liar", "bob")
    liar.listed = lie
    number = want(world, "liar", "bob")
    assert liar.closed
    assert not liar.asked
    let_all_send(world, [bob])
    assert is_right(world, number)


def test_what_a_dead_source_had_is_given_out_again(world: World) -> None:
    """A source that dies in the middle costs nothing but what it had not finished."""
    alice, bob = play(world, "alice", "bob")
    number = want(world, "alice", "bob")
    alice.send_all(3)
    del world.pieces.sources["alice"]
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    alice.die()
    let_all_send(world, [bob])
    assert is_right(world, number)


def test_a_source_that_hangs_up_while_idle(world: World) -> None:
    """A connection that ends while nothing is asked of it is noticed all the same."""
    alice, bob = play(world, "alice", "bob")
    want(world, "alice", "bob")
    bob.asked.clear()
    bob.lost.callback(None)
    world.arranger.answers["bob"] = OfflineError("bob is not online")
    world.tick(1)
    assert world.status(1).source == "alice"
    assert alice.asked


def test_new_sources_are_found_and_join(world: World) -> None:
    """Who else has the content is asked of the index, again and again, and joins in."""
    (alice,) = play(world, "alice")
    number = want(world, "alice")
    assert ("sources_of", bytes.fromhex(ID)) in world.arranger.calls
    alice.send_all(2)
    (bob,) = play(world, "bob")
    world.arranger.holders = [Holder("me", b"mine.mp3"), Holder("bob", b"his name.mp3", 9)]
    world.tick(70)
    assert len(bob.asked) == 2
    assert world.status(number).source == "alice, bob"
    let_all_send(world, [alice, bob])
    assert is_right(world, number)
    assert 2 <= world.arranger.asked("sources_of") <= 3


def test_others_are_looked_for_though_the_only_one_known_is_gone(world: World) -> None:
    """If the only source known is away before the index has told of others, it is asked again."""
    asked: list[bytes] = []

    async def ask(content_id: bytes) -> Sequence[Holder]:
        asked.append(content_id)
        if len(asked) == 1:
            await Deferred[None]()
        return [Holder("bob", PATH)]

    (bob,) = play(world, "bob")
    away: Deferred[Arrangement] = Deferred()
    world.arranger.sources_of = ask  # type: ignore[method-assign]
    world.arranger.answers["alice"] = away
    number = want(world, "alice")
    assert len(asked) == 1
    away.errback(OfflineError("alice is not online"))
    world.tick(1)
    let_all_send(world, [bob])
    assert is_right(world, number)


def test_a_question_without_answer_holds_nothing_up(world: World) -> None:
    """An index that never says who has a content does not keep a download from going on."""
    never: Deferred[None] = Deferred(lambda _: None)

    async def ask(_content_id: bytes) -> Sequence[Holder]:
        await never
        return ()

    world.arranger.sources_of = ask  # type: ignore[method-assign]
    (alice,) = play(world, "alice")
    number = want(world, "alice")
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_a_source_in_its_queue_joins_later(world: World) -> None:
    """A source whose slots are taken is asked again while the others send."""
    alice, bob = play(world, "alice", "bob")
    world.arranger.answers["bob"] = [
        QueuedError("bob's upload slots are taken", 1),
        Arrangement("bob", PATH, ADDRESS, PORT, b"", 8),
    ]
    number = want(world, "alice", "bob")
    assert world.state_of(number) is DownloadState.RECEIVING
    world.tick(15)
    assert bob.asked
    let_all_send(world, [alice, bob])
    assert is_right(world, number)


def test_only_one_file_of_a_user_is_asked_for(world: World) -> None:
    """A user who has the content twice is one source."""
    play(world, "alice")
    number = world.add(
        wanted_of(DATA, content=ID, sources=[source_of("alice"), source_of("Alice", b"again.mp3")])
    )
    world.tick(5)
    assert world.arranger.asked("arrange") == 1
    assert world.status(number).source == "alice"


def test_the_end_is_taken_over_from_the_slowest(world: World) -> None:
    """When all is given out, who is idle fetches what is slow; the first to finish wins."""
    alice, bob = play(world, "alice", "bob")
    number = want(world, "alice", "bob")
    world.tick(1)
    for _ in range(10):
        alice.send_all(1)
        world.tick(1)
        if set(alice.asked) & set(bob.asked):
            break
    let_all_send(world, [alice])
    assert is_right(world, number)
    assert bob.closed


# Sources of the old protocol.


def test_an_old_source_takes_part(world: World) -> None:
    """A source of 1999 reads through what is free and is hung up on where others have been."""
    (alice,) = play(world, "alice")
    number = want(world, "alice", "old")
    offset = serve(world, world.source)
    assert world.source.dropped
    assert offset % MIB == 0
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_an_old_source_goes_on_where_it_broke_off(world: World) -> None:
    """After a broken connection an old source is asked from within a piece, with an overlap."""
    number = want(world, "old")
    first = world.source
    serve(world, first, count=2 * MIB + 500_000)
    first.close()
    world.tick(5)
    assert world.source is not first
    assert serve(world, world.source) == 2 * MIB + 500_000 - 65_536
    world.tick(3)
    assert is_right(world, number)


def test_an_old_liar_is_known_by_its_first_wrong_piece(world: World) -> None:
    """With the hashes at hand, an old source that lies is found out within a piece."""
    (alice,) = play(world, "alice")
    number = want(world, "alice", "old")
    serve(world, world.source, content(len(DATA), seed=3), count=2 * MIB)
    assert world.source.dropped
    assert "old sent wrong bytes" in world.status(number).reason
    let_all_send(world, [alice])
    assert is_right(world, number)
    assert "old" in (world.state / "liars.json").read_text()


def test_one_that_ignores_the_offset_is_no_liar(world: World) -> None:
    """A program that always sends from the start (TekNap 1.3g) is told from one that lies."""
    (alice,) = play(world, "alice")
    number = want(world, "alice", "old")
    alice.send_all(1)
    old = world.source
    old.send(b"1")
    world.tick(SEGMENT_PAUSE)
    old.send(b"%d" % len(DATA) + DATA[: 2 * MIB], 100_000)
    world.tick()
    assert old.dropped
    assert not (world.state / "liars.json").exists()
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_a_piece_of_two_senders_convicts_neither(world: World) -> None:
    """A wrong piece that two have sent parts of is fetched whole from one, to tell who lies."""
    play(world, "alice")
    number = want(world, "old", "alice")
    old = world.source
    alice = world.pieces.sources["alice"]
    offset = serve(world, old, content(len(DATA), seed=3), count=500_000)
    old.close()
    world.tick(5)
    second = world.source
    assert second is not old
    second.send(b"1")
    world.tick(SEGMENT_PAUSE)
    start = int(second.transport.segments[1].rpartition(b" ")[2])
    assert start == offset + 500_000 - 65_536
    second.send(b"%d" % len(DATA) + DATA[start : start + 2 * MIB], 100_000)
    world.tick()
    assert not (world.state / "liars.json").exists()
    world.tick(5)
    assert serve(world, world.source, count=200_000) == offset
    world.source.close()
    world.tick(5)
    assert serve(world, world.source) == offset  # what came of the piece is not built upon
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_without_a_list_the_whole_is_checked(world: World) -> None:
    """From old sources alone, several at once, the whole is checked by its content id."""
    number = want(world, "one", "two")
    one, two = world.dialer.sources
    serve(world, one)
    serve(world, two)
    while world.state_of(number) is not DownloadState.DONE:
        assert len(world.dialer.sources) < 9
        serve(world, world.source)
        world.tick(6)
    assert is_right(world, number)


def test_what_is_here_is_read_back_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources of the old protocol that end one after the other do not make it begin anew."""
    opened: list[PartialFile] = []
    really_open = PartialFile.open

    def count(part: PartialFile) -> None:
        opened.append(part)
        really_open(part)

    monkeypatch.setattr(PartialFile, "open", count)
    number = want(world, "one", "two")
    for source in world.dialer.sources:
        serve(world, source)
    assert is_right(world, number)
    assert len(world.dialer.sources) > 2
    assert len(opened) == 1


def test_without_a_list_a_lone_liar_is_known_at_the_end(world: World) -> None:
    """If all came from one source and the whole is wrong, that one has lied; another is asked."""
    number = want(world, "liar")
    serve(world, world.source, content(len(DATA), seed=3))
    world.tick(3)
    assert world.state_of(number) is DownloadState.WAITING
    assert "liar" in (world.state / "liars.json").read_text()
    world.arranger.holders = [Holder("bob", b"x.mp3")]
    world.tick(70)
    serve(world, world.source)
    world.tick(3)
    assert is_right(world, number)


def test_without_a_list_a_liar_among_several_is_found_by_fetching_again(world: World) -> None:
    """If the whole is wrong, all of it comes again from one alone; that tells who had lied."""
    wrong = content(len(DATA), seed=3)
    number = want(world, "honest", "liar")
    honest, liar = world.dialer.sources
    serve(world, honest)
    serve(world, liar, wrong)
    for _ in range(20):
        world.tick(6)
        if world.state_of(number) is DownloadState.DONE:
            break
        nick = [call[1] for call in world.arranger.calls if call[0] == "arrange"][-1]
        if not world.source.dropped:
            serve(world, world.source, wrong if nick == "liar" else DATA)
    assert is_right(world, number)
    known = json.loads((world.state / "liars.json").read_text())
    assert [each["nick"] for each in known] == ["liar"]


# What is known, and for how long.


def test_a_content_id_is_learned_from_the_first_source(world: World) -> None:
    """Where nobody told the id, the list of the first source makes it, and others are found."""
    (alice,) = play(world, "alice")
    number = want(world, "alice", content="")
    alice.send_all(1)
    world.tick(3)
    assert ("sources_of", bytes.fromhex(ID)) in world.arranger.calls
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_others_only_resemble_what_the_first_one_has(world: World) -> None:
    """Who has another content under the same name has never claimed to have this one."""
    alice, bob = play(world, "alice", "bob")
    number = want(world, "alice", "bob", content="")
    world.tick(3)
    bob.send(next(iter(bob.asked)), content(MIB, seed=4))
    let_all_send(world, [alice])
    assert is_right(world, number)
    assert not (world.state / "liars.json").exists()


def test_a_resumed_file_is_not_judged_by_a_newcomers_list(world: World) -> None:
    """Without an id, what is here from another source is gone on with, unchecked as before."""
    number = want(world, "old", content="")
    serve(world, world.source, count=2 * MIB)
    world.source.close()
    (bob,) = play(world, "old")
    world.tick(5)
    assert bob.lists == 0
    let_all_send(world, [bob])
    assert world.status(number).verified == "cannot be checked"
    assert (world.folder / "song.mp3").read_bytes() == DATA


def test_a_source_with_the_same_head_helps_once_pieces_are_checked(world: World) -> None:
    """Users of old programs who share a file of the same head are asked for pieces, too."""
    (alice,) = play(world, "alice")
    world.arranger.others = [FoundSource("old", 1, 6699, b"x.mp3", MD5.encode(), len(DATA), 8)]
    number = want(world, "alice", md5=MD5)
    world.tick(70)
    assert ("arrange", "old", b"x.mp3") in world.arranger.calls
    serve(world, world.source)
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_a_content_is_waited_for_as_long_as_it_is_wanted(world: World) -> None:
    """When the last source is gone, others are looked for, for hours, and the download goes on."""
    world.arranger.answers["alice"] = NotSharedError("alice does not share that file")
    number = want(world, "alice")
    world.tick(7200)
    status = world.status(number)
    assert status.state is DownloadState.WAITING
    assert "no source is left (alice does not share that file); next try in" in status.reason
    (bob,) = play(world, "bob")
    world.arranger.holders = [Holder("bob", b"x.mp3")]
    world.tick(70)
    let_all_send(world, [bob])
    assert is_right(world, number)


def test_one_who_shares_it_again_gets_a_new_chance(world: World) -> None:
    """A source that was given up and is named by the index again is asked again."""
    world.arranger.answers["alice"] = NotSharedError("alice does not share that file")
    number = want(world, "alice")
    world.tick(7200)
    del world.arranger.answers["alice"]
    (alice,) = play(world, "alice")
    world.arranger.holders = [Holder("alice", PATH)]
    world.tick(70)
    let_all_send(world, [alice])
    assert is_right(world, number)


@pytest.mark.parametrize("killed", [True, False])
def test_a_restart_keeps_every_piece(world: World, *, killed: bool) -> None:
    """Pieces that came in any order are here after a kill, and only the others are asked for."""
    alice, bob = play(world, "alice", "bob")
    number = want(world, "alice", "bob")
    bob.send_all(2)
    alice.send(1)
    came = world.status(number).done
    assert came == 3 * MIB
    if killed:
        world.kill()
    else:
        world.stop()
    (carol,) = play(world, "alice", "bob")[:1]
    world.restart()
    assert world.status(number).done == came
    played = [world.pieces.sources[nick] for nick in ("alice", "bob")]
    let_all_send(world, played)
    assert is_right(world, number)
    assert carol.lists == 1


def test_a_piece_that_rotted_on_the_disk_is_fetched_again(world: World) -> None:
    """A piece zeroed by a power cut after it was checked does not count."""
    (alice,) = play(world, "alice")
    number = want(world, "alice")
    alice.send_all(4)
    world.stop()
    with (world.folder / "song.mp3.part").open("r+b") as file:
        file.seek(2 * MIB)
        file.write(bytes(MIB))
    (alice,) = play(world, "alice")
    world.restart()
    assert 2 in alice.asked
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_a_source_of_pieces_may_be_the_one_to_connect(world: World) -> None:
    """A user behind a firewall who was asked to connect here serves pieces all the same."""
    world.arranger.answers["alice"] = Arrangement("alice", PATH, ADDRESS, 0, b"", 8)
    number = want(world, "alice")
    alice = PlayedPieces(DATA)
    assert not world.downloads.accept_pieces("mallory", PATH, alice)
    assert world.downloads.accept_pieces("ALICE", PATH, alice)
    assert not world.downloads.accept_pieces("alice", PATH, PlayedPieces(DATA))
    let_all_send(world, [alice])
    assert is_right(world, number)


def test_a_source_that_sends_too_little(world: World) -> None:
    """A piece that ends early ends the connection; nothing of it counts."""
    alice, bob = play(world, "alice", "bob")
    number = want(world, "alice", "bob")
    alice.send(next(iter(alice.asked)), b"short")
    assert alice.closed
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    let_all_send(world, [bob])
    assert is_right(world, number)


def test_a_full_disk_stops_all_sources(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses, every source is let go, and the download goes on by itself."""
    alice, bob = play(world, "alice", "bob")
    number = want(world, "alice", "bob")
    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        alice.send_all(1)
    assert alice.closed
    assert bob.closed
    assert world.state_of(number) is DownloadState.BLOCKED
    played = play(world, "alice", "bob")
    world.tick(11)
    let_all_send(world, played)
    assert is_right(world, number)


def full(*_args: object) -> int:
    raise OSError(28, "No space left on device")


def test_all_sources_wait_for_a_slow_disk() -> None:
    """What waits for the disk is bounded over all sources of a download together."""
    backlog, early, late = Backlog(), PlayedPieces(b""), PlayedPieces(b"")
    backlog.join(early)
    backlog.add(PAUSE_AT - 1)
    assert not early.paused
    backlog.add(1)
    backlog.join(late)
    assert early.paused
    assert late.paused
    backlog.leave(late)
    backlog.stored(PAUSE_AT - RESUME_AT)
    assert not early.paused
    assert late.paused


def test_a_paused_download_lets_all_sources_go(world: World) -> None:
    """Pausing closes every connection; resuming goes on with the pieces that are missing."""
    played = play(world, "alice", "bob")
    number = want(world, "alice", "bob")
    played[0].send_all(3)
    now(world.downloads.pause([number]))
    assert all(each.closed for each in played)
    assert world.status(number).done == 3 * MIB
    played = play(world, "alice", "bob")
    now(world.downloads.resume([number]))
    world.tick()
    let_all_send(world, played)
    assert is_right(world, number)


def test_a_connection_that_is_there(world: World) -> None:
    """Nobody is asked through the index, and the connection is released for the next file."""
    alice = world.pieces.connected["alice", PATH] = PlayedPieces(DATA)
    number = want(world, "alice")
    assert not world.arranger.asked("arrange")
    assert world.status(number).reason == "from alice"
    let_all_send(world, [alice])
    assert world.state_of(number) is DownloadState.DONE
    assert alice.released
    world.stop()
    assert world.pieces.is_closed
    world.restart()


def test_a_connection_by_which_not_all_has_come(world: World) -> None:
    """It is closed."""
    (alice,) = play(world, "alice")
    number = want(world, "alice")
    world.pause(number)
    assert alice.closed
    assert not alice.released


def test_a_connection_that_was_there(world: World) -> None:
    """If it breaks, the source is asked by the index."""
    alice = world.pieces.connected["alice", PATH] = PlayedPieces(DATA)
    number = want(world, "alice")
    (again,) = play(world, "alice")
    alice.die()
    world.tick(3)
    assert world.arranger.asked("arrange") == 1
    let_all_send(world, [again])
    assert world.state_of(number) is DownloadState.DONE


def test_one_piece_takes_one_source(world: World) -> None:
    """While somebody is asked for all there is, nobody looks for others."""
    alice = world.pieces.sources["alice"] = PlayedPieces(b"small")
    number = world.add(wanted_of(b"small", content=content_id(b"small")))
    assert not world.arranger.asked("sources_of")
    alice.send_all()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert not world.arranger.asked("sources_of")
