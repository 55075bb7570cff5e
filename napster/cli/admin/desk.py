"""What a command of `napster admin` is made of."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

import attrs

from napster.cli.admin.connect import Index, open_index
from napster.cli.command import LocalCommand
from napster.cli.exits import DONE
from napster.cli.screen import Screen


@attrs.frozen
class Desk:
    """What a command works with: its options, the index it asks, where it writes."""

    options: Namespace
    index: Index
    screen: Screen

    def act(self, sentence: str, call: str, **asked: object) -> int:
        """Ask for an act that has no answer but that it is done; `sentence` says so."""
        self.index.ask(call, **asked)
        return self.say(sentence, {"done": True})

    def say(self, sentence: str, data: object) -> int:
        """Tell an outcome to a person, or as JSON."""
        if self.options.json:
            self.screen.json(data)
        else:
            self.screen.line(sentence)
        return DONE


def admin_command(
    arguments: Callable[[ArgumentParser], object], run: Callable[[Desk], int]
) -> LocalCommand:
    """Make a command that asks an index; `run` returns the exit status."""

    def add_arguments(parser: ArgumentParser) -> None:
        arguments(parser)
        parser.add_argument("--json", action="store_true", help="answer with JSON, for programs")
        parser.add_argument(
            "--state", metavar="DIR", help="ask the index that keeps its state in this folder"
        )

    def connected(options: Namespace, screen: Screen) -> int:
        with open_index(options.state) as index:
            return run(Desk(options, index, screen))

    return LocalCommand(add_arguments, connected)
