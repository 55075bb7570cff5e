"""Taking batches of message bodies apart, and putting them together again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.listing import Listing
from napster.catalog.memory import fields
from napster.catalog.memory.batch import Batch, Single, hashes_of, of_listing, of_singles
from napster.catalog.memory.endings import ENDINGS, SUFFIXES, codes_of, ending_code, strip
from napster.catalog.memory.fields import BEYOND
from napster.catalog.memory.prefixes import prefixed
from napster.wire.messages.sharing import Share
from tests.catalog.helpers import record

_NAMES = st.lists(st.binary(max_size=20).filter(lambda name: b"\0" not in name), min_size=1)
_PATHS = st.lists(
    st.lists(st.sampled_from([b"a", b"b", b"", b"Music"]), min_size=1, max_size=4).map(b"\\".join),
    min_size=1,
    max_size=40,
)


def _listing(paths: list[bytes]) -> Listing:
    return Listing.of_files(paths, b" %032x 0 0 0 0\n" % 0 * len(paths))


@given(_PATHS)
def test_prefixes_and_names_are_the_paths(paths: list[bytes]) -> None:
    """Nothing is lost, and prefixes end where words end."""
    names, prefixes, lengths = prefixed(_listing(paths))
    each = iter(names)
    runs = zip(prefixes, lengths, strict=True)
    assert [prefix + next(each) for prefix, length in runs for _ in range(length)] == paths
    assert list(each) == []
    assert all(prefix[-1:] in {b"", b"\\"} for prefix in prefixes)


def test_files_of_albums_share_the_prefix_of_their_directory() -> None:
    """Runs of files of one directory are told apart."""
    paths = [b"C:\\Music\\%d\\%d.mp3" % (album, track) for album in range(5) for track in range(12)]
    _, prefixes, lengths = prefixed(_listing(paths))
    assert prefixes == [b"C:\\Music\\%d\\" % album for album in range(5)]
    assert lengths == [12] * 5


def test_scattered_files_share_the_directory_above() -> None:
    """Where each file has its own directory, what all have in common is the prefix."""
    paths = [b"C:\\Music\\%d\\x.mp3" % album for album in range(100)]
    _, prefixes, lengths = prefixed(_listing(paths))
    assert (prefixes, lengths) == ([b"C:\\Music\\"], [100])


@given(_NAMES, st.lists(st.sampled_from([b".mp3", b".MP3", b".Mp3", b".doc", b".", b""])))
def test_names_and_endings_are_the_names(stems: list[bytes], endings: list[bytes]) -> None:
    """What is left out can be put back."""
    names = [a + b for a, b in zip(stems, endings * len(stems) or [b""] * len(stems), strict=False)]
    text, codes = strip(b"".join(name + b"\0" for name in names), len(names))
    each = text.split(b"\0")
    assert each.pop() == b""
    assert [stem + SUFFIXES[code] for stem, code in zip(each, codes, strict=True)] == names


def test_every_kind_has_codes() -> None:
    """An ending tells the kind, whether or not its extension has a code of its own."""
    assert len(ENDINGS) <= 256
    for name, kind in ((b"a.mp3", b"mp3"), (b"a.mP3", b"mp3"), (b"a.doc", b"text")):
        assert codes_of(kind)[ending_code(name)]
        assert not codes_of(b"video")[ending_code(name)]


@pytest.mark.parametrize(
    "fields",
    [
        b"%031x 1 2 3 4" % 1,
        b"%033x 1 2 3 4" % 1,
        b"%032X 1 2 3 4" % 0xAB,
        b"%031xg 1 2 3 4" % 1,
        b"%032x 1a 2 3 4" % 1,
        b"%032x 1 -2 3 4" % 1,
        b"%032x 1 2 3 4000000" % 1,
        b"%032x 1234567890123 2 3 4" % 1,
        b"%032x- 1 2 3 4" % 1,
        b"%032x-0 1 2 3 4" % 1,
        b"%032x-1x 1 2 3 4" % 1,
        b"%032x+11 1 2 3 4" % 1,
        b"%032x-12345678901 1 2 3 4" % 1,
    ],
)
@pytest.mark.parametrize("suffix", [b"", b"-77"])
def test_unusual_fields_make_no_batch(fields: bytes, suffix: bytes) -> None:
    """A hash or a number that cannot be read with the others, alone or among them."""
    body, usual = b'"p" ' + fields, record(b"a", b"%032x" % 2 + suffix)
    for bodies in ([body], [usual, body], [body, usual], [usual, body, usual]):
        listing = Listing.of_bodies(bodies)
        assert listing is not None
        assert of_listing(listing, b"") is None


def _files(batch: Batch) -> list[Share]:
    """Read a batch the slow way."""
    return list(map(Share.from_body, batch.listing))


_NUMBERS = st.tuples(*[st.one_of(st.integers(0, 10**5), st.integers(0, 10**21))] * 4)


@given(st.lists(_NUMBERS, min_size=1), st.sampled_from([b"", b"-7", b"-5000000000", b"-0"]))
def test_fields_are_read_as_the_wire_reads_them(
    numbers: list[tuple[int, ...]], suffix: bytes
) -> None:
    """A row is exact, or reported as one that does not fit."""
    bodies = [b'"p%d" ' % row + b"%032x" % row + suffix for row in range(len(numbers))]
    bodies = [b"%b %d %d %d %d" % (b, *n) for b, n in zip(bodies, numbers, strict=True)]
    listing = Listing.of_bodies(bodies)
    assert listing is not None
    batch = of_listing(listing, b"")
    files = [Share.from_body(body) for body in bodies]
    if batch is None:
        return
    assert (batch.path_hashes == hashes_of([file.path for file in files])).all()
    found = fields.read(listing.lines, batch.width)
    assert [bytes(row).hex().encode() for row in found.md5] == [file.md5[:32] for file in files]
    for row, file in enumerate(files):
        if row in found.unfit:
            assert Share.from_body(b'"%b"%b' % (file.path, found.unfit[row])) == file
        else:
            exact = [file.size, file.bitrate, file.frequency, file.duration]
            assert found.numbers[row, 1:].tolist() == exact
            assert (found.numbers[row] < BEYOND).all()


_HASHES = st.sampled_from([b"%032x" % 1, b"%032x-5" % 1, b"odd", b"%032X" % 255])


_CONTENTS = st.sampled_from([None, b"1" * 32, b"2" * 32])
_SINCE = st.sampled_from([None, 5, 6])


@given(st.lists(st.tuples(_HASHES, _CONTENTS, _SINCE), min_size=1))
def test_batches_of_files_hold_what_they_were_made_of(
    drawn: list[tuple[bytes, bytes | None, int | None]],
) -> None:
    """Files read one by one are all there, in order, usual or odd."""
    files = [
        Single(Share(b"p%d" % row, md5, row, 1, 2, 3), content, since)
        for row, (md5, content, since) in enumerate(drawn)
    ]
    again = []
    for batch in of_singles(files):
        read = _files(batch)
        ids = [batch.contents[at : at + 32] for at in range(0, len(batch.contents), 32)]
        each = zip(read, ids or [None] * len(read), batch.since or [None] * len(read), strict=True)
        again += [Single(batch.odd.get(row, file), *more) for row, (file, *more) in enumerate(each)]
        assert len(np.flatnonzero(np.frombuffer(batch.listing.lines, np.uint8) == 10)) == len(read)
    assert again == files
