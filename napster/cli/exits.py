"""The exit statuses of the command line."""

from napster.peer.api import ApiError, BadRequestError, NotFoundError, UnreachableError

DONE = 0
FAILED = 1
USAGE = 2
NOTHING_FOUND = 3
UNREACHABLE = 4
BROKEN_PIPE = 141

_BY_ERROR = {
    BadRequestError: USAGE,
    NotFoundError: NOTHING_FOUND,
    UnreachableError: UNREACHABLE,
    ApiError: FAILED,
}


def exit_status(error: ApiError) -> int:
    """Name the exit status of a command that ended with an error."""
    return next(status for kind, status in _BY_ERROR.items() if isinstance(error, kind))
