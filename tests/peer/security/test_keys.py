"""The key of a peer: made once, private, known by its fingerprint."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from napster.daemon.errors import DaemonError
from napster.peer.security.keys import new_key, own_key


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """The next start finds the same; another peer has another."""
    first = own_key(tmp_path / "one")
    assert own_key(tmp_path / "one").fingerprint == first.fingerprint
    assert own_key(tmp_path / "two").fingerprint != first.fingerprint
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 2


def test_the_fingerprint_is_that_of_the_public_key(tmp_path: Path) -> None:
    """SHA-256 of the SubjectPublicKeyInfo, as openssl makes it."""
    key = own_key(tmp_path / "key")
    run = ["openssl", "pkey", "-in", str(tmp_path / "key"), "-pubout", "-outform", "DER"]
    public = subprocess.run(run, check=True, capture_output=True).stdout
    assert hashlib.sha256(public).digest() == key.fingerprint


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    """With the command that mends it."""
    own_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(DaemonError, match=r"can be read by others; run chmod 600 .*key"):
        own_key(tmp_path / "key")


def mixed(file: Path) -> bytes:
    """Take the private key of one pair and the certificate of another."""
    own_key(file)
    pem = file.read_bytes()
    private = pem[: pem.index(b"-----BEGIN CERTIFICATE")]
    return private + new_key().certificate.public_bytes(Encoding.PEM)


def other_kind(file: Path) -> bytes:
    """Take a key of another kind."""
    private = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return private + new_key().certificate.public_bytes(Encoding.PEM)


@pytest.mark.parametrize("content", [lambda _: b"", lambda _: b"x" * 999, mixed, other_kind])
def test_a_file_that_holds_something_else(tmp_path: Path, content) -> None:
    """What to do is said; nothing is overwritten."""
    file = tmp_path / "key"
    written = content(file)
    file.write_bytes(written)
    file.chmod(0o600)
    with pytest.raises(DaemonError, match="delete it, and the next start makes new ones"):
        own_key(file)
    assert file.read_bytes() == written


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """That is one sentence, too."""
    with pytest.raises(DaemonError, match="cannot be used: No such file"):
        own_key(tmp_path / "missing" / "key")


def test_a_start_that_was_killed_in_the_middle(tmp_path: Path) -> None:
    """What it has left behind is in nobody's way."""
    (tmp_path / "key.new").write_bytes(b"half a k")
    own_key(tmp_path / "key")
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
