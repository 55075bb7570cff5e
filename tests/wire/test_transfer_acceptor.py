"""Answering whoever dials."""

import pytest
from automat import NoTransition
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.transfer import (
    Acceptor,
    Broken,
    GetRequested,
    ListRequested,
    Refusal,
    SendRequested,
)
from tests.wire.handshakes import PATH, play, splits
from tests.wire.strategies import pieces

GET = GetRequested("me", PATH, 1024)
SEND = SendRequested("me", PATH, 443332)
GET_BYTES = b'GETme "%b" 1024' % PATH
SEND_BYTES = b'SENDme "%b" 443332' % PATH


def test_the_bytes_of_an_upload() -> None:
    """Greeting at once; then the size, or a refusal, and the rest is the caller's."""
    acceptor = Acceptor()
    assert acceptor.take_outgoing() == [b"1"]
    assert acceptor.feed(b"GET") == []
    assert acceptor.feed(b'me "%b" 0' % PATH) == [GetRequested("me", PATH, 0)]
    acceptor.accept_get(443332)
    assert acceptor.take_outgoing() == [b"443332"]
    assert acceptor.closed() == []


def test_the_bytes_of_a_push() -> None:
    """SEND is answered by the offset; what comes then is content."""
    acceptor = Acceptor()
    assert play(acceptor, [b"SEND", SEND_BYTES[4:]]) == [SEND]
    acceptor.accept_send(77)
    assert acceptor.take_outgoing() == [b"1", b"77"]
    assert acceptor.quiet() == acceptor.closed() == []
    with pytest.raises(RuntimeError, match="content of a file"):
        acceptor.feed(b"content")


@pytest.mark.parametrize(
    ("request_", "event"),
    [
        (GET_BYTES, GET),
        (SEND_BYTES, SEND),
        (b"GETLIST", ListRequested()),
        (b"GETLIST\n", ListRequested()),
        (b"GETLIST\r\n", ListRequested()),
        (GET_BYTES + b"\n", GET),
        (GET_BYTES + b"\0", GET),
        (b"GET " + GET_BYTES[3:], GET),
        (b'GETme "a b"', GetRequested("me", b"a b", 0)),
        (b'GETme "a b" ', GetRequested("me", b"a b", 0)),
        (b'GETme "a b" 0', GetRequested("me", b"a b", 0)),
        (b"GETme song.mp3 12", GetRequested("me", b"song.mp3", 12)),
        (b'GETLIST "a b" 12', GetRequested("LIST", b"a b", 12)),
        (b'GETLISTer "a b" 12', GetRequested("LISTer", b"a b", 12)),
        (b'GETGET "GET" 12', GetRequested("GET", b"GET", 12)),
        (b'SENDLIST "a b" 12', SendRequested("LIST", b"a b", 12)),
        (b'SENDme "a b" 0', SendRequested("me", b"a b", 0)),
        (b'GETzo\xeb "a\nb" 18446744073709551615', GetRequested("zoë", b"a\nb", 2**64 - 1)),
    ],
)
def test_requests(request_: bytes, event: object) -> None:
    """Verb and line come in any pieces; a number is whole by quiet or an end of line."""
    for parts in splits(request_):
        assert play(Acceptor(), parts) == [event]


def test_quiet_in_the_middle_of_a_line() -> None:
    """A slow line is not a short one: only what could be whole ends by quiet."""
    acceptor = Acceptor()
    for part in (b"G", b"ET", b"m", b"e ", b'"a', b" b"):
        assert acceptor.feed(part) == acceptor.quiet() == []
    assert acceptor.feed(b'" 7') == []
    assert acceptor.needs_quiet
    assert acceptor.quiet() == [GetRequested("me", b"a b", 7)]
    assert not acceptor.needs_quiet


def test_digits_after_the_quiet_time() -> None:
    """An offset that goes on after all is never served as the shorter one."""
    acceptor = Acceptor()
    play(acceptor, [GET_BYTES])
    assert acceptor.feed(b"\r\n") == []
    assert acceptor.feed(b"5") == [Broken("the other side goes on with '5', out of turn")]
    acceptor = Acceptor()
    play(acceptor, [GET_BYTES])
    acceptor.accept_get(443332)
    assert acceptor.feed(b"5") == [Broken("the other side goes on with '5', out of turn")]


