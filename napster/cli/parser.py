"""The command line's grammar: options before, between and after the words of a command."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from typing import NoReturn

from napster.peer.api import BadRequestError

_HIDDEN = "\0"
"""Stands before a word that begins with `-` and is no option; no argument can hold it itself."""


class CommandParser(ArgumentParser):
    """A parser of one command, whose errors are one sentence.

    Words after `--` are never options; with `excluding_words`, neither are words such as `-live`.
    """

    excluding_words = False

    def __init__(
        self, prog: str, description: str = "", show: Callable[[str], None] = print
    ) -> None:
        """Parse the words after `prog`; `show` takes the lines of the help that is asked for."""
        super().__init__(prog, description=description, allow_abbrev=False)
        self._show = show

    def print_help(self, file: object = None) -> None:
        """Show the help; argparse itself would not say if that fails."""
        del file
        for line in self.format_help().splitlines():
            self._show(line)

    def error(self, message: str) -> NoReturn:
        """Raise BadRequestError with what was wrong and where to read on."""
        raise BadRequestError(f"{message.replace(_HIDDEN, '')}; see {self.prog} --help.")

    def parse(self, words: Sequence[str]) -> Namespace:
        """Parse a command's words, options among them anywhere. Raises BadRequestError."""
        return self.parse_intermixed_args(self._hidden(words))

    def _hidden(self, words: Sequence[str]) -> list[str]:
        end = list(words).index("--") if "--" in words else len(words)
        shown = [_HIDDEN + word if self._is_word(word) else word for word in words[:end]]
        return shown + [_HIDDEN + word for word in words[end + 1 :]]

    def _is_word(self, word: str) -> bool:
        option = word.startswith("--") or word in {"-", "-h"} or not word.startswith("-")
        return self.excluding_words and not option


def word(text: str) -> str:
    """Take a word of the command line, for the `type` of a positional argument."""
    plain = text.removeprefix(_HIDDEN)
    try:
        plain.encode()
    except UnicodeEncodeError as error:
        raise ArgumentTypeError(f"{plain!a} is not UTF-8") from error
    return plain


def add_common(parser: ArgumentParser) -> None:
    """Add what every command that asks a peer understands."""
    parser.add_argument("--json", action="store_true", help="answer with JSON, for programs")
    parser.add_argument(
        "--state", metavar="DIR", help="ask the peer daemon that keeps its state in this folder"
    )


def add_one_shot(parser: ArgumentParser, *, downloads: bool = False) -> None:
    """Add what a command understands that can do without a daemon."""
    group = parser.add_argument_group("without a daemon")
    group.add_argument(
        "--index",
        metavar="HOST:PORT",
        help="ask this index, for this command only; over TLS with tls: before it",
    )
    group.add_argument("--nick", metavar="NICK", help="the nick to log in with (default: made up)")
    if downloads:
        group.add_argument("--downloads", metavar="DIR", help="save here (default: this folder)")
