"""Short ways to make records, queries and owners, and to read what a catalog answers."""

from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from napster.catalog.interface import Asker, ICatalog, Owner
from napster.catalog.memory.catalog import MemoryCatalog
from napster.catalog.plain import PlainCatalog
from napster.wire.search import SearchQuery

T = TypeVar("T")

MD5 = b"d41d8cd98f00b204e9800998ecf8427e"
CATALOGS: dict[str, Callable[[], ICatalog]] = {
    "plain": PlainCatalog,
    "memory": lambda: MemoryCatalog(Clock(), capacity=1 << 20),
}
"""What makes an empty catalog, by its kind."""
SOMEBODY = Asker("somebody")
NO_ADDRESS = 0


class BusyClock(Clock):
    """A clock by which every step takes so long that the next one is for another turn."""

    step = 1.0

    def seconds(self) -> float:
        """Return a later time with each call."""
        self.rightNow += self.step
        return float(self.rightNow)

    def turn(self) -> None:
        """Run what is due first."""
        call = self.calls.pop(0)
        call.called = 1
        call.func(*call.args, **call.kw)


def owner(nick: str = "anna", *, port: int = 6699, speed: int = 7) -> Owner:
    """Make an owner at 127.0.0.1."""
    return Owner(nick=nick, address=16777343, port=port, speed=speed)


def record(path: bytes, md5: bytes = MD5, **numbers: int) -> bytes:
    """Make the body of a message 100."""
    values = {"size": 1000, "bitrate": 128, "frequency": 44100, "duration": 60} | numbers
    ordered = (values[name] for name in ("size", "bitrate", "frequency", "duration"))
    return b'"%b" %b %d %d %d %d' % (path, md5, *ordered)


def fired(deferred: "Deferred[T]") -> T:
    """Return what a Deferred has fired with; raise its failure."""
    got: list[Any] = []
    deferred.addBoth(got.append)
    assert got, "the Deferred has not fired"
    if isinstance(got[0], Failure):
        got[0].raiseException()
    answer: T = got[0]
    return answer


def query(*contains: bytes, **options: Any) -> SearchQuery:
    """Make a query of phrases."""
    return SearchQuery(contains=contains, **options)


def found(catalog: ICatalog, wanted: SearchQuery, asker: Asker = SOMEBODY) -> set[bytes]:
    """Search, and return the paths found."""
    return {hit.file.path for hit in fired(catalog.search(wanted, asker))}


def share(catalog: ICatalog, nick: str, *paths: bytes) -> None:
    """Share files of these paths; none may be refused."""
    result = fired(catalog.share(nick, [record(path) for path in paths]))
    assert result.refusals == ()
