"""Sessions: sharing, duties, counters, coming back, and indexes that misbehave."""

import itertools
from collections.abc import Callable

import pytest
from twisted.internet import error

from napster.peer.api import IndexState
from napster.wire.messages import Message
from napster.wire.messages.login import (
    Ghosted,
    Login,
    LoginAccepted,
    MotdLine,
    Notice,
    Stats,
    StatsRequest,
)
from napster.wire.messages.people import Ping, Pong, ServerPing
from napster.wire.messages.searching import DirectBrowseAccept, DirectBrowseRequest
from napster.wire.messages.sharing import Share, ShareDirectory, Unshare
from napster.wire.messages.transfers import (
    DataPortError,
    DownloadFinished,
    DownloadStarted,
    PushReady,
    UploadAccepted,
    UploadFinished,
    UploadRequest,
    UploadStarted,
)
from tests.peer.index_link.fakes import MD5, FakeLibrary, Scene, shared_file

FILES = [shared_file(b"Music\\%05d.mp3" % number) for number in range(3000)]


def names(messages: list[Message]) -> list[bytes]:
    """List the paths that were offered, in order."""
    shares = [
        each.files if isinstance(each, ShareDirectory) else (each,)
        for each in messages
        if isinstance(each, Share | ShareDirectory)
    ]
    return [share.path for share in itertools.chain(*shares)]


# Sharing.


def test_all_files_are_offered_after_the_login(build: Callable[..., Scene]) -> None:
    """Not before, and each once."""
    scene = build(library=FakeLibrary(FILES))
    assert not names(scene.index.let_in())
    scene.pump(3)
    assert names(scene.index.heard()) == [file.path for file in FILES]
    assert scene.link.registered == len(FILES)


def test_an_index_that_does_not_read_is_not_flooded(build: Callable[..., Scene]) -> None:
    """The transport pauses the offers."""
    scene = build(library=FakeLibrary(FILES))
    scene.index.let_in()
    scene.index.transport.producer.pauseProducing()
    scene.pump(5)
    assert scene.link.registered == 0
    scene.index.transport.producer.resumeProducing()
    scene.pump(5)
    assert scene.link.registered == len(FILES)


def test_changes_follow_in_order(build: Callable[..., Scene]) -> None:
    """A file that goes while it is still to be offered is offered and withdrawn, in that order."""
    scene = build(library=FakeLibrary(FILES))
    scene.index.let_in()
    scene.link.files_removed([FILES[-1]])
    scene.link.files_added([shared_file(b"Music\\new")])
    scene.pump(3)
    heard = scene.index.heard()
    new = Share(b"Music\\new", MD5, 1000, 192, 44100, 60)
    assert heard[-2:] == [Unshare(FILES[-1].path), ShareDirectory(b"Music\\", (new,))]
    assert scene.link.registered == len(FILES)


def test_changes_while_the_index_is_away_wait_for_the_login(scene: Scene) -> None:
    """The next login offers what is on offer then."""
    scene.link.files_added([shared_file(b"new")])
    scene.link.files_removed([shared_file(b"old")])
    assert names(scene.index.let_in()) == []


# Duties.


def test_a_request_for_a_file_is_decided_by_the_uploads(online: Scene) -> None:
    """607 in, 608, 609 or 619 out."""
    online.index.say(UploadRequest("bob", b"Music\\song.mp3", 7))
    assert online.uploads.asked == [("bob", b"Music\\song.mp3")]
    assert online.index.heard() == [UploadAccepted("bob", b"Music\\song.mp3")]


def test_a_push_is_handed_on(online: Scene) -> None:
    """501 tells where to connect."""
    online.index.say(PushReady("bob", 0x04030201, 6699, b"song", MD5, 7))
    assert online.uploads.pushes == [("bob", "1.2.3.4", 6699, b"song")]


def test_pings_of_users_are_answered_with_their_text(online: Scene) -> None:
    """751 in, 752 out."""
    online.index.say(Ping("bob", b"token 17"))
    assert online.index.heard() == [Pong("bob", b"token 17")]


def test_a_direct_browse_is_agreed_to(online: Scene) -> None:
    """640 in, 641 out; a list that would have to be pushed is left to the index."""
    online.index.say(DirectBrowseRequest("bob"), DirectBrowseRequest("eve", 1, 6699))
    assert online.index.heard() == [DirectBrowseAccept("bob")]


