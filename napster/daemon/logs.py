"""Log events as lines: one event is one line, as text for people or as JSON for programs.

Text from the network can hold line ends, terminal escapes and characters that turn the direction
of writing. None of them gets into a line as it is.
"""

import json
import re
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent
from twisted.python.failure import Failure
from zope.interface import implementer

from napster.daemon.errors import DaemonError
from napster.daemon.logfile import LogFile

LEVELS = tuple(level.name for level in LogLevel.iterconstants())
"""From the least to the most important: debug, info, warn, error, critical."""

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_DIRECTIONS = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
_UNSAFE = re.compile(f"[{_CONTROLS}{_DIRECTIONS}{_SURROGATES}]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def one_line(text: str) -> str:
    r"""Show what would break or disguise a line of text as `\n`, `\x1b` or `\u202e`."""
    return _UNSAFE.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def text_line(event: LogEvent) -> str:
    """Write an event as `2026-01-31T12:00:00.000+00:00 info napster.index: what happened`."""
    defect = _defect(event)
    trail = f" ({_short_trail(defect)})" if defect else ""
    return one_line(f"{_time(event)} {_level(event)} {_logger(event)}: {_message(event)}{trail}")


def json_line(event: LogEvent) -> str:
    """Write an event as a JSON object: time, level, logger, message and the event's own fields."""
    fields = {key: _plain(value) for key, value in event.items() if _is_own(key)}
    fields |= {
        "time": _time(event),
        "level": _level(event),
        "logger": _logger(event),
        "message": _message(event),
    }
    if defect := _defect(event):
        fields["traceback"] = defect.getTraceback()
    return json.dumps(fields)


FORMATS: dict[str, Callable[[LogEvent], str]] = {"text": text_line, "json": json_line}


@implementer(ILogObserver)
class LogObserver:
    """What twistd logs to: a format, a least level and a file, all changeable while running."""

    def __init__(self, file: LogFile, form: str = "text", level: str = "info") -> None:
        self.file = file
        self.set_format(form, level)

    def set_format(self, form: str, level: str) -> None:
        """Choose one of FORMATS and the least level of LEVELS that is written."""
        self._line = FORMATS[form]
        self._least = LEVELS.index(level)

    def __call__(self, event: LogEvent) -> None:
        """Write one event, if it says anything and matters enough."""
        if LEVELS.index(_level(event)) >= self._least and _says_something(event):
            self.file.write(self._line(event))


def _message(event: LogEvent) -> str:
    """Say what happened, and of a failure that is the user's to mend, how."""
    failure = event.get("log_failure")
    mend = f": {failure.value}" if failure and failure.check(DaemonError) else ""
    return f"{formatEvent(event)}{mend}"


def _defect(event: LogEvent) -> Failure | None:
    """Find the failure that is for whoever maintains this program, not for its user."""
    failure: Failure | None = event.get("log_failure")
    return None if failure and failure.check(DaemonError) else failure


def _level(event: LogEvent) -> str:
    level = event.get("log_level")
    return level.name if level else "info"


def _logger(event: LogEvent) -> str:
    name = str(event.get("log_namespace", "-"))
    return "twisted" if name == "log_legacy" else name


def _says_something(event: LogEvent) -> bool:
    # Twisted's own bookkeeping events are meant for observers, not for readers.
    has_text = event.get("log_format") and event.get("log_text") != ""
    return bool("log_failure" in event or has_text)


def _time(event: LogEvent) -> str:
    moment = datetime.fromtimestamp(event["log_time"], tz=UTC).astimezone()
    return moment.isoformat(timespec="milliseconds")


def _short_trail(failure: Failure) -> str:
    """Say what was raised and where, innermost call first, in one line."""
    frames = traceback.extract_tb(failure.getTracebackObject())
    places = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in reversed(frames)
        if not frame.filename.endswith(_MACHINERY)
    ]
    kind = type(failure.value).__name__
    return f"{kind}: {failure.getErrorMessage()} at " + " < ".join(places)


# Frames between any two coroutines, which say nothing of what went wrong.
_MACHINERY = ("twisted/internet/defer.py", "twisted/python/failure.py")

# What `log.msg` and `warnings` of old add to an event beside the text itself.
_LEGACY = {"message", "time", "system", "format", "isError", "failure", "why", "logLevel"}


def _is_own(key: str) -> bool:
    return not key.startswith("log_") and key not in _LEGACY


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
