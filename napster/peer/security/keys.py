"""This peer's own key: what its fingerprint, told by the index, lets others know it by."""

import datetime as dt
import hashlib
import os
import stat
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from napster.daemon.errors import DaemonError

_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "napster")])
# Nobody looks at these dates: a key is known by its fingerprint, and clocks may be wrong.
_FROM = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_UNTIL = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def fingerprint(certificate: x509.Certificate) -> bytes:
    """Make the fingerprint of a certificate's key: SHA-256 of its SubjectPublicKeyInfo."""
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(info).digest()


@attrs.frozen
class PeerKey:
    """A private key and a certificate it has signed itself."""

    private: ec.EllipticCurvePrivateKey = attrs.field(repr=False)
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> bytes:
        """What others know it by."""
        return fingerprint(self.certificate)


def new_key() -> PeerKey:
    """Make a key on the curve P-256."""
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .sign(private, hashes.SHA256())
    )
    return PeerKey(private, certificate)


def own_key(file: Path) -> PeerKey:
    """Read the key that a peer made for itself, or make one and keep it. Raises DaemonError."""
    try:
        if not file.exists():
            _write(file, new_key())
        return _read(file)
    except OSError as error:
        raise DaemonError(f"{file}: cannot be used: {error.strerror}") from error


def _write(file: Path, key: PeerKey) -> None:
    """Write the file whole or not at all, readable by nobody else."""
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem += key.certificate.public_bytes(Encoding.PEM)
    part = file.with_name(file.name + ".new")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(pem)
        stream.flush()
        os.fsync(stream.fileno())
    part.rename(file)


def _read(file: Path) -> PeerKey:
    with file.open("rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        pem = stream.read()
    if stat.S_IMODE(mode) & 0o077:
        raise DaemonError(f"{file}: can be read by others; run chmod 600 {file}")
    try:
        private = load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
    except (ValueError, TypeError) as error:
        raise _unusable(file) from error
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise _unusable(file)
    if private.public_key() != certificate.public_key():
        raise _unusable(file)
    return PeerKey(private, certificate)


def _unusable(file: Path) -> DaemonError:
    return DaemonError(
        f"{file}: holds no key and certificate as this program makes them; "
        "delete it, and the next start makes new ones"
    )
