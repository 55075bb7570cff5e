"""Sharing files and withdrawing them."""

from collections.abc import Iterator, Sequence

from napster.catalog.interface import Refusal, ShareResult
from napster.catalog.listing import Listing, listed
from napster.index.commands import CommandError, Commands
from napster.index.limits import Cost
from napster.index.offers import Offers
from napster.index.session import Session
from napster.index.standing import announce
from napster.wire.errors import ParseError
from napster.wire.messages.sharing import (
    Share,
    ShareDirectory,
    Unshare,
    UnshareAll,
    UnsharedAll,
)

COMMANDS = Commands()


@COMMANDS.on_many(Share)
async def share(session: Session, bodies: Sequence[bytes]) -> None:
    """Take files in; only what is refused gets an answer."""
    await keep_pace(session, bodies)
    await _share(session, bodies)


@COMMANDS.on_many(ShareDirectory)
async def share_directories(session: Session, bodies: Sequence[bytes]) -> None:
    """Take the files of directories in; a broken tuple ends only its own message."""
    await keep_pace(session, bodies)
    await _share_directories(session, bodies)


async def _share_directories(session: Session, bodies: Sequence[bytes]) -> None:
    """Take in what can be made out of directories, those together that are as usual."""
    listing = Listing.of_directories(bodies)
    if listing is not None:
        await _share(session, listing)
    elif len(bodies) == 1:
        await _share_odd(session, *bodies)
    else:
        middle = len(bodies) // 2
        await _share_directories(session, bodies[:middle])
        await _share_directories(session, bodies[middle:])


async def _share_odd(session: Session, body: bytes) -> None:
    """Take in what can be made out of one directory."""
    try:
        message, broken = ShareDirectory.complete_prefix(body)
    except ParseError as error:
        session.complain(str(error))
        return
    await _share(session, list(_records(session, message)))
    if broken:
        session.complain("parameters are unparsable: the last file has missing fields")


@COMMANDS.on(Unshare)
async def unshare(session: Session, request: Unshare) -> None:
    """Withdraw one file."""
    catalog, nick = session.hub.catalog, session.user.nick
    if not catalog.count(nick):
        raise CommandError("Not sharing any files")
    if not await catalog.unshare(nick, request.path):
        raise CommandError("Not sharing that file")


@COMMANDS.on(UnshareAll)
async def unshare_all(session: Session, _request: UnshareAll) -> None:
    """Withdraw everything; the answer says how many files that were, as opennap-ng's does."""
    session.send(UnsharedAll(await session.hub.catalog.unshare_all(session.user.nick)))


def _records(session: Session, message: ShareDirectory) -> Iterator[bytes]:
    for file in message.files:
        try:
            yield file.body()
        except ParseError as error:
            session.complain(str(error))


async def _share(session: Session, records: Sequence[bytes]) -> None:
    if not records:
        return
    sound, unwanted = session.hub.name_filter.sift(records)
    room = room_for_more(session)
    result = await take_in(session, sound[:room])
    surplus = max(0, len(sound) - room)
    _tell(session, result.accepted, surplus, [*unwanted, *result.refusals])


async def keep_pace(session: Session, bodies: Sequence[bytes]) -> None:
    """Read a client that shares fast more slowly; it loses nothing."""
    wait = session.allowance.pace(Cost.SHARE, sum(map(len, bodies)))
    if wait > 0:
        await session.pause(wait)


def room_for_more(session: Session) -> int:
    """How many more files a user may share."""
    hub = session.hub
    return max(0, hub.settings.max_shared - hub.catalog.count(session.user.nick))


async def take_in(
    session: Session, records: Sequence[bytes], contents: Sequence[bytes] = ()
) -> ShareResult:
    """Share files that there is room for, and tell those who wait for such.

    Raises SessionOverError if the user has left meanwhile, when files wait for their turn.
    """
    hub, nick = session.hub, session.user.nick
    listing = listed(records) if hub.standing else None
    try:
        result: ShareResult = await hub.catalog.share(nick, listing or records, contents)
    except KeyError:
        session.user  # noqa: B018  # raises SessionOverError: then there is nothing to log
        raise
    hub.meters.files += result.accepted
    hub.influx.add(result.accepted)
    if hub.standing:
        await announce(session, records, listing, result.refusals)
    return result


def _tell(session: Session, accepted: int, surplus: int, refusals: Sequence[Refusal]) -> None:
    """Tell of the first files that are not taken; the patrol tells of the rest."""
    offers = session.offers = session.offers or Offers()
    now = session.hub.clock.seconds()
    for sentence in offers.take(accepted, surplus, refusals, now):
        session.complain(sentence)
