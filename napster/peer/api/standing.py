"""A peer at a glance: its links to indexes, its library, how much is under way."""

from collections.abc import Sequence
from enum import Enum

import attrs


class IndexState(Enum):
    """How the link to the index stands."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    LOGGING_IN = "logging in"
    ONLINE = "online"


@attrs.frozen
class IndexStatus:
    """The link to an index, and what it last said of the network."""

    address: str
    state: IndexState
    reason: str = ""
    """Why it is not online, and when the next try comes."""
    users: int = 0
    files: int = 0
    gigabytes: int = 0
    registered: int = 0
    """How many files of this peer it has been told of."""
    refused: int = 0
    """How many it does not take, if it says so file by file."""


@attrs.frozen
class LibraryStatus:
    """The shared files. Sizes in bytes; `seconds_left` is None when nothing is being hashed."""

    files: int
    size: int
    refused: int
    phase: str
    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    seconds_left: float | None = None
    registered: int = 0
    """How many files each index that is not away has been told of, or more."""
    restricted: int = 0
    """How many are not for everyone, so that no index is told of them."""


@attrs.frozen
class Status:
    """A peer at a glance."""

    version: str
    nick: str
    data_port: int
    indexes: Sequence[IndexStatus]
    library: LibraryStatus
    uploads_active: int
    uploads_queued: int
    upload_slots: int
    downloads_active: int
    downloads_waiting: int
    downloads_folder: str
    downloads_paused: int = 0
    downloads_failed: int = 0
    fingerprint: str = ""
    """Of this peer's key, 64 hex digits; empty if it does not encrypt."""
    notes: Sequence[str] = ()
    """What a person should set or mend: nothing shared, nothing configured, ..."""

    @property
    def online(self) -> bool:
        """Whether the peer is logged in at any index."""
        return any(index.state is IndexState.ONLINE for index in self.indexes)
