"""Masks: patterns of nick and address that say whom a ban means (protocol section 2)."""

import re
from fnmatch import translate
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from napster.daemon.addresses import parse_host, unmap_address
from napster.index.nicks import LONGEST, nick_key, pattern_fault

LONGEST_MASK = 80
_REMEMBERED = 4096
_WILD = frozenset("*?")
_SEPARATORS = frozenset(".:")
_SHORTEST_PREFIX = {4: 8, 6: 16}
"""Of the networks to ban, by version of the protocol; shorter ones hold too many."""
_MAPPED_BITS = 96
_IPV4_PIECE = re.compile(r"[0-9]*[*?][0-9*?]*|0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]")
_IPV4_PIECES = 4
_IPV6_PIECE = re.compile(r"[0-9a-f]*[*?][0-9a-f*?]*|[0-9a-f]{0,4}", re.IGNORECASE)
_LIKE_IPV6 = re.compile(r"(?=.*(:.*:|:.*[/*]))[0-9a-f:*?]+(/[0-9]*)?", re.IGNORECASE)


def normalise(text: str) -> str:
    """Write a mask in full, `nick!address`; both parts may hold `*` and `?`.

    A nick alone means it from anywhere, an address or network alone everybody there. The address is
    one (`192.0.2.1`), a network (`192.0.2.0/24`), or a beginning (`192.0.2.`). Raises ValueError.
    """
    if not text or not text.isascii() or not text.isprintable() or set(text) & set(' "'):
        raise ValueError("a mask is one word of printable ASCII without quotes")
    if len(text) > LONGEST_MASK:
        raise ValueError(f"a mask has at most {LONGEST_MASK} characters")
    nick, mark, address = text.partition("!")
    if not mark:
        nick, address = ("*", text) if _means_address(text) else (text, "*")
    address = _unmapped(address)
    if address.endswith("."):
        address += "*"
    sound = _network(address) is not None or _is_pattern(address)
    if not sound or not 0 < len(nick) <= LONGEST:
        raise ValueError("a mask is a nick, an address, or nick!address")
    if fault := pattern_fault(nick):
        raise ValueError(f"a mask of this nick means nobody: {fault}")
    return f"{nick}!{address}"


def excess(mask: str) -> str | None:
    """Say in one sentence why a mask made by `normalise` means too many; None if it does not."""
    nick, _, address = mask.partition("!")
    if set(nick) - _WILD:
        return None
    network = _network(address)
    if network is None and not set(address) - _WILD - _SEPARATORS:
        return "this would ban everybody, or nearly: write more than wildcards"
    if network and network.prefixlen < _SHORTEST_PREFIX[network.version]:
        least = f"/{_SHORTEST_PREFIX[4]}, an IPv6 one /{_SHORTEST_PREFIX[6]}"
        return f"this would ban everybody, or nearly: an IPv4 network has at least {least}"
    return None


def matches(mask: str, nick: str, host: str) -> bool:
    """Whether a mask made by `normalise` means somebody with a nick at an observed address."""
    nicks, _, address = mask.partition("!")
    if not _glob(nick_key(nicks)).match(nick_key(nick)):
        return False
    network = _network(address)
    if network is None:
        return _glob(address.lower()).match(host.lower()) is not None
    found = parse_host(host)
    return found is not None and found in network


def _means_address(text: str) -> bool:
    """Whether a mask of one part is an address: nicks have no dots, but may have colons."""
    return _network(text) is not None or "." in text or _LIKE_IPV6.fullmatch(text) is not None


def _is_pattern(address: str) -> bool:
    """Whether there can be addresses that begin, or look, like this."""
    if not set(address) & _WILD:
        return False
    if ":" in address:
        return all(map(_IPV6_PIECE.fullmatch, address.split(":")))
    pieces = address.split(".")
    return len(pieces) <= _IPV4_PIECES and all(map(_IPV4_PIECE.fullmatch, pieces))


def _unmapped(address: str) -> str:
    """Write what means IPv4 addresses as IPv6 sockets report them in the usual form."""
    network = _network(address)
    if not isinstance(network, IPv6Network):
        return address if network else unmap_address(address)
    mapped, prefix = network.network_address.ipv4_mapped, network.prefixlen - _MAPPED_BITS
    if mapped is None or prefix < 0:
        return address
    return str(IPv4Network((mapped, prefix))).removesuffix("/32")


@lru_cache(_REMEMBERED)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(_REMEMBERED)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))
