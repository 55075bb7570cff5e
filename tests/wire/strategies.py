"""Generated values for the wire: fields, messages, searches, and bytes in pieces."""

from typing import Any

import attrs
from hypothesis import strategies as st

from napster.wire.fields import argument, quote, write_text
from napster.wire.messages import Message
from napster.wire.messages.base import write_remark, write_words
from napster.wire.messages.searching import Search
from napster.wire.messages.sharing import Share, ShareDirectory, Unshare
from napster.wire.search import MAX_RESULTS, TYPES, Range, SearchQuery

U64 = 2**64 - 1
HIGHEST = {"address": 2**32 - 1, "port": 65535}
"""Fields with a smaller range than 64 bits, by name."""

u64 = st.integers(0, U64)
texts = st.binary(max_size=40).map(lambda raw: raw.replace(b"\0", b"."))
paths = texts.map(lambda raw: raw.replace(b'"', b"'"))
file_paths = paths.filter(bool)
plain_words = st.text("abcXYZ019'", min_size=1, max_size=8).map(str.encode)
phrases = st.lists(plain_words, min_size=1, max_size=3).map(b" ".join)


def _sendable(value: bytes) -> bool:
    return b'"' not in value or (value != b"" and value[:1] != b'"' and b" " not in value)


tokens = texts.filter(_sendable)
words = tokens.map(lambda raw: raw.decode("latin-1"))


def field_values(message: type[Message], name: str) -> st.SearchStrategy[Any]:
    """Make values for one field of a message class."""
    kinds = {slot.name: slot.kind for slot in message._layout}
    by_writer = {
        quote: paths,
        argument: tokens,
        write_text: words,
        write_remark: paths,
        write_words: st.lists(words, max_size=3).map(tuple),
    }
    other = texts if kinds[name].to_end else st.integers(0, HIGHEST.get(name, U64))
    return by_writer.get(kinds[name].write, other)


@st.composite
def plain_messages(draw: st.DrawFn, message: type[Message]) -> Message:
    """Make a message of separate fields, some of the optional ones at its end left out."""
    fields = attrs.fields(message)
    absent = [each.name for each in fields if each.default is None]
    kept = draw(st.integers(0, len(absent)))
    wanted = [each.name for each in fields if each.name not in absent[kept:]]
    return message(**{name: draw(field_values(message, name)) for name in wanted})


ranges = st.one_of(
    st.just(Range()),
    st.builds(Range, lowest=u64),
    st.builds(Range, highest=u64),
    st.tuples(u64, u64).map(lambda ends: Range(min(ends), max(ends))),
)
queries = st.builds(
    SearchQuery,
    contains=st.lists(phrases, max_size=4).map(tuple),
    excludes=st.lists(phrases, max_size=4).map(tuple),
    max_results=st.integers(1, MAX_RESULTS),
    speed=ranges,
    bitrate=ranges,
    frequency=ranges,
    size=ranges,
    duration=ranges,
    type=st.sampled_from([None, *TYPES]),
    local=st.booleans(),
)
shares = st.builds(
    Share,
    path=paths,
    md5=tokens,
    size=u64,
    bitrate=u64,
    frequency=u64,
    duration=u64,
)


@st.composite
def directories(draw: st.DrawFn) -> ShareDirectory:
    """Make a directory with files in it."""
    directory = draw(paths) + b"\\"
    files = [each.evolve(path=directory + each.path) for each in draw(st.lists(shares, max_size=3))]
    return ShareDirectory(directory=directory, files=tuple(files))


def messages(message: type[Message]) -> st.SearchStrategy[Message]:
    """Make messages of a class."""
    special: dict[type[Message], st.SearchStrategy[Any]] = {
        Search: st.builds(Search, query=queries),
        ShareDirectory: directories(),
        Unshare: st.builds(Unshare, path=file_paths),
    }
    return special.get(message, plain_messages(message))


@st.composite
def pieces(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """Cut bytes at some points."""
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=6)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
