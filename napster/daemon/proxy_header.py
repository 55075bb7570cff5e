"""The header of the PROXY protocol, by which a proxy tells who has connected to it.

Versions 1 and 2 of https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt.
"""

from ipaddress import IPv4Address as Four
from ipaddress import IPv6Address as Six
from struct import unpack_from

import attrs
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress

_TEXT = b"PROXY "
_NEWLINE = b"\r\n"
_LONGEST_TEXT = 107
_BINARY = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED = len(_BINARY) + 4
_LONGEST_BINARY = 4_096
"""More than any proxy sends: the addresses are followed by what it knows of a TLS connection."""
_LOCAL, _PROXY = 0x20, 0x21
_UNSPECIFIED, _TCP4, _TCP6, _UNIX = 0x00, 0x11, 0x21, 0x31
_LENGTHS = {_TCP4: 12, _TCP6: 36, _UNIX: 216}
"""How many bytes the two ends of a connection take."""


class HeaderError(Exception):
    """A header that cannot be read; the text says what is wrong with it."""


@attrs.frozen
class Header:
    """A header of so many bytes.

    Without addresses the connection is the proxy's own, such as one that tries whether all is well.
    """

    size: int
    source: IAddress | None = None
    destination: IAddress | None = None


def read_header(data: bytes) -> Header | None:
    """Read the header that a connection begins with; None if more has to come first.

    Raises HeaderError, as soon as it is clear that no header can come of it.
    """
    if data.startswith(_TEXT):
        return _read_text(data)
    if data.startswith(_BINARY):
        return _read_binary(data)
    if _TEXT.startswith(data) or _BINARY.startswith(data):
        return None
    raise HeaderError(f"there is none, but {data[:20]!r}")


def _read_text(data: bytes) -> Header | None:
    end = data.find(_NEWLINE, 0, _LONGEST_TEXT)
    if end < 0 and len(data) < _LONGEST_TEXT:
        return None
    if end < 0:
        raise HeaderError(f"it does not end within {_LONGEST_TEXT} bytes")
    size = end + len(_NEWLINE)
    match data[:end].decode("ascii", "backslashreplace").split(" "):
        case [_, "UNKNOWN", *_]:
            return Header(size)
        case [_, "TCP4" | "TCP6" as kind, source, destination, source_port, destination_port]:
            make = _four if kind == "TCP4" else _six
            source_end = make(source, _port(source_port))
            return Header(size, source_end, make(destination, _port(destination_port)))
    raise HeaderError(f"{data[:end]!r} is not PROXY, TCP4 or TCP6, two addresses and two ports")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise HeaderError(f"{text!r} is not a port")
    return int(text)


def _four(host: str | bytes, port: int) -> IPv4Address:
    try:
        return IPv4Address("TCP", str(Four(host)), port)
    except ValueError:
        raise HeaderError(f"{host!r} is not an IPv4 address") from None


def _six(host: str | bytes, port: int) -> IPv4Address | IPv6Address:
    try:
        address = Six(host)
    except ValueError:
        raise HeaderError(f"{host!r} is not an IPv6 address") from None
    if address.ipv4_mapped:
        return IPv4Address("TCP", str(address.ipv4_mapped), port)
    return IPv6Address("TCP", str(address), port)


def _read_binary(data: bytes) -> Header | None:
    if len(data) < _FIXED:
        return None
    command, family, length = unpack_from("!BBH", data, len(_BINARY))
    size = _FIXED + length
    if command not in {_LOCAL, _PROXY}:
        raise HeaderError(f"version and command are {command:#04x}, which is neither 0x20 nor 0x21")
    if size > _LONGEST_BINARY:
        raise HeaderError(f"it has {size} bytes, and may have {_LONGEST_BINARY}")
    if len(data) < size:
        return None
    if command == _LOCAL or family == _UNSPECIFIED:
        return Header(size)
    if length < _LENGTHS.get(family, length + 1):
        raise HeaderError(f"{length} bytes of addresses of the kind {family:#04x}")
    return _ends(size, family, data)


def _ends(size: int, family: int, data: bytes) -> Header:
    if family == _UNIX:
        names = unpack_from("!108s108s", data, _FIXED)
        return Header(size, *(UNIXAddress(name.rstrip(b"\0")) for name in names))
    layout, make = ("!4s4sHH", _four) if family == _TCP4 else ("!16s16sHH", _six)
    source, destination, source_port, destination_port = unpack_from(layout, data, _FIXED)
    return Header(size, make(source, source_port), make(destination, destination_port))
