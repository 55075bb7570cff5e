"""Each command asks the right thing, says it well, and ends with the right status."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from napster.cli.command import Session
from napster.cli.commands import (
    browse,
    cancel,
    downloads,
    get,
    pause,
    priority,
    resume,
    search,
    shares,
    status,
    uploads,
)
from napster.cli.commands import (
    hash as hash_command,
)
from napster.cli.pages import LastSearch, PageStore
from napster.cli.parser import CommandParser
from napster.daemon.codec import dump
from napster.peer.api import (
    ApiError,
    BadRequestError,
    DownloadState,
    DownloadStatus,
    FoundFile,
    IndexState,
    NotFoundError,
    Priority,
    RefusedFile,
    SearchPage,
    SharesReport,
    Status,
    Wanted,
)
from tests.cli.screens import Seen
from tests.peer.control.fake import (
    ALICE,
    BOB,
    DOWNLOAD,
    NOTES,
    PAGE,
    SHARES,
    SONG,
    STATUS,
    UPLOAD,
    FakePeer,
)

EMPTY = SearchPage("nothing", (), 0, 0)


class Terminal:
    """A terminal in which commands are run against a fake peer."""

    def __init__(self, folder: Path, peer: FakePeer | None = None) -> None:
        self.peer = peer or FakePeer()
        self.pages = PageStore(folder, "test")
        self.clock = Clock()
        self.seen = Seen()
        self.session: Session | None = None

    def begin(self, module: Any, *words: str) -> Deferred[int]:
        self.seen = Seen()
        parser = CommandParser(prog="napster")
        command = getattr(module.COMMAND, "alone", module.COMMAND)
        command.arguments(parser)
        options = parser.parse(words)
        command.prepare(options, self.pages)
        self.session = Session(options, self.peer, self.seen.screen, self.pages, self.clock)
        return Deferred.fromCoroutine(command.run(self.session))

    def run(self, module: Any, *words: str) -> int:
        results: list[Any] = []
        self.begin(module, *words).addBoth(results.append)
        (result,) = results
        if hasattr(result, "raiseException"):
            result.raiseException()
        return int(result)

    def quietly(self, module: Any, *words: str) -> None:
        """Begin a command, and stop it once it has asked the peer."""
        work = self.begin(module, *words)
        work.addErrback(lambda failure: failure.trap(CancelledError))
        work.cancel()

    @property
    def json(self) -> Any:
        return json.loads(self.seen.out)


def test_search(tmp_path: Path) -> None:
    """A search shows its table and footer, and its numbers can be got."""
    terminal = Terminal(tmp_path)
    assert terminal.run(search, "love", "-live", "--ping") == 0
    assert terminal.peer.calls == [("search", "love -live", True)]
    lines = terminal.seen.out.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["#", "1", ".2", "2"]
    assert lines[-2:] == ["3 files shared by 2 users.", "1 cannot be reached."]
    assert terminal.pages.load() == LastSearch(PAGE, "")


def test_search_that_finds_nothing(tmp_path: Path) -> None:
    """A search without results says so, and leaves nothing of the one before to pick from."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    terminal.peer.page = EMPTY
    assert terminal.run(search, "nothing") == 3
    assert terminal.seen.err == "napster: Nothing found for nothing.\n"
    terminal.peer.page = attrs.evolve(EMPTY, notes=["nobody here shares it", "try again"])
    terminal.run(search, "nothing")
    assert terminal.seen.err.splitlines()[1:] == [
        "napster: Nobody here shares it",
        "napster: Try again",
    ]
    with pytest.raises(BadRequestError, match="found nothing"):
        terminal.run(get, "1")


def test_search_as_json(tmp_path: Path) -> None:
    """A program gets the whole page, and the exit status; also of an empty one."""
    terminal = Terminal(tmp_path)
    assert terminal.run(search, "love", "--json") == 0
    assert terminal.json == dump(PAGE)
    terminal.peer.page = EMPTY
    assert terminal.run(search, "love", "--json") == 3
    assert terminal.json["rows"] == []


