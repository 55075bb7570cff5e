"""Nothing is shared by accident, and what is refused is refused with a reason."""

import stat

import pytest

from napster.peer.library.rules import HIDDEN, LINK, PARTIAL, Rules

FILE, FOLDER = stat.S_IFREG | 0o644, stat.S_IFDIR | 0o755


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (stat.S_IFLNK, LINK),
        (stat.S_IFIFO, "a named pipe, not a file"),
        (stat.S_IFSOCK, "a socket, not a file"),
        (stat.S_IFCHR, "a device, not a file"),
        (stat.S_IFBLK, "a device, not a file"),
        (0o160000, "not a file"),
    ],
)
def test_what_is_no_file(mode: int, reason: str) -> None:
    """Each kind of thing on a disk that is no file is named, whatever the settings allow."""
    assert Rules(["*", "*/*"]).refuse((b"a", b"b"), mode) == reason


def test_hidden() -> None:
    """Hidden files and folders are refused."""
    assert Rules().refuse((b".ssh",), FOLDER) == HIDDEN
    assert Rules().refuse((b"a", b".env"), FILE) == HIDDEN


@pytest.mark.parametrize("name", [b"x.mp3.part", b"X.PART", b"x.mp3.part.json"])
def test_partial_downloads(name: bytes) -> None:
    """An incomplete download and its record are never shared."""
    assert Rules(["*"]).refuse((name,), FILE) == PARTIAL


@pytest.mark.parametrize(
    "name",
    [b"id_rsa", b"id_ed25519.bak", b"Server.PEM", b"tls.key", b"Passwords.kdbx", b"wallet.dat",
     b"prod.env", b"client.p12", b"home.ovpn", b"credentials"],
)  # fmt: skip
def test_secrets(name: bytes) -> None:
    """Well-known names of keys, wallets and passwords are refused, in any case."""
    reason = Rules().refuse((b"folder", name), FILE)
    assert reason is not None
    assert "secret" in reason


@pytest.mark.parametrize(
    "name", [b"song.mp3", b"keys", b"key.mp3", b"environment.txt", b"monkey", b"x.part1.rar"]
)
def test_ordinary_files(name: bytes) -> None:
    """Names that only resemble secrets are shared; folders are not judged by such names."""
    assert Rules().refuse((name,), FILE) is None
    assert Rules().refuse((b"talks.key",), FOLDER) is None


def test_allowed() -> None:
    """What the settings name is shared: by name anywhere, or by its path."""
    rules = Rules([".themes", "*.key", "work/*.pem"])
    assert rules.refuse((b"a", b".themes"), FOLDER) is None
    assert rules.refuse((b"a", b"talk.key"), FILE) is None
    assert rules.refuse((b"work", b"public.pem"), FILE) is None
    assert rules.refuse((b"home", b"public.pem"), FILE) is not None
    assert rules.refuse((b".other",), FOLDER) == HIDDEN
