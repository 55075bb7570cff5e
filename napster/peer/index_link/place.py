"""Where an index is, as options name it."""

import attrs

from napster.daemon.kinds import Kind, address

_TLS = "tls:"


@attrs.frozen
class IndexPlace:
    """Host and port of an index, and whether TLS is spoken there."""

    host: str
    port: int
    tls: bool = False

    def __str__(self) -> str:
        """Write it as people do."""
        return f"{_TLS if self.tls else ''}{self.host}:{self.port}"


def index_place() -> Kind:
    """Make an option that is `HOST:PORT` or `tls:HOST:PORT`; an IPv6 host stands in brackets."""
    base = address()

    def check(value: object) -> IndexPlace:
        tls = isinstance(value, str) and value.startswith(_TLS)
        try:
            host, port = base.check(str(value).removeprefix(_TLS) if tls else value)
        except ValueError as error:
            raise ValueError(f"{error}, with {_TLS} before it if the index speaks TLS") from error
        return IndexPlace(host, port, tls)

    return Kind(check, show=str)
