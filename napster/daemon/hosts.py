"""Which names a local web page may be asked for by.

A browser can be made to ask a loopback port under a name that a stranger's DNS has bound to it (DNS
rebinding). An address or `localhost` cannot be bound like that; any other name has to be allowed.
"""

from collections.abc import Collection
from ipaddress import ip_address


def is_safe_host(host: str, allowed: Collection[str] = ()) -> bool:
    """Whether the Host header of a request is an address, `localhost` or a name allowed."""
    name, colon, port = host.rpartition(":")
    if not (colon and port.isdigit()):
        name = host
    if name.lower() in {"localhost", *(each.lower() for each in allowed)}:
        return True
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
