"""Offering many files in few messages."""

from hypothesis import given
from hypothesis import strategies as st

from napster.peer.index_link.offers import offer, share_messages
from napster.wire.framing import MAX_BODY
from napster.wire.messages import Message
from napster.wire.messages.sharing import Share, ShareDirectory
from tests.peer.index_link.fakes import MD5, shared_file

NAMES = st.binary(min_size=1, max_size=300).filter(lambda name: not set(name) & set(b'"\\\0'))
FOLDERS = st.sampled_from([b"", b"Music\\", b"Music\\Album\\", b"M" * 1500 + b"\\"])


def share(path: bytes) -> Share:
    return Share(path, MD5, 5_000_000_000, 192, 44100, 60)


def told(message: Message) -> tuple[Share, ...]:
    """Read a message as an index does."""
    read = type(message).from_body(message.body())
    if isinstance(read, ShareDirectory):
        return read.files
    assert isinstance(read, Share)
    return (read,)


def test_files_of_one_directory_share_messages() -> None:
    """870 names the directory once; a file alone in its directory goes by 100."""
    files = [share(b"A\\1"), share(b"A\\2"), share(b"B\\3"), share(b"4"), share(b"5")]
    assert list(share_messages(files)) == [
        ShareDirectory(b"A\\", tuple(files[:2])),
        files[2],
        files[3],
        files[4],
    ]


def test_a_file_becomes_its_offer() -> None:
    """Size, hash and tags go as they are."""
    assert offer(shared_file()) == Share(b"Music\\song.mp3", MD5, 1000, 192, 44100, 60)


def test_a_full_message_is_really_full() -> None:
    """The next file would not have fitted."""
    files = [share(b"Music\\Album\\%04d.mp3" % number) for number in range(100)]
    first, *_ = share_messages(files)
    assert MAX_BODY - 80 < len(first.body()) <= MAX_BODY


def test_a_file_that_no_message_can_hold_is_left_out() -> None:
    """An index closes the connection on a longer body: one file must not cost all others."""
    files = [share(b"A\\1"), share(b"A\\" + b"x" * 2100), share(b"A\\2")]
    assert [each for message in share_messages(files) for each in told(message)] == [
        files[0],
        files[2],
    ]


@given(st.lists(st.builds(lambda folder, name: share(folder + name), FOLDERS, NAMES), max_size=60))
def test_an_index_reads_the_same_files_in_the_same_order(files: list[Share]) -> None:
    """Whatever the names, nothing is lost, and no body is too long for old programs."""
    messages = list(share_messages(files))
    assert all(len(message.body()) <= MAX_BODY for message in messages)
    assert [each for message in messages for each in told(message)] == files
