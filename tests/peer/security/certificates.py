"""Certificates as the owner of an index would have them."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_UNTIL = dt.datetime(2120, 1, 1, tzinfo=dt.UTC)


def write_certificate(folder: Path, name: str, address: str = "127.0.0.1") -> str:
    """Write a key and a certificate it has signed itself; returns an endpoint that uses them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, _FROM, _UNTIL)
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.key").write_bytes(private)
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    files = f"privateKey={folder / name}.key:certKey={folder / name}.crt"
    return f"ssl:0:{files}:interface=127.0.0.1"
