"""TLS between two peers: 1.3 only, a certificate from either side, known by its fingerprint."""

from typing import Final, cast

from OpenSSL import SSL
from twisted.internet.interfaces import (
    IOpenSSLClientConnectionCreator,
    IOpenSSLServerConnectionCreator,
    ISystemHandle,
    ITLSTransport,
)
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

from napster.peer.security.keys import PeerKey, fingerprint

ALPN: Final = b"napster/1"


class WrongPeerError(Exception):
    """The other end is not the peer that the index named; the text is one sentence."""


@implementer(IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class PeerTls:
    """What to `startTLS` with, on either side.

    Any certificate passes the handshake itself, whose own rules know nothing of fingerprints: call
    `check_peer` once it is complete, before anything else is said.
    """

    def __init__(self, key: PeerKey) -> None:
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.use_privatekey(key.private)
        context.use_certificate(key.certificate)
        context.set_alpn_protos([ALPN])
        context.set_alpn_select_callback(_select)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _pass)
        # A resumed session would skip the certificate.
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_options(SSL.OP_NO_TICKET)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)
        self._context = context

    def clientConnectionForTLS(self, _protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802  # Twisted's
        """Make the connection of the side that dialled."""
        return SSL.Connection(self._context, None)

    def serverConnectionForTLS(self, _protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802  # Twisted's
        """Make the connection of the side that was dialled."""
        return SSL.Connection(self._context, None)


def check_peer(transport: ITLSTransport, expected: bytes | None) -> None:
    """Compare the other end with the fingerprint that the index told. Raises WrongPeerError."""
    # The interface says no more than "object".
    connection = cast("SSL.Connection", ISystemHandle(transport).getHandle())
    certificate = connection.get_peer_certificate(as_cryptography=True)
    if certificate is None or fingerprint(certificate) != expected:
        raise WrongPeerError("its key is not the one that the index told: somebody is in between")
    if connection.get_alpn_proto_negotiated() != ALPN:
        raise WrongPeerError("it does not speak this protocol inside TLS")


def _pass(*_: object) -> bool:
    return True


def _select(
    _connection: SSL.Connection, offered: list[bytes]
) -> bytes | SSL._NoOverlappingProtocols:
    return ALPN if ALPN in offered else SSL.NO_OVERLAPPING_PROTOCOLS
