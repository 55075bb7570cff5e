"""Network addresses as people and other programs expect to see them."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_MAPPED = "::ffff:"


def unmap_address(host: str) -> str:
    """Turn an IPv4 address that an IPv6 socket reports (RFC 4291, 2.5.5.2) into its usual form.

    `::ffff:192.0.2.1` becomes `192.0.2.1`; everything else stays as it is.
    """
    tail = host[len(_MAPPED) :]
    return tail if host.lower().startswith(_MAPPED) and "." in tail else host


def parse_host(host: str) -> IPv4Address | IPv6Address | None:
    """Read an observed address; None for what is none, such as a UNIX socket's."""
    try:
        return ip_address(unmap_address(host).partition("%")[0])
    except ValueError:
        return None


def limit_key(host: str) -> str:
    """Name whom limits by address count as one: an IPv4 address or an IPv6 network of 64 bits."""
    address = parse_host(host)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address) if address else host
