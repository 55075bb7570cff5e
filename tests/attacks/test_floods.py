"""Many connections, many requests, and connections that do nothing."""

import contextlib
import socket
import time
from pathlib import Path

from napster.wire.messages.login import Login, LoginError, Notice
from napster.wire.messages.people import PrivateMessage, ServerPing
from napster.wire.messages.searching import Search, SearchEnd
from napster.wire.search import SearchQuery
from tests.attacks.enemies import Wire, call
from tests.system.daemons import Network, Peer, network

SONG = Search(SearchQuery(contains=(b"song",)))


def test_searches_and_messages(net: Network, alice: Peer, bob: Peer) -> None:
    """What is too much is refused in words; everybody else is answered as ever."""
    with Wire.connect(net.index.port) as mallory:
        mallory.log_in("mallory")
        mallory.say(*[SONG] * 80, *[PrivateMessage("alice", b"hello")] * 80)
        began = time.monotonic()
        assert bob.search("song").files
        assert time.monotonic() - began < 2
        ends, notices = 0, []
        while ends < 80:
            message = mallory.hear()
            ends += isinstance(message, SearchEnd)
            notices += [message.text] if isinstance(message, Notice) else []
    assert notices[0].startswith(b"Too many searches; this one was not done. Wait ")
    assert alice.is_ready()


def test_connections_to_the_index(tmp_path: Path) -> None:
    """One address gets so many connections and no more; once they end, all is as before.

    It is told so ten times at most.
    """
    with network(tmp_path, max_connections_per_address=10) as net:
        with contextlib.ExitStack() as stack:
            idle = [stack.enter_context(Wire.connect(net.index.port)) for _ in range(30)]
            said = []
            for wire in idle[10:]:
                with contextlib.suppress(ConnectionError):
                    said += wire.the_rest()
            assert 0 < len(said) <= 10
            assert {each.text for each in said if isinstance(each, LoginError)} == {
                b"Your address has 10 connections already, which is the limit"
            }
            idle[0].log_in("anna")
        with Wire.connect(net.index.port) as berta:
            berta.log_in("berta")


def test_connections_one_after_the_other(tmp_path: Path) -> None:
    """Who connects again and again has to wait; who is connected does not notice."""
    with (
        network(tmp_path, connections_per_minute=20) as net,
        Wire.connect(net.index.port) as anna,
    ):
        anna.log_in("anna")
        told = []
        for _ in range(40):
            with Wire.connect(net.index.port) as mallory, contextlib.suppress(ConnectionError):
                mallory.say(Login("mallory", b"pw", 6699, b"x", 8))
                told.append(mallory.hear())
        refusals = [each.text for each in told if isinstance(each, LoginError)]
        assert 0 < len(refusals) <= 10
        assert len(told) < 40
        assert refusals[-1].startswith(b"Too many connections from your address")
        anna.say(ServerPing(), SONG)
        anna.until(SearchEnd)


def test_connections_to_a_data_port(net: Network, bob: Peer) -> None:
    """Idle callers take up no more than their address's share, and downloads go on beside them."""
    dave = net.peer("dave", {"of dave.txt": b"dave"}, data_connections_per_address=10)
    with contextlib.ExitStack() as stack:
        for _ in range(9):
            address = ("127.0.0.1", dave.data_port)
            stack.enter_context(socket.create_connection(address)).recv(1)
        (path,) = bob.fetch(bob.search("of dave").rows)
        assert path.read_bytes() == b"dave"
        stack.enter_context(socket.create_connection(address)).recv(1)
        assert call(dave.data_port) == b""
