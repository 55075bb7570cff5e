"""By what this machine can connect to others."""

from napster.peer.families import families
from napster.wire.extension import Family


def test_families_in_use() -> None:
    """The kind of address that this machine is connected by is one it can connect by."""
    assert Family.IPV4 in families("127.0.0.1")
    assert Family.IPV6 in families("::1")
