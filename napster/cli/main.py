"""The `napster` command: help at once, everything else once a command is to run."""

import sys
from collections.abc import Sequence

COMMANDS = {
    "search": "find files on the network, as a table to pick from",
    "get": "download what a search found: get 3, get 1-12, get --folder 3",
    "wish": "look out for files until they appear, and list what was found",
    "browse": "list all files of a user, as a table to pick from",
    "status": "tell how the peer daemon is doing",
    "downloads": "list the downloads",
    "uploads": "list the uploads under way and waiting",
    "shares": "list what is shared, and what is not and why",
    "pause": "stop downloads until they are resumed",
    "resume": "go on with downloads that are paused or have failed",
    "cancel": "stop downloads and delete their partial files",
    "priority": "say which downloads are begun first: priority high 3",
    "hash": "print the hashes that identify a file",
    "admin": "run an index: accounts, bans, invitations, settings, backup",
    "demo": "run a small network on this machine and use it, for under a minute",
}

HELP = ("-h", "--help", "help")
"""By what help is asked for in place of a command."""
_HELP = """usage: napster COMMAND ...

Search and download on a Napster-style network.

{commands}

napster COMMAND --help tells more, napster --version what this is.
Exit status: 0 done, 1 failed, 2 wrong usage, 3 nothing found, 4 daemon or index cannot be
reached, 130 interrupted.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    words = (sys.argv[1:] if words is None else words) or ["--help"]
    try:
        if words[0] in HELP and _print(help_text()):
            return 0  # if not, what follows tells why
        from napster.cli.dispatch import dispatch  # noqa: PLC0415  # help is to come at once

        return dispatch(words[0], words[1:])
    except KeyboardInterrupt:
        sys.stderr.write("\nnapster: Interrupted.\n")
        return 130


def _print(text: str) -> bool:
    """Write to standard output; returns whether that was possible."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        return False
    return True


def help_text() -> str:
    """Tell what there is."""
    width = max(map(len, COMMANDS))
    lines = (f"  {name:<{width}}  {about}" for name, about in COMMANDS.items())
    return _HELP.format(commands="\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
