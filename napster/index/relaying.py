"""Letting two users meet at the relay."""

from napster.index.commands import Commands
from napster.index.levels import Level
from napster.index.relay.desk import Pass, RelayError
from napster.index.session import Session
from napster.wire.extension import Feature, RelayReady, RelayRefused, RelayRequest

COMMANDS = Commands()
"""For sessions that speak the extension only."""


@COMMANDS.on(RelayRequest, least=Level.USER, feature=Feature.RELAY)
async def request_relay(session: Session, request: RelayRequest) -> None:
    """Tell both sides where to meet, or the one who asks why they cannot."""
    try:
        granted = session.hub.relay.arrange(session.user.nick, request.ticket)
        await _tell_uploader(session, request.ticket, granted)
    except RelayError as error:
        session.send(RelayRefused(request.ticket, str(error)))
    else:
        port = session.hub.relay.port()
        session.send(RelayReady(request.ticket, port, granted.for_downloader))


async def _tell_uploader(session: Session, ticket: bytes, granted: Pass) -> None:
    ready = RelayReady(ticket, session.hub.relay.port(), granted.for_uploader)
    if not await session.hub.network.send(granted.uploader, ready.frame()):
        granted.cancel()
        raise RelayError(f"{granted.uploader} has gone")
