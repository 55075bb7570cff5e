"""The admin socket: a line of JSON in, a line of JSON out.

A request is `{"call": NAME, "with": {…}}`, its answer `{"result": …}` or
`{"error": {"kind": KIND, "message": SENTENCE}}`. Whoever may open the socket may ask everything.
"""

import json
import os
import pwd
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IListeningPort
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

from napster.daemon.codec import CodecError, dump, load
from napster.daemon.errors import DaemonError
from napster.daemon.listening import ListenError
from napster.daemon.turns import Turns
from napster.index.actors import NotThereError
from napster.index.admin.calls import Call, Console
from napster.index.admin.client import SOCKET
from napster.index.admin.table import CALLS
from napster.index.commands import CommandError
from napster.index.limits import LimitError

OpenConsole = Callable[[str], Console]
"""Makes what the requests of somebody with a login name at this machine are about."""

_LONGEST_PATH = 107
"""unix(7)."""
_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of the other end (unix(7), SO_PEERCRED)."""


class AdminProtocol(LineOnlyReceiver):
    """One caller, whose requests are answered one after the other."""

    log = Logger()
    delimiter = b"\n"
    MAX_LENGTH = 1 << 20
    transport: Any

    def __init__(self, open_console: OpenConsole, callers: set["AdminProtocol"]) -> None:
        self._open_console = open_console
        self._callers = callers
        self._turns = Turns()

    def connectionMade(self) -> None:
        """Note who calls."""
        self._callers.add(self)
        self._console = self._open_console(_login_name(self.transport.getHandle()))

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002  # Twisted's
        """Note that the caller has gone; what was asked for is done nevertheless."""
        self._callers.discard(self)

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  # Twisted's
        """Answer a request when those before it are answered."""
        self._turns.run(lambda: Deferred.fromCoroutine(self._answer(line)))

    async def _answer(self, line: bytes) -> None:
        try:
            answer = {"result": dump(await self._result(line))}
        except CodecError as error:
            answer = _problem("bad request", str(error))
        except NotThereError as error:
            answer = _problem("not found", str(error))
        except (CommandError, LimitError, DaemonError) as error:
            answer = _problem("failed", str(error))
        except Exception:  # noqa: BLE001  # logged and told; the next request is answered
            self.log.failure("{who}: a request failed", who=self._console.actor.name)
            answer = _problem("failed", "an error of the daemon's own, see its log")
        self.transport.write(json.dumps(answer).encode() + b"\n")

    async def _result(self, line: bytes) -> object:
        call, asked = _read(line)
        return await call.run(self._console, asked)


def _read(line: bytes) -> tuple[Call, Any]:
    try:
        request = json.loads(line)
    except ValueError as error:
        raise CodecError("a request is a line of JSON") from error
    match request:
        case {"call": str(name), "with": dict(asked)} if name in CALLS:
            return CALLS[name], load(CALLS[name].asked, asked)
        case {"call": str(name), "with": dict()}:
            raise CodecError(f"there is no request {name}; this daemon may be of another version")
    raise CodecError('a request is an object with a name, "call", and an object, "with"')


def _problem(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"kind": kind, "message": message}}


def _login_name(handle: socket.socket) -> str:
    credentials = handle.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(credentials)
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


class AdminFactory(ServerFactory):
    """Lets in whoever can open the socket."""

    noisy = False

    def __init__(self, open_console: OpenConsole) -> None:
        self.callers: set[AdminProtocol] = set()
        self._open_console = open_console

    def buildProtocol(self, _addr: IAddress | None) -> AdminProtocol:
        """Make the protocol of a new connection."""
        return AdminProtocol(self._open_console, self.callers)


class AdminService(Service):
    """Listens at the socket in the daemon's state folder, which only its owner can open."""

    name = "admin"

    def __init__(self, reactor: Any, open_console: OpenConsole, folder: Path) -> None:
        self._reactor = reactor
        self._path = folder / SOCKET
        self._factory = AdminFactory(open_console)
        self._port: IListeningPort | None = None

    def privilegedStartService(self) -> None:
        """Raise ListenError for a path that is too long, before anything is written."""
        super().privilegedStartService()
        self._check_length()

    def startService(self) -> None:
        """Listen; raises ListenError.

        The state folder is this process's own by now, so a socket in there is a dead one.
        """
        super().startService()
        self._path.unlink(missing_ok=True)
        try:
            self._port = self._reactor.listenUNIX(str(self._path), self._factory, mode=0o600)
        except (CannotListenError, OSError) as error:
            raise ListenError(f"{self._path}: cannot listen: {error}") from error

    def _check_length(self) -> None:
        length = len(os.fsencode(self._path))
        if length > _LONGEST_PATH:
            raise ListenError(
                f"{self._path} is {length} bytes long, but a socket's path has at most "
                f"{_LONGEST_PATH}; name a shorter --state"
            )

    def stopService(self) -> Deferred[None] | None:
        """Take no more requests."""
        super().stopService()
        for caller in tuple(self._factory.callers):
            caller.transport.loseConnection()
        port, self._port = self._port, None
        return port.stopListening() if port else None
