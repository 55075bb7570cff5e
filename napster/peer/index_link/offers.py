"""Offering many files in few messages."""

from collections.abc import Iterable, Iterator

from napster.peer.library.shared_file import SharedFile
from napster.wire.framing import MAX_BODY
from napster.wire.messages import Message
from napster.wire.messages.sharing import Share, ShareDirectory

SEPARATOR = b"\\"


def offer(file: SharedFile) -> Share:
    """Make the offer of one file."""
    return Share(file.path, file.md5, file.size, file.bitrate, file.frequency, file.duration)


def share_messages(files: Iterable[Share]) -> Iterator[Message]:
    """Offer files: those that follow one another in one directory share messages (870).

    No body is longer than old programs accept; a file whose own would be is left out.
    """
    batch: list[Share] = []
    directory, used = b"", 0
    for file in files:
        size = len(file.body())
        if size > MAX_BODY:
            continue
        own = _directory(file)
        added = size - len(own) + 1
        if batch and (not own or own != directory or used + added > MAX_BODY):
            yield _message(directory, batch)
            batch = []
        if not batch:
            directory, used = own, len(own) + 2
        batch.append(file)
        used += added
    if batch:
        yield _message(directory, batch)


def _directory(file: Share) -> bytes:
    """Take the part of a path that 870 names once, with the separator; empty if it has none."""
    before, separator, _ = file.path.rpartition(SEPARATOR)
    return before + separator


def _message(directory: bytes, batch: list[Share]) -> Message:
    return batch[0] if len(batch) == 1 else ShareDirectory(directory, tuple(batch))
