"""The pages: what is on them, who may see them, and that the documentation is right."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
import treq
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.web.http_headers import Headers
from twisted.web.test.requesthelper import DummyRequest

from napster.daemon.metrics import Histogram
from napster.index.limits import Cost
from napster.index.search_log import SearchLog
from napster.index.web.history import History, Sample
from napster.index.web.measures import MEASURES, Sources
from napster.index.web.page import OverviewPage
from napster.index.web.plot import WIDTH
from napster.index.web.site import GuardedPage, pages
from napster.wire.messages.searching import Search, SearchEnd
from napster.wire.search import SearchQuery
from tests.index.client import RunningIndex, running_index
from tests.index.harness import World, file

DOCS = Path(__file__).parents[3] / "docs"
HERE = IPv4Address("TCP", "127.0.0.1", 5)
EVIL = b"<script>alert(1)</script>"


class Passwords:
    """A queue of passwords."""

    waiting = 3


class Reader(HTMLParser):
    """Reads a page: its tags, and the text that a person sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


class Site:
    """The pages of a world."""

    def __init__(self, world: World) -> None:
        world.hub.search_log = SearchLog(world.clock)
        self.history = History()
        self.sources = Sources(world.hub, Passwords())  # type: ignore[arg-type]
        self.pages = pages(self.sources, self.history, lambda: 0.0)

    def ask(
        self, name: bytes = b"", host: bytes = b"localhost:8080", client: Any = HERE
    ) -> tuple[int, str, Headers]:
        """Ask for a page; returns its status, its content and its headers."""
        request = DummyRequest([name])
        request.client = client
        request.requestHeaders.setRawHeaders(b"host", [host] if host else [])
        page = self.pages[name]
        assert isinstance(page, GuardedPage)
        body = page.render(request)  # type: ignore[arg-type]
        return request.responseCode or 200, body.decode(), request.responseHeaders


@pytest.fixture
def site(world: World) -> Site:
    """Give a test the pages of its world."""
    return Site(world)


def test_page(world: World, site: Site) -> None:
    """The page shows users, files, searches, stalls and the time."""
    world.login("anna").send(file(size=3 << 30))
    berta = world.login("berta")
    berta.ask(Search(SearchQuery(contains=(b"Song",))))
    world.connect()
    site.history.add(Sample(1000, 2, 1, 12.5, 0.004))
    world.clock.advance(75)
    _, page, _ = site.ask()
    text = " ".join(Reader(page).text.split())
    for part in (
        "napster A napster index, up for 1:15 .",
        "2 users 1 more not logged in",
        "1 files 3.00 GiB",
        "12.5 searches per second 1 since the start, 0% found nothing",
        "4 ms longest stall",
        "Users, the last 10 min",
        "0.0 ms song 1 75 s".replace("song", "Song"),
        "song 1",
        "1970-01-01 00:00:00 UTC",
    ):
        assert part in text, part


def test_a_relay(world: World, site: Site) -> None:
    """Where there is one, it has its figures, on the page and in the metrics."""
    assert "relayed" not in site.ask()[1]
    relay = world.hub.relay
    relay.port = lambda: 8889
    relay.meters.transfers, relay.meters.relayed, relay.meters.cut = 3, 5 << 20, 1
    assert "0 relayed transfers 5.00 MiB since the start" in " ".join(
        Reader(site.ask()[1]).text.split()
    )
    figures = _figures(site.ask(b"metrics")[1])
    expected = {"transfers": 0, "transfers_total": 3, "bytes_total": 5 << 20, "cut_total": 1}
    for name, value in expected.items():
        assert figures[f"napster_index_relay_{name}"] == value


