"""`napster admin channels` and `drop`: rooms to talk in."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.admin.desk import Desk, admin_command
from napster.cli.admin.words import add_name, add_reason, no_arguments
from napster.cli.exits import DONE
from napster.cli.grid import NOTHING, Column
from napster.cli.listing import show_list
from napster.cli.text import clean
from napster.index.admin.values import ChannelInfo


def _list(desk: Desk) -> int:
    found = desk.index.all_pages(ChannelInfo, "channels", lambda each: each.name)
    show_list(desk, found, _columns, "There are no channels.")
    return DONE


def _columns(found: Sequence[ChannelInfo]) -> list[Column]:
    return [
        Column("channel", [each.name for each in found]),
        Column("users", [f"{each.members:,}" for each in found], right=True),
        Column("limit", [f"{each.limit:,}" if each.limit else NOTHING for each in found]),
        Column("level", [each.level for each in found]),
        Column("kept", ["yes" if each.kept else "" for each in found]),
        Column("modes", [" ".join(each.modes) for each in found]),
        Column("operators", [" ".join(each.operators) for each in found]),
        Column("topic", [clean(each.topic) for each in found], flexible=True),
    ]


def _drop_arguments(parser: ArgumentParser) -> None:
    add_name(parser, "CHANNEL", "the channel to end; quote its # for the shell, or leave it out")
    add_reason(parser)


def _drop(desk: Desk) -> int:
    name, reason = desk.options.name, desk.options.reason
    return desk.act(f"Dropped {name}.", "channel.drop", name=name, reason=reason)


CHANNELS = admin_command(no_arguments, _list)
DROP = admin_command(_drop_arguments, _drop)
