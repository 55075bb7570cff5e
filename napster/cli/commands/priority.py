"""`napster priority`: say which downloads are begun first."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.command import PeerCommand, Session
from napster.cli.deeds import OVER, Deed, add_choice, carry_out
from napster.peer.api import DownloadStatus, PeerApi, Priority


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "priority",
        choices=[each.value for each in Priority],
        metavar="PRIORITY",
        help="high, normal or low: those of high priority are begun first",
    )
    add_choice(parser, "all that are not done")


async def _run(session: Session) -> int:
    priority = Priority(session.options.priority)

    async def call(peer: PeerApi, ids: Sequence[int]) -> Sequence[DownloadStatus]:
        return await peer.prioritize(ids, priority)

    def goes_on(download: DownloadStatus) -> bool:
        return download.state not in OVER

    deed = Deed(f"Set to {priority.value} priority:", applies=goes_on, worked=goes_on)
    return await carry_out(session, deed, call)


COMMAND = PeerCommand(_arguments, _run)