def test_search_that_cannot_be_kept(tmp_path: Path) -> None:
    """Results are shown also where they cannot be kept."""
    (tmp_path / "file").write_text("")
    terminal = Terminal(tmp_path / "file")
    assert terminal.run(search, "love") == 0
    assert "The numbers cannot be kept" in terminal.seen.err
    assert "notes.txt" in terminal.seen.out


def test_index_of_a_search_is_kept(tmp_path: Path) -> None:
    """What was searched without a daemon is got without one, unless the user says otherwise."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love", "--index", "h:1")
    terminal.quietly(get, "1")
    assert terminal.session is not None
    assert terminal.session.options.index == "h:1"
    terminal.quietly(get, "1", "--state", "/x")
    assert terminal.session.options.index is None


def test_browse(tmp_path: Path) -> None:
    """A user's files come sorted by folder, numbered down the page."""
    terminal = Terminal(tmp_path)
    one, two = (attrs.evolve(SONG, name=name, sources=(ALICE,)) for name in ("b", "a"))
    terminal.peer.page = SearchPage("alice", (one, attrs.evolve(SONG, sources=(BOB,)), two), 3, 2)
    assert terminal.run(browse, "alice") == 0
    assert terminal.peer.calls == [("browse", "alice")]
    kept = terminal.pages.load().page
    assert [(row.number, row.sources[0].folder, row.name) for row in kept.rows] == [
        (1, "Music", "a"),
        (2, "Music", "b"),
        (3, "x", SONG.name),
    ]
    shown = [line.split()[0] for line in terminal.seen.out.splitlines()]
    assert shown == ["#", "Music/", "1", "2", "x/", "3", "3"]


def test_search_of_contents(tmp_path: Path) -> None:
    """Where not all who share a file are named, all offers are counted instead of users."""
    terminal = Terminal(tmp_path)
    terminal.peer.page = SearchPage("x", (attrs.evolve(NOTES, shared_by=12),), 12, 1)
    assert terminal.run(search, "x") == 0
    assert terminal.seen.out.splitlines()[-1] == "1 file, shared 12 times."


def test_get(tmp_path: Path) -> None:
    """Rows of the last search are asked for with all that is known of them."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    terminal.quietly(get, "2,1")
    assert terminal.peer.calls[1] == (
        "get",
        (
            Wanted(NOTES.name, NOTES.size, "", NOTES.sources),
            Wanted(SONG.name, SONG.size, SONG.md5, SONG.sources, content=SONG.content),
        ),
    )


def test_get_one_source(tmp_path: Path) -> None:
    """`1.2` asks only for the second source of row 1."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    terminal.quietly(get, "1.2")
    ((_, (asked,)),) = terminal.peer.calls[1:]  # type: ignore[misc]
    assert asked.sources == (BOB,)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("states", "exit_status"),
    [(["done", "done"], 0), (["done", "failed"], 1), (["cancelled", "done"], 1)],
)
def test_get_waits(tmp_path: Path, states: list[str], exit_status: int) -> None:
    """`get` ends when all files have ended, well only if all have arrived."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    results: list[int] = []
    terminal.begin(get, "1-2").addCallback(results.append)
    terminal.clock.advance(0.2)
    assert results == []
    terminal.peer.listed = [
        attrs.evolve(each, state=DownloadState(state), saved="/d/x", verified="head checked")
        for each, state in zip(terminal.peer.listed, states, strict=True)
    ]
    terminal.clock.advance(0.2)
    assert results == [exit_status]
    assert "Saved /d/x (head checked)" in terminal.seen.out


def test_get_does_not_wait(tmp_path: Path) -> None:
    """`--no-wait` leaves the download to the daemon."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    assert terminal.run(get, "1", "--no-wait") == 0
    assert terminal.seen.out == "Left to the daemon. See napster downloads.\n"
    assert terminal.run(get, "1", "--no-wait", "--json") == 0
    assert terminal.json[0]["state"] == "waiting"


