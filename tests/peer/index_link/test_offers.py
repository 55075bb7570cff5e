"""Offering many files in few frames."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from napster.peer.index_link.offers import Batch, ContentForm, OldForm, batches
from napster.peer.library.shared_file import SharedFile
from napster.wire.extension import ShareContent, body_limit
from napster.wire.framing import MAX_BODY, FrameReader
from napster.wire.messages.sharing import Share, ShareDirectory
from tests.peer.index_link.fakes import MD5, shared_file

NAMES = st.binary(min_size=1, max_size=300).filter(lambda name: not set(name) & set(b'"\\\0'))
FOLDERS = st.sampled_from([b"Music\\", b"Music\\Album\\", b"M" * 1500 + b"\\"])


def file(path: bytes) -> SharedFile:
    return shared_file(path, 5_000_000_000)


def told(made: list[Batch | None]) -> list[ShareDirectory]:
    """Read frames as an index does; what they are said to hold must be true."""
    messages = []
    for batch in filter(None, made):
        ((type_, body),) = FrameReader().feed(batch.frame)
        assert type_ == ShareDirectory.type
        messages.append(ShareDirectory.from_body(body))
        assert len(messages[-1].files) == len(batch.names)
    return messages


def names(made: list[Batch | None]) -> list[list[bytes]]:
    return [[share.path for share in message.files] for message in told(made)]


def test_files_of_one_directory_share_messages() -> None:
    """870 names the directory once."""
    paths = [b"A\\1", b"A\\2", b"B\\3", b"A\\4"]
    made = list(batches(OldForm(), map(file, paths)))
    assert names(made) == [paths[:2], paths[2:3], paths[3:]]


def test_a_file_becomes_its_offer() -> None:
    """Size, hash and tags go as they are."""
    (message,) = told(list(batches(OldForm(), [shared_file(b"Music\\song.mp3")])))
    assert message.files == (Share(b"Music\\song.mp3", MD5, 1000, 192, 44100, 60),)


def test_a_full_message_is_really_full() -> None:
    """The next file would not have fitted."""
    paths = [b"Music\\Album\\%04d.mp3" % number for number in range(100)]
    first, *_ = told(list(batches(OldForm(), map(file, paths))))
    assert MAX_BODY - 80 < len(first.body()) <= MAX_BODY


def test_a_file_that_no_message_can_hold_is_left_out() -> None:
    """An index closes the connection on a longer body: one file must not cost all others."""
    paths = [b"A\\1", b"A\\" + b"x" * 2100, b"A\\2"]
    assert names(list(batches(OldForm(), map(file, paths)))) == [[b"A\\1", b"A\\2"]]


def test_somebody_in_a_hurry_may_stop_at_files_that_are_not_offered() -> None:
    """A million files to skip are not a million files of work in one go."""
    paths = [b"A\\%d" % number for number in range(5)]
    made = batches(OldForm(), map(file, paths), skip=paths)
    assert list(made) == [None] * 5


@given(st.lists(st.builds(lambda folder, name: file(folder + name), FOLDERS, NAMES), max_size=60))
def test_an_index_reads_the_same_files_in_the_same_order(files: list[SharedFile]) -> None:
    """Whatever the names, nothing is lost, and no body is too long for old programs."""
    read = [share for message in told(list(batches(OldForm(), files))) for share in message.files]
    assert [attrs.astuple(share) for share in read] == [
        (each.path, each.md5.hex().encode(), each.size, each.bitrate, each.frequency, each.duration)
        for each in files
    ]


def test_contents_of_many_folders_share_messages() -> None:
    """Only the share is named once: a library of small folders fills its messages as well."""
    paths = [b"A\\x\\1", b"A\\2", b"A\\x\\y\\3", b"B\\z\\4"]
    made = [batch for batch in batches(ContentForm(16_384), map(file, paths)) if batch]
    messages = []
    for batch in made:
        ((_, body),) = FrameReader(body_limit).feed(batch.frame)
        messages.append(ShareContent.from_body(body))
    assert [message.directory for message in messages] == [b"A\\", b"B\\"]
    read = [message.directory + each.name for message in messages for each in message.files]
    assert read == paths
