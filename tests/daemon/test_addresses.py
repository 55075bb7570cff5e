"""An address is written as people know it."""

import pytest

from napster.daemon.addresses import unmap_address


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
        ("2001:db8::ffff:1", "2001:db8::ffff:1"),
        ("::ffff:c000:201", "::ffff:c000:201"),
    ],
)
def test_unmap_address(host: str, wanted: str) -> None:
    """Only an IPv4 address in IPv6's clothes changes."""
    assert unmap_address(host) == wanted
