"""What an index and a program that understands extension messages agree on, once a session."""

from napster.index.commands import CommandError, Commands
from napster.index.presence import FEATURES
from napster.index.session import Session
from napster.wire.extension import Greeting

COMMANDS = Commands()
"""For sessions that speak the extension only."""


@COMMANDS.on(Greeting)
async def agree(session: Session, greeting: Greeting) -> None:
    """Use from now on what both sides can do."""
    if session.user.features is not None:
        raise CommandError("what to use was agreed on already (20001)")
    session.change(features=greeting.features & FEATURES, fingerprint=greeting.fingerprint)