def test_what_a_person_should_know_becomes_advice(online: Scene) -> None:
    """Files the index does not take, and a data port nobody reaches; not every notice."""
    online.index.say(Notice(b"welcome"), Notice(b"You may only share 100 files"))
    online.index.say(DataPortError("bob"))
    shared, port = online.link.notices.advice
    assert shared == "index index.example:8888 says: You may only share 100 files"
    assert "could not be reached by bob" in port


def test_an_unreachable_data_port_is_kept_for_the_status(online: Scene) -> None:
    """626 names who could not connect; each once."""
    online.index.say(DataPortError("bob"), DataPortError("eve"), DataPortError("bob"))
    assert online.link.notices.could_not_connect == ("bob", "eve")


def test_what_the_index_says_is_kept_safely(online: Scene) -> None:
    """Escape sequences and floods of notices do no harm."""
    online.index.say(Notice(b"\x1b[2Jboo"), *(MotdLine(b"line %d" % n) for n in range(60)))
    kept = online.link.notices.kept
    assert len(kept) == 50
    assert "\x1b" not in "".join(kept)


# A silent index.


def test_a_ping_of_the_index_is_answered(online: Scene) -> None:
    """Else the index takes this peer for a ghost."""
    online.index.say(ServerPing())
    assert online.index.heard() == [ServerPing()]


def test_the_index_is_asked_for_its_totals_now_and_then(online: Scene) -> None:
    """The status stays true, and the index shows that it is there."""
    for number in range(30):
        online.pump(60, step=1)
        assert online.index.heard() == [StatsRequest()]
        online.index.say(Stats(number, 2, 3))
        assert online.link.status.users == number


def test_an_index_that_is_gone_is_noticed(online: Scene) -> None:
    """A cable that was pulled sends no FIN."""
    online.pump(211, step=1)
    assert "has stopped answering" in online.link.status.reason
    assert online.index.transport.aborted


def test_any_message_is_a_sign_of_life(online: Scene) -> None:
    """An index that does not know the question, but has something else to say, is there."""
    for _ in range(30):
        online.pump(149, step=1)
        online.index.say(Ping("bob", b""))
    assert online.link.online


def test_an_index_that_is_busy_reading_is_not_given_up(build: Callable[..., Scene]) -> None:
    """An old one needs minutes for a large library, and says nothing meanwhile."""
    scene = build(library=FakeLibrary(FILES))
    scene.index.let_in()
    for _ in range(20):
        scene.index.transport.producer.pauseProducing()
        scene.pump(100, step=1)
        scene.index.transport.producer.resumeProducing()
        scene.pump(0.1)
    assert scene.link.online


# Counters.


def test_counters_are_paired_across_sessions(online: Scene) -> None:
    """What is under way is told again in the next session; what ended meanwhile is not."""
    online.link.download_started()
    online.counters.uploads.start()
    online.counters.uploads.start()
    assert online.index.heard() == [DownloadStarted(), UploadStarted(), UploadStarted()]
    online.index.hang_up()
    online.counters.uploads.finish()
    online.clock.advance(1)
    heard = online.index.let_in()
    assert heard[1:] == [UploadStarted(), DownloadStarted()]
    online.link.download_finished()
    online.counters.uploads.finish()
    assert online.index.heard() == [DownloadFinished(), UploadFinished()]


# Coming back.


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (error.ConnectionRefusedError(), "it cannot be reached: nothing listens there"),
        (error.DNSLookupError("no such host"), "its name is not known"),
        (ValueError("invalid hostname: x"), "invalid hostname: x"),
    ],
)
def test_an_index_that_cannot_be_reached(scene: Scene, trouble: Exception, words: str) -> None:
    """The status says why, and when the next try comes."""
    scene.index.refuse(trouble)
    status = scene.link.status
    assert status.state is IndexState.OFFLINE
    assert words in status.reason
    assert "next try in 1 s" in status.reason


def test_survives_an_index_that_is_away_for_hours(build: Callable[..., Scene]) -> None:
    """It is tried for ever, rarely, and told everything again when it is back."""
    scene = build(library=FakeLibrary(FILES))
    tries = 0
    for _ in range(12 * 60):
        while scene.index.attempts:
            scene.index.refuse(error.ConnectionRefusedError())
            tries += 1
        scene.clock.advance(60)
    assert 12 * 10 < tries < 12 * 30
    if not scene.index.attempts:
        scene.clock.advance(300)
    scene.index.let_in()
    scene.pump(3)
    assert names(scene.index.heard()) == [file.path for file in FILES]