@pytest.mark.parametrize("request_", [GET_BYTES, SEND_BYTES, b"GETLIST"])
def test_refusing(request_: bytes) -> None:
    """Every request can be refused, and then nothing matters any more."""
    acceptor = Acceptor()
    play(acceptor, [request_])
    acceptor.refuse(Refusal.FILE_NOT_SHARED)
    assert acceptor.take_outgoing() == [b"1", b"FILE NOT SHARED"]
    assert acceptor.feed(b"what?") == acceptor.closed() == []
    assert not acceptor._talk.buffer


@pytest.mark.parametrize("request_", [GET_BYTES, SEND_BYTES])
def test_an_answer_that_comes_too_late(request_: bytes) -> None:
    """Finding a file takes time; meanwhile the other side may have left."""
    acceptor = Acceptor()
    play(acceptor, [request_])
    acceptor.closed()
    acceptor.accept_get(5)
    acceptor.accept_send(5)
    acceptor.refuse(Refusal.FILE_NOT_FOUND)
    assert acceptor.take_outgoing() == [b"1"]


def test_answers_to_what_was_not_asked() -> None:
    """A slip of the caller does not reach the wire."""
    acceptor = Acceptor()
    with pytest.raises(NoTransition):
        acceptor.accept_get(5)
    play(acceptor, [GET_BYTES])
    with pytest.raises(NoTransition):
        acceptor.accept_send(5)
    acceptor.accept_get(5)
    with pytest.raises(NoTransition):
        acceptor.refuse(Refusal.FILE_NOT_FOUND)
    assert acceptor.take_outgoing() == [b"1", b"5"]


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (b"HELO", "begins neither with GET nor with SEND or GETLIST"),
        (b"get", "begins neither"),
        (b"\x16\x03\x01", "begins neither"),
        (b"GET" + b"x" * 3000, "more than 2112 bytes"),
        (b'GETme "%b" 5' % (b"x" * 3000), "more than 2112 bytes"),
        (b'GETme "a" five', 'is not of the form nick "path" number'),
        (b'GETme "a" 5 "b"', "is not of the form"),
        (b'GETme "" 5', "is not of the form"),
        (b'GET"me" "a" 5', "is not of the form"),
        (b"GETme\nyou", "is not of the form"),
        (b"GET / HTTP/1.1\r\n", "is not of the form"),
        (b'GETme "a\0b" 5', "is not of the form"),
        (b"GETa b c", "is not of the form"),
        (b'GETme "a" ' + b"9" * 20, "neither the size of a file nor an offset"),
        (b'GETme "a" ' + b"9" * 21, "is not of the form"),
        (b'SENDme "a"', "a file is offered without its size"),
        (b"SENDLIST me\n", "is not of the form"),
    ],
)
def test_strangers(request_: bytes, complaint: str) -> None:
    """What is no request is named as such, at every split point."""
    for parts in splits(request_):
        (event,) = play(Acceptor(), parts)
        assert isinstance(event, Broken)
        assert complaint in event.reason


@pytest.mark.parametrize("heard", [b"", b"GET", b'GETme "a', GET_BYTES, GET_BYTES + b"\n"])
def test_closed_too_early(heard: bytes) -> None:
    """Whoever leaves before the answer gets none; an unfinished request is not acted on."""
    acceptor = Acceptor()
    acceptor.feed(heard)
    assert acceptor.closed() == [
        Broken("the other side closed the connection before it was answered")
    ]


@given(st.binary(max_size=60) | st.text('GETSENDLI" \n05', max_size=30).map(str.encode), st.data())
def test_garbage(garbage: bytes, data: st.DataObject) -> None:
    """Any bytes lead to a request or a complaint, never to an error."""
    acceptor = Acceptor()
    events = play(acceptor, data.draw(pieces(b"GET" + garbage)))
    events += acceptor.closed()
    assert sum(isinstance(event, Broken) for event in events) <= 1
    assert 1 <= len(events) <= 2
