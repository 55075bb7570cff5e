"""Kinds of options that only the index has."""

import re
from ipaddress import IPv4Address
from typing import Any

from napster.daemon.kinds import Kind, address, text
from napster.index.addresses import AddressMap
from napster.index.name_filter import NameFilter


def name_of_server() -> Kind:
    """Make an option that is a name fit for messages and for the end of a mail address."""
    base = text()

    def check(value: Any) -> str:
        name: str = base.check(value)
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
            raise ValueError("must be a word of letters, digits, dots and hyphens")
        return name

    return Kind(check)


def address_table() -> Kind:
    """Make an option that is a table from networks to public addresses (see `AddressMap`)."""
    wanted = "must be a table from networks to IPv4 addresses"

    def check(value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise ValueError(wanted)
        try:
            AddressMap(value)
        except ValueError as error:
            raise ValueError(f"{wanted} ({error})") from error
        return value

    return Kind(check)


def server_address() -> Kind:
    """Make an option that is `IPV4:PORT`: old programs know no other addresses."""
    wanted = "must be IPV4:PORT, such as 203.0.113.5:8888"
    base = address()

    def check(value: Any) -> tuple[IPv4Address, int]:
        try:
            host, port = base.check(value)
            return IPv4Address(host), port
        except ValueError as error:
            raise ValueError(wanted) from error

    return Kind(check, show=lambda value: "{}:{}".format(*value))


def file_pattern() -> Kind:
    """Make an option that is a pattern of file names (see `NameFilter`)."""
    base = text("a pattern in quotes")

    def check(value: Any) -> str:
        pattern: str = base.check(value)
        NameFilter([pattern])
        return pattern

    return Kind(check)
