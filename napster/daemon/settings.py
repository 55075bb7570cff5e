"""Options that every daemon has; a daemon's settings extend this class."""

import attrs

from napster.daemon.kinds import choice
from napster.daemon.logs import FORMATS, LEVELS
from napster.daemon.options import option


@attrs.frozen
class DaemonSettings:
    """How a daemon logs."""

    log_format: str = option(
        choice(*FORMATS),
        "text",
        "How events are logged: as text for people or as JSON lines for programs",
        reload=True,
    )
    log_level: str = option(
        choice(*LEVELS),
        "info",
        "The least important events that are logged: " + ", ".join(LEVELS),
        reload=True,
    )
