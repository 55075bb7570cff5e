"""What the server tells of itself, and what it does not do over the wire."""

from napster.index.commands import Commands
from napster.index.presence import show_motd
from napster.index.session import Session
from napster.wire.messages.login import MotdRequest, StatsRequest
from napster.wire.messages.people import ServerPing

COMMANDS = Commands()


@COMMANDS.on(StatsRequest)
async def stats(session: Session, _request: StatsRequest) -> None:
    """Tell the totals."""
    session.send(session.hub.stats())


@COMMANDS.on(MotdRequest)
async def motd(session: Session, _request: MotdRequest) -> None:
    """Tell the message of the day again."""
    show_motd(session)


@COMMANDS.on(ServerPing)
async def server_ping(session: Session, request: ServerPing) -> None:
    """Send a ping back, unless it is the answer to ours."""
    if not session.pulse.is_answer(request.text, session.user.nick):
        session.send(request)