def test_get_as_json(tmp_path: Path) -> None:
    """A program gets one document, when all is over."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    work = terminal.begin(get, "1", "--json")
    terminal.peer.listed = [attrs.evolve(DOWNLOAD, state=DownloadState.DONE, saved="/d/x")]
    terminal.clock.advance(0.2)
    assert work.result == 0
    assert [each["saved"] for each in terminal.json] == ["/d/x"]


def test_get_says_what_an_interruption_means(tmp_path: Path) -> None:
    """Whoever stops `get` learns whether the download goes on."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    terminal.quietly(get, "1")
    assert terminal.session is not None
    assert "The daemon goes on" in terminal.session.farewell
    terminal.quietly(get, "1", "--index", "h:1")
    assert "goes on where this one stopped" in terminal.session.farewell


def test_get_folder(tmp_path: Path) -> None:
    """`--folder` asks the row's owner for its folder."""
    terminal = Terminal(tmp_path)
    terminal.run(search, "love")
    terminal.quietly(get, "--folder", "2")
    assert terminal.peer.calls[1:3] == [("downloads",), ("browse", "alice")]
    ((_, asked),) = terminal.peer.calls[3:]
    assert {each.folder for each in asked} == {"Music"}  # type: ignore[attr-defined]


def test_get_some_of_a_folder(tmp_path: Path) -> None:
    """`--only` chooses files by patterns, `--to` and `--again` go with each of them."""
    terminal = Terminal(tmp_path)
    words = ["--folder", "alice", "Music", "--only", "NOTES.*", "--to", "there", "--again"]
    terminal.quietly(get, *words)
    ((_, (asked,)),) = terminal.peer.calls[1:]  # type: ignore[misc]
    assert asked == Wanted(  # type: ignore[has-type]
        NOTES.name, NOTES.size, "", NOTES.sources, "Music", to=str(Path.cwd() / "there"), again=True
    )
    with pytest.raises(NotFoundError, match=r"None of the 2 files matches \*\.flac or x\."):
        terminal.run(get, "--folder", "alice", "Music", "--only", "*.flac", "--only", "x")


def test_get_tells_what_became_of_all(tmp_path: Path) -> None:
    """Several files end with a count, the failed ones by name, and what is not offered any more."""
    terminal = Terminal(tmp_path)
    left = attrs.evolve(DOWNLOAD, id=90, name="gone.mp3", folder="/d/Music/CD 1", source="alice")
    terminal.peer.listed = [left, attrs.evolve(left, id=91, folder="/d/Music 2")]
    results: list[int] = []
    terminal.begin(get, "--folder", "alice", "Music").addCallback(results.append)
    new = [attrs.evolve(each, folder="/d/Music") for each in terminal.peer.listed[2:]]
    ended = [{"state": DownloadState.DONE}, {"state": DownloadState.FAILED, "reason": "full"}]
    terminal.peer.listed = [
        attrs.evolve(each, saved="/d/x", **changes)
        for each, changes in zip(new, ended, strict=True)
    ]
    terminal.clock.advance(0.3)
    assert results == [1]
    assert terminal.seen.out.splitlines()[-4:] == [
        "2 files: 1 saved, 1 failed.",
        "  4, notes.txt: failed: full",
        "Wanted earlier, and not in that list any more:",
        "  90, gone.mp3: waiting",
    ]


def test_get_by_name(tmp_path: Path) -> None:
    """A nick and a path do without a search."""
    terminal = Terminal(tmp_path)
    terminal.quietly(get, "alice", "Music/notes.txt")
    assert terminal.peer.calls[0] == ("browse", "alice")
    assert terminal.peer.calls[1][0] == "get"


def test_get_what_is_not_listed(tmp_path: Path) -> None:
    """Its owner is asked straight away, by the place that the user was told."""
    terminal = Terminal(tmp_path)
    terminal.quietly(get, "--unlisted", "700", "alice", "Photos/The sea/1.jpg")
    name, [wanted] = terminal.peer.calls[0]
    assert (name, wanted.name, wanted.size) == ("get", "1.jpg", 700)
    assert wanted.sources[0].path == b"Photos\\The sea\\1.jpg"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["3"], "There was no search in this terminal"),
        (["alice"], "Write rows, as in napster get 3, or a nick and one path in quotes."),
        (["alice", "My", "song.mp3"], "one path in quotes"),
        (["alice", "x", "--unlisted", "1", "--folder"], "--unlisted is for one file"),
        (["alice", "x", "--unlisted", "-1"], "--unlisted is for one file"),
        (["alice", "x", "--index", "h:1", "--no-wait"], "--no-wait needs a daemon"),
        (["alice", "x", "--index", "h:1", "--to", "d"], "without one, say --downloads DIR"),
    ],
)
def test_get_wrong(tmp_path: Path, words: list[str], sentence: str) -> None:
    """A mistake is told before anybody is asked for anything."""
    terminal = Terminal(tmp_path)
    with pytest.raises(BadRequestError, match=sentence):
        terminal.begin(get, *words)
    assert terminal.peer.calls == []


