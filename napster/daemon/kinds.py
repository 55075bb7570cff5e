"""Kinds of options: what a value in the file or on the command line may be."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import attrs
from OpenSSL import SSL, crypto
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import VerifyError

from napster.daemon.places import expanded
from napster.units import parse_size

T = TypeVar("T")

# Twisted raises the last two for a backslash at the end and for an sslmethod= that is none.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    OSError,
    ImportError,
    RuntimeError,
    AttributeError,
)
WRONG_CERTIFICATE = (crypto.Error, SSL.Error, VerifyError)
"""What Twisted raises for files without a certificate and the key that belongs to it."""
_WANTED_OF_TLS = (
    "must name a certificate and the key that belongs to it, both in PEM format, by certKey= and "
    "privateKey="
)


@attrs.frozen
class Kind:
    """A type of option: how a TOML value or a word of the command line becomes a value.

    `check` gets the TOML value and returns the option's value, or raises ValueError with what
    would be right; `word` turns a word of the command line into what TOML would have held.
    """

    check: Callable[[Any], Any]
    word: Callable[[str], Any] = str
    many: bool = False
    show: Callable[[Any], Any] = attrs.field(default=lambda value: value)


class WrongItemError(ValueError):
    """One wrong value within a list."""

    def __init__(self, reason: str, value: object) -> None:
        super().__init__(reason)
        self.value = value


def _require(value: object, kind: type[T], wanted: str) -> T:
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise ValueError(f"must be {wanted}")
    return value


def text(wanted: str = "a text in quotes", *, empty: bool = False) -> Kind:
    """Make an option that takes any text; an empty one only if `empty`."""

    def check(value: object) -> str:
        if not _require(value, str, wanted) and not empty:
            raise ValueError(f"must be {wanted}")
        return cast("str", value)  # checked in the line above

    return Kind(check)


def whole(lowest: int, highest: int) -> Kind:
    """Make an option that takes a whole number in an inclusive range."""
    wanted = f"must be a whole number from {lowest} to {highest}"

    def check(value: object) -> int:
        found = _require(value, int, wanted.removeprefix("must be "))
        if not lowest <= found <= highest:
            raise ValueError(wanted)
        return found

    return Kind(check, _number_word)


def size() -> Kind:
    """Make an option that takes a number of bytes, as a number or as a text such as `10M`."""
    wanted = "a whole number, or a text such as 10M or 1.5G"

    def check(value: object) -> int:
        text = str(value) if isinstance(value, int) else _require(value, str, wanted)
        found = parse_size(text)
        if found is None or isinstance(value, bool):
            raise ValueError(f"must be {wanted}")
        return found

    return Kind(check)


def _number_word(word: str) -> int | str:
    return int(word) if re.fullmatch("-?[0-9]{1,18}", word) else word


def switch() -> Kind:
    """Make an option that is true or false."""

    def word(value: str) -> bool | str:
        return {"yes": True, "true": True, "no": False, "false": False}.get(value.lower(), value)

    return Kind(lambda value: _require(value, bool, "true or false"), word)


def choice(*allowed: str) -> Kind:
    """Make an option that is one of a few words."""
    wanted = "must be one of " + ", ".join(allowed)

    def check(value: object) -> str:
        if value not in allowed:
            raise ValueError(wanted)
        return str(value)

    return Kind(check)


def folder_or_file() -> Kind:
    """Make an option that is a path; `~` is the home folder."""

    def check(value: object) -> Path:
        if not _require(value, str, "a path in quotes"):
            raise ValueError("must be a path in quotes")
        try:
            return expanded(str(value))
        except ValueError as error:
            raise ValueError(f"must be a path; {error}") from error

    return Kind(check, show=_show_path)


def _show_path(path: Path) -> str:
    """Write a path as any user can read it: what lies in the home folder begins with `~`."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def endpoint(lowest: int = 0) -> Kind:
    """Make an option that is a Twisted server endpoint string, such as `tcp:8888`.

    A port below `lowest` is refused, but for 0, which means any free one.
    """
    wanted = "must be an endpoint such as tcp:8888 or tcp:8888:interface=127.0.0.1"

    def check(value: object) -> str:
        found = _require(value, str, wanted.removeprefix("must be "))
        if "systemd:" in found:  # only the daemon itself can tell what it was passed
            return found
        try:
            # An endpoint uses its reactor only when it listens.
            parsed = serverFromString(cast("Any", None), found)
        except WRONG_CERTIFICATE as error:
            raise ValueError(_WANTED_OF_TLS) from error
        except _UNREADABLE as error:
            if isinstance(error, OSError) and error.filename:
                file = f"{error.filename} cannot be read: {error.strerror}"
                raise ValueError(f"must name files that this user can read ({file})") from error
            raise ValueError(f"{wanted} ({error})") from error
        port = getattr(getattr(parsed, "_wrappedEndpoint", parsed), "_port", 0)
        if not 0 <= port < 65536:
            raise ValueError(f"{wanted}; a port is at most 65535")
        if 0 < port < lowest:
            raise ValueError(f"must have a port of at least {lowest}: peers go to no lower one")
        return found

    return Kind(check)


def address() -> Kind:
    """Make an option that is `HOST:PORT`; an IPv6 host stands in brackets."""
    wanted = "must be HOST:PORT, such as index.example.org:8888 or [::1]:8888"

    def check(value: object) -> tuple[str, int]:
        found = _require(value, str, wanted.removeprefix("must be "))
        host, colon, port = found.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (host and colon and re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65536):
            raise ValueError(wanted)
        return host, int(port)

    return Kind(check, show=lambda value: "{}:{}".format(*value))


def listing(item: Kind) -> Kind:
    """Make an option that takes any number of values of another kind, each a flag of its own."""

    def check(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("must be a list in square brackets")  # noqa: TRY004  # one error type
        return tuple(map(check_item, value))

    def check_item(value: object) -> Any:
        try:
            return item.check(value)
        except ValueError as error:
            raise WrongItemError(str(error), value) from error

    return Kind(check, item.word, many=True, show=lambda value: [item.show(each) for each in value])


def one_or_more(item: Kind) -> Kind:
    """Make an option like `listing` that may also be given as a single value, without brackets."""
    several = listing(item)

    def check(value: object) -> Any:
        return several.check([value] if isinstance(value, str) else value)

    return attrs.evolve(several, check=check)


def mapping(item: Kind) -> Kind:
    """Make an option that is a table from texts to values of another kind."""

    def check(value: object) -> dict[str, Any]:
        found = _require(value, dict, "a table in curly brackets")
        return {str(key): item.check(each) for key, each in found.items()}

    return Kind(check, show=lambda value: {key: item.show(each) for key, each in value.items()})
