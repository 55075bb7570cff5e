"""Bringing downloaders and uploaders together."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.login import Notice
from napster.wire.messages.people import Whois, WhoisRequest
from napster.wire.messages.transfers import (
    DataPortError,
    DownloadError,
    DownloadFinished,
    DownloadReady,
    DownloadRequest,
    DownloadStarted,
    PushReady,
    PushRequest,
    Queued,
    QueueLimit,
    UploadAccepted,
    UploadFinished,
    UploadRefused,
    UploadRequest,
    UploadStarted,
)
from tests.index.harness import MD5, Conn, World, file

PATH = rb"music\band - song.mp3"
LOOPBACK = 16777343
ELSEWHERE = int.from_bytes(bytes([192, 0, 2, 1]), "little")


def pair(world: World, *, anna: int = 6699, berta: int = 6699) -> tuple[Conn, Conn]:
    """Bring an uploader and a downloader online, with these data ports."""
    uploader = world.login("anna", "127.0.0.1", port=anna)
    uploader.send(file())
    return uploader, world.login("berta", port=berta)


def test_owner_who_goes_while_the_file_is_looked_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked is told that there is nothing, and waits for nobody."""
    anna, berta = pair(world)
    found: Deferred[Any] = Deferred()
    with monkeypatch.context() as slowly:
        slowly.setattr(world.catalog, "find", lambda *_: found)
        assert berta.ask(DownloadRequest("anna", PATH)) == []
    anna.lose()
    found.callback(file())
    assert berta.messages() == [DownloadError("anna", PATH)]
    assert len(world.hub.requests) == 0


def test_download(world: World) -> None:
    """The uploader is asked, agrees, and the downloader learns where to connect."""
    anna, berta = pair(world)
    assert berta.ask(DownloadRequest("Anna", PATH)) == []
    assert anna.messages() == [UploadRequest("berta", PATH, 8)]
    assert anna.ask(UploadAccepted("berta", PATH)) == []
    assert berta.messages() == [DownloadReady("anna", LOOPBACK, 6699, PATH, MD5, 8)]


def test_casing(world: World) -> None:
    """The uploader hears the path as shared, the downloader as asked for."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH.upper()))
    assert anna.messages() == [UploadRequest("berta", PATH, 8)]
    anna.send(UploadAccepted("BERTA", PATH))
    (ready,) = berta.messages()
    assert isinstance(ready, DownloadReady)
    assert ready.path == PATH.upper()


def test_names_that_differ_in_case(world: World) -> None:
    """Requests for files of such names do not mix, whatever the order of the answers."""
    anna, berta = pair(world)
    other = PATH.upper()
    anna.send(file(other))
    berta.send(DownloadRequest("anna", PATH), DownloadRequest("anna", other))
    assert anna.messages() == [UploadRequest("berta", PATH, 8), UploadRequest("berta", other, 8)]
    anna.send(UploadRefused("berta", other), UploadAccepted("berta", PATH))
    assert berta.messages() == [
        UploadRefused("anna", other),
        DownloadReady("anna", LOOPBACK, 6699, PATH, MD5, 8),
    ]


def test_answer_in_another_case(world: World) -> None:
    """An uploader whose program changes the case of paths is understood."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    anna.send(UploadAccepted("berta", PATH.upper()))
    assert berta.messages() == [DownloadReady("anna", LOOPBACK, 6699, PATH, MD5, 8)]


def test_not_there(world: World) -> None:
    """A user who is offline and a file that is not shared get 206."""
    anna, berta = pair(world)
    for request in (DownloadRequest, PushRequest):
        assert berta.ask(request("nobody", PATH)) == [DownloadError("nobody", PATH)]
        assert berta.ask(request("ANNA", b"x.mp3")) == [DownloadError("ANNA", b"x.mp3")]
    assert anna.messages() == []


def test_firewalled_uploader(world: World) -> None:
    """Who asks a firewalled uploader learns at once to ask for a push."""
    anna, berta = pair(world, anna=0)
    ready = DownloadReady("anna", LOOPBACK, 0, PATH, MD5, 8)
    assert berta.ask(DownloadRequest("anna", PATH)) == [ready]
    assert anna.messages() == []


def test_push(world: World) -> None:
    """A firewalled uploader is asked, agrees, and learns where to bring the file."""
    anna, berta = pair(world, anna=0)
    assert berta.ask(PushRequest("anna", PATH)) == []
    assert anna.messages() == [UploadRequest("berta", PATH, 8)]
    push = PushReady("berta", ELSEWHERE, 6699, PATH, MD5, 8)
    assert anna.ask(UploadAccepted("berta", PATH)) == [push]
    assert berta.messages() == []


def test_push_from_somebody_reachable(world: World) -> None:
    """A push from somebody who accepts connections is refused with a sentence."""
    _, berta = pair(world)
    assert berta.ask(PushRequest("anna", PATH)) == [Notice(b"anna is not firewalled")]


