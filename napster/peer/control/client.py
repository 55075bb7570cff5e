"""A running peer daemon, called through its control API."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlencode

import attrs
from treq.client import HTTPClient
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.endpoints import clientFromString
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.web.client import URI, Agent, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory
from zope.interface import implementer

from napster.daemon.codec import CodecError, dump, load, load_all
from napster.peer.api import (
    ApiError,
    DownloadStatus,
    Priority,
    RareReport,
    RiskReport,
    SearchPage,
    SharesReport,
    Status,
    UnreachableError,
    UploadStatus,
    Wanted,
    Wish,
)
from napster.peer.control.place import ControlAddress
from napster.peer.control.problems import to_api_error
from napster.peer.control.routes import PREFIX

T = TypeVar("T")

PATIENCE = 120.0
"""How many seconds an answer may take; a search with pings needs some."""

_BATCH = 1000
"""How many files one call is about: well below the server's limit for a body."""
_NONE: Mapping[str, object] = MappingProxyType({})


@implementer(IAgentEndpointFactory)
@attrs.frozen
class _OneEndpoint:
    endpoint: IStreamClientEndpoint

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: ARG002  # only one
        return self.endpoint


def connect(reactor: Any, address: ControlAddress) -> "HttpPeerApi":
    """Make a client of the daemon at an address; nothing is sent yet."""
    endpoint = clientFromString(reactor, address.endpoint)
    agent = Agent.usingEndpointFactory(reactor, _OneEndpoint(endpoint))
    return HttpPeerApi(agent, reactor, address)


class HttpPeerApi:
    """A PeerApi that asks a running daemon.

    Besides the errors of a PeerApi, every call raises UnreachableError when no daemon answers.
    """

    def __init__(self, agent: IAgent, clock: IReactorTime, address: ControlAddress) -> None:
        self._client = HTTPClient(agent)
        self._clock = clock
        self._address = address
        self._headers = Headers()
        self._headers.addRawHeader("Authorization", f"Bearer {address.token}")
        self._headers.addRawHeader("Connection", "close")

    async def status(self) -> Status:
        """Tell how the daemon is doing."""
        return self._value(Status, await self._ask("GET", "status"))

    async def shares(self) -> SharesReport:
        """Tell what it shares, what it does not, and why."""
        return self._value(SharesReport, await self._ask("GET", "shares"))

    async def risk(self) -> RiskReport:
        """Have it ask which contents that it shares nobody else does."""
        return self._value(RiskReport, await self._ask("GET", "shares/risk"))

    async def rare(self) -> Sequence[RareReport]:
        """Have it ask, at each index, which contents of others only one shares."""
        return self._values(RareReport, await self._ask("GET", "shares/rare"))

    async def search(self, words: str, *, ping: bool = False) -> SearchPage:
        """Have it search the index."""
        query = urlencode({"words": words, "ping": "yes" if ping else "no"})
        return self._value(SearchPage, await self._ask("GET", f"search?{query}"))

    async def browse(self, nick: str) -> SearchPage:
        """Have it list all files of a user."""
        query = urlencode({"nick": nick})
        return self._value(SearchPage, await self._ask("GET", f"browse?{query}"))

    async def wishes(self) -> Sequence[Wish]:
        """List its wishes, with what was found."""
        return self._values(Wish, await self._ask("GET", "wishes"))

    async def wish(self, words: str, *, get: bool = False) -> Wish:
        """Have it look out for what a search with these words finds."""
        return self._value(Wish, await self._ask("POST", "wishes", {"words": words, "get": get}))

    async def drop_wishes(self, wishes: Sequence[int]) -> Sequence[Wish]:
        """Have it look out for some no longer."""
        return self._values(Wish, await self._ask("POST", "wishes/drop", {"ids": list(wishes)}))

    async def see_wishes(self, last: int) -> None:
        """Have it take note that somebody has looked at all finds up to this one."""
        await self._ask("POST", "wishes/see", {"last": last})

    async def get(self, wanted: Sequence[Wanted]) -> Sequence[DownloadStatus]:
        """Have it download files, in order."""
        return await self._in_batches("downloads", "wanted", wanted)

    async def downloads(self) -> Sequence[DownloadStatus]:
        """List its downloads, newest last."""
        return self._values(DownloadStatus, await self._ask("GET", "downloads"))

    async def pause(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Have it stop downloads until they are resumed."""
        return await self._in_batches("downloads/pause", "ids", downloads)

    async def resume(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Have it go on with downloads that are paused, wait or have failed."""
        return await self._in_batches("downloads/resume", "ids", downloads)

    async def cancel(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Have it stop downloads and delete their partial files."""
        return await self._in_batches("downloads/cancel", "ids", downloads)

    async def prioritize(
        self, downloads: Sequence[int], priority: Priority
    ) -> Sequence[DownloadStatus]:
        """Have it treat downloads as so urgent."""
        more = {"priority": priority.value}
        return await self._in_batches("downloads/priority", "ids", downloads, more)

    async def uploads(self) -> Sequence[UploadStatus]:
        """List its uploads under way and waiting."""
        return self._values(UploadStatus, await self._ask("GET", "uploads"))

    async def _in_batches(
        self, call: str, name: str, things: Sequence[object], more: Mapping[str, object] = _NONE
    ) -> Sequence[DownloadStatus]:
        """Make a call about many things as several calls that fit, in order."""
        answers: list[DownloadStatus] = []
        for first in range(0, len(things), _BATCH):
            body = {name: dump(things[first : first + _BATCH]), **more}
            answers += self._values(DownloadStatus, await self._ask("POST", call, body))
        return answers

    async def _ask(self, method: str, call: str, body: object = None) -> object:
        work = Deferred.fromCoroutine(self._exchange(method, call, body))
        work.addTimeout(PATIENCE, self._clock)
        try:
            return await work
        except DeferredTimeoutError as error:
            raise self._unreachable(f"has not answered for {PATIENCE:.0f} seconds") from error
        except (ConnectError, ResponseFailed) as error:
            raise self._unreachable("does not answer; is it running?") from error

    async def _exchange(self, method: str, call: str, body: object) -> object:
        options: dict[str, Any] = {} if body is None else {"json": body}
        response = await self._client.request(
            method,
            f"http://localhost{PREFIX}{call}",
            headers=self._headers,
            allow_redirects=False,
            **options,
        )
        try:
            data = json.loads(await response.content())
        except ValueError as error:
            raise self._stranger() from error
        if response.code != 200:
            raise to_api_error(data) or self._stranger()
        return data

    def _value(self, kind: type[T], data: object) -> T:
        try:
            return load(kind, data)
        except CodecError as error:
            raise self._stranger() from error

    def _values(self, kind: type[T], data: object) -> Sequence[T]:
        try:
            return load_all(kind, data)
        except CodecError as error:
            raise self._stranger() from error

    def _unreachable(self, what: str) -> ApiError:
        return UnreachableError(f"The peer daemon at {self._address.endpoint} {what}.")

    def _stranger(self) -> ApiError:
        return UnreachableError(
            f"What answers at {self._address.endpoint} is not a peer daemon of this version."
        )
