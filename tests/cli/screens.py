"""Screens that tests look at."""

from io import StringIO

from napster.cli.screen import Screen


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Seen:
    """A screen with what was written to it."""

    def __init__(self, *, terminal: bool = False, **environ: str) -> None:
        self.stdout = Terminal() if terminal else StringIO()
        self.stderr = StringIO()
        self.screen = Screen(self.stdout, self.stderr, environ)

    @property
    def out(self) -> str:
        return self.stdout.getvalue()

    @property
    def err(self) -> str:
        return self.stderr.getvalue()
