"""`napster demo`: a small network on this machine, put to use."""

from argparse import ArgumentParser, Namespace

from napster.cli.command import LocalCommand
from napster.cli.demo.story import run_demo
from napster.cli.screen import Screen


def _arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "Everything runs on free ports of the loopback interface and in a temporary folder,"
        " and is gone at the end. It takes 768 MiB of disk for less than a minute."
    )


def _run(_: Namespace, screen: Screen) -> int:
    return run_demo(screen)


COMMAND = LocalCommand(_arguments, _run)
