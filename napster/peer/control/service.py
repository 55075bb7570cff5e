"""The control API as a part of the peer daemon."""

from pathlib import Path
from typing import Any

from twisted.application.service import MultiService
from twisted.logger import Logger

from napster.daemon.listening import Listener
from napster.peer.api import PeerApi
from napster.peer.control.guard import Guard
from napster.peer.control.place import ControlPlace
from napster.peer.control.server import ControlSite


class ControlService(MultiService):
    """Listen for calls while the daemon runs, and leave word of where.

    `endpoint` is a Twisted server endpoint string, `folder` the peer's state folder.
    """

    log = Logger()

    def __init__(self, reactor: Any, api: PeerApi, endpoint: str, folder: Path) -> None:
        super().__init__()
        self.setName("control")
        self._guard = Guard()
        self._place = ControlPlace(folder)
        self._listener = Listener(reactor, endpoint, ControlSite(api, self._guard, reactor))
        self._listener.setServiceParent(self)

    def startService(self) -> None:
        """Answer calls; raises ListenError, or PlaceError for a bad token."""
        self._guard.token = self._place.make_token()
        super().startService()
        if self._listener.port is not None:
            self._place.announce(self._listener.port.getHost())
            self.log.info("control API listens on {address}", address=self._place.read().endpoint)

    def stopService(self) -> Any:
        """Take back word of the address, and give the port up; fires once it is free."""
        self._place.withdraw()
        return super().stopService()