def test_both_firewalled(world: World) -> None:
    """Where nobody can connect to anybody, the hash says so."""
    anna, berta = pair(world, anna=0, berta=0)
    ready = DownloadReady("anna", LOOPBACK, 0, PATH, b"firewallerror", 8)
    assert berta.ask(PushRequest("anna", PATH)) == [ready]
    assert anna.messages() == []


def test_refusal(world: World) -> None:
    """A refusal reaches the downloader, and closes the request."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    anna.send(UploadRefused("berta", PATH))
    assert berta.messages() == [UploadRefused("anna", PATH)]
    assert len(world.hub.requests) == 0


def test_a_file_that_is_not_listed(world: World) -> None:
    """Owners who know the extension may share it with some only; they are asked."""
    anna = world.login("anna", "127.0.0.1", client=b"test 2.0 +ext1")
    anna.messages()
    berta = world.login("berta")
    berta.send(DownloadRequest("anna", PATH))
    assert anna.messages() == [UploadRequest("berta", PATH, 8)]
    anna.send(QueueLimit("berta", PATH, 2))
    assert berta.messages() == [Queued("anna", PATH, 0, 2)]
    anna.send(UploadAccepted("berta", PATH))
    assert berta.messages() == [DownloadReady("anna", LOOPBACK, 6699, PATH, b"0" * 32, 8)]


def test_a_refused_file_that_is_not_listed(world: World) -> None:
    """Nobody learns whether there is such a file."""
    anna = world.login("anna", "127.0.0.1", client=b"test 2.0 +ext1")
    anna.messages()
    berta = world.login("berta")
    berta.send(DownloadRequest("anna", PATH))
    anna.send(UploadRefused("berta", PATH))
    assert berta.messages() == [DownloadError("anna", PATH)]
    assert len(world.hub.requests) == 0


@pytest.mark.parametrize(
    "answer",
    [UploadAccepted("berta", PATH), UploadRefused("berta", PATH), QueueLimit("berta", PATH, 3)],
)
def test_unasked_answer(world: World, answer: Message) -> None:
    """Nobody is led to an uploader, or made to wait there, without having asked."""
    anna, berta = pair(world)
    anna.messages()
    (told,) = anna.ask(answer)
    assert isinstance(told, Notice)
    assert b"has not asked" in told.text
    assert berta.messages() == []


def test_one_request_one_answer(world: World) -> None:
    """A second agreement to the same request is one too many."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    anna.messages()
    assert anna.ask(UploadAccepted("berta", PATH)) == []
    assert [type(each) for each in anna.ask(UploadAccepted("berta", PATH))] == [Notice]
    assert len(berta.messages()) == 1


def test_late_answer(world: World) -> None:
    """A request is forgotten after a time."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    anna.messages()
    world.clock.advance(600)
    assert [type(each) for each in anna.ask(UploadAccepted("berta", PATH))] == [Notice]
    assert berta.messages() == []


def test_downloader_gone(world: World) -> None:
    """Agreeing to somebody who has gone is told."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    berta.lose()
    anna.messages()
    assert [type(each) for each in anna.ask(UploadAccepted("berta", PATH))] == [Notice]


def test_uploader_gone(world: World) -> None:
    """Whoever waits for an uploader who goes does not wait any longer."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    anna.lose()
    assert berta.messages() == [DownloadError("anna", PATH)]


def test_too_many_requests() -> None:
    """Who waits for very many uploaders has to wait before asking more of them."""
    world = World(max_requests=2)
    anna = world.login("anna")
    anna.send(*(file(b"%d.mp3" % n) for n in range(3)))
    berta = world.login("berta")
    requests = [DownloadRequest("anna", b"%d.mp3" % n) for n in range(3)]
    text = b"You wait for 2 answers already; try again later"
    assert berta.ask(*requests) == [Notice(text)]
    assert berta.ask(requests[0]) == []
    anna.send(UploadAccepted("berta", b"1.mp3"))
    assert len(berta.ask(requests[2])) == 1
    world.end()


def test_queue(world: World) -> None:
    """The place in the queue reaches the downloader with the size; the request stays open."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    world.clock.advance(599)
    anna.send(QueueLimit("berta", PATH, 3))
    assert berta.messages() == [Queued("anna", PATH, 1000, 3)]
    world.clock.advance(599)
    anna.send(UploadAccepted("berta", PATH))
    assert [type(each) for each in berta.messages()] == [DownloadReady]


def test_repeats(world: World) -> None:
    """Who asks again at once asks once; somebody who tries again a little later is heard."""
    anna, berta = pair(world)
    asked = UploadRequest("berta", PATH, 8)
    berta.send(*[DownloadRequest("anna", PATH)] * 100)
    assert anna.messages() == [asked]
    world.clock.advance(1)
    berta.send(*[DownloadRequest("anna", PATH)] * 100)
    assert anna.messages() == [asked]