def test_status(tmp_path: Path) -> None:
    """The status says it all in a few lines."""
    terminal = Terminal(tmp_path)
    assert terminal.run(status) == 0
    assert terminal.seen.out.splitlines() == [
        "peer       alice, data port 6699, version 1.0",
        "index      index.example.org:8888, online, 3 users with 700 files, 2 GB",
        "library    10 files, 1.00 GiB, 10 registered, 1 refused; watching",
        "uploads    1 of 4 slots in use, 2 waiting",
        "downloads  1 running, 0 waiting, 0 paused, 0 failed, into /home/alice/Downloads",
    ]
    assert terminal.run(status, "--json") == 0
    assert terminal.json == dump(STATUS)


class BusyPeer(FakePeer):
    """A peer that is not well."""

    async def status(self) -> Status:
        (index,) = STATUS.indexes
        away = attrs.evolve(index, state=IndexState.OFFLINE, reason="refused, again in 9 s")
        library = attrs.evolve(
            STATUS.library, phase="hashing", files_done=3, files_total=9, seconds_left=65.0
        )
        return attrs.evolve(
            STATUS,
            data_port=0,
            indexes=(index, away),
            library=library,
            notes=("Nothing is shared.",),
        )


def test_status_of_trouble(tmp_path: Path) -> None:
    """What is amiss, and how long it takes, is said."""
    terminal = Terminal(tmp_path, BusyPeer())
    terminal.run(status)
    out = terminal.seen.out
    assert "firewalled" in out
    online, away = (line for line in out.splitlines() if line.startswith("index"))
    assert "online, 3 users" in online
    assert away.endswith("offline: refused, again in 9 s")
    assert "hashing: 3 of 9 files, 1:05 left" in out
    assert out.endswith("Nothing is shared.\n")


def test_downloads(tmp_path: Path) -> None:
    """Downloads are listed with how far they are, or what became of them."""
    terminal = Terminal(tmp_path)
    assert terminal.run(downloads) == 0
    assert terminal.seen.out == "There are no downloads.\n"
    terminal.peer.listed = [
        attrs.evolve(
            DOWNLOAD, state=DownloadState.RECEIVING, done=1_000_000, rate=2048.0, seconds_left=65
        ),
        attrs.evolve(
            DOWNLOAD, id=2, state=DownloadState.DONE, saved="/d/x", verified="head checked"
        ),
        attrs.evolve(DOWNLOAD, id=3, state=DownloadState.FAILED, reason="it changed", size=None),
        attrs.evolve(DOWNLOAD, id=4, state=DownloadState.QUEUED, place=2),
        attrs.evolve(DOWNLOAD, id=5, state=DownloadState.ASKING, size=0),
        attrs.evolve(DOWNLOAD, id=6, state=DownloadState.PAUSED, priority=Priority.HIGH),
    ]
    assert terminal.run(downloads) == 0
    endings = ["25%  -         alice  2.00 KiB/s, 1:05 left", "alice  saved, head checked"]
    endings += ["0 B  -         alice  failed: it changed", "alice  place 2 in alice's queue"]
    endings += ["0 B  100%  -         alice  asking", "0%  high      alice  paused"]
    endings += ["1 receiving, 1 saved, 1 failed, 1 queued, 1 asking, 1 paused."]
    endings += ["8%  977 KiB of 11.4 MiB  2.00 KiB/s  1:29:31 left"]
    for line, ending in zip(terminal.seen.out.splitlines()[1:], endings, strict=True):
        assert line.endswith(ending)
    assert terminal.run(downloads, "--json") == 0
    assert [each["id"] for each in terminal.json] == [1, 2, 3, 4, 5, 6]
    terminal.peer.listed = [attrs.evolve(terminal.peer.listed[0], relayed=True)]
    assert terminal.run(downloads) == 0
    assert terminal.seen.out.endswith("alice  2.00 KiB/s by relay, 1:05 left\n")


