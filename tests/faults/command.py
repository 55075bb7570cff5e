"""What the commands of this folder share: options, what they tell, and how they end."""

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path


def say(line: str) -> None:
    """Tell whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def parser(about: str | None) -> argparse.ArgumentParser:
    """Begin a command line that names a folder for everything."""
    made = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    made.add_argument("--folder", type=Path, required=True, help="a new folder for everything")
    return made


def campaign_parser(
    about: str | None, *, kills: int, each: int, size: int, rate: float
) -> argparse.ArgumentParser:
    """Begin the command line of a campaign of kills, with these defaults."""
    made = parser(about)
    made.add_argument("--kills", type=int, default=kills)
    made.add_argument("--each", type=int, default=each, help="how many kills in one download")
    made.add_argument("--size", type=int, default=size, help="of the file, in MiB")
    made.add_argument("--rate", type=float, default=rate, help="of each uploader, in MiB/s")
    made.add_argument("--seed", type=int, default=1)
    return made


def run(work: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> None:
    """Work in the folder, and leave no big files there; the first fault ends it with status 1."""
    try:
        work(options)
    except AssertionError as error:
        sys.exit(f"fault: {error}")
    finally:
        for name in ("share", "downloads"):
            for folder in options.folder.glob(f"*/{name}"):
                shutil.rmtree(folder)
