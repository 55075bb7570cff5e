"""Behind a proxy nobody is there before the proxy has said who."""

import struct
from collections.abc import Iterator
from ipaddress import ip_address

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs

from napster.daemon.proxied import HEADER_TIME, MOST_WAITING, ProxiedFactory
from napster.daemon.proxy_header import Header, HeaderError, read_header

PROXY = IPv4Address("TCP", "10.0.0.1", 41000)
ANNA = IPv4Address("TCP", "198.51.100.4", 5)
HERE = IPv4Address("TCP", "192.0.2.1", 6)
HEADER = b"PROXY TCP4 198.51.100.4 192.0.2.1 5 6\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(family: int, body: bytes, command: int = 0x21) -> bytes:
    """Make a header of version 2."""
    return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body


def ends(source: str, destination: str) -> bytes:
    """Make its two addresses and the ports 5 and 6."""
    packed = ip_address(source).packed + ip_address(destination).packed
    return packed + struct.pack("!HH", 5, 6)


class Served(Protocol):
    """Notes what came."""

    def __init__(self) -> None:
        self.came = b""
        self.lost = False

    def dataReceived(self, data: bytes) -> None:
        self.came += data

    def connectionLost(self, _reason: object = connectionDone) -> None:
        self.lost = True


class Serving(Factory):
    """Notes whom it is told of, and lets all of them in unless it is full."""

    noisy = False

    def __init__(self) -> None:
        self.heard: list[IAddress | None] = []
        self.served: list[Served] = []
        self.full = False

    def buildProtocol(self, addr: IAddress | None) -> Served | None:
        self.heard.append(addr)
        if self.full:
            return None
        self.served.append(Served())
        return self.served[-1]


class Port:
    """A listener behind a proxy, and a clock that stands still."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.serving = Serving()
        self.factory = ProxiedFactory(self.clock, self.serving)

    def connect(self, *pieces: bytes) -> StringTransport:
        """Connect as the proxy and send what it sends."""
        transport = StringTransport(peerAddress=PROXY)
        protocol = self.factory.buildProtocol(PROXY)
        protocol.makeConnection(transport)
        transport.protocol = protocol
        for piece in pieces:
            if not transport.disconnected:
                protocol.dataReceived(piece)
        return transport


@pytest.fixture
def port() -> Iterator[Port]:
    """Give a test a listener; no timer may be left."""
    port = Port()
    yield port
    port.clock.advance(HEADER_TIME)
    assert not port.clock.getDelayedCalls()
    assert not port.factory.waiting


@pytest.mark.parametrize(
    ("data", "source", "destination"),
    [
        (HEADER, ANNA, HERE),
        (
            b"PROXY TCP6 2001:db8:0:0::1 ::ffff:192.0.2.1 5 6\r\n",
            IPv6Address("TCP", "2001:db8::1", 5),
            HERE,
        ),
        (b"PROXY UNKNOWN\r\n", None, None),
        (b"PROXY UNKNOWN 1.2.3.4 whatever\r\n", None, None),
        (binary(0x11, ends("198.51.100.4", "192.0.2.1")), ANNA, HERE),
        (binary(0x11, ends("198.51.100.4", "192.0.2.1") + b"\4\0\1x"), ANNA, HERE),
        (
            binary(0x21, ends("2001:db8::1", "::ffff:192.0.2.1")),
            IPv6Address("TCP", "2001:db8::1", 5),
            HERE,
        ),
        (
            binary(0x31, b"/run/a".ljust(108, b"\0") + b"/run/b".ljust(108, b"\0")),
            UNIXAddress(b"/run/a"),
            UNIXAddress(b"/run/b"),
        ),
        (binary(0x00, b""), None, None),
        (binary(0x11, ends("198.51.100.4", "192.0.2.1"), command=0x20), None, None),
    ],
)
def test_headers(data: bytes, source: IAddress | None, destination: IAddress | None) -> None:
    """Every form of a header is read as soon as it is complete, and no earlier."""
    assert [read_header(data[:size]) for size in range(len(data))] == [None] * len(data)
    assert read_header(data + b"more") == Header(len(data), source, destination)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"hello", "there is none, but b'hello'"),
        (b"PROXY TCP4 1.2.3.4 1.1.1.1 abc 6\r\n", "'abc' is not a port"),
        (b"PROXY TCP4 1.2.3.4 1.1.1.1 5 99999\r\n", "'99999' is not a port"),
        (b"PROXY TCP4 1.2.3.4 1.1.1.1 5 -6\r\n", "'-6' is not a port"),
        (b"PROXY TCP4 999.2.3.4 1.1.1.1 5 6\r\n", "'999.2.3.4' is not an IPv4 address"),
        (b"PROXY TCP4 1.2.3.4 hello 5 6\r\n", "'hello' is not an IPv4 address"),
        (b"PROXY TCP6 1.2.3.4 1.1.1.1 5 6\r\n", "'1.2.3.4' is not an IPv6 address"),
        (b"PROXY TCP4 \xff\xfe 1.1.1.1 5 6\r\n", r"'\\xff\\xfe' is not an IPv4 address"),
        (b"PROXY TCP4 1.2.3.4 1.1.1.1 5\r\n", "two addresses and two ports"),
        (b"PROXY SCTP 1.2.3.4 1.1.1.1 5 6\r\n", "two addresses and two ports"),
        (b"PROXY \r\n", "two addresses and two ports"),
        (b"PROXY TCP4 " + b"1" * 96, "it does not end within 107 bytes"),
        (binary(0x11, b"", command=0x11), "version and command are 0x11"),
        (binary(0x11, b"short"), "5 bytes of addresses of the kind 0x11"),
        (binary(0x12, b"x" * 12), "12 bytes of addresses of the kind 0x12"),
        (binary(0x11, b"x" * 60000), "it has 60016 bytes, and may have 4096"),
    ],
)
def test_wrong_headers(port: Port, data: bytes, wrong: str) -> None:
    """A header that cannot be read closes the connection; a line says whose it was and why."""
    with pytest.raises(HeaderError) as caught:
        read_header(data)
    assert wrong in str(caught.value)
    with capturedLogs() as events:
        assert port.connect(data).disconnected
    (event,) = events
    assert event["proxy"] == "10.0.0.1"
    assert wrong in event["reason"]
    assert port.serving.heard == []


def test_begins_with_the_header(port: Port) -> None:
    """Somebody is there once the header is complete, however silent, at the address told."""
    transport = port.connect(HEADER)
    assert port.serving.heard == [ANNA]
    (served,) = port.serving.served
    assert served.transport.getPeer() == ANNA
    assert served.transport.getHost() == HERE
    port.clock.advance(HEADER_TIME)
    assert not transport.disconnected
    transport.protocol.dataReceived(b"hello")
    assert served.came == b"hello"
    transport.protocol.connectionLost(connectionDone)
    assert served.lost


def test_header_in_pieces(port: Port) -> None:
    """What stands behind the header is passed on, wherever the pieces end."""
    data = HEADER + b"hello"
    port.connect(*(data[n : n + 1] for n in range(len(data))))
    port.connect(data)
    assert port.serving.heard == [ANNA, ANNA]
    assert [each.came for each in port.serving.served] == [b"hello"] * 2


def test_connection_of_the_proxy_itself(port: Port) -> None:
    """A header without addresses leaves the proxy's own."""
    port.connect(b"PROXY UNKNOWN\r\n")
    assert port.serving.heard == [PROXY]
    (served,) = port.serving.served
    assert served.transport.getPeer() == PROXY


