"""Sharing files with their content ids, for those who have agreed on it."""

from collections.abc import Iterator, Sequence

from napster.catalog.interface import Refusal
from napster.index.commands import Commands
from napster.index.name_filter import NameFilter
from napster.index.session import Session
from napster.index.sharing import keep_pace, room_for_more, take_in
from napster.wire.errors import ParseError
from napster.wire.extension import (
    ID_BYTES,
    ContentRecords,
    ContentShared,
    Feature,
    RefusedFile,
    ShareContent,
)
from napster.wire.fields import crop

COMMANDS = Commands()
"""For sessions that speak the extension only."""

_AT_ONCE = 512
"""So many files are taken in together, about."""
_REASON = 60
"""So many bytes of a reason are told: then the reasons for a whole 20002 fit into one message."""
_NO_CONTENT = bytes(ID_BYTES)
_QUOTE = b'"'
_UNSENDABLE = (_QUOTE, b"\0")


@COMMANDS.on_many(ShareContent, feature=Feature.CONTENT)
async def share(session: Session, bodies: Sequence[bytes]) -> None:
    """Take files in; each message is answered by what has become of its files."""
    offers: list[ContentRecords] = []
    files = 0
    for body in bodies:
        try:
            offers.append(ContentRecords.from_body(body))
            files += len(offers[-1].records)
        except ParseError as error:
            await _share(session, offers)
            session.complain(str(error))
            offers, files = [], 0
        if files >= _AT_ONCE:
            await _share(session, offers)
            await session.breathe()
            offers, files = [], 0
    await _share(session, offers)


async def _share(session: Session, offers: Sequence[ContentRecords]) -> None:
    """Take in what can be taken of all offers at once, and answer each of them."""
    reasons = await _take_in(session, offers)
    first = 0
    for offer in offers:
        end = first + len(offer.records)
        places = [place for place in range(first, end) if place in reasons] if reasons else []
        refused = [RefusedFile(place - first, _short(reasons[place])) for place in places]
        session.send(ContentShared(offer.batch, len(offer.records) - len(refused), refused))
        first = end


async def _take_in(session: Session, offers: Sequence[ContentRecords]) -> dict[int, str]:
    """Take files in; returns why some were not taken, by their place among all of them."""
    hub = session.hub
    records = [record for offer in offers for record in offer.records]
    contents = [content for offer in offers for content in offer.contents]
    if not records:
        return {}
    await keep_pace(session, records)
    reasons = dict(_faults(records, contents, hub.name_filter))
    sound = [place for place in range(len(records)) if place not in reasons]
    room = room_for_more(session)
    surplus = f"one user may share {hub.settings.max_shared:,} files here"
    reasons |= dict.fromkeys(sound[room:], surplus)
    taken = sound[:room]
    offered = [records[place] for place in taken]
    result = await take_in(session, offered, [contents[place] for place in taken])
    refused = _places(offered, result.refusals)
    return reasons | {taken[place]: reason for place, reason in refused}


def _faults(
    records: Sequence[bytes], contents: Sequence[bytes], names: NameFilter
) -> Iterator[tuple[int, str]]:
    """Find files that cannot be taken, and say why."""
    text = b"\n".join(records)
    usual = text.count(_QUOTE) == 2 * len(records) and b'""' not in text and b"\0" not in text
    if usual and not names and _NO_CONTENT not in contents:
        return
    for place, (path, content) in enumerate(zip(map(_path, records), contents, strict=True)):
        if not path:
            yield place, "the file has no name"
        elif any(sign in path for sign in _UNSENDABLE):
            yield place, "the name holds a character that no message can carry"
        elif content == _NO_CONTENT:
            yield place, "the content id is all zeros"
        elif fault := names.fault(path):
            yield place, fault


def _path(record: bytes) -> bytes:
    """Take the path out of the body of a message 100, whatever it holds."""
    return record[1 : record.rindex(_QUOTE)]


def _places(records: Sequence[bytes], refusals: Sequence[Refusal]) -> Iterator[tuple[int, str]]:
    """Find out which of some files were refused; of equal paths it is the last ones.

    A refusal without a path is about any of them: then the catalog is full.
    """
    left = list(refusals)
    for place in range(len(records) - 1, -1, -1):
        if left and left[-1].path in (_path(records[place]), b""):
            yield place, left.pop().reason


def _short(reason: str) -> str:
    return crop(reason.encode(), _REASON).decode()