def test_downloads_one_by_one(tmp_path: Path) -> None:
    """Of downloads that are named all is told, whatever the width."""
    terminal = busy(tmp_path)
    terminal.peer.listed[0] = attrs.evolve(
        terminal.peer.listed[0], folder="/d/Al", renamed="SONG.mp3 is there already", sources=4
    )
    assert terminal.run(downloads, "3,6") == 0
    assert terminal.seen.out.splitlines() == [
        f"3, {SONG.name}",
        "  state     receiving",
        "  size      0 B of 3.81 MiB",
        "  from      alice +3",
        "  priority  normal",
        "  goes to   /d/Al",
        "  renamed   SONG.mp3 is there already",
        f"6, {SONG.name}",
        "  state     saved /d/x",
        "  size      0 B of 3.81 MiB",
        "  from      alice",
    ]
    assert terminal.run(downloads, "3-4", "--json") == 0
    assert [each["id"] for each in terminal.json] == [3, 4]
    with pytest.raises(NotFoundError, match="There is no download 9"):
        terminal.run(downloads, "9")


def test_downloads_live(tmp_path: Path) -> None:
    """`--follow` shows what goes on, what is begun meanwhile too, and ends when nothing does."""
    terminal = Terminal(tmp_path)
    old = attrs.evolve(DOWNLOAD, id=1, state=DownloadState.DONE, saved="/d/old")
    new = attrs.evolve(DOWNLOAD, id=2, state=DownloadState.RECEIVING)
    terminal.peer.listed = [old, new]
    results: list[int] = []
    terminal.begin(downloads, "--follow").addCallback(results.append)
    later = attrs.evolve(DOWNLOAD, id=3, state=DownloadState.FAILED, reason="why")
    terminal.peer.listed = [old, attrs.evolve(new, state=DownloadState.DONE, saved="/d/x"), later]
    terminal.clock.advance(0.3)
    assert results == [0]
    assert terminal.seen.out.splitlines() == [
        f"Getting {SONG.name} (3.81 MiB) from alice",
        "Saved /d/x",
        f"{SONG.name} failed: why",
        "All downloads have ended.",
    ]
    for words in (["--json"], ["3"]):
        with pytest.raises(BadRequestError, match="--follow shows all downloads to a person"):
            terminal.run(downloads, "--follow", *words)


def test_uploads(tmp_path: Path) -> None:
    """Uploads are listed with who gets what."""
    terminal = Terminal(tmp_path)
    assert terminal.run(uploads) == 0
    titles, row = terminal.seen.out.splitlines()
    assert titles.split() == ["user", "name", "size", "sent", "speed", "address", "state"]
    assert row == "bob   b.mp3  100 B   50%  25 B/s  192.0.2.77  sending"
    assert terminal.run(uploads, "--json") == 0
    assert terminal.json == [dump(UPLOAD)]


class IdlePeer(FakePeer):
    """A peer that shares nothing, to nobody."""

    async def uploads(self) -> Any:
        return [attrs.evolve(UPLOAD, state="waiting", place=3, size=0)][: len(self.listed)]

    async def shares(self) -> SharesReport:
        return SharesReport((), ())


def test_idle(tmp_path: Path) -> None:
    """Where there is nothing to list, a sentence says so and what to do."""
    terminal = Terminal(tmp_path, IdlePeer())
    assert terminal.run(uploads) == 0
    assert terminal.seen.out == "Nobody gets or waits for a file.\n"
    assert terminal.run(shares) == 0
    assert terminal.seen.out.startswith("No folder is shared: start the daemon with --share DIR.")
    terminal.peer.listed = [DOWNLOAD]
    terminal.run(uploads)
    assert "waiting, place 3" in terminal.seen.out


