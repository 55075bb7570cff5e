"""The daemon's word of its control API is private, whole, and refused when it is not."""

import stat
from pathlib import Path

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress

from napster.peer.control.place import ControlAddress, ControlPlace, PlaceError


def test_token_is_made_once(tmp_path: Path) -> None:
    """The token is random, for its owner's eyes, and stays the same."""
    place = ControlPlace(tmp_path)
    token = place.make_token()
    assert len(token) >= 43
    assert stat.S_IMODE(place.token_file.stat().st_mode) == 0o600
    assert place.make_token() == token


def test_readable_token_is_refused(tmp_path: Path) -> None:
    """A token that others may have read is not used, and the sentence says what to do."""
    place = ControlPlace(tmp_path)
    place.make_token()
    place.token_file.chmod(0o640)
    with pytest.raises(PlaceError, match="delete it"):
        place.make_token()


@pytest.mark.parametrize("text", ["", "short\n", "é" * 50])
def test_damaged_token_is_refused(tmp_path: Path, text: str) -> None:
    """An empty or strange token would open the door to a guess."""
    place = ControlPlace(tmp_path)
    place.token_file.write_text(text, encoding="utf-8")
    place.token_file.chmod(0o600)
    with pytest.raises(PlaceError, match="damaged"):
        place.make_token()


def test_token_link_is_refused(tmp_path: Path) -> None:
    """A link laid where the token belongs is neither followed nor written through."""
    place = ControlPlace(tmp_path)
    target = tmp_path / "target"
    place.token_file.symlink_to(target)
    with pytest.raises(PlaceError):
        place.make_token()
    assert not target.exists()


@pytest.mark.parametrize(
    ("bound", "endpoint"),
    [
        (IPv4Address("TCP", "127.0.0.1", 6680), "tcp:127.0.0.1:6680"),
        (IPv4Address("TCP", "0.0.0.0", 6680), "tcp:127.0.0.1:6680"),
        (IPv6Address("TCP", "::", 6680), "tcp:\\:\\:1:6680"),
        (UNIXAddress("/run/napster.sock"), "unix:/run/napster.sock"),
    ],
)
def test_address(tmp_path: Path, bound: IAddress, endpoint: str) -> None:
    """What the daemon is bound to is told as what a client connects to."""
    place = ControlPlace(tmp_path)
    token = place.make_token()
    place.announce(bound)
    assert place.read() == ControlAddress(endpoint, token)
    assert stat.S_IMODE(place.address_file.stat().st_mode) == 0o600


def test_withdrawn(tmp_path: Path) -> None:
    """After the daemon's end there is no address, and ending twice is no error."""
    place = ControlPlace(tmp_path)
    place.make_token()
    place.announce(IPv4Address("TCP", "127.0.0.1", 6680))
    place.withdraw()
    place.withdraw()
    with pytest.raises(FileNotFoundError):
        place.read()


def test_announcing_again(tmp_path: Path) -> None:
    """A daemon that was killed leaves files behind that do not stop the next one."""
    place = ControlPlace(tmp_path)
    place.make_token()
    (tmp_path / "control.json.new").write_text("{")
    place.announce(IPv4Address("TCP", "127.0.0.1", 1))
    place.announce(IPv4Address("TCP", "127.0.0.1", 2))
    assert place.read().endpoint == "tcp:127.0.0.1:2"


@pytest.mark.parametrize("text", ["", "{}", "[]", "5", "{"])
def test_damaged_address(tmp_path: Path, text: str) -> None:
    """An address file that makes no sense is named."""
    place = ControlPlace(tmp_path)
    place.make_token()
    place.address_file.write_text(text)
    with pytest.raises(PlaceError, match=r"control\.json is damaged"):
        place.read()
