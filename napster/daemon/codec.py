"""Values as JSON, and back: what a daemon and the command line say to each other.

A class is an object with its fields' names, an enumeration its value. Raw bytes (a path as it
stood on the wire) are base64; the texts beside them are already fit to be shown.
"""

import base64
import binascii
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

import cattrs

T = TypeVar("T")


class CodecError(ValueError):
    """JSON that does not describe the value it should; the text says where and what is right."""


_NAMES = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def _exactly(kind: type[T]) -> Callable[[Any, type[T]], T]:
    accepted = (int, float) if kind is float else (kind,)

    def structure(value: Any, _: type[T]) -> T:
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"must be {_NAMES[kind]}")
        return kind(value)  # type: ignore[call-arg]  # each kind takes a value of its own

    return structure


def _bytes(value: Any, _: type[bytes]) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValueError("must be base64 of the raw bytes") from error


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    for kind in _NAMES:
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(bytes, _bytes)
    converter.register_unstructure_hook(bytes, lambda raw: base64.b64encode(raw).decode("ascii"))
    return converter


_CONVERTER = _converter()


def dump(value: object) -> Any:
    """Make what `json.dumps` takes of a value or a sequence of values."""
    return _CONVERTER.unstructure(value)


def load(kind: type[T], data: object) -> T:
    """Read a value of a class; keys it does not have are ignored. Raises CodecError."""
    try:
        return _CONVERTER.structure(data, kind)
    except (cattrs.BaseValidationError, ValueError, TypeError) as error:
        raise CodecError(_reason(error, kind)) from error


def load_all(kind: type[T], data: object) -> tuple[T, ...]:
    """Read a list of values of one class. Raises CodecError."""
    if not isinstance(data, list):
        raise CodecError(f"must be a list of {kind.__name__}")
    return tuple(load(kind, each) for each in data)


def _reason(error: Exception, kind: type) -> str:
    if not isinstance(error, cattrs.BaseValidationError):
        return f"the value {_sentence(error, kind)}"
    first = cattrs.transform_error(error, path="", format_exception=_sentence)[0]
    what, _, where = first.rpartition(" @ ")
    return f"{where.removeprefix('.') or 'the value'} {what}"


def _sentence(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return "is missing"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "must be one of " + ", ".join(str(each.value) for each in kind)
    if isinstance(error, ValueError):
        return str(error)
    return "must be a list" if kind and not isinstance(kind, type) else "must be an object"
