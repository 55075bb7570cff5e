"""From what an index answers to the rows a person picks from."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from napster.peer.api import FoundFile, SearchPage, Source
from napster.wire.fields import display
from napster.wire.messages.sharing import Share

NO_MD5 = b"0" * 32


@attrs.frozen
class Spread:
    """How widely a content is shared."""

    sources: int
    reachable: int
    """How many of them can be reached from here."""
    free: int | None
    """How many of them have told of a free upload slot; None if nobody has told anything."""
    since: int | None
    """About when it was first shared, in seconds since 1970."""


@attrs.frozen
class Offer:
    """One user's offer of one file, as an index told it."""

    file: Share
    source: Source
    content: str = ""
    """The content id in hex; empty if it is not known."""
    spread: Spread | None = None
    """Of whom else it can be had, where the index groups equal content."""


def base_name(path: bytes) -> bytes:
    """Take the last part of a wire path, whichever separator its owner uses."""
    return path.replace(b"/", b"\\").rpartition(b"\\")[2] or path


def folder_of(path: bytes) -> str:
    """Show the folder part of a wire path: parts separated by `/`, none of them `.` or `..`."""
    parts = path.replace(b"/", b"\\").split(b"\\")[:-1]
    drive = parts[:1] if parts and parts[0].endswith(b":") else []
    return "/".join(display(part) for part in parts[len(drive) :] if part.strip(b". "))


def known_md5(raw: bytes) -> str:
    """Read the hash field of an offer: 32 hex digits in lower case, or empty if it is none.

    Programs append `-NUMBER`, or send zeros or a word instead (protocol section 4.4).
    """
    digits = raw.partition(b"-")[0].lower()
    real = len(digits) == 32 and digits != NO_MD5 and not digits.strip(b"0123456789abcdef")
    return digits.decode("ascii") if real else ""


def page(query: str, offers: Iterable[Offer], notes: Sequence[str] = ()) -> SearchPage:
    """Group offers of one content into numbered rows.

    Those that can be reached come first, then what more users share, then by name. Where contents
    are not known, those of equal name and size are grouped; if their hashes are known to differ
    they are different files, and never share a row.
    """
    groups: dict[tuple[str, bytes, int], list[Offer]] = {}
    for offer in _each_once(offers):
        name = b"" if offer.content else base_name(offer.file.path)
        groups.setdefault((offer.content, name, offer.file.size), []).append(offer)
    apart = [part for group in groups.values() for part in _by_content(group)]
    ordered = sorted(apart, key=_rank)
    rows = [_row(number, group) for number, group in enumerate(ordered, 1)]
    users = {source.nick.lower() for row in rows for source in row.sources}
    files = sum(row.shared_by for row in rows)
    return SearchPage(query, rows, files, len(users), [*notes, *_unreachable(rows)])


def _each_once(offers: Iterable[Offer]) -> Iterable[Offer]:
    """Leave out what two indexes tell of one user; who knows the content is right."""
    chosen: dict[tuple[str, bytes], Offer] = {}
    for offer in offers:
        key = offer.source.nick.lower(), offer.source.path
        known = chosen.setdefault(key, offer)
        if offer.content and not known.content:
            chosen[key] = offer
    return chosen.values()


def _by_content(group: Sequence[Offer]) -> Iterable[Sequence[Offer]]:
    """Part offers by their hashes; those without one go with the first that has one."""
    if group[0].content:
        return [group]
    hashes = [known_md5(offer.file.md5) for offer in group]
    first = next(filter(None, hashes), "")
    parts: dict[str, list[Offer]] = {}
    for offer, md5 in zip(group, hashes, strict=True):
        parts.setdefault(md5 or first, []).append(offer)
    return parts.values()


def _rank(group: Sequence[Offer]) -> tuple[bool, int, bytes]:
    can_be_reached = any(offer.source.reachable for offer in group)
    name = base_name(group[0].file.path)
    return not can_be_reached, -_spread(group).sources, name.lower()


def _row(number: int, group: Sequence[Offer]) -> FoundFile:
    best = sorted(group, key=lambda offer: (not offer.source.reachable, -offer.source.speed))
    file = best[0].file
    hashes = (known_md5(offer.file.md5) for offer in best)
    spread = _spread(group)
    return FoundFile(
        number=number,
        name=display(base_name(file.path)),
        size=file.size,
        bitrate=file.bitrate,
        frequency=file.frequency,
        duration=file.duration,
        md5=next(filter(None, hashes), ""),
        sources=[offer.source for offer in best],
        content=best[0].content,
        shared_by=spread.sources,
        reachable=spread.reachable,
        free=spread.free,
        since=spread.since,
    )


def _spread(group: Sequence[Offer]) -> Spread:
    """Tell how widely a row is shared: users of several indexes count once, so at least so much."""
    told = [offer.spread for offer in group if offer.spread]
    reachable = sum(offer.source.reachable for offer in group)
    return Spread(
        sources=max([len(group), *(each.sources for each in told)]),
        reachable=max([reachable, *(each.reachable for each in told)]),
        free=max((each.free for each in told if each.free is not None), default=None),
        since=min((each.since for each in told if each.since is not None), default=None),
    )


def _unreachable(rows: Iterable[FoundFile]) -> list[str]:
    lost = [row for row in rows if not any(source.reachable for source in row.sources)]
    if not lost:
        return []
    who = sorted({source.nick for row in lost for source in row.sources})
    shown = ", ".join(who[:5]) + (f" and {len(who) - 5} more" if len(who) > 5 else "")
    return [f"cannot be reached from here: {len(lost)} of the rows, shared by {shown}"]


def with_ports(
    offers: Iterable[Offer], ports: Mapping[str, int], *, firewalled: bool
) -> list[Offer]:
    """Fill in data ports by nick (in lower case); say who can be reached.

    A source whose port is unknown counts as reachable: only trying tells.
    """
    filled = []
    for offer in offers:
        if offer.spread:
            filled.append(offer)
            continue
        port = ports.get(offer.source.nick.lower(), offer.source.port)
        reachable = not (port == 0 and firewalled)
        source = attrs.evolve(offer.source, port=port, reachable=reachable)
        filled.append(attrs.evolve(offer, source=source))
    return filled


def with_pings(shown: SearchPage, pings: Mapping[str, float]) -> SearchPage:
    """Add latencies in ms by nick to the sources of a page."""
    rows = [
        attrs.evolve(
            row,
            sources=[
                attrs.evolve(source, ping_ms=pings.get(source.nick, source.ping_ms))
                for source in row.sources
            ],
        )
        for row in shown.rows
    ]
    return attrs.evolve(shown, rows=rows)
