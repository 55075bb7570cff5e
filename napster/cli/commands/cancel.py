"""`napster cancel`: stop downloads and delete their partial files."""

from argparse import ArgumentParser

from napster.cli.command import PeerCommand, Session
from napster.cli.deeds import OVER, Deed, add_choice, carry_out
from napster.peer.api import DownloadState

_DEED = Deed(
    "Cancelled",
    applies=lambda each: each.state not in OVER,
    worked=lambda each: each.state is DownloadState.CANCELLED,
)


def _arguments(parser: ArgumentParser) -> None:
    add_choice(parser, "cancel all that are not done")


async def _run(session: Session) -> int:
    return await carry_out(session, _DEED, lambda peer, ids: peer.cancel(ids))


COMMAND = PeerCommand(_arguments, _run)
