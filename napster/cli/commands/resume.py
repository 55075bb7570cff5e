"""`napster resume`: go on with downloads that are paused, wait or have failed."""

from argparse import ArgumentParser

from napster.cli.command import PeerCommand, Session
from napster.cli.deeds import AT_REST, OVER, Deed, add_choice, carry_out

_DEED = Deed(
    "Resumed",
    applies=lambda each: each.state in AT_REST - OVER,
    worked=lambda each: each.state not in AT_REST,
)


def _arguments(parser: ArgumentParser) -> None:
    add_choice(parser, "resume all that are paused or have failed")


async def _run(session: Session) -> int:
    return await carry_out(session, _DEED, lambda peer, ids: peer.resume(ids))


COMMAND = PeerCommand(_arguments, _run)
