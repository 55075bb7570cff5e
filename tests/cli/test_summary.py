"""A get of many files ends with what became of them."""

import attrs
import pytest

from napster.cli.folders import only
from napster.cli.summary import summary, vanished
from napster.peer.api import DownloadState, DownloadStatus, NotFoundError, Wanted
from tests.peer.control.fake import ALICE

NEW = DownloadStatus(1, "a.mp3", DownloadState.WAITING, 9, 0, 0.0, None, "alice", folder="/d/Al")


def ended(number: int, state: str, reason: str = "", folder: str = "/d/Al") -> DownloadStatus:
    return attrs.evolve(NEW, id=number, state=DownloadState(state), reason=reason, folder=folder)


def test_counting() -> None:
    """Files are counted by what became of them, most first; one file speaks for itself."""
    files = [
        ended(1, "done"),
        ended(2, "done"),
        ended(3, "done", "it was here already"),
        ended(4, "cancelled"),
        ended(5, "paused"),
        ended(6, "failed", "no source is left"),
    ]
    assert summary(files) == [
        "6 files: 2 saved, 1 here already, 1 cancelled, 1 to come, 1 failed.",
        "  6, a.mp3: failed: no source is left",
    ]
    assert summary(files[5:]) == []


def test_many_failures() -> None:
    """Twenty are named; of the others it is said where to look."""
    lines = summary([ended(number, "failed", "x") for number in range(1, 26)])
    assert len(lines) == 22
    assert lines[-1] == "  and 5 more; see napster downloads"


def test_vanished() -> None:
    """What is still wanted of the same folder of the same user and not among the files is named."""
    begun = [ended(1, "waiting"), ended(2, "done", folder="/d/Al/CD 2")]
    wanted = [Wanted("a.mp3", 9, "", (ALICE,), folder) for folder in ("Al", "Al/CD 2")]
    known = [
        *begun,
        ended(3, "failed", "alice does not share that file", folder="/d/Al/CD 1"),
        ended(4, "done", folder="/d/Al/CD 1"),
        ended(5, "cancelled"),
        ended(6, "waiting", folder="/d/Alb"),
        attrs.evolve(ended(7, "waiting"), source="bob"),
        attrs.evolve(ended(8, "failed", "no source is left"), source=""),
    ]
    assert vanished(wanted, begun, known) == [
        "Wanted earlier, and not in that list any more:",
        "  3, a.mp3: failed: alice does not share that file",
        "  8, a.mp3: failed: no source is left",
    ]
    assert vanished(wanted, begun, begun) == []
    assert vanished([attrs.evolve(each, folder="") for each in wanted], begun, known) == []


FILES = [
    Wanted(name, 1, "", (), folder)
    for folder, name in [("Al", "x.MP3"), ("Al/CD 1", "y.mp3"), ("Al/CD 1", "cover.jpg")]
]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["*.mp3"], ["x.MP3", "y.mp3"]),
        (["cd 1/*"], ["y.mp3", "cover.jpg"]),
        (["Al/CD 1/*.mp3"], ["y.mp3"]),
        (["Al/*"], ["x.MP3"]),
        (["cover.*", "x.*"], ["x.MP3", "cover.jpg"]),
    ],
)
def test_only(patterns: list[str], names: list[str]) -> None:
    """A pattern means the name, or with `/` the folders above it too; case does not matter."""
    assert [each.name for each in only(FILES, patterns)] == names


def test_only_none() -> None:
    """A pattern that means nothing is an error, not an empty wish."""
    with pytest.raises(NotFoundError, match="None of the 3 files matches"):
        only(FILES, ["*.flac"])
