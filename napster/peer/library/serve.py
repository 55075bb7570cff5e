"""Opening a shared file for sending, if it still is what was hashed. For use in threads."""

from io import FileIO

import attrs

from napster.peer.library.beneath import Place, has_vanished
from napster.peer.library.shared_file import FileChangedError, FileGoneError, SharedFile
from napster.wire.fields import display


@attrs.frozen
class OpenFile:
    """A shared file that is open for reading, unbuffered, at its start. Close it after use."""

    file: SharedFile
    stream: FileIO
    place: Place
    name: bytes

    def is_unchanged(self) -> bool:
        """Whether the file still is in the state in which it was hashed. May block."""
        return self.place.stamp_of(self.name, self.stream) == self.file.stamp

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


def open_shared(file: SharedFile, place: Place, name: bytes) -> OpenFile:
    """Open a shared file. Raises FileGoneError, FileChangedError."""
    try:
        opened = OpenFile(file, place.open_file(name), place, name)
    except OSError as error:
        why = "is gone" if has_vanished(error) else f"cannot be read: {error.strerror}"
        raise FileGoneError(f"{display(file.path)} {why}") from error
    if not opened.is_unchanged():
        opened.close()
        raise FileChangedError(f"{display(file.path)} was changed since it was hashed")
    return opened
