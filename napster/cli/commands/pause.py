"""`napster pause`: stop downloads until they are resumed."""

from argparse import ArgumentParser

from napster.cli.command import PeerCommand, Session
from napster.cli.deeds import AT_REST, Deed, add_choice, carry_out
from napster.peer.api import DownloadState

_DEED = Deed(
    "Paused",
    applies=lambda each: each.state not in AT_REST,
    worked=lambda each: each.state is DownloadState.PAUSED,
)


def _arguments(parser: ArgumentParser) -> None:
    add_choice(parser, "pause all that have not ended")


async def _run(session: Session) -> int:
    return await carry_out(session, _DEED, lambda peer, ids: peer.pause(ids))


COMMAND = PeerCommand(_arguments, _run)
