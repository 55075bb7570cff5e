"""What a person can ask of a peer: the one interface of the command line.

Two implementations: over HTTP to a running daemon, and in the process itself around a PeerCore.
Names are shown (`name`, fit for a terminal) and kept (`path`, the raw bytes of the wire).
"""

from napster.peer.api.errors import ApiError, BadRequestError, NotFoundError, UnreachableError
from napster.peer.api.found import FoundFile, RareReport, SearchPage, Source
from napster.peer.api.peer_api import PeerApi
from napster.peer.api.shares import Holding, RefusedFile, RiskReport, SharesReport, ShareStatus
from napster.peer.api.standing import IndexState, IndexStatus, LibraryStatus, Status
from napster.peer.api.transfers import DownloadState, DownloadStatus, Priority, UploadStatus, Wanted
from napster.peer.api.wishes import Find, Wish, WishPlace

__all__ = [
    "ApiError",
    "BadRequestError",
    "DownloadState",
    "DownloadStatus",
    "Find",
    "FoundFile",
    "Holding",
    "IndexState",
    "IndexStatus",
    "LibraryStatus",
    "NotFoundError",
    "PeerApi",
    "Priority",
    "RareReport",
    "RefusedFile",
    "RiskReport",
    "SearchPage",
    "ShareStatus",
    "SharesReport",
    "Source",
    "Status",
    "UnreachableError",
    "UploadStatus",
    "Wanted",
    "Wish",
    "WishPlace",
]
