"""Who may have what: friends, shares that are not for everyone, and bans."""

import os
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import attrs

from napster.daemon.addresses import unmap_address

EVERYONE = "everyone"
FRIENDS = "friends"

Network = IPv4Network | IPv6Network


def share_of(path: bytes) -> bytes:
    """Tell which share a virtual path lies in: its name, in lower case."""
    return path.partition(b"\\")[0].lower()


@attrs.frozen
class Access:
    """The rules in force. By themselves everybody may have everything.

    A friend may be pinned to a key: then whoever comes under that nick without having proved to
    hold the key, which takes TLS, is a stranger. All nicks are in lower case.
    """

    friends: Mapping[str, bytes | None] = attrs.Factory(dict)
    """Nicks, each with the fingerprint of its key (32 bytes) or None."""
    shares: Mapping[bytes, str | frozenset[str]] = attrs.Factory(dict)
    """For whom a share is, by its name in lower case: EVERYONE, FRIENDS or nicks."""
    banned_users: frozenset[str] = frozenset()
    banned_networks: tuple[Network, ...] = ()

    def is_public(self, path: bytes) -> bool:
        """Tell whether everybody may have a file."""
        return self.shares.get(share_of(path), EVERYONE) == EVERYONE

    def is_friend(self, nick: str, fingerprint: bytes | None) -> bool:
        """Tell whether somebody who has proved to hold this key, or none, is a friend."""
        return nick.lower() in self.friends and self._is_genuine(nick, fingerprint)

    def bans_address(self, host: str) -> bool:
        """Tell whether an IP address lies in a banned network."""
        if not self.banned_networks:
            return False
        try:
            address = ip_address(unmap_address(host.partition("%")[0]))
        except ValueError:
            return False  # not an IP address: a UNIX socket, say
        return any(address in network for network in self.banned_networks)

    def worst_address(self, hosts: Sequence[str]) -> str:
        """Choose one of somebody's IP addresses: a banned one, if there is one."""
        return next(filter(self.bans_address, hosts), hosts[0])

    def objection(self, nick: str, path: bytes, fingerprint: bytes | None) -> str:
        """Say, in a clause, why a user may not have a file; empty if they may."""
        if nick.lower() in self.banned_users:
            return "this user is banned"
        return "" if self._may(nick, path, fingerprint) else "it is not shared with this user"

    def _may(self, nick: str, path: bytes, fingerprint: bytes | None) -> bool:
        whom = self.shares.get(share_of(path), EVERYONE)
        if whom == EVERYONE:
            return True
        if whom == FRIENDS:
            return self.is_friend(nick, fingerprint)
        return nick.lower() in whom and self._is_genuine(nick, fingerprint)

    def _is_genuine(self, nick: str, fingerprint: bytes | None) -> bool:
        pinned = self.friends.get(nick.lower())
        return pinned is None or pinned == fingerprint

    def describe(self, share: bytes) -> str:
        """Say for whom a share is: `everyone`, `friends` or `anna, bob`."""
        whom = self.shares.get(share.lower(), EVERYONE)
        return whom if isinstance(whom, str) else ", ".join(sorted(whom))


def read_access(
    friends: Iterable[str],
    shares: Mapping[str, str | Iterable[str]],
    banned_users: Iterable[str],
    banned_networks: Iterable[str],
) -> Access:
    """Make the rules from the options of these names, each checked by itself before."""
    return Access(
        friends=dict(map(_friend, friends)),
        shares={
            os.fsencode(name).lower(): whom if isinstance(whom, str) else _nicks(whom)
            for name, whom in shares.items()
        },
        banned_users=_nicks(banned_users),
        banned_networks=tuple(map(ip_network, banned_networks)),
    )


def _friend(entry: str) -> tuple[str, bytes | None]:
    nick, colon, fingerprint = entry.partition(":")
    return nick.lower(), bytes.fromhex(fingerprint) if colon else None


def _nicks(nicks: Iterable[str]) -> frozenset[str]:
    return frozenset(nick.lower() for nick in nicks)
