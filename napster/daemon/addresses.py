"""Network addresses as people and other programs expect to see them."""

_MAPPED = "::ffff:"


def unmap_address(host: str) -> str:
    """Turn an IPv4 address that an IPv6 socket reports (RFC 4291, 2.5.5.2) into its usual form.

    `::ffff:192.0.2.1` becomes `192.0.2.1`; everything else stays as it is.
    """
    tail = host[len(_MAPPED) :]
    return tail if host.lower().startswith(_MAPPED) and "." in tail else host
