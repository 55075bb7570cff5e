"""The HTTP server of the control API, over any PeerApi."""

from collections.abc import Mapping

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from napster.daemon.codec import dump
from napster.peer.api import ApiError, PeerApi
from napster.peer.control.guard import Guard
from napster.peer.control.problems import Problem, from_api_error, internal
from napster.peer.control.requests import ControlRequest, encode, read_json, write_json
from napster.peer.control.routes import find_route

IDLE_SECONDS = 60
"""How long a connection may be silent between requests, or in the middle of one."""


class ControlResource(Resource):
    """Answer the calls of the control API."""

    isLeaf = True
    log = Logger()

    def __init__(self, api: PeerApi, guard: Guard) -> None:
        super().__init__()
        self._api = api
        self._guard = guard

    def render(self, request: Request) -> int:
        """Carry out one request; the answer comes when it is there."""
        gone = request.notifyFinish()
        gone.addErrback(lambda _: None)
        work = Deferred.fromCoroutine(self._respond(request, gone))
        work.addErrback(lambda failure: self.log.failure("an answer was not sent", failure))
        return NOT_DONE_YET

    async def _respond(self, request: Request, gone: Deferred[None]) -> None:
        headers: Mapping[str, str] = {}
        try:
            status, body = 200, await self._answer(request)
        except Problem as problem:
            self._tell(request, problem)
            status, headers, body = problem.status, problem.headers, encode(problem.body())
        if not gone.called:
            write_json(request, status, headers, body)

    def _tell(self, request: Request, problem: Problem) -> None:
        self.log.info(
            "control call {method} of {peer} not carried out: {message}",
            method=request.method.decode("latin-1"),
            peer=request.getClientAddress(),
            message=problem.message,
        )

    async def _answer(self, request: Request) -> bytes:
        self._guard.check(request.requestHeaders)
        route, call = find_route(request.method.decode("latin-1"), request.uri.decode("latin-1"))
        if route.body:
            call = attrs.evolve(call, body=read_json(request))
        try:
            return encode(dump(await route.handler(self._api, call)))
        except ApiError as error:
            raise from_api_error(error) from error
        except Problem:
            raise
        except Exception as error:
            self.log.failure("control call {uri} failed", uri=request.uri)
            raise internal() from error


class ControlSite(Site):
    """The HTTP server. It keeps no log of calls: the command line makes five a second."""

    noisy = False
    requestFactory = ControlRequest

    def __init__(self, api: PeerApi, guard: Guard, clock: IReactorTime) -> None:
        resource = ControlResource(api, guard)
        super().__init__(resource, timeout=IDLE_SECONDS, reactor=clock)
        self.displayTracebacks = False

    def log(self, request: object) -> None:
        """Leave the call out of the log."""