def test_shares(tmp_path: Path) -> None:
    """Shares are listed, and every refusal with its reason."""
    terminal = Terminal(tmp_path)
    assert terminal.run(shares) == 0
    out = terminal.seen.out
    assert "Music  /srv/music     10  1.00 GiB  everyone  watched" in out
    assert "Music/.hidden  hidden file" in out
    assert out.endswith("10 files shared, 1 refused.\n")
    assert terminal.run(shares, "--json") == 0
    assert terminal.json == dump(SHARES)


def busy(folder: Path) -> Terminal:
    """Open a terminal of a peer with downloads 3 to 7, each in another state."""
    terminal = Terminal(folder)
    states = ["receiving", "paused", "failed", "done", "waiting"]
    terminal.peer.listed = [
        attrs.evolve(
            DOWNLOAD,
            id=number,
            state=DownloadState(state),
            saved="/d/x",
            reason="why" if state == "failed" else "",
        )
        for number, state in enumerate(states, 3)
    ]
    return terminal


@pytest.mark.parametrize(
    ("module", "words", "call", "said"),
    [
        (cancel, ["3"], ("cancel", (3,)), f"Cancelled 3, {SONG.name}."),
        (cancel, ["3-4,6", "3"], ("cancel", (3, 4, 6)), "Cancelled 3 downloads."),
        (cancel, ["1-4"], ("cancel", (3, 4)), "Cancelled 2 downloads."),
        (cancel, ["--all"], ("cancel", (3, 4, 5, 7)), "Cancelled 4 downloads."),
        (pause, ["--all"], ("pause", (3, 7)), "Paused 2 downloads."),
        (resume, ["--all"], ("resume", (4, 5)), "Resumed 2 downloads."),
        (
            priority,
            ["high", "7"],
            ("prioritize", (7,), Priority.HIGH),
            f"Set to high priority: 7, {SONG.name}.",
        ),
        (
            priority,
            ["low", "--all"],
            ("prioritize", (3, 4, 5, 7), Priority.LOW),
            "Set to low priority: 4 downloads.",
        ),
    ],
)
def test_steering(
    tmp_path: Path, module: Any, words: list[str], call: tuple[object, ...], said: str
) -> None:
    """Downloads are chosen by their ids, by ranges, or all that can be meant."""
    terminal = busy(tmp_path)
    assert terminal.run(module, *words) == 0
    assert terminal.peer.calls == [("downloads",), call]
    assert terminal.seen.out.splitlines() == [said]
    assert terminal.run(module, *words, "--json") == 0
    assert terminal.json[0]["id"] == call[1][0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Name the downloads by their ids, or say --all."),
        (["3", "--all"], "Name the downloads by their ids, or say --all."),
        (["x"], "'x' is no number"),
        (["3.2"], "'3.2' is no id"),
        (["9"], "There is no download 9; napster downloads lists all."),
        (["8-12"], "There is no download 8-12"),
    ],
)
def test_steering_wrongly(tmp_path: Path, words: list[str], sentence: str) -> None:
    """A mistake is told, and nothing is changed."""
    terminal = busy(tmp_path)
    with pytest.raises(ApiError, match=sentence):
        terminal.run(pause, *words)
    assert terminal.peer.calls in ([], [("downloads",)])


