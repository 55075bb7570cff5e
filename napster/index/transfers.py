"""Bringing a downloader and an uploader together; the bytes go from one to the other."""

import attrs

from napster.index.commands import CommandError, Commands
from napster.index.hub import Hub
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.people import find, require_attention
from napster.index.requests import FileRequest
from napster.index.session import Session
from napster.index.tickets import Ticket, issued, may_have_ticket, new_ticket
from napster.wire.messages.login import Notice
from napster.wire.messages.sharing import Share
from napster.wire.messages.transfers import (
    DataPortError,
    DownloadError,
    DownloadFinished,
    DownloadReady,
    DownloadRequest,
    DownloadStarted,
    PushReady,
    PushRequest,
    Queued,
    QueueLimit,
    UploadAccepted,
    UploadFinished,
    UploadRefused,
    UploadRequest,
    UploadStarted,
)

COMMANDS = Commands()

_NO_MD5 = b"0" * 32
_BOTH_FIREWALLED = b"firewallerror"
"""The hash of a 204 that says nobody can connect to anybody (protocol section 4.8)."""


@COMMANDS.on(DownloadRequest, least=Level.USER)
async def request_download(session: Session, message: DownloadRequest) -> None:
    """Ask the uploader; tell at once if the file is not there or has to be pushed."""
    owner, file = await _find_wanted(session, message)
    if owner is None or file is None:
        session.send(DownloadError(message.nick, message.path))
    elif not session.user.connects_to(owner) and not _needs_relay(session, owner):
        session.send(_ready(session.hub, session.user, owner, message.path, file.md5))
    else:
        request = FileRequest(session.user.nick, owner.nick, message.path, file)
        await _ask(session, request, owner)


def _needs_relay(session: Session, owner: User) -> bool:
    """Whether only the relay brings the two together; then no push is asked for."""
    user = session.user
    return not owner.connects_to(user) and session.hub.relay.serves(user, owner)


@COMMANDS.on(PushRequest, least=Level.USER)
async def request_push(session: Session, message: PushRequest) -> None:
    """Ask a firewalled uploader to bring the file."""
    owner, file = await _find_wanted(session, message)
    if owner is None or file is None:
        session.send(DownloadError(message.nick, message.path))
    elif session.user.connects_to(owner):
        raise CommandError(f"{owner.nick} is not firewalled")
    elif not owner.connects_to(session.user):
        session.send(_ready(session.hub, session.user, owner, message.path, _BOTH_FIREWALLED))
    else:
        request = FileRequest(session.user.nick, owner.nick, message.path, file, push=True)
        await _ask(session, request, owner)


async def _find_wanted(
    session: Session, message: DownloadRequest | PushRequest
) -> tuple[User | None, Share | None]:
    """Find a file and who has it; nobody and nothing if that user ignores the one who asks.

    A program that knows the extension may share more than it lists here, with some users only: it
    is asked for whatever is wanted.
    """
    owner = await session.hub.network.locate(message.nick)
    if owner and owner.ignores(session.user.nick):
        session.tell(f"{owner.nick} is ignoring you")
        return None, None
    file = await session.hub.catalog.find(message.nick, message.path) if owner else None
    owner = await session.hub.network.locate(message.nick)  # who may have gone meanwhile
    if owner and owner.extended and file is None:
        file = Share(message.path, _NO_MD5, size=0, bitrate=0, frequency=0, duration=0)
    return owner, file


async def _ask(session: Session, request: FileRequest, owner: User) -> None:
    """Ask the uploader, unless the same was asked a moment ago."""
    hub, user = session.hub, session.user
    if hub.requests.is_repeat(request):
        return
    call = UploadRequest(user.nick, request.file.path, user.speed).frame()
    if may_have_ticket(user, owner):
        ticket = new_ticket(hub.clock)
        request = attrs.evolve(request, ticket=ticket)
        call = issued(hub, request, ticket, owner, user).frame() + call
    hub.requests.add(request)
    await hub.network.send(owner.nick, call)


def _ready(hub: Hub, asker: User, owner: User, path: bytes, md5: bytes) -> DownloadReady:
    """Say where to connect to; port 0 that there is no way."""
    address, port = hub.address_for(asker, owner), asker.port_of(owner)
    return DownloadReady(owner.nick, address, port, path, md5, owner.speed)


