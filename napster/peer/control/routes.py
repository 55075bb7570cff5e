"""The calls of the control API: which method and path does what."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import attrs

from napster.daemon.codec import CodecError, load, load_all
from napster.peer.api import PeerApi, Priority, Wanted
from napster.peer.control.problems import Problem, bad_request

T = TypeVar("T")
U = TypeVar("U")

PREFIX = "/api/"
_SWITCH = {"yes": True, "no": False}


@attrs.frozen
class Call:
    """One call: the query, and the JSON of the body."""

    query: Mapping[str, str]
    body: object = None

    def text(self, name: str) -> str:
        """Take a text of the query; raises Problem if it is missing."""
        if not self.query.get(name):
            raise bad_request(f"The query needs {name}=...")
        return self.query[name]

    def switch(self, name: str) -> bool:
        """Take a yes or no of the query, no by default; raises Problem for anything else."""
        value = self.query.get(name, "no")
        if value not in _SWITCH:
            raise bad_request(f"{name} must be yes or no, not {value}.")
        return _SWITCH[value]

    def values(self, name: str, kind: type[T]) -> Sequence[T]:
        """Take a list out of the body; raises Problem if it is missing or wrong."""
        return self._read(name, lambda given: load_all(kind, given))

    def value(self, name: str, kind: type[T]) -> T:
        """Take a value out of the body; raises Problem if it is missing or wrong."""
        return self._read(name, lambda given: load(kind, given))

    def _read(self, name: str, read: Callable[[object], U]) -> U:
        given = self.body.get(name) if isinstance(self.body, dict) else None
        try:
            return read(given)
        except CodecError as error:
            raise bad_request(f"{name}: {error}.") from error


Handler = Callable[[PeerApi, Call], Awaitable[object]]


@attrs.frozen
class Route:
    """What answers one method on one path."""

    handler: Handler
    query: frozenset[str] = frozenset()
    """The fields its query may have."""
    body: bool = False
    """Whether it takes JSON."""


async def _status(api: PeerApi, _: Call) -> object:
    return await api.status()


async def _shares(api: PeerApi, _: Call) -> object:
    return await api.shares()


async def _risk(api: PeerApi, _: Call) -> object:
    return await api.risk()


async def _rare(api: PeerApi, _: Call) -> object:
    return await api.rare()


async def _search(api: PeerApi, call: Call) -> object:
    return await api.search(call.text("words"), ping=call.switch("ping"))


async def _browse(api: PeerApi, call: Call) -> object:
    return await api.browse(call.text("nick"))


async def _wishes(api: PeerApi, _: Call) -> object:
    return await api.wishes()


async def _wish(api: PeerApi, call: Call) -> object:
    return await api.wish(call.value("words", str), get=call.value("get", bool))


async def _drop_wishes(api: PeerApi, call: Call) -> object:
    return await api.drop_wishes(call.values("ids", int))


async def _see_wishes(api: PeerApi, call: Call) -> object:
    await api.see_wishes(call.value("last", int))
    return {}


async def _downloads(api: PeerApi, _: Call) -> object:
    return await api.downloads()


async def _get(api: PeerApi, call: Call) -> object:
    return await api.get(call.values("wanted", Wanted))


async def _pause(api: PeerApi, call: Call) -> object:
    return await api.pause(call.values("ids", int))


async def _resume(api: PeerApi, call: Call) -> object:
    return await api.resume(call.values("ids", int))


async def _cancel(api: PeerApi, call: Call) -> object:
    return await api.cancel(call.values("ids", int))


async def _prioritize(api: PeerApi, call: Call) -> object:
    return await api.prioritize(call.values("ids", int), call.value("priority", Priority))


async def _uploads(api: PeerApi, _: Call) -> object:
    return await api.uploads()


ROUTES: Mapping[str, Mapping[str, Route]] = {
    "status": {"GET": Route(_status)},
    "shares": {"GET": Route(_shares)},
    "shares/risk": {"GET": Route(_risk)},
    "shares/rare": {"GET": Route(_rare)},
    "search": {"GET": Route(_search, frozenset({"words", "ping"}))},
    "browse": {"GET": Route(_browse, frozenset({"nick"}))},
    "wishes": {"GET": Route(_wishes), "POST": Route(_wish, body=True)},
    "wishes/drop": {"POST": Route(_drop_wishes, body=True)},
    "wishes/see": {"POST": Route(_see_wishes, body=True)},
    "downloads": {"GET": Route(_downloads), "POST": Route(_get, body=True)},
    "downloads/pause": {"POST": Route(_pause, body=True)},
    "downloads/resume": {"POST": Route(_resume, body=True)},
    "downloads/cancel": {"POST": Route(_cancel, body=True)},
    "downloads/priority": {"POST": Route(_prioritize, body=True)},
    "uploads": {"GET": Route(_uploads)},
}


def find_route(method: str, uri: str) -> tuple[Route, Call]:
    """Find what answers a request line; raises Problem (400, 404, 405)."""
    parts = urlsplit(uri)
    known = parts.path.startswith(PREFIX)
    methods = ROUTES.get(parts.path.removeprefix(PREFIX)) if known else None
    if methods is None:
        raise Problem(404, "no such call", f"There is no call {parts.path}.")
    if method not in methods:
        allowed = ", ".join(methods)
        raise Problem(405, "wrong method", f"{parts.path} answers {allowed}.", {"Allow": allowed})
    route = methods[method]
    return route, Call(_query(parts.query, route))


def _query(text: str, route: Route) -> dict[str, str]:
    try:
        query = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=16)
    except ValueError as error:
        raise bad_request("The query must be UTF-8, percent-encoded, of few fields.") from error
    for name, values in query.items():
        if name not in route.query:
            raise bad_request(f"The query has no field {name!r} here.")
        if len(values) > 1:
            raise bad_request(f"The query has {name} twice.")
    return {name: value for name, (value,) in query.items()}