@pytest.mark.parametrize("answer", [UploadRefused("berta", PATH), QueueLimit("berta", PATH, 3)])
def test_asking_again_after_an_answer(world: World, answer: Message) -> None:
    """Who has been answered asks again as soon as it likes."""
    anna, berta = pair(world)
    for _ in range(2):
        berta.send(DownloadRequest("anna", PATH))
        assert anna.messages() == [UploadRequest("berta", PATH, 8)]
        anna.send(answer)
        assert len(berta.messages()) == 1


@pytest.mark.parametrize("kind", [DownloadRequest, PushRequest])
def test_repeats_of_pushes(world: World, kind: Any) -> None:
    """A push asked for again at once, and what else is asked meanwhile, reach the owner once."""
    anna, berta = pair(world, anna=0 if kind is PushRequest else 6699)
    anna.send(file(b"other.mp3"))
    berta.send(*[kind("anna", PATH), kind("anna", b"other.mp3")] * 9)
    assert anna.messages() == [
        UploadRequest("berta", PATH, 8),
        UploadRequest("berta", b"other.mp3", 8),
    ]


def test_repeated_queue() -> None:
    """The first answer to each request is free, a place told again counts as a message."""
    world = World(message_rate=1, burst_seconds=3)
    anna, berta = pair(world)
    paths = [b"%d.mp3" % number for number in range(9)]
    anna.send(*map(file, paths))
    berta.send(*(DownloadRequest("anna", path) for path in paths))
    anna.messages()
    assert anna.ask(*(QueueLimit("berta", path, 5) for path in paths)) == []
    assert len(berta.messages()) == 9
    (refused,) = anna.ask(*(QueueLimit("berta", paths[0], 4) for _ in range(4)))
    assert isinstance(refused, Notice)
    assert refused.text.startswith(b"Too many messages to others")
    assert berta.messages() == [Queued("anna", paths[0], 1000, 4)] * 3
    world.end()


def test_queue_of_one_request_only(world: World) -> None:
    """An uploader whom somebody asks for a file says nothing of the queue for another one."""
    anna, berta = pair(world)
    anna.send(file(b"BUY.mp3"))
    berta.send(DownloadRequest("anna", PATH))
    anna.messages()
    assert [type(each) for each in anna.ask(QueueLimit("berta", b"BUY.mp3", 3))] == [Notice]
    anna.send(UploadRefused("berta", PATH))
    assert berta.messages() == [UploadRefused("anna", PATH)]
    assert [type(each) for each in anna.ask(QueueLimit("berta", PATH, 3))] == [Notice]
    assert berta.messages() == []


def test_data_port_error(world: World) -> None:
    """An unreachable data port is told its owner, and the moderators in the words TekNap knows."""
    world.register("mod", level=Level.MODERATOR)
    mod = world.login("mod")
    mod.messages()
    anna, berta = pair(world)
    assert berta.ask(DataPortError("ANNA")) == []
    assert anna.messages() == [DataPortError("berta")]
    text = b"Notification from berta: anna (127.0.0.1) - configured data port 6699 is unreachable."
    assert mod.messages() == [Notice(text)]
    answer = berta.ask(DataPortError("nobody"))
    assert answer == [Notice(b"User nobody is not currently online.")]


def test_counters(world: World) -> None:
    """Transfers under way are counted, shown, and never fall below none."""
    anna, berta = pair(world)
    started = [DownloadStarted(), DownloadStarted(), UploadStarted()]
    assert anna.ask(*started, DownloadFinished(), UploadFinished(), UploadFinished()) == []
    (whois,) = berta.ask(WhoisRequest("anna"))
    assert isinstance(whois, Whois)
    assert (whois.downloads, whois.uploads) == (1, 0)


def test_totals_are_kept(world: World) -> None:
    """An account remembers how many transfers were begun, over several visits."""
    world.register("anna")
    for _ in range(2):
        anna = world.login("anna")
        anna.send(DownloadStarted(), UploadStarted(), UploadFinished(), UploadStarted())
        anna.lose()
    row = world.accounts.rows["anna"]
    assert (row.downloads, row.uploads) == (2, 4)


@pytest.mark.parametrize("number", [203, 500, 608, 609, 619])
@pytest.mark.parametrize("body", [b"", b"anna", b'anna "open', b'"', b"\0", b"anna \0"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """A request without its fields is answered with a sentence and nothing else."""
    anna, berta = pair(world)
    assert [type(each) for each in berta.tell(number, body)] == [Notice]
    assert anna.messages() == []
    assert not berta.closed


@pytest.mark.parametrize("number", [203, 500])
def test_overlong_echo(world: World, number: int) -> None:
    """An answer that would be longer than old programs accept becomes a sentence."""
    _, berta = pair(world)
    (answer,) = berta.tell(number, b"anna " + b"x" * 2043)
    assert isinstance(answer, Notice)
    assert b"too long" in answer.text
