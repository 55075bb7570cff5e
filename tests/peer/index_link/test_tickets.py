"""Tickets that an index issues: each goes where the transfer it is for will look for it."""

from collections.abc import Callable

import pytest

from napster.peer.security.keys import new_key
from napster.peer.security.tickets import Ticket
from napster.wire.extension import Family, Feature, Greeting, Hello, Role, Task, TicketIssued
from napster.wire.messages.login import LoginAccepted
from napster.wire.messages.transfers import DownloadReady, UploadRefused
from tests.peer.index_link.fakes import MD5, Scene
from tests.peer.index_link.test_questions import LOCALHOST, PATH, error, result, started

KEY = new_key()
SECURE = Hello(1, Feature.CONTENT | Feature.SECURE, 16_384, "192.0.2.1")
SECRET, OTHER = bytes(range(16)), bytes(range(32))
READY = DownloadReady("bob", LOCALHOST, 6699, PATH, MD5, 7)


def issued(role: Role, task: Task, fingerprint: bytes | None = OTHER) -> TicketIssued:
    return TicketIssued(b"bob", PATH, SECRET, "192.0.2.7", role, 60, task, fingerprint)


def ticket(*, dials: bool, uploads: bool) -> Ticket:
    return Ticket(SECRET, "bob", PATH, OTHER, "192.0.2.7", dials=dials, uploads=uploads, life=60)


@pytest.fixture
def secure(build: Callable[..., Scene]) -> Scene:
    """Give a peer with a key, logged in at an index that issues tickets."""
    scene = build(key=KEY)
    scene.index.let_in(SECURE)
    scene.pump()
    scene.index.heard()
    return scene


def test_a_peer_with_a_key_tells_its_fingerprint(build: Callable[..., Scene]) -> None:
    """Together with what it is for."""
    scene = build(key=KEY)
    scene.index.accept()
    scene.index.heard()
    scene.index.say(LoginAccepted("a@b"), SECURE)
    features = Feature.CONTENT | Feature.SECURE
    assert scene.index.heard() == [Greeting(1, features, KEY.fingerprint, Family.IPV4)]


def test_a_peer_without_a_key_takes_tickets_as_well(scene: Scene) -> None:
    """It has no fingerprint to tell, and what it gets says no less than who may come."""
    scene.index.accept()
    scene.index.heard()
    scene.index.say(LoginAccepted("a@b"), SECURE)
    assert scene.index.heard() == [
        Greeting(1, Feature.CONTENT | Feature.SECURE, families=Family.IPV4)
    ]
    scene.index.say(issued(Role.ACCEPTOR, Task.UPLOAD, None))
    shown = scene.tickets.shown(SECRET)
    assert shown is not None
    assert shown.fingerprint is None


def test_a_download_comes_with_its_ticket(secure: Scene) -> None:
    """It precedes the 204, and nobody else can take it."""
    asking = started(secure.link.arrange_download("Bob", PATH))
    secure.index.say(issued(Role.CONNECTOR, Task.DOWNLOAD), READY)
    assert result(asking).ticket == ticket(dials=True, uploads=False)
    assert secure.tickets.to_push("bob", PATH) is None


def test_a_ticket_serves_one_download(secure: Scene) -> None:
    """What was refused, or arranged without, does not get that of another time."""
    first = started(secure.link.arrange_download("bob", PATH))
    secure.index.say(issued(Role.CONNECTOR, Task.DOWNLOAD), UploadRefused("bob", PATH))
    error(first)
    second = started(secure.link.arrange_download("bob", PATH))
    secure.index.say(READY)
    assert result(second).ticket is None


def test_a_push_that_was_asked_for_may_show_its_ticket(secure: Scene) -> None:
    """The uploader connects here with it."""
    asking = started(secure.link.arrange_push("bob", PATH))
    secure.index.say(issued(Role.ACCEPTOR, Task.DOWNLOAD))
    assert secure.tickets.shown(SECRET) == ticket(dials=False, uploads=False)
    secure.clock.advance(10)
    result(asking)


def test_an_upload_may_show_its_ticket(secure: Scene) -> None:
    """It precedes the 607."""
    secure.index.say(issued(Role.ACCEPTOR, Task.UPLOAD))
    assert secure.tickets.arranged("bob", PATH)
    assert secure.tickets.shown(SECRET) == ticket(dials=False, uploads=True)


def test_a_push_to_somebody_takes_its_ticket(secure: Scene) -> None:
    """It precedes the 501."""
    secure.index.say(issued(Role.CONNECTOR, Task.UPLOAD))
    assert secure.tickets.to_push("bob", PATH) == ticket(dials=True, uploads=True)


def test_a_ticket_for_a_download_nobody_asked_for_is_dropped(secure: Scene) -> None:
    """It may have come too late."""
    secure.index.say(issued(Role.CONNECTOR, Task.DOWNLOAD))
    asking = started(secure.link.arrange_download("bob", PATH))
    secure.index.say(READY)
    assert result(asking).ticket is None
    assert secure.tickets.shown(SECRET) is None


def test_an_index_that_greets_no_more(modern: Scene) -> None:
    """Somebody may be hiding that it gives out tickets: the session ends with a sentence."""
    assert modern.link.online
    modern.index.hang_up()
    modern.pump(120, 1)
    modern.index.let_in()
    assert modern.index.transport.aborted
    reason = modern.link.status.reason
    assert "the index cannot be trusted: it does not greet any more" in reason
    assert "remove index.example:8888 from" in reason


def test_an_address_of_ipv6(secure: Scene) -> None:
    """It comes with the ticket, and is tried before one of IPv4, if there is one."""
    six = issued(Role.CONNECTOR, Task.UPLOAD).evolve(ipv6=b"\x20\1\r\xb8" + bytes(11) + b"\1")
    secure.index.say(six, six.evolve(address="0.0.0.0", ticket=b"t" * 16))
    secure.pump()
    for addresses in (("2001:db8::1",), ("2001:db8::1", "192.0.2.7")):
        kept = secure.tickets.to_push("bob", PATH)
        assert kept is not None
        assert kept.addresses == addresses


def test_families_are_told(build: Callable[..., Scene]) -> None:
    """An index hears by what this host can connect to others."""
    scene = build(key=KEY, families=Family.IPV4 | Family.IPV6)
    scene.index.accept()
    scene.index.say(LoginAccepted("a@b"), SECURE)
    (greeting,) = [each for each in scene.index.heard() if isinstance(each, Greeting)]
    assert greeting.families == Family.IPV4 | Family.IPV6
