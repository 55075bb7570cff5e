"""What our own programs say to each other beyond the protocol of 1999 (docs/extensions.md).

A client whose client string ends in MARKER understands these messages, and passes over those of
their numbers that it does not know. Nobody else is ever sent one.
"""

from napster.wire.extension.base import (
    FROM_CLIENT,
    FROM_SERVER,
    ID_BYTES,
    MARKER,
    MAX_EXTENSION_BODY,
    NUMBERS,
    TICKET_BYTES,
    Extension,
    body_limit,
    speaks_extension,
)
from napster.wire.extension.copies import (
    MOST_COUNTED,
    CopiesCounted,
    CountCopies,
    FindRare,
    RareTold,
)
from napster.wire.extension.relaying import RelayReady, RelayRefused, RelayRequest
from napster.wire.extension.searching import (
    ContentSource,
    Find,
    FindEnd,
    FindSources,
    Found,
    Reason,
    SearchNote,
)
from napster.wire.extension.session import VERSION, Family, Feature, Greeting, Hello, UploadState
from napster.wire.extension.sharing import (
    ContentFile,
    ContentRecords,
    ContentShared,
    RefusedFile,
    ShareContent,
    content_record,
    share_content_body,
)
from napster.wire.extension.standing import (
    Unwatch,
    Watch,
    Watched,
    Watching,
    WatchState,
    watched_frames,
)
from napster.wire.extension.tickets import Role, Task, TicketIssued

__all__ = [
    "FROM_CLIENT",
    "FROM_SERVER",
    "ID_BYTES",
    "MARKER",
    "MAX_EXTENSION_BODY",
    "MOST_COUNTED",
    "NUMBERS",
    "TICKET_BYTES",
    "VERSION",
    "ContentFile",
    "ContentRecords",
    "ContentShared",
    "ContentSource",
    "CopiesCounted",
    "CountCopies",
    "Extension",
    "Family",
    "Feature",
    "Find",
    "FindEnd",
    "FindRare",
    "FindSources",
    "Found",
    "Greeting",
    "Hello",
    "RareTold",
    "Reason",
    "RefusedFile",
    "RelayReady",
    "RelayRefused",
    "RelayRequest",
    "Role",
    "SearchNote",
    "ShareContent",
    "Task",
    "TicketIssued",
    "Unwatch",
    "UploadState",
    "Watch",
    "WatchState",
    "Watched",
    "Watching",
    "body_limit",
    "content_record",
    "share_content_body",
    "speaks_extension",
    "watched_frames",
]
