"""One event is one line, whatever the network has put into it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import ILogObserver, Logger, LogLevel, LogPublisher
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from napster.daemon.errors import DaemonError
from napster.daemon.logfile import LogFile
from napster.daemon.logs import FORMATS, LogObserver, json_line, one_line, text_line


class Recorder:
    """Stands in for a log file."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)


def event(text: str, **fields: Any) -> dict[str, Any]:
    return {
        "log_time": 0.5,
        "log_level": LogLevel.info,
        "log_namespace": "napster.index",
        "log_format": text,
        **fields,
    }


def failure(text: str) -> Failure:
    def fail() -> None:
        raise ValueError(text)

    try:
        fail()
    except ValueError:
        return Failure()
    raise AssertionError


def test_text_line() -> None:
    """A line says when, how important, where and what."""
    line = text_line(event("{nick} shared {count} files", nick="ann", count=3))
    moment, rest = line.split(" ", 1)
    assert rest == "info napster.index: ann shared 3 files"
    assert moment.startswith(("1970-01-01T", "1969-12-31T"))
    assert moment[23:24] in "+-"


def test_json_line() -> None:
    """A JSON line carries the message and each of the event's own fields."""
    line = json.loads(json_line(event("{a}", a=b"x\xff", b=[1], c=None, d=1.5, e=True, time="no")))
    assert line["time"].startswith(("1970-01-01T", "1969-12-31T"))
    assert {**line, "time": ""} == {
        "time": "",
        "level": "info",
        "logger": "napster.index",
        "message": "b'x\\xff'",
        "a": "x\\xff",
        "b": "[1]",
        "c": None,
        "d": 1.5,
        "e": True,
    }


def test_what_says_nothing() -> None:
    """Events without a text, which Twisted makes for its own use, are no lines."""
    recorder = Recorder()
    observer = LogObserver(recorder)
    observer({"log_time": 0.5, "log_trace": []})
    observer(event("{log_text}", log_text=""))
    assert recorder.lines == []
    observer(event("{log_text}", log_text="something"))
    assert len(recorder.lines) == 1


def test_failure_is_one_line() -> None:
    """An unexpected failure is told with its place, in one line of text and one of JSON."""
    found = event("cannot share", log_failure=failure("two\nlines"))
    line = text_line(found)
    assert "cannot share (ValueError: two\\nlines at " in line
    assert "test_logs.py:" in line
    assert "\n" not in line
    assert "Traceback" in json.loads(json_line(found))["traceback"]


def test_what_the_user_can_mend_is_no_defect() -> None:
    """A failure that is the user's to mend is told in its own words, without a place or a trace."""
    found = event("cannot keep it", log_failure=Failure(DaemonError("the disk is full")))
    assert text_line(found).endswith("cannot keep it: the disk is full")
    line = json.loads(json_line(found))
    assert line["message"] == "cannot keep it: the disk is full"
    assert "traceback" not in line


@given(text=st.text())
def test_no_injection(text: str) -> None:
    """No text makes a second line, an escape sequence or a change of direction."""
    found = event("{nick} said", nick=text, log_failure=failure(text))
    for form in FORMATS.values():
        line = form(found)
        assert len(line.splitlines()) == 1
        assert not any(ord(each) < 32 or 0x7F <= ord(each) < 0xA0 for each in line)
        assert not set(line) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
        line.encode()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b1m", "\\x9b1m"),
        ("evil\u202eexe.mp3", "evil\\u202eexe.mp3"),
        ("\udc80", "\\udc80"),
        ("Bjørk – 日本 🎵", "Bjørk – 日本 🎵"),
    ],
)
def test_one_line(text: str, wanted: str) -> None:
    """Only what would disguise a line is escaped."""
    assert one_line(text) == wanted


def test_levels_and_formats() -> None:
    """The least level and the format can change while running."""
    recorder = Recorder()
    observer = LogObserver(recorder, "text", "warn")
    verifyObject(ILogObserver, observer)
    log = Logger("test", observer=LogPublisher(observer))
    log.info("quiet")
    log.warn("loud")
    observer.set_format("json", "debug")
    log.debug("detail")
    log.debug()
    assert recorder.lines[0].endswith("warn test: loud")
    assert json.loads(recorder.lines[1])["message"] == "detail"
    assert len(recorder.lines) == 2


def test_legacy_event() -> None:
    """What Twisted's old log modules say gets a line like all others."""
    found = {"log_time": 0.0, "log_namespace": "log_legacy", "log_format": "old", "isError": 0}
    assert text_line(found).endswith("info twisted: old")
    assert "isError" not in json_line(found)


def test_to_a_file(tmp_path: Path) -> None:
    """The observer writes whole lines to a log file."""
    file = LogFile(tmp_path / "a.log")
    LogObserver(file)(event("hello"))
    file.close()
    assert (tmp_path / "a.log").read_text().endswith("hello\n")
