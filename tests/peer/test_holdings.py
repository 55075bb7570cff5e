"""Which contents exist only once, asked of fake indexes."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import pytest
import pytest_twisted

from napster.peer import holdings as module
from napster.peer.api import Holding, IndexState, IndexStatus, UnreachableError
from napster.peer.arrange import ArrangeError, IndexAwayError
from napster.peer.holdings import Holdings
from napster.peer.library.shared_file import SharedFile
from napster.wire.extension import Found, RareTold
from napster.wire.messages.searching import SearchHit
from tests.peer.index_link.fakes import shared_file


def file(name: bytes, content: int, size: int = 1000) -> SharedFile:
    return shared_file(name, size)._replace(content=bytes([content]) * 32)


def rare(content: int) -> Found:
    hit = SearchHit(b"m\\%d.mp3" % content, b"0" * 32, 5, 0, 0, 0, "bob", 0x0100007F, 7)
    return Found(1, hit, 5, 1, 1, 1, bytes([content]) * 32)


@attrs.define
class FakeLinks:
    """One index, or two."""

    copies_of: dict[int, int] = attrs.field(factory=dict)
    pages: Sequence[tuple[Sequence[Found], RareTold] | ArrangeError] = ()
    notes: Sequence[str] = ()
    error: ArrangeError | None = None
    asked: list[int] = attrs.field(factory=list)
    firewalled = False
    status = IndexStatus("index.example.org:8888", IndexState.ONLINE)

    def __iter__(self) -> Iterator["FakeLinks"]:
        return iter([self])

    async def copies(self, contents: Sequence[bytes]) -> tuple[Sequence[int], Sequence[str]]:
        if self.error:
            raise self.error
        self.asked.append(len(contents))
        return [self.copies_of.get(content[0], 0) for content in contents], self.notes

    async def rare(self, after: int | None) -> tuple[Sequence[Found], RareTold]:
        page = self.pages[after or 0]
        if isinstance(page, ArrangeError):
            raise page
        return page


@attrs.define
class FakeLibrary:
    """Holds files."""

    held: Sequence[SharedFile]

    def files(self) -> Iterator[SharedFile]:
        return iter(self.held)


def made(links: FakeLinks, *files: SharedFile) -> Holdings:
    either: Any = links
    return Holdings(FakeLibrary(files), either)


@pytest_twisted.ensureDeferred
async def test_what_nobody_else_shares() -> None:
    """Equal content is one holding, by its first name; what others have is none."""
    files = [
        file(b"Music\\mine.mp3", 1),
        file(b"Music\\again.mp3", 1),
        file(b"Music\\all.mp3", 2, 5),
    ]
    report = await made(FakeLinks({2: 3}, notes=["index x: away"]), *files).risk()
    assert report.alone == [Holding("Music/mine.mp3", 1000)]
    assert (report.contents, report.size) == (2, 1005)
    assert (report.alone_contents, report.alone_size) == (1, 1000)
    assert report.notes == ("index x: away",)


@pytest_twisted.ensureDeferred
async def test_many_holdings(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked about as many at a time as may be, and named as far as there is room."""
    monkeypatch.setattr(module, "MOST_COUNTED", 4)
    monkeypatch.setattr(module, "MOST_NAMED", 3)
    links = FakeLinks()
    report = await made(links, *(file(b"%d" % number, number) for number in range(10))).risk()
    assert links.asked == [4, 4, 2]
    assert [each.name for each in report.alone] == ["0", "1", "2"]
    assert report.alone_contents == 10


@pytest_twisted.ensureDeferred
async def test_nothing_is_shared() -> None:
    """Then nobody is asked."""
    links = FakeLinks()
    assert (await made(links).risk()).contents == 0
    assert links.asked == []


@pytest_twisted.ensureDeferred
async def test_no_index_can_tell() -> None:
    """That is an error, for nothing was found out."""
    with pytest.raises(UnreachableError, match="not logged in"):
        await made(FakeLinks(error=IndexAwayError("not logged in")), file(b"x", 1)).risk()


@pytest_twisted.ensureDeferred
async def test_what_is_rare_on_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page, until there are enough."""
    pages = [
        ([rare(1)], RareTold(1, 9, 3, 500, 1)),
        ([], RareTold(1, 9, 3, 500, 2)),
        ([rare(2), rare(3)], RareTold(1, 9, 3, 500)),
    ]
    (report,) = await made(FakeLinks(pages=pages)).rare()
    assert (report.contents, report.rare, report.size, report.cut) == (9, 3, 500, False)
    assert [row.name for row in report.rows] == ["1.mp3", "2.mp3", "3.mp3"]
    monkeypatch.setattr(module, "MOST_RARE", 1)
    (report,) = await made(FakeLinks(pages=pages)).rare()
    assert (len(report.rows), report.cut) == (1, True)


@pytest_twisted.ensureDeferred
async def test_an_index_that_cannot_tell_what_is_rare() -> None:
    """It is named with the reason."""
    (report,) = await made(FakeLinks(pages=[IndexAwayError("away")])).rare()
    assert (report.index, report.note, report.rows) == ("index.example.org:8888", "away", ())
