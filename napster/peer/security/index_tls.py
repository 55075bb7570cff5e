"""TLS to the index: vouched for by an authority, or known by its key since the first time."""

from pathlib import Path
from typing import Any

from cryptography import x509
from OpenSSL import SSL, crypto
from service_identity.exceptions import VerificationError
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IStreamClientEndpoint
from twisted.internet.ssl import (
    Certificate,
    optionsForClientTLS,
    trustRootFromCertificates,
)
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from napster.daemon.errors import DaemonError
from napster.peer.index_link.place import IndexPlace
from napster.peer.security.keys import fingerprint
from napster.peer.security.known_indexes import IndexChangedError, KnownIndexes

SYSTEM = "system"
"""The value of the option `index_ca` that means the authorities this machine trusts."""


def index_endpoint(
    reactor: Any, place: IndexPlace, authorities: str | None, known: KnownIndexes
) -> IStreamClientEndpoint:
    """Make what connects to an index.

    Over TLS, its certificate must be vouched for by one of `authorities`, a file or SYSTEM; if that
    is None, its key must be the one of the first time. Raises DaemonError.
    """
    endpoint = HostnameEndpoint(reactor, place.host, place.port)
    if not place.tls:
        return endpoint
    if authorities is None:
        return wrapClientTLS(PinnedTls(place, known), endpoint)
    roots = None if authorities == SYSTEM else read_authorities(Path(authorities))
    return wrapClientTLS(optionsForClientTLS(place.host, roots), endpoint)


def read_authorities(file: Path) -> Any:
    """Read whom to trust from a file of certificates, as Twisted takes it. Raises DaemonError."""
    try:
        certificates = x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise DaemonError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DaemonError(f"{file} holds no certificates in PEM form") from error
    return trustRootFromCertificates(
        [Certificate(crypto.X509.from_cryptography(each)) for each in certificates]
    )


@implementer(IOpenSSLClientConnectionCreator)
class PinnedTls:
    """TLS to an index that is known by its key."""

    def __init__(self, place: IndexPlace, known: KnownIndexes) -> None:
        self._place = place
        self._known = known

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802  # Twisted's name
        """Make a connection; another key than the known one ends the handshake."""
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_info_callback(self._learn)
        connection = SSL.Connection(context, None)
        host = self._place.host
        if not (isIPAddress(host) or isIPv6Address(host)):
            connection.set_tlsext_host_name(host.encode("idna"))

        def check(
            _connection: SSL.Connection, leaf: crypto.X509, _error: int, depth: int, _ok: int
        ) -> bool:
            return depth > 0 or self._check(protocol, leaf)

        connection.set_verify(SSL.VERIFY_PEER, check)
        return connection

    def _check(self, protocol: TLSMemoryBIOProtocol, leaf: crypto.X509) -> bool:
        try:
            self._known.check_key(str(self._place), fingerprint(leaf.to_cryptography()))
        except IndexChangedError:
            protocol.failVerification(Failure())
            return False
        return True

    def _learn(self, connection: SSL.Connection, where: int, _state: int) -> None:
        """Remember the key once the other side has proved to have it."""
        leaf = connection.get_peer_certificate(as_cryptography=True)
        if where & SSL.SSL_CB_HANDSHAKE_DONE and leaf is not None:
            self._known.learn_key(str(self._place), fingerprint(leaf))


def why_insecure(error: BaseException | None) -> str | None:
    """Say in a clause why TLS to the index has not come about; None if that is not the matter."""
    match error:
        case IndexChangedError():
            return str(error)
        case VerificationError():
            return "its certificate is for another host than the option index names"
        case SSL.Error(args=(((_, _, "certificate verify failed"), *_),)):
            return "its certificate is vouched for by none of the authorities (option index_ca)"
        case SSL.Error():
            return "it does not speak TLS as this peer does"
    return None
