"""What two of our peers say once a ticket has let one in to the other: pieces of one file.

One side has the file and is an `Uploader`, the other wants it and is a `Downloader`, whichever of
them dialled. Bytes go in by `feed`, what is to be written comes out by `take_outgoing`, and what
has happened comes back as events (docs/extensions.md, "Between peers").
"""

from napster.wire.pieces.downloader import HASH_SIZE, Answer, Downloader
from napster.wire.pieces.events import (
    Broken,
    Content,
    Delivered,
    Opened,
    Pinged,
)
from napster.wire.pieces.frames import MAX_BODY, PieceReader
from napster.wire.pieces.messages import (
    MOST_FOLDER_BYTES,
    MOST_FOLDERS,
    MOST_HASHES,
    Cancel,
    Code,
    Data,
    Open,
    PieceList,
    PieceMessage,
    Pieces,
    Ping,
    Pong,
    Refuse,
    Turn,
    Want,
    fitting,
)
from napster.wire.pieces.side import MOST_WANTS, PIECE_SIZE, Terms
from napster.wire.pieces.uploader import Request, Uploader

__all__ = [
    "HASH_SIZE",
    "MAX_BODY",
    "MOST_FOLDERS",
    "MOST_FOLDER_BYTES",
    "MOST_HASHES",
    "MOST_WANTS",
    "PIECE_SIZE",
    "Answer",
    "Broken",
    "Cancel",
    "Code",
    "Content",
    "Data",
    "Delivered",
    "Downloader",
    "Open",
    "Opened",
    "PieceList",
    "PieceMessage",
    "PieceReader",
    "Pieces",
    "Ping",
    "Pinged",
    "Pong",
    "Refuse",
    "Request",
    "Terms",
    "Turn",
    "Uploader",
    "Want",
    "fitting",
]
