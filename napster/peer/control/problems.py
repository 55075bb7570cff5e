"""What can go wrong with a call of the control API, as HTTP says it and as a PeerApi raises it."""

from collections.abc import Mapping

import attrs

from napster.peer.api import ApiError, BadRequestError, NotFoundError, UnreachableError

_KINDS: Mapping[type[ApiError], tuple[int, str]] = {
    BadRequestError: (400, "bad request"),
    NotFoundError: (404, "not found"),
    UnreachableError: (502, "unreachable"),
    ApiError: (409, "failed"),
}
_ERRORS = {kind: error for error, (_, kind) in _KINDS.items()}


@attrs.frozen(eq=False)
class Problem(Exception):  # noqa: N818  # RFC 9457 calls it so
    """A call that was not carried out: an HTTP status, a kind for programs, one sentence."""

    status: int
    kind: str
    message: str
    headers: Mapping[str, str] = attrs.field(factory=dict)

    def body(self) -> dict[str, object]:
        """Make the JSON that tells of it."""
        return {"error": {"kind": self.kind, "message": self.message}}


def bad_request(message: str) -> Problem:
    """Make the problem of a request that is wrong in itself."""
    return Problem(400, "bad request", message)


def too_large() -> Problem:
    """Make the problem of a body beyond the limit."""
    return Problem(413, "too large", "The request is too large; send fewer files at a time.")


def internal() -> Problem:
    """Make the problem of a mistake in the daemon itself."""
    return Problem(500, "internal", "The daemon made a mistake; its log tells more.")


def from_api_error(error: ApiError) -> Problem:
    """Say an ApiError in HTTP's terms."""
    status, kind = next(each for raised, each in _KINDS.items() if isinstance(error, raised))
    return Problem(status, kind, str(error))


def to_api_error(data: object) -> ApiError | None:
    """Make the ApiError that an answer's JSON tells of; None if it tells of none."""
    match data:
        case {"error": {"kind": str(kind), "message": str(message)}}:
            return _ERRORS.get(kind, ApiError)(message)
    return None
