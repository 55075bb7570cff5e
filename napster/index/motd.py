"""The message of the day."""

from pathlib import Path

from napster.daemon.errors import DaemonError
from napster.index.config import Settings
from napster.wire.fields import crop
from napster.wire.messages import MAX_BODY


class MotdError(DaemonError):
    """A message of the day that cannot be read; the text names its file and says why."""


def read_motd(settings: Settings) -> tuple[bytes, ...]:
    """Return the lines of the message of the day; raises MotdError."""
    text = _read(settings.motd_file) if settings.motd_file else settings.motd or ""
    lines = text.replace("\0", "").rstrip().splitlines()
    return tuple(crop(line.encode("utf-8", "replace"), MAX_BODY) for line in lines)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise MotdError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MotdError(f"{file} cannot be read: it is not UTF-8") from error
