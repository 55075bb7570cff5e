"""`napster admin settings`, `set` and `backup`: the daemon itself."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from napster.cli.admin.copying import require_absent, take_away
from napster.cli.admin.desk import Desk, admin_command
from napster.cli.admin.words import add_name
from napster.cli.exits import DONE
from napster.cli.grid import Column
from napster.cli.listing import show_list
from napster.cli.parser import word
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.index.admin.values import SettingInfo
from napster.peer.api import NotFoundError
from napster.units import format_size


def _settings_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="*", type=word, metavar="NAME", help="only these options (default: all)"
    )


def _settings(desk: Desk) -> int:
    names = desk.options.names
    found = desk.index.values(SettingInfo, "settings")
    for name in names:
        if name not in {each.name for each in found}:
            raise NotFoundError(f"There is no option {name}; napster admin settings lists them.")
    chosen = [each for each in found if not names or each.name in names]
    show_list(desk, chosen, _columns, "There are no options.")
    return DONE


def _columns(found: Sequence[SettingInfo]) -> list[Column]:
    return [
        Column("option", [each.name for each in found]),
        Column("value", [clean(each.value) for each in found]),
        Column("change", ["live" if each.live else "restart" for each in found]),
        Column("about", [clean(each.help) for each in found], flexible=True),
    ]


def _set_arguments(parser: ArgumentParser) -> None:
    add_name(parser, "NAME", "an option that napster admin settings calls live")
    parser.add_argument(
        "value", type=word, metavar="VALUE", help="as in the configuration file, without quotes"
    )
    parser.epilog = (
        "It holds until the daemon ends, also when the configuration file is read again."
        " That file is read again by this command."
    )


def _set(desk: Desk) -> int:
    asked = {"name": desk.options.name, "value": desk.options.value}
    made = desk.index.value(SettingInfo, "set", **asked)
    value = clean(made.value) or "empty"
    told = f"{made.name} is {value} until the daemon ends; the configuration file may keep it."
    return desk.say(told, dump(made))


def _backup_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a new file to write")
    parser.epilog = (
        "To go back: stop the daemon, put the file in the place of accounts.db in its state"
        " folder, delete accounts.db-wal and accounts.db-shm, start it."
    )


def _backup(desk: Desk) -> int:
    file = desk.options.file.absolute()
    require_absent(file)
    copy = Path(desk.index.value(str, "backup"))
    size = take_away(copy, file)
    told = f"Saved accounts, bans, channels and all else that is kept to {file}"
    return desk.say(f"{told} ({format_size(size)}).", {"file": str(file), "size": size})


SETTINGS = admin_command(_settings_arguments, _settings)
SET = admin_command(_set_arguments, _set)
BACKUP = admin_command(_backup_arguments, _backup)
