"""What is remembered of a download beside its partial file: `NAME.part.napster`, one JSON object.

The partial file and its marks say what is here; the record says what is wanted, and from whom.
"""

import json
from enum import StrEnum
from typing import Any, Final

import attrs
from attrs.validators import ge, instance_of, matches_re, optional
from cattrs import Converter

from napster.peer.api import Priority
from napster.peer.downloads.files import write_whole
from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import safe_name

VERSION: Final = 1
"""The format written; a higher one is left alone."""


class RecordError(Exception):
    """A record that cannot be used; the text is one sentence that names the file."""


class Stage(StrEnum):
    """How far a download is, as far as a restart must know."""

    WANTED = "wanted"
    PAUSED = "paused"
    """The user has stopped it."""
    FAILED = "failed"
    COMPLETE = "complete"
    """All is here and checked; only the name has to change."""


@attrs.frozen
class Offer:
    """One user's offer of the file. `dropped` says why it is not taken up any more."""

    nick: str = attrs.field(validator=instance_of(str))
    path: bytes
    speed: int = attrs.field(default=0, validator=instance_of(int))
    dropped: str = attrs.field(default="", validator=instance_of(str))
    resembles: bool = attrs.field(default=False, validator=instance_of(bool))
    """Whether only the hash of the head speaks for it, where a content id is known."""
    lied: bool = attrs.field(default=False, validator=instance_of(bool))
    """Whether it was dropped for what it sent."""

    @property
    def key(self) -> tuple[str, bytes]:
        """What makes it this offer and no other: the nick without case, and the path."""
        return self.nick.lower(), self.path


@attrs.frozen
class Record:
    """A download to go on with after a restart. Sizes in bytes."""

    id: int = attrs.field(validator=[instance_of(int), ge(1)])
    name: str = attrs.field(validator=instance_of(str))
    """What the file will be called, if that is still free at its end."""
    size: int | None = attrs.field(validator=optional([instance_of(int), ge(0)]))
    md5: str = attrs.field(validator=instance_of(str))
    """The historic MD5 of the head in hex; empty if not known."""
    offers: tuple[Offer, ...]
    stage: Stage = attrs.field(default=Stage.WANTED, validator=instance_of(Stage))
    reason: str = attrs.field(default="", validator=instance_of(str))
    """Why it failed."""
    verified: str = attrs.field(default="", validator=instance_of(str))
    """What could be checked of a complete one."""
    distrusted: int | None = attrs.field(default=None, validator=optional(ge(0)))
    """From where on what is here is wrong and has to be fetched again."""
    priority: Priority = attrs.field(default=Priority.NORMAL, validator=instance_of(Priority))
    renamed: str = attrs.field(default="", validator=instance_of(str))
    """Why it is called otherwise than at its source; empty if it is not."""

    content: str = attrs.field(default="", validator=matches_re(r"([0-9a-f]{64})?"))
    """The content id in hex; empty if not known."""
    modified: int | None = attrs.field(default=None, validator=optional(ge(0)))
    """When the file was last changed at its source, in seconds since 1970."""
    whole: int = attrs.field(default=0, validator=[instance_of(int), ge(0)])
    """How many of the folders it lies in, from its own up, are part of a folder that is fetched as
    a whole."""

    @name.validator
    def _check_name(self, _attribute: "attrs.Attribute[str]", value: str) -> None:
        if safe_name(value) != value:
            raise ValueError("the name is not one of a file here")


_converter = Converter(detailed_validation=False)
_converter.register_unstructure_hook(bytes, lambda raw: raw.decode("utf-8", "surrogateescape"))
_converter.register_structure_hook(bytes, lambda text, _: text.encode("utf-8", "surrogateescape"))
for _kind in (str, int):
    _converter.register_structure_hook(_kind, lambda value, _: value)
for _kinds in (Stage, Priority):
    _converter.register_structure_hook(_kinds, lambda value, kind: kind(value))


def save(place: Place, record: Record, *, sync: bool = True) -> None:
    """Write a record so that a crash leaves the old one or this one. Blocking; raises OSError.

    Without `sync` that is so once the file is synced.
    """
    content = {"version": VERSION, **_converter.unstructure(record)}
    raw = json.dumps(content, indent=1).encode("ascii")
    write_whole(place.record, place.spare, raw, sync=sync)


def load(place: Place) -> Record:
    """Read a record. Blocking; raises RecordError and leaves what it cannot read as it is."""
    try:
        content = json.loads(place.record.read_bytes())
        version = content.pop("version")
        if version == VERSION:
            return _structured(content)
    except OSError as error:
        raise RecordError(f"{place.record}: cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RecordError(
            f"{place.record}: is no record of a download ({_short(error)}); delete it and the "
            "partial file, then ask for the file again"
        ) from error
    raise RecordError(
        f"{place.record}: written by another version of this program (format {version!r}, this "
        f"one knows {VERSION}); use that version, or delete it and the partial file"
    )


def _structured(content: dict[str, Any]) -> Record:
    return _converter.structure(content, Record)


def _short(error: Exception) -> str:
    said = error.args[0] if error.args else type(error).__name__
    return str(said).partition("\n")[0][:120]