@COMMANDS.on(UploadAccepted)
async def accept(session: Session, message: UploadAccepted) -> None:
    """Tell whoever has to connect where to."""
    request = await _asked(session, message)
    session.hub.requests.close(request)
    downloader = await find(session, request.asker)
    hub, owner = session.hub, session.user
    if request.ticket:
        await _tell_ticket(session, request, request.ticket, downloader)
    if request.push:
        session.send(_push(hub, owner, downloader, request))
    else:
        ready = _ready(hub, downloader, owner, request.path, request.file.md5)
        await hub.network.send(downloader.nick, ready.frame())


async def _tell_ticket(
    session: Session, request: FileRequest, ticket: Ticket, downloader: User
) -> None:
    """Give the downloader the ticket, and both another one if the uploader's is too old."""
    hub, owner = session.hub, session.user
    if ticket.ends <= hub.clock.seconds():
        ticket = new_ticket(hub.clock)
        session.send(issued(hub, request, ticket, owner, downloader))
    hub.relay.offer(ticket, downloader, owner)
    frame = issued(hub, request, ticket, downloader, owner).frame()
    await hub.network.send(downloader.nick, frame)


def _push(hub: Hub, owner: User, to: User, request: FileRequest) -> PushReady:
    file, address, port = request.file, hub.address_for(owner, to), owner.port_of(to)
    return PushReady(to.nick, address, port, file.path, file.md5, to.speed)


@COMMANDS.on(UploadRefused)
async def refuse(session: Session, message: UploadRefused) -> None:
    """Tell the downloader that the uploader does not agree, or that there is no such file."""
    request = await _asked(session, message)
    session.hub.requests.close(request)
    nick, path = session.user.nick, request.path
    is_listed = await session.hub.catalog.find(nick, request.file.path)
    refusal = UploadRefused(nick, path) if is_listed else DownloadError(nick, path)
    await session.hub.network.send(request.asker, refusal.frame())


async def _asked(
    session: Session, message: UploadAccepted | UploadRefused | QueueLimit
) -> FileRequest:
    file = await session.hub.catalog.find(session.user.nick, message.path)
    path = file.path if file else message.path
    request = session.hub.requests.find_file(message.nick, session.user.nick, path)
    if request is None:
        raise CommandError(f"{message.nick} has not asked you for this file, or too long ago")
    return request


@COMMANDS.on(QueueLimit)
async def queue(session: Session, message: QueueLimit) -> None:
    """Tell the downloader who has asked about the uploader's queue; the request stays open.

    To tell more than once for one request costs what a message does.
    """
    hub, owner = session.hub, session.user
    request = await _asked(session, message)
    downloader = await find(session, request.asker)
    require_attention(session, downloader)
    if request.queued:
        session.allowance.spend(Cost.MESSAGE)
    hub.requests.add(attrs.evolve(request, queued=True))
    queued = Queued(owner.nick, request.path, request.file.size, message.limit)
    await hub.network.send(downloader.nick, queued.frame())


@COMMANDS.on(DataPortError, Cost.MESSAGE)
async def port_error(session: Session, message: DataPortError) -> None:
    """Tell a user, and the moderators, that somebody could not connect to the data port."""
    hub, user = session.hub, await find(session, message.nick)
    require_attention(session, user)
    session.log.info(
        "{session}: reports that data port {port} of {nick} cannot be reached",
        session=session,
        port=user.port,
        nick=user.nick,
    )
    await hub.network.send(user.nick, DataPortError(session.user.nick).frame())
    sentence = (
        f"Notification from {session.user.nick}: {user.nick} ({user.host}) - configured data port "
        f"{user.port} is unreachable."
    )
    await hub.network.broadcast(Notice(sentence.encode()).frame(), least=Level.MODERATOR)


@COMMANDS.on(DownloadStarted)
async def download_started(session: Session, _message: DownloadStarted) -> None:
    """Count a download."""
    user = session.user
    session.change(downloads=user.downloads + 1, total_downloads=user.total_downloads + 1)


@COMMANDS.on(DownloadFinished)
async def download_finished(session: Session, _message: DownloadFinished) -> None:
    """Count a download no longer."""
    session.change(downloads=max(0, session.user.downloads - 1))


@COMMANDS.on(UploadStarted)
async def upload_started(session: Session, _message: UploadStarted) -> None:
    """Count an upload."""
    user = session.user
    session.change(uploads=user.uploads + 1, total_uploads=user.total_uploads + 1)


@COMMANDS.on(UploadFinished)
async def upload_finished(session: Session, _message: UploadFinished) -> None:
    """Count an upload no longer."""
    session.change(uploads=max(0, session.user.uploads - 1))
