"""`napster hash`: the hashes that identify a file."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from napster.cli.command import LocalCommand
from napster.cli.exits import DONE
from napster.cli.screen import Screen
from napster.peer.api import ApiError
from napster.peer.library.hash import content_root, hash_stream


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file to hash")
    parser.add_argument("--json", action="store_true", help="answer with JSON, for programs")


def _run(options: Namespace, screen: Screen) -> int:
    hashed = [_hashed(file) for file in options.files]
    if options.json:
        screen.json(hashed)
        return DONE
    for each in hashed:
        screen.line(str(each["file"]))
        screen.line(f"  size     {each['size']} bytes")
        screen.line(f"  md5      {each['md5']} (historic: of the start of the file)")
        screen.line(f"  content  {each['content']} (BLAKE3)")
    return DONE


def _hashed(file: Path) -> dict[str, object]:
    if file.exists() and not file.is_file():
        raise ApiError(f"{file} is not a file.")
    try:
        with file.open("rb", buffering=0) as stream:
            hashes = hash_stream(stream, file.stat().st_size, lambda _: None)
    except OSError as error:
        raise ApiError(f"{file} cannot be read: {error.strerror}.") from error
    return {
        "file": str(file),
        "size": hashes.size,
        "md5": hashes.md5.hex(),
        "content": content_root(hashes.size, hashes.pieces).hex(),
    }


COMMAND = LocalCommand(_arguments, _run)
