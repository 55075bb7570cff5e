"""Virtual paths are reversible, fit for the wire, and never two names in one."""

from hypothesis import given
from hypothesis import strategies as st

from napster.peer.library.names import escape_name, names_of, unescape_name, virtual_path
from napster.wire.fields import FieldReader, quote

from .helpers import STRANGE_NAMES

NAMES = st.one_of(
    st.binary(min_size=1, max_size=60),
    st.text(min_size=1).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text('%0123456789ABCDEFabcdef"\\', min_size=1).map(str.encode),
    st.sampled_from(STRANGE_NAMES),
)


@given(NAMES)
def test_escaping_is_undone(name: bytes) -> None:
    """Whatever a disk calls a file, a downloader can restore the name."""
    assert unescape_name(escape_name(name)) == name


@given(NAMES)
def test_escaped_is_fit_for_the_wire(name: bytes) -> None:
    """An escaped name is valid UTF-8 without quotes, separators and controls."""
    escaped = escape_name(name)
    text = escaped.decode("utf-8")
    assert not set(text) & {'"', "\\", "\x7f"}
    assert all(char >= " " for char in text)
    assert FieldReader(quote(escaped)).argument() == escaped


@given(NAMES, NAMES)
def test_two_names_never_become_one(one: bytes, other: bytes) -> None:
    """Escaping keeps different names apart."""
    assert (escape_name(one) == escape_name(other)) == (one == other)


@given(NAMES)
def test_foreign_parts_are_left_alone(part: bytes) -> None:
    """Only what escape_name makes is decoded; another program's percent sign stays."""
    restored = unescape_name(part)
    assert restored == part or escape_name(restored) == part


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_paths_are_split_as_they_were_joined(names: list[bytes]) -> None:
    """A path leads back to the names it was made of."""
    assert names_of(virtual_path(names[0], names[1:])) == names


def test_examples() -> None:
    """The escapes are what other programs are told to expect."""
    assert escape_name(b'a"b\\c%d\n\x7f\xe9\xc3\xa9') == b"a%22b%5Cc%25d%0A%7F%E9\xc3\xa9"
    assert unescape_name(b"50% off %zz %5c %41") == b"50% off %zz %5c %41"
    assert virtual_path(b"Music", [b"A\\B", b"c.mp3"]) == b"Music\\A%5CB\\c.mp3"
