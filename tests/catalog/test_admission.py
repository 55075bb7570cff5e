"""What is taken in and what is refused."""

import pytest

from napster.catalog.admission import RefusedError, md5_key, path_key, read_record
from napster.wire.framing import MAX_BODY
from tests.catalog.helpers import MD5, record


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "unparsable"),
        (b'"a.mp3', "closing quote"),
        (b'"a.mp3"', "unparsable"),
        (b'"" ' + MD5 + b" 1 2 3 4", "no name"),
        (b'a"b.mp3 ' + MD5 + b" 1 2 3 4", "no message can carry"),
        (record(b"a\0b"), "closing quote"),
        (b'"a.mp3" "0 1 2 3" 4 5 6 7', "hash"),
        (b'"a.mp3" "" 4 5 6 7', "hash"),
        (b'"a.mp3" \xff\xff 4 5 6 7', "hash"),
        (record(b"a" * MAX_BODY), "too long"),
    ],
)
def test_records_that_are_refused(body: bytes, reason: str) -> None:
    """What cannot be read, or would forge or burst a reply, is refused with its reason."""
    with pytest.raises(RefusedError, match=reason):
        read_record(body, "anna")


def test_the_longest_path_makes_the_longest_legal_frame() -> None:
    """The limit is that of the reply with this nick, not a byte more or less."""
    fixed = len(record(b"")) + len(" anna 4294967295 10")
    assert read_record(record(b"x" * (MAX_BODY - fixed)), "anna")
    with pytest.raises(RefusedError, match="too long"):
        read_record(record(b"x" * (MAX_BODY - fixed + 1)), "anna")


def test_numbers_that_are_none_are_zero() -> None:
    """As in old servers, a size of `big` is a size of 0."""
    assert read_record(b'"a" ' + MD5 + b" big -1 1e3 4", "anna").size == 0


def test_path_key_folds_ascii_only() -> None:
    """Bytes of unknown encoding are not guessed at when paths are compared."""
    assert path_key(b"A\\B.MP3") == b"a\\b.mp3"
    assert path_key("É".encode()) != path_key("é".encode())


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (MD5, MD5),
        (MD5.upper(), MD5),
        (MD5 + b"-7708144", MD5),
        (MD5 + b"-", None),
        (MD5 + b"0", None),
        (b"NOMD5COMPUTED", None),
        (b"0" * 32, None),
        (b"", None),
    ],
)
def test_md5_key(field: bytes, expected: bytes | None) -> None:
    """Only a whole hash names content; the number official clients append is left off."""
    assert md5_key(field) == expected
