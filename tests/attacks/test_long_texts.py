"""Texts that are too long: nicks, searches, messages, paths."""

from napster.wire.framing import MAX_BODY, encode
from napster.wire.messages.login import LoginError, NickInvalid, Notice
from napster.wire.messages.people import PrivateMessage
from napster.wire.messages.searching import Search, SearchEnd
from tests.attacks.enemies import Wire, file
from tests.system.daemons import Network, Peer


def test_to_the_index(net: Network) -> None:
    """Each gets an answer that fits, and the session goes on."""
    with Wire.connect(net.index.port) as mallory:
        mallory.log_in("mallory")
        words = b'FILENAME CONTAINS "' + b"a b " * 500 + b'" MAX_RESULTS 100'
        mallory.connection.sendall(encode(Search.type, words[:MAX_BODY]))
        mallory.until(SearchEnd)
        mallory.say(file(b"x" * 1990, 5))
        assert b"too long" in mallory.until(Notice).text
        mallory.connection.sendall(encode(Search.type, b'FILENAME CONTAINS "song"'))
        mallory.until(SearchEnd)


def test_to_others(net: Network) -> None:
    """What is passed on to others is no longer than programs of the time can bear."""
    with Wire.connect(net.index.port) as anna, Wire.connect(net.index.port) as mallory:
        anna.log_in("anna")
        mallory.log_in("mallory")
        mallory.say(PrivateMessage("anna", b"x" * 2000))
        assert len(anna.until(PrivateMessage).text) <= 180


def test_nicks(net: Network) -> None:
    """Nobody logs in under a nick that others could not bear."""
    for nick in (b"x" * 2000, b"a" * 64, b"\x1b[2J", b"a\x00b"):
        with Wire.connect(net.index.port) as mallory:
            mallory.connection.sendall(encode(2, nick + b' pw 6699 "x" 8'))
            said = mallory.the_rest()[0]
            assert isinstance(said, NickInvalid | LoginError | Notice)


def test_at_the_control_api(bob: Peer) -> None:
    """A search of a megabyte is refused in a sentence."""
    assert bob.refused("GET", "search?words=" + "x" * 3000)
