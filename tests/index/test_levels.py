"""What somebody may do."""

import pytest

from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.login import Notice
from napster.wire.messages.searching import (
    Browse,
    BrowseEnd,
    DirectBrowse,
    Search,
    SearchEnd,
    SourcesEnd,
    SourcesRequest,
)
from napster.wire.messages.transfers import DownloadRequest, PushRequest
from napster.wire.search import SearchQuery
from tests.index.harness import MD5, World, file


def test_labels() -> None:
    """The levels are called as in the protocol, and stand in order."""
    labels = [level.label for level in sorted(Level)]
    assert labels == [b"Leech", b"User", b"Moderator", b"Admin", b"Elite"]


@pytest.mark.parametrize("level", Level)
def test_read(level: Level) -> None:
    """A level is read by its name in any case and by its number."""
    for text in (level.name.lower(), level.label.decode(), str(int(level))):
        assert Level.read(text) is level


@pytest.mark.parametrize("text", ["", "5", "-1", "Mod", "Elite ", "\u0661"])
def test_no_level(text: str) -> None:
    """Anything else is none, and the levels there are get named."""
    with pytest.raises(ValueError, match="the levels are Leech, User, Moderator, Admin, Elite"):
        Level.read(text)


@pytest.mark.parametrize(
    ("request_", "ends"),
    [
        (Search(SearchQuery(contains=(b"song",))), [SearchEnd()]),
        (Browse("berta"), [BrowseEnd("berta")]),
        (SourcesRequest(MD5, 1000), [SourcesEnd()]),
        (DirectBrowse("berta"), []),
        (DownloadRequest("berta", b"song.mp3"), []),
        (PushRequest("berta", b"song.mp3"), []),
    ],
)
def test_leech(world: World, request_: Message, ends: list[Message]) -> None:
    """A leech may share and be downloaded from, but finds and gets nothing, and is told why."""
    world.register("anna", level=Level.LEECH)
    anna, berta = world.login("anna"), world.login("berta")
    berta.send(file(b"song.mp3"))
    denied = Notice(b"permission denied: this takes the level User")
    assert anna.ask(request_) == [denied, *ends]
    assert berta.messages() == []
    assert anna.ask(file(b"mine.mp3")) == []
    assert world.catalog.count("anna") == 1
