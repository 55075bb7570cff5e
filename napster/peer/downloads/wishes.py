"""What a person wants, checked before anything is done about it."""

import re
from collections.abc import Sequence
from typing import Final

from napster.peer.api import BadRequestError, Wanted
from napster.peer.downloads.paths import local_name, shown
from napster.peer.downloads.record import Offer, Record
from napster.peer.results import base_name, known_md5
from napster.wire.errors import ParseError
from napster.wire.fields import display
from napster.wire.transfer import Downloader

_CONTENT_ID: Final = re.compile("([0-9a-f]{64})?")


def offers_of(wanted: Wanted, own_nick: str) -> tuple[Offer, ...]:
    """Take the offers of others out of a wish. Raises BadRequestError."""
    if not wanted.sources:
        raise BadRequestError(f"{wanted.name}: nobody is named who shares it")
    others = [each for each in wanted.sources if each.nick.lower() != own_nick.lower()]
    if not others:
        raise BadRequestError(f"{wanted.name}: only you share this file")
    for source in others:
        _check_sendable(source.nick, source.path)
    return tuple(Offer(each.nick, each.path, each.speed) for each in others)


def _check_sendable(nick: str, path: bytes) -> None:
    try:
        Downloader(nick, path, 0)
    except ParseError as error:
        raise BadRequestError(f"{display(path)}: cannot be asked for: {error}") from error


def record_of(number: int, wanted: Wanted, offers: Sequence[Offer]) -> Record:
    """Make the record of a new download. Raises BadRequestError for an impossible size."""
    if wanted.size is not None and not 0 <= wanted.size < 2**63:
        raise BadRequestError(f"{wanted.name}: {wanted.size} bytes are not the size of a file")
    path = offers[0].path
    name, theirs = local_name(path), display(base_name(path))
    return Record(
        id=number,
        name=name,
        renamed="" if shown(name) == theirs else f"its source calls it {theirs}",
        size=wanted.size,
        md5=known_md5(wanted.md5.encode("utf-8")),
        offers=tuple(offers),
        content=_content_of(wanted),
        whole=sum(part not in {"", "."} for part in wanted.folder.split("/")) * wanted.whole,
    )


def _content_of(wanted: Wanted) -> str:
    if not _CONTENT_ID.fullmatch(wanted.content):
        raise BadRequestError(
            f"{wanted.name}: {wanted.content!r} is no content id: it has 64 digits of hex"
        )
    return wanted.content