class StubbornPeer(FakePeer):
    """A peer whose downloads all stay as they are."""

    async def pause(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        return [each for each in self.listed if each.id in downloads]


def test_what_cannot_be_steered(tmp_path: Path) -> None:
    """What stays as it is is named with what became of it, and the status says so."""
    terminal = busy(tmp_path)
    terminal.peer = StubbornPeer(listed=terminal.peer.listed)
    assert terminal.run(pause, "4-6") == 1
    assert terminal.seen.out.splitlines() == [
        f"Paused 4, {SONG.name}.",
        f"5, {SONG.name}: failed: why",
        f"6, {SONG.name}: saved /d/x",
    ]
    terminal.peer.listed = []
    assert terminal.run(pause, "--all") == 0
    assert terminal.seen.out == "There is no download to do that to.\n"


@pytest.mark.parametrize("module", [search, browse, status, downloads, uploads, shares])
def test_errors_pass(tmp_path: Path, module: Any) -> None:
    """A peer's error ends a command; nothing is shown as if it had gone well."""
    terminal = Terminal(tmp_path, FakePeer(ApiError("The index is away.")))
    with pytest.raises(ApiError, match="The index is away"):
        terminal.run(module, *(["x"] if module in {search, browse} else []))
    assert terminal.seen.out == ""


def hashed(tmp_path: Path, content: bytes, *words: str) -> Seen:
    file = tmp_path / "a.bin"
    file.write_bytes(content)
    parser = CommandParser(prog="napster hash")
    hash_command.COMMAND.arguments(parser)
    seen = Seen()
    assert hash_command.COMMAND.run(parser.parse([str(file), *words]), seen.screen) == 0
    return seen


def test_hash(tmp_path: Path) -> None:
    """The hashes of a file are printed for people and for programs."""
    content = b"12345" * 100_000
    md5 = hashlib.md5(content[:299_008]).hexdigest()
    seen = hashed(tmp_path, content)
    assert f"md5      {md5}" in seen.out
    (told,) = json.loads(hashed(tmp_path, content, "--json").out)
    assert (told["size"], told["md5"], len(told["content"])) == (500_000, md5, 64)
    assert told["content"] in seen.out


@pytest.mark.parametrize("name", ["missing", "."])
def test_hash_of_no_file(tmp_path: Path, name: str) -> None:
    """What cannot be hashed is named."""
    parser = CommandParser(prog="napster hash")
    hash_command.COMMAND.arguments(parser)
    with pytest.raises(ApiError, match=r"cannot be read|is not a file"):
        hash_command.COMMAND.run(parser.parse([str(tmp_path / name)]), Seen().screen)


def test_evil_names(tmp_path: Path) -> None:
    """No name, nick, reason or path of any answer drives the terminal, in any command."""
    evil = "\x1b[2J\x9b31m\u202e"
    row = attrs.evolve(SONG, name=evil, sources=(attrs.evolve(ALICE, nick=evil, folder=evil),))
    page = SearchPage(evil, (row,), 1, 1, (evil,))
    terminal = Terminal(tmp_path, FakePeer(page=page))
    terminal.peer.listed = [attrs.evolve(DOWNLOAD, name=evil, source=evil, reason=evil)]
    shown = ""
    for module, words in [
        (search, ["x"]),
        (browse, ["x"]),
        (downloads, []),
        (search, ["x", "--json"]),
    ]:
        terminal.run(module, *words)
        shown += terminal.seen.out + terminal.seen.err
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)


def test_marks_name_sources(tmp_path: Path) -> None:
    """The mark beside a source is the one that `get` takes it by."""
    files = [
        FoundFile(n, "x", n, 0, 0, 0, "", [attrs.evolve(ALICE, nick=f"u{n}.{k}") for k in (1, 2)])
        for n in range(1, 6)
    ]
    terminal = Terminal(tmp_path, FakePeer(page=SearchPage("x", files, 10, 10)))
    terminal.run(search, "x")
    lines = iter(terminal.seen.out.splitlines()[1:-1])
    for number, (first, second) in enumerate(zip(lines, lines, strict=True), 1):
        assert first.split()[0] == str(number)
        assert f"u{number}.1" in first
        assert second.split()[:2] == [".2", f"u{number}.2"]
    terminal.quietly(get, "4.2")
    ((_, (asked,)),) = terminal.peer.calls[1:]  # type: ignore[misc]
    assert asked.sources[0].nick == "u4.2"  # type: ignore[attr-defined]


def test_shares_that_an_index_does_not_take(tmp_path: Path) -> None:
    """They are listed apart, with the reason."""

    class Choosy(FakePeer):
        async def shares(self) -> SharesReport:
            return attrs.evolve(SHARES, not_taken=[RefusedFile("M\\song", "index a:1: full")])

    terminal = Terminal(tmp_path, Choosy())
    assert terminal.run(shares) == 0
    lines = [line.split("  ") for line in terminal.seen.out.splitlines()]
    assert ["shared, but not taken", "because"] in lines
    assert terminal.seen.out.index("M\\song") < terminal.seen.out.index("index a:1: full")