@pytest.mark.parametrize("data", [b"", b"PRO", HEADER[:-1], SIGNATURE])
def test_no_header(port: Port, data: bytes) -> None:
    """Without a whole header in time the connection is closed, and the log says so."""
    transport = port.connect(data)
    port.clock.advance(HEADER_TIME - 0.1)
    assert not transport.disconnected
    with capturedLogs() as events:
        port.clock.advance(0.1)
    assert transport.disconnected
    assert [each["reason"] for each in events] == ["it has sent no whole PROXY header within 10 s"]
    transport.protocol.connectionLost(connectionDone)
    assert port.serving.heard == []


def test_gone_before_the_header(port: Port) -> None:
    """Whoever goes is not waited for."""
    port.connect(b"PROXY").protocol.connectionLost(connectionDone)
    assert not port.clock.getDelayedCalls()
    assert not port.factory.waiting


def test_turned_away_by_the_address(port: Port) -> None:
    """The factory may let nobody in, now that it knows who it is."""
    port.serving.full = True
    assert port.connect(HEADER + b"hello").disconnected
    assert port.serving.heard == [ANNA]


def test_crowd_without_headers(port: Port) -> None:
    """Only so many wait for a header; who has told it makes room."""
    waiting = [port.connect() for _ in range(MOST_WAITING)]
    assert port.connect(HEADER).disconnected
    assert not any(each.disconnected for each in waiting)
    waiting[0].protocol.dataReceived(HEADER)
    assert not port.connect(HEADER).disconnected
    assert port.serving.heard == [ANNA, ANNA]


def test_stop(port: Port) -> None:
    """With the port, those without a header are given up; the others stay."""
    port.factory.doStart()
    served, waiting = port.connect(HEADER), port.connect(b"PROXY")
    port.factory.doStop()
    assert waiting.disconnected
    assert not served.disconnected
