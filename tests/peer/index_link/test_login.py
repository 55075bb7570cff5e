"""Logging in: the order of messages, registration, and every way in which it can fail."""

from collections.abc import Callable

import attrs
import pytest
from twisted.logger import capturedLogs

from napster.peer.api import IndexState
from napster.peer.index_link.login import NO_ANSWER
from napster.wire.messages.login import (
    CheckNick,
    Disconnecting,
    Login,
    LoginAccepted,
    LoginError,
    MotdLine,
    NickFree,
    NickInvalid,
    NickTaken,
    Notice,
    Register,
    Stats,
)
from tests.peer.index_link.fakes import IDENTITY, Scene

LOGIN = Login("alice", b"s3cret", 6699, b"napster 0", 7)


def test_logs_in_and_is_online_after_the_totals(scene: Scene) -> None:
    """3 alone is not the end of a login: 621 lines and 214 follow."""
    assert scene.link.status.state is IndexState.CONNECTING
    scene.index.accept()
    assert scene.index.heard() == [LOGIN]
    assert scene.link.status.state is IndexState.LOGGING_IN
    scene.index.say(LoginAccepted("anon@index"), MotdLine(b"welcome"))
    assert not scene.link.online
    scene.index.say(Stats(12, 3456, 7))
    assert scene.link.online
    status = scene.link.status
    assert (status.users, status.files, status.gigabytes) == (12, 3456, 7)
    assert status.reason == ""
    assert "welcome" in scene.link.notices.kept


def test_a_firewalled_peer_says_port_0(build: Callable[..., Scene]) -> None:
    """Others are told not to connect, and transfers learn it from the link."""
    scene = build(data_port=0)
    scene.index.accept()
    assert scene.index.heard() == [LOGIN.evolve(port=0)]
    assert scene.link.firewalled


def test_registers_a_free_nick(build: Callable[..., Scene]) -> None:
    """The nick is checked with 7, and registered with 6 where it is free."""
    scene = build(identity=attrs.evolve(IDENTITY, email="a@b.example"))
    scene.index.accept()
    assert scene.index.heard() == [CheckNick("alice")]
    scene.index.say(NickFree())
    expected = Register("alice", b"s3cret", 6699, b"napster 0", 7, "a@b.example")
    assert scene.index.heard() == [expected]
    scene.index.say(LoginAccepted("a@b.example"), Stats(1, 1, 1))
    assert scene.link.online


def test_logs_in_where_the_nick_is_registered_already(build: Callable[..., Scene]) -> None:
    """A second run must not try to register the nick again."""
    scene = build(identity=attrs.evolve(IDENTITY, email="a@b.example"))
    scene.index.accept()
    scene.index.heard()
    scene.index.say(NickTaken())
    assert scene.index.heard() == [LOGIN]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (LoginError(b"Invalid Password"), "refuses the login as alice: Invalid Password"),
        (LoginError(b"alice is already active"), "alice is already active"),
        (NickInvalid(), "no valid nick"),
        (NickInvalid(b"Invalid nick: alice"), "Invalid nick: alice"),
    ],
)
def test_a_refusal_becomes_a_reason(
    scene: Scene, answer: LoginError | NickInvalid, words: str
) -> None:
    """The status says why there is no login, and when the next try comes."""
    scene.index.accept()
    scene.index.say(answer)
    status = scene.link.status
    assert status.state is IndexState.OFFLINE
    assert words in status.reason
    assert "next try in 30 s" in status.reason


def test_a_notice_before_the_end_becomes_the_reason(scene: Scene) -> None:
    """Some servers say why in a 404, then close."""
    scene.index.accept()
    scene.index.say(Notice(b"Too few parameters for login."))
    scene.index.hang_up()
    assert "Too few parameters for login." in scene.link.status.reason


def test_being_thrown_out_is_told_with_the_last_notice(online: Scene) -> None:
    """A kill comes as a 404 and a 316."""
    online.index.say(Notice(b"You were killed by op: enough"), Disconnecting())
    reason = online.link.status.reason
    assert "the index ended the session: You were killed by op: enough" in reason
    assert online.index.transport.aborted


def test_an_index_that_shuts_down_is_awaited(online: Scene) -> None:
    """It is no refusal of this peer: it may be back in a second."""
    notice = Notice(b"The server is shutting down; try again later")
    online.index.say(notice, Disconnecting())
    assert "next try in 1 s" in online.link.status.reason


def test_silence_ends_a_login(scene: Scene) -> None:
    """An index that takes the connection and says nothing does not hold the peer for ever."""
    scene.index.accept()
    scene.clock.advance(60)
    assert NO_ANSWER in scene.link.status.reason
    assert scene.index.transport.aborted


def test_missing_totals_do_not_prevent_a_login(scene: Scene) -> None:
    """An index that never sends 214 has accepted the login nevertheless."""
    scene.index.accept()
    scene.index.say_raw(3, b"")
    assert not scene.link.online
    scene.clock.advance(60)
    assert scene.link.online


def test_the_password_is_never_logged(scene: Scene) -> None:
    """Neither in a line about the login nor in the identity's repr."""
    with capturedLogs() as logs:
        scene.index.accept()
        scene.index.say(LoginError(b"Invalid Password"))
    assert "s3cret" not in repr(logs)
    assert "s3cret" not in repr(IDENTITY)
