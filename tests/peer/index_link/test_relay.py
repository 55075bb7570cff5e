"""What is said to an index about its relay."""

from collections.abc import Callable

import attrs
import pytest

from napster.peer.arrange import ArrangeError, IndexAwayError, NoAnswerError, RelayPlace
from napster.peer.index_link.links import Links
from napster.peer.index_link.requests import RELAY_PATIENCE
from napster.wire.extension import (
    Feature,
    Greeting,
    Hello,
    RelayReady,
    RelayRefused,
    RelayRequest,
    Role,
    Task,
)
from napster.wire.messages.login import LoginAccepted
from napster.wire.messages.transfers import DownloadReady
from tests.peer.index_link.fakes import MD5, Scene
from tests.peer.index_link.test_questions import PATH, error, result, started
from tests.peer.index_link.test_tickets import KEY, SECRET, issued

ALL = Feature.CONTENT | Feature.SECURE | Feature.RELAY
HELLO = Hello(1, ALL, 16_384, "192.0.2.1")
TOKEN = bytes(range(16, 32))
READY = RelayReady(SECRET, 8889, TOKEN)
PLACE = RelayPlace("192.168.1.1", 8889, TOKEN)
"""The index's own address, as the connection to it has it."""


@pytest.fixture
def relayed(build: Callable[..., Scene]) -> Scene:
    """Give a peer that is logged in at an index with a relay."""
    scene = build(key=KEY)
    scene.index.let_in(HELLO)
    scene.pump()
    scene.index.heard()
    return scene


@pytest.mark.parametrize(
    ("key", "offered", "agreed"),
    [
        (KEY, ALL, ALL),
        (None, ALL, ALL & ~Feature.RELAY),
        (KEY, Feature.RELAY, Feature(0)),
        (KEY, ALL & ~Feature.RELAY, ALL & ~Feature.RELAY),
    ],
)
def test_who_has_a_relay(
    build: Callable[..., Scene], key: object, offered: Feature, agreed: Feature
) -> None:
    """It takes an index that offers one, and a peer that encrypts."""
    scene = build(key=key)
    scene.index.accept()
    scene.index.heard()
    scene.index.say(LoginAccepted("a@b"), attrs.evolve(HELLO, features=offered))
    (greeting,) = scene.index.heard()
    assert isinstance(greeting, Greeting)
    assert greeting.features == agreed
    scene.index.say_raw(214, b"1 1 1")
    assert Links([scene.link]).relays("bob") is (Feature.RELAY in agreed)


def test_nobody_can_be_connected_to(relayed: Scene) -> None:
    """The uploader agrees with a ticket and without a port; then the relay is asked for."""
    asking = started(relayed.link.arrange_download("bob", PATH))
    ready = DownloadReady("bob", 0, 0, PATH, MD5, 7)
    relayed.index.say(issued(Role.CONNECTOR, Task.DOWNLOAD), ready)
    arrangement = result(asking)
    assert arrangement.port == 0
    assert arrangement.ticket.secret == SECRET
    relayed.index.heard()
    asking = started(Links([relayed.link]).arrange_relay("bob", SECRET))
    assert relayed.index.heard() == [RelayRequest(SECRET)]
    relayed.index.say(READY)
    assert result(asking) == PLACE
    assert relayed.uploads.relays == []


def test_a_refusal(relayed: Scene) -> None:
    """Its reason is told, one line of it."""
    asking = started(relayed.link.arrange_relay(SECRET))
    relayed.index.say(RelayRefused(bytes(16), "another"), RelayRefused(SECRET, "full\n\x1b[0m"))
    refusal = error(asking)
    assert isinstance(refusal, ArrangeError)
    assert str(refusal).startswith("the index has no relay for it: full")
    assert str(refusal).isprintable()


def test_no_answer(relayed: Scene) -> None:
    """Silence has an end, and so has the link."""
    asking = started(relayed.link.arrange_relay(SECRET))
    relayed.clock.advance(RELAY_PATIENCE)
    assert isinstance(error(asking), NoAnswerError)
    asking = started(relayed.link.arrange_relay(SECRET))
    relayed.index.hang_up()
    assert isinstance(error(asking), IndexAwayError)


def test_somebody_waits_at_the_relay(relayed: Scene) -> None:
    """What this peer has not asked for itself is about a file of its own."""
    relayed.index.say(READY)
    assert relayed.uploads.relays == [(SECRET, PLACE)]
