"""The calls of the control API: which method and path does what."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs, urlsplit

import attrs

from napster.daemon.codec import CodecError, load_all
from napster.peer.api import PeerApi, Wanted
from napster.peer.control.problems import Problem, bad_request

PREFIX = "/api/"
_SWITCH = {"yes": True, "no": False}


@attrs.frozen
class Call:
    """One call: the part of the path behind the route, the query, and the JSON of the body."""

    item: str
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


async def _search(api: PeerApi, call: Call) -> object:
    return await api.search(call.text("words"), ping=call.switch("ping"))


async def _browse(api: PeerApi, call: Call) -> object:
    return await api.browse(call.text("nick"))


async def _downloads(api: PeerApi, _: Call) -> object:
    return await api.downloads()


async def _get(api: PeerApi, call: Call) -> object:
    wanted = call.body.get("wanted") if isinstance(call.body, dict) else None
    try:
        files = load_all(Wanted, wanted)
    except CodecError as error:
        raise bad_request(f"wanted: {error}.") from error
    return await api.get(files)


async def _cancel(api: PeerApi, call: Call) -> object:
    if not (call.item.isascii() and call.item.isdigit() and len(call.item) <= 18):
        raise bad_request(f"A download is named by its number, not {call.item!r}.")
    return await api.cancel(int(call.item))


async def _uploads(api: PeerApi, _: Call) -> object:
    return await api.uploads()


ROUTES: Mapping[str, Mapping[str, Route]] = {
    "status": {"GET": Route(_status)},
    "shares": {"GET": Route(_shares)},
    "search": {"GET": Route(_search, frozenset({"words", "ping"}))},
    "browse": {"GET": Route(_browse, frozenset({"nick"}))},
    "downloads": {"GET": Route(_downloads), "POST": Route(_get, body=True)},
    "downloads/": {"DELETE": Route(_cancel)},
    "uploads": {"GET": Route(_uploads)},
}


def find_route(method: str, uri: str) -> tuple[Route, Call]:
    """Find what answers a request line; raises Problem (400, 404, 405)."""
    parts = urlsplit(uri)
    name, slash, item = parts.path.removeprefix(PREFIX).partition("/")
    methods = ROUTES.get(name + slash) if parts.path.startswith(PREFIX) else None
    if methods is None:
        raise Problem(404, "no such call", f"There is no call {parts.path}.")
    if method not in methods:
        allowed = ", ".join(methods)
        raise Problem(405, "wrong method", f"{parts.path} answers {allowed}.", {"Allow": allowed})
    route = methods[method]
    return route, Call(item, _query(parts.query, route))


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