def test_a_lost_link_comes_back_and_shares_again(build: Callable[..., Scene]) -> None:
    """After a short wait, as if nothing had happened."""
    scene = build(library=FakeLibrary(FILES[:10]))
    scene.index.let_in()
    scene.pump()
    scene.index.heard()
    scene.index.hang_up()
    assert scene.link.registered == 0
    scene.clock.advance(1)
    assert isinstance(scene.index.let_in()[0], Login)
    scene.pump()
    assert len(names(scene.index.heard())) == 10


def test_a_displaced_session_backs_off_and_says_why(online: Scene) -> None:
    """Two daemons of one nick must not kick each other out for ever."""
    killed = b"You were killed by index: Someone else is logging in as you, disconnecting."
    online.index.say(Ghosted(), Notice(killed))
    online.index.say_raw(316, b"0")
    reason = online.link.status.reason
    assert "somebody else has logged in as alice" in reason
    assert "next try in 300 s" in reason
    online.clock.advance(299)
    assert not online.index.attempts
    online.clock.advance(2)
    assert online.index.attempts


def test_stops_at_any_point(build: Callable[..., Scene]) -> None:
    """While it waits, connects, logs in or is online: nothing is left behind."""
    waiting, connecting, logging_in, online = (build() for _ in range(4))
    waiting.index.refuse(error.ConnectionRefusedError())
    logging_in.index.accept()
    online.index.let_in()
    for scene in (waiting, connecting, logging_in, online):
        done: list[object] = []
        stopped = scene.link.stopService()
        assert stopped is not None
        stopped.addCallback(done.append)
        assert done == [None]
        assert not scene.clock.getDelayedCalls()


# Indexes that misbehave.


def test_a_session_byte_by_byte(scene: Scene) -> None:
    """Frames may arrive in pieces of any size."""
    scene.index.accept()
    for message in (LoginAccepted("a@b"), MotdLine(b"hello"), Stats(1, 2, 3), Ping("bob", b"x")):
        for byte in message.frame():
            scene.index.say_bytes(bytes([byte]))
    assert scene.link.online
    assert scene.index.heard()[-1] == Pong("bob", b"x")


@pytest.mark.parametrize(
    "junk",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 100, b"\x01\x08\xc9\x00", b"SSH-2.0-OpenSSH"],
)
def test_something_that_is_no_index_is_dropped(scene: Scene, junk: bytes) -> None:
    """A frame over the limit ends the session with a reason, before anything is buffered."""
    scene.index.accept()
    scene.index.say_bytes(junk)
    assert "sends what is no message" in scene.link.status.reason
    assert scene.index.transport.aborted


def test_messages_that_cannot_be_read_are_skipped(online: Scene) -> None:
    """One bad message does not cost the link; twenty show that this is no index."""
    for _ in range(19):
        online.index.say_raw(201, b"not a hit")
    assert online.link.online
    online.index.say_raw(201, b"not a hit")
    assert "cannot be read" in online.link.status.reason


def test_unknown_messages_are_skipped(online: Scene) -> None:
    """An index may know more than this peer."""
    online.index.say_raw(40000, b"anything")
    online.index.say_raw(10112, b"")
    assert online.link.online


def test_an_index_that_speaks_out_of_turn_is_dropped(online: Scene) -> None:
    """A second login acknowledgement makes no sense."""
    online.index.say(LoginAccepted("again"))
    assert "out of turn" in online.link.status.reason


def test_answers_nobody_asked_for_are_dropped(online: Scene) -> None:
    """Also those that look like answers to questions long answered."""
    online.index.say_raw(202, b"")
    online.index.say_raw(213, b"bob")
    online.index.say_raw(217, b"")
    online.index.say_raw(204, b'bob 1 6699 "x" 0 0')
    online.index.say_raw(752, b"bob 1")
    assert online.link.online


def test_what_follows_a_broken_frame_is_not_heeded(scene: Scene) -> None:
    """After the connection was given up, the rest of a segment means nothing."""
    scene.index.accept()
    late = b"\xff\xff\x00\x00" + LoginAccepted("x").frame() + Stats(1, 1, 1).frame()
    scene.index.say_bytes(late)
    assert not scene.link.online


def test_a_request_that_cannot_be_answered_is_skipped(online: Scene) -> None:
    """A path with a quote in it could not be sent back; it is not ours anyway."""
    online.index.say_raw(607, b'bob x"y')
    online.index.say_raw(751, b'"bo"b" x')
    assert online.link.online
