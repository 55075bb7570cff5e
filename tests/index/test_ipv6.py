"""Users who are seen by IPv6: nobody's firewall is in the way between programs that know of it."""

from typing import Any

import pytest

from napster.index.config import Settings
from napster.wire.extension import (
    VERSION,
    ContentFile,
    ContentShared,
    ContentSource,
    Family,
    Feature,
    Find,
    FindEnd,
    FindSources,
    Found,
    Greeting,
    SearchNote,
    ShareContent,
    TicketIssued,
    Watch,
    Watched,
)
from napster.wire.messages.people import ChangePort
from napster.wire.messages.searching import Search, SearchEnd
from napster.wire.messages.transfers import (
    DownloadReady,
    DownloadRequest,
    PushRequest,
    UploadAccepted,
)
from napster.wire.search import SearchQuery, query_body
from tests.index.harness import EXTENDED, FEATURES, MD5, Conn, World

PATH = rb"music\song.mp3"
CONTENT = b"c" * 32
ANNA, BERTA = "2001:db8:a::1", "2001:db8:b::1"
SHARED = ContentFile(PATH, 1000, CONTENT, bytes.fromhex(MD5.decode()), 128, 44100, 60)
SONG = SearchQuery(contains=(b"song",))


def login(
    world: World, nick: str, host: str, features: Feature = FEATURES, *, port: int = 6699
) -> Conn:
    """Log in with a program that can connect by IPv4 and IPv6, and agree on features."""
    conn = world.login(nick, host, port=port, client=EXTENDED)
    both = Family.IPV4 | Family.IPV6
    assert conn.ask(Greeting(VERSION, features, nick[0].encode() * 32, both)) == []
    return conn


def pair(world: World, *, anna: int = 6699, berta: int = 6699) -> tuple[Conn, Conn]:
    """Bring an uploader and a downloader online."""
    uploader = login(world, "anna", ANNA, port=anna)
    assert uploader.ask(ShareContent(1, b"", [SHARED])) == [ContentShared(1, 1, ())]
    return uploader, login(world, "berta", BERTA, port=berta)


def test_nobody_can_connect(world: World) -> None:
    """Two firewalled users are that by IPv6 as well."""
    _, berta = pair(world, anna=0, berta=0)
    (ready,) = berta.ask(PushRequest("anna", PATH))
    assert isinstance(ready, DownloadReady)
    assert ready.md5 == b"firewallerror"


@pytest.mark.parametrize("features", [Feature(0), FEATURES & ~Feature.SECURE])
def test_who_does_not_know_of_it(world: World, features: Feature) -> None:
    """To them the user is firewalled as ever; the addresses come with tickets only."""
    pair(world)
    carl = login(world, "carl", "2001:db8:c::1", features)
    assert carl.ask(DownloadRequest("anna", PATH)) == [DownloadReady("anna", 0, 0, PATH, MD5, 8)]
    (ready,) = carl.ask(PushRequest("anna", PATH))
    assert isinstance(ready, DownloadReady)
    assert ready.md5 == b"firewallerror"
    assert carl.ask(Search(SONG)) != [SearchEnd()]  # a note why not
    old = world.login("dora", port=0)
    assert old.ask(Search(SONG)) == [SearchEnd()]


def found(conn: Conn) -> list[Any]:
    """Search for the song, then ask who has it."""
    return conn.ask(Find(1, query_body(SONG)), FindSources(2, CONTENT))


def test_searches(world: World) -> None:
    """Both who can be connected to and who could connect is found."""
    anna, berta = pair(world)
    hit, _, source, end = found(berta)
    assert isinstance(hit, Found)
    assert (hit.sources, hit.reachable) == (1, 1)
    assert isinstance(source, ContentSource)
    assert source.ipv6 is not None
    assert source.ipv6.hex(":", 2) == "2001:0db8:000a:0000:0000:0000:0000:0001"
    assert (source.address, source.port) == (0, 6699)
    assert end == FindEnd(2)
    assert anna.ask(ChangePort(0)) == []
    hit, _, source, _ = found(berta)
    assert isinstance(hit, Found)
    assert (hit.sources, hit.reachable) == (1, 0)
    assert isinstance(source, ContentSource)
    assert (source.ipv6, source.port) == (None, 0)
    assert berta.ask(ChangePort(0)) == []
    told = [each for each in found(berta) if not isinstance(each, SearchNote)]
    assert told == [FindEnd(1), FindEnd(2)]


def test_an_address_that_others_cannot_use(world: World) -> None:
    """What means something else on each link is told to nobody."""
    _, berta = pair(world)
    carl = login(world, "carl", "fe80::1%eth0")
    assert carl.ask(ShareContent(1, b"", [SHARED])) == [ContentShared(1, 1, ())]
    hit, *_ = found(berta)
    assert isinstance(hit, Found)
    assert (hit.sources, hit.reachable) == (2, 1)


def test_a_published_ipv4_address_stands_for_it(world: World) -> None:
    """The operator's map says where a user is; then that is where everybody connects."""
    world.hub.configure(Settings(address_map={"2001:db8:a::/48": "192.0.2.99"}))
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    anna.send(UploadAccepted("berta", PATH))
    issued, ready = berta.messages()
    assert isinstance(issued, TicketIssued)
    assert isinstance(ready, DownloadReady)
    assert (issued.address, ready.port) == ("192.0.2.99", 6699)


def test_standing_searches(world: World) -> None:
    """Files of users who can be met are told, and of no others."""
    berta = login(world, "berta", BERTA)
    carl = login(world, "carl", "2001:db8:c::1", Feature.CONTENT)
    for each in (berta, carl):
        each.ask(Watch(1, query_body(SONG)))
    anna = login(world, "anna", ANNA)
    anna.send(ShareContent(1, b"", [SHARED]))
    (watched,) = berta.messages()
    assert isinstance(watched, Watched)
    assert carl.messages() == []