def test_everything_is_escaped(world: World, site: Site) -> None:
    """Nothing that a user sends becomes a part of the page."""
    conn = world.login("anna")
    for words in (EVIL, b'"><img src=x onerror=alert(1)>', "\u202egnp.exe".encode(), b"\x1b[2J"):
        conn.frame(200, b'FILENAME CONTAINS "' + words.replace(b'"', b"'") + b'"')
    _, page, _ = site.ask()
    reader = Reader(page)
    assert {tag for tag, _ in reader.tags}.isdisjoint({"script", "img", "iframe", "object"})
    assert not [name for _, attrs in reader.tags for name in attrs if name.startswith("on")]
    assert EVIL.decode() in reader.text
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_nothing_from_elsewhere(site: Site) -> None:
    """The page loads nothing but its own style sheet, and its policy allows nothing else."""
    _, page, headers = site.ask()
    links = [attrs.get(name) for _, attrs in Reader(page).tags for name in ("href", "src")]
    assert {link for link in links if link} == {"style.css", "metrics"}
    (policy,) = headers.getRawHeaders(b"content-security-policy", [])
    assert policy.startswith(b"default-src 'none'; style-src 'self';")
    assert b"frame-ancestors 'none'" in policy
    assert "url(" not in site.ask(b"style.css")[1]


@pytest.mark.parametrize("width", [300, 334, 384, 385, 480, 481, 560, 700])
def test_plots_can_be_read_in_a_narrow_window(site: Site, width: int) -> None:
    """A plot shrinks with its card, the letters in it to no less than 9 pixels."""
    style = site.ask(b"style.css")[1]
    sizes = [float(re.search(r"svg text \{[^}]*font: (\d+)px", style)[1])]  # type: ignore[index]  # None fails, too
    narrow = r"@container \(max-width: (\d+)rem\) \{\s+svg text \{\s+font-size: (\d+)px"
    for most, size in re.findall(narrow, style):
        if width <= float(most) * 16:
            sizes.append(float(size))
    assert sizes[-1] * width / WIDTH >= 9


def test_it_renews_itself(site: Site) -> None:
    """A browser asks again by itself, without any script."""
    assert ("meta", {"http-equiv": "refresh", "content": "10"}) in Reader(site.ask()[1]).tags


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        (HERE, True),
        (IPv6Address("TCP", "::1", 5), True),
        (IPv6Address("TCP", "::ffff:127.0.0.1", 5), True),
        (UNIXAddress(b""), True),
        (IPv4Address("TCP", "192.0.2.1", 5), False),
        (IPv6Address("TCP", "2001:db8::1", 5), False),
    ],
)
def test_words_are_shown_here_only(world: World, site: Site, client: Any, *, shown: bool) -> None:
    """What people search for is for the machine of the index only."""
    world.login("anna").ask(Search(SearchQuery(contains=(b"secret",))))
    _, page, _ = site.ask(client=client)
    assert ("secret" in page) is shown
    assert ("only to a browser on the machine" in page) is not shown


def test_no_searches_yet(site: Site) -> None:
    """Where nothing was searched for, the page says so instead of showing empty tables."""
    page = site.ask()[1]
    assert page.count("There were no searches in the last half hour") == 2
    assert "<table" not in page


@pytest.mark.parametrize("name", [b"", b"metrics", b"style.css"])
def test_names(world: World, site: Site, name: bytes) -> None:
    """A page is not given to a browser that asks by a name that is not ours."""
    assert site.ask(name, b"127.0.0.1:8080")[0] == 200
    status, body, _ = site.ask(name, b"evil.example.org")
    assert (status, body.count("\n")) == (421, 1)
    assert site.ask(name, b"")[0] == 421


def test_other_methods(site: Site) -> None:
    """Nothing can be changed; HEAD gets no body."""
    request = DummyRequest([b""])
    request.method = b"POST"
    assert b"only GET and HEAD" in site.pages[b""].render(request)
    assert request.responseCode == 405
    request = DummyRequest([b""])
    request.method, request.client = b"HEAD", HERE
    request.requestHeaders.setRawHeaders(b"host", [b"localhost"])
    assert site.pages[b""].render(request) == b""
    assert int(request.responseHeaders.getRawHeaders(b"content-length")[0]) > 1000


