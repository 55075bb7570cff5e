"""Frames come out of a stream whole, whatever pieces it comes in."""

import struct
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.errors import FrameTooLongError
from napster.wire.framing import MAX_BODY, FrameReader, encode, encode_all
from tests.wire.strategies import pieces

frames = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=30)), max_size=6)


def test_golden_frame() -> None:
    """The header is length, then type, both little-endian."""
    assert encode(0x0102, b"hi") == b"\x02\x00\x02\x01hi"


def test_many_of_one_type() -> None:
    """They are what each would be by itself; one that no frame can hold is refused."""
    bodies = [b"first", b"", b"third"]
    assert encode_all(201, bodies) == b"".join(encode(201, body) for body in bodies)
    with pytest.raises(FrameTooLongError, match="message 201"):
        encode_all(201, [b"first", bytes(0x10000)])


@given(frames, st.data())
def test_frames_survive_any_pieces(wanted: list[tuple[int, bytes]], data: st.DataObject) -> None:
    """The same frames come out wherever the stream is cut."""
    stream = b"".join(encode(type_, body) for type_, body in wanted)
    reader = FrameReader()
    found = [frame for piece in data.draw(pieces(stream)) for frame in reader.feed(piece)]
    assert found == wanted
    assert not reader.mid_frame


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=9)), max_size=9), st.data())
def test_runs_are_the_same_frames(wanted: list[tuple[int, bytes]], data: st.DataObject) -> None:
    """What comes in one piece and is of one type comes out together, and nothing is lost."""
    reader = FrameReader()
    found = []
    for piece in data.draw(pieces(b"".join(encode(*each) for each in wanted))):
        runs = list(reader.runs(piece))
        assert all(bodies for _, bodies in runs)
        assert all(one[0] != other[0] for one, other in pairwise(runs))
        found += [(type_, body) for type_, bodies in runs for body in bodies]
    assert found == wanted


def test_long_frames_among_others() -> None:
    """A frame that only the limit of its type allows comes out in its place."""
    wanted = [(1, b"a"), (1, bytes(3000)), (1, b"b"), (2, b"c")]
    reader = FrameReader(lambda _: 3000)
    assert list(reader.feed(b"".join(encode(*each) for each in wanted))) == wanted


def test_every_split_point() -> None:
    """Two pieces, cut anywhere, are as good as one; only between frames none is pending."""
    stream = encode(2, b"first") + encode(3, b"") + encode(4, b"third")
    for cut in range(len(stream) + 1):
        reader = FrameReader()
        found = list(reader.feed(stream[:cut]))
        assert reader.mid_frame == (cut not in {0, 9, 13, len(stream)})
        found += reader.feed(stream[cut:])
        assert found == [(2, b"first"), (3, b""), (4, b"third")]


def test_a_reader_between_frames_holds_no_buffer_of_its_own() -> None:
    """Thousands of idle links share one empty buffer."""
    one, other = FrameReader(), FrameReader()
    list(one.feed(encode(2, b"first")))
    assert one._tail is other._tail


def test_a_body_over_the_cap_is_refused_on_its_header() -> None:
    """An over-long frame is an error before any of its body is here, after the frames before it."""
    reader = FrameReader()
    found = reader.feed(encode(2, b"ok") + struct.pack("<HH", MAX_BODY + 1, 200))
    assert next(found) == (2, b"ok")
    with pytest.raises(FrameTooLongError, match="message 200 announces 2049 bytes; at most 2048"):
        next(found)
    with pytest.raises(FrameTooLongError, match="message 200"):
        list(reader.feed(b"anything"))


def test_the_longest_body_allowed_passes() -> None:
    """A body of exactly the cap is a frame like any other."""
    body = bytes(MAX_BODY)
    assert list(FrameReader().feed(encode(200, body))) == [(200, body)]


def test_a_cap_of_its_own_for_each_type() -> None:
    """The limit is asked by type."""
    reader = FrameReader(lambda type_: 3000 if type_ == 1 else 60_000)
    assert len(list(reader.feed(encode(2, bytes(50_000)) + encode(1, bytes(3000))))) == 2
    with pytest.raises(FrameTooLongError, match="message 1 announces 3001"):
        list(reader.feed(encode(1, bytes(3001))))


def test_a_large_frame_in_crumbs_is_not_quadratic() -> None:
    """65,535 bytes, each on its own, are put together in linear time."""
    stream = encode(9, bytes(0xFFFF))
    reader = FrameReader(lambda _: 0xFFFF)
    start = time.process_time()
    found = [frame for at in range(len(stream)) for frame in reader.feed(stream[at : at + 1])]
    assert found == [(9, bytes(0xFFFF))]
    assert time.process_time() - start < 1  # re-joining each time takes about ten times as long


def test_a_body_that_no_frame_can_hold() -> None:
    """A length that does not fit in 16 bits is an error, not a wrong length."""
    assert len(encode(1, bytes(0xFFFF))) == 4 + 0xFFFF
    with pytest.raises(FrameTooLongError, match="message 1 would have 65536 bytes"):
        encode(1, bytes(0x10000))


@given(st.binary(max_size=200), st.data())
def test_garbage_gives_frames_or_too_long(garbage: bytes, data: st.DataObject) -> None:
    """No bytes make a reader fail in any other way."""
    reader = FrameReader()
    try:
        for piece in data.draw(pieces(garbage)):
            for _, body in reader.feed(piece):
                assert len(body) <= MAX_BODY
    except FrameTooLongError:
        assert reader.mid_frame
