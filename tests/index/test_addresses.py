"""Which address of a user others are told."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.daemon.addresses import limit_key, parse_host
from napster.index.addresses import NOWHERE, AddressMap


@given(st.ip_addresses(v=4))
def test_without_a_map(address: ipaddress.IPv4Address) -> None:
    """An IPv4 address is published as seen, its first octet lowest, also through IPv6."""
    expected = sum(octet << (8 * n) for n, octet in enumerate(address.packed))
    assert AddressMap({}).publish(str(address)) == expected
    assert AddressMap({}).publish(f"::ffff:{address}") == expected


@given(st.text(max_size=40))
def test_odd_hosts(host: str) -> None:
    """What is no address is nowhere, and an address of nobody else."""
    if parse_host(host) is None:
        assert AddressMap({"0.0.0.0/0": "1.2.3.4", "::/0": "1.2.3.4"}).publish(host) == NOWHERE
        assert limit_key(host) == host


def test_loopback() -> None:
    """The number in the protocol's own example."""
    assert AddressMap({}).publish("127.0.0.1") == 16777343


def test_narrowest_network_decides() -> None:
    """Of several networks that hold an address, the smallest one counts, in any order."""
    entries = {"10.0.0.0/8": "1.1.1.1", "10.1.2.3": "3.3.3.3", "10.1.0.0/16": "2.2.2.2"}
    published = AddressMap(entries)
    for host, last in (("10.9.9.9", 1), ("10.1.9.9", 2), ("10.1.2.3", 3)):
        assert published.publish(host) == last * 0x01010101


def test_several_public_addresses() -> None:
    """Each network has the public address it is told, and those behind one are neighbours."""
    published = AddressMap(
        {"10.1.0.0/16": "203.0.113.1", "10.2.0.0/16": "203.0.113.2", "127.0.0.1": "203.0.113.1"}
    )
    one, two = (published.publish(host) for host in ("10.1.0.7", "10.2.0.7"))
    assert (one & 0xFFFFFF, one >> 24, two >> 24) == (0x7100CB, 1, 2)
    assert published.are_neighbours("10.1.0.7", "10.1.255.9")
    assert published.are_neighbours("127.0.0.1", "::ffff:127.0.0.1")
    assert not published.are_neighbours("10.1.0.7", "10.2.0.7")
    assert not published.are_neighbours("10.1.0.7", "127.0.0.1")
    assert not published.are_neighbours("192.0.2.1", "192.0.2.1")
    assert not published.are_neighbours("local", "local")


def test_ipv6() -> None:
    """An IPv6 user is nowhere, unless the map knows a public IPv4 address."""
    assert AddressMap({}).publish("2001:db8::1") == NOWHERE
    assert AddressMap({"2001:db8::/32": "1.1.1.1"}).publish("2001:db8::1") == 0x01010101
    assert AddressMap({}).publish("fe80::1%eth0") == NOWHERE


@pytest.mark.parametrize(
    "entries", [{"x": "1.1.1.1"}, {"10.0.0.0/8": "::1"}, {"10.0.0.1/8": "1.1.1.1"}]
)
def test_wrong_entries(entries: dict[str, str]) -> None:
    """What is not a network or not an IPv4 address is refused."""
    with pytest.raises(ValueError, match=r"."):
        AddressMap(entries)


def test_limit_key() -> None:
    """IPv4 counts by address, IPv6 by /64."""
    assert limit_key("192.0.2.1") == limit_key("::ffff:192.0.2.1") == "192.0.2.1"
    assert limit_key("2001:db8::1") == limit_key("2001:db8::ffff:1") == "2001:db8::/64"
    assert limit_key("local") == "local"