def test_a_broken_page_is_no_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in the page is not answered by half of it."""
    monkeypatch.setattr(OverviewPage, "moment", None)
    with pytest.raises(Exception, match="moment"):
        site.ask()


def _figures(page: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_metrics(world: World, site: Site) -> None:
    """Each figure tells what has happened."""
    world.login("anna").send(file(), file(b"x.mp3"))
    berta = world.login("berta")
    berta.ask(Search(SearchQuery(contains=(b"song",))), Search(SearchQuery(contains=(b"none",))))
    berta.tell(9999)
    berta.tell(9998)
    world.connect()
    world.hub.limits.refused[Cost.WRONG_PASSWORD] = 4
    world.clock.advance(5)
    figures = _figures(site.ask(b"metrics")[1])
    expected = {
        "napster_index_users": 2,
        "napster_index_sessions": 3,
        "napster_index_files": 2,
        "napster_index_file_bytes": 2000,
        "napster_index_password_queue": 3,
        'napster_index_frames_total{type="2"}': 2,
        'napster_index_frames_total{type="100"}': 2,
        'napster_index_frames_total{type="200"}': 2,
        'napster_index_frames_total{type="unknown"}': 2,
        "napster_index_connections_total": 3,
        "napster_index_logins_total": 2,
        "napster_index_files_taken_total": 2,
        "napster_index_search_seconds_count": 2,
        "napster_index_empty_searches_total": 1,
        'napster_index_limited_total{kind="wrong_password"}': 4,
        'napster_index_limited_total{kind="search"}': 0,
        "napster_index_uptime_seconds": 5,
    }
    assert {name: figures[name] for name in expected} == expected
    assert figures["napster_index_received_bytes_total"] > 200
    assert figures["napster_index_sent_bytes_total"] > 200
    assert figures["process_resident_memory_bytes"] > 10 << 20


def test_refused_connections_and_displaced_sessions() -> None:
    """Connections refused are counted, and sessions that made room for others."""
    world = World(max_users=2)
    world.register("anna")
    site = Site(world)
    world.login("anna")
    world.login("anna", password=b"pw")
    world.connect()
    world.connect()
    figures = _figures(site.ask(b"metrics")[1])
    assert figures["napster_index_connections_refused_total"] >= 1
    assert figures["napster_index_displaced_total"] == 1
    world.end()


def test_metrics_are_documented(site: Site) -> None:
    """The documentation has each figure with its kind, label and meaning, and no other."""
    page = (DOCS / "metrics.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \| (\w+) \| (?:`(\w+)`)? *\| (.+) \|$", page, re.MULTILINE)
    assert told == [(m.name, m.kind, m.label or "", m.help) for m in MEASURES]
    kinds = {cost.name.lower() for cost in Cost}
    assert all(f"`{kind}`" in page for kind in kinds)


def test_kinds_of_metrics(site: Site) -> None:
    """Names say the kind, as Prometheus has it: counters end in `_total`, times in `_seconds`."""
    for each in MEASURES:
        assert each.name.endswith("_total") == (each.kind == "counter")
        value = each.read(site.sources)
        assert isinstance(value, Histogram) == (each.kind == "histogram")
        assert isinstance(value, dict) == (each.label is not None)


async def _get(index: RunningIndex, path: str, **options: Any) -> tuple[int, str]:
    url = f"http://127.0.0.1:{index.ports[0]}/{path}"
    response = await treq.get(url, persistent=False, timeout=10, **options)
    return response.code, await response.text()


@pytest_twisted.ensureDeferred
async def test_over_sockets(tmp_path: Path) -> None:
    """The daemon serves all pages over a real socket."""
    endpoint = "tcp:0:interface=127.0.0.1"
    async with running_index(tmp_path, http=endpoint, http_names=["index.example"]) as index:
        client = await index.client("anna")
        client.send(Search(SearchQuery(contains=(b"metallica",))))
        await client.get(SearchEnd)
        status, page = await _get(index, "")
        assert (status, "metallica" in page) == (200, True)
        status, figures = await _get(index, "metrics")
        assert (status, "napster_index_users 1\n" in figures) == (200, True)
        assert (await _get(index, "style.css"))[0] == 200
        assert await _get(index, "healthz") == (200, "ok\n")
        assert (await _get(index, "nothing"))[0] == 404
        other = {"host": "index.example:8080"}
        assert (await _get(index, "metrics", headers=other))[0] == 200
        assert (await _get(index, "metrics", headers={"host": "evil.example"}))[0] == 421
        await client.close()
