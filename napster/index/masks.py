"""Masks: patterns of nick and address that say whom a ban means (protocol section 2)."""

import re
from fnmatch import translate
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from napster.daemon.addresses import parse_host
from napster.index.nicks import LONGEST, nick_key

LONGEST_MASK = 80
_REMEMBERED = 4096
_WILD = frozenset("*?")


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
    if address.endswith("."):
        address += "*"
    sound = _network(address) is not None or (set(address) & _WILD and "!" not in address)
    if not (sound and 0 < len(nick) <= LONGEST):
        raise ValueError("a mask is a nick, an address, or nick!address")
    return f"{nick}!{address}"


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
    return _network(text) is not None or "." in text or (":" in text and "*" in text)


@lru_cache(_REMEMBERED)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(_REMEMBERED)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))
