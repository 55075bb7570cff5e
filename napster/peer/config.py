"""Every option of the peer daemon."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import attrs

from napster.daemon.kinds import (
    Kind,
    choice,
    endpoint,
    folder_or_file,
    listing,
    mapping,
    one_or_more,
    size,
    switch,
    text,
    whole,
)
from napster.daemon.options import option
from napster.daemon.settings import DaemonSettings
from napster.peer.index_link.place import IndexPlace, index_place
from napster.peer.library.roots import ShareRootError, share_roots
from napster.peer.uploads.access import EVERYONE, FRIENDS
from napster.units import LINK_SPEEDS

_DAY = 86_400
_FINGERPRINT = re.compile("[0-9a-fA-F]{64}")
_NICK = re.compile(r"[A-Za-z0-9_\[\]{}@^~()<>=+|/`'\\-]{1,19}")


def _nick() -> Kind:
    base = text()

    def check(value: Any) -> str:
        nick: str = base.check(value)
        if not _NICK.fullmatch(nick):
            raise ValueError("must be 1 to 19 letters, digits and signs such as _ - [ ] { } @ ^")
        return nick

    return Kind(check)


def _friend() -> Kind:
    wanted = "must be a nick, or NICK:FINGERPRINT with 64 hexadecimal digits"

    def check(value: Any) -> str:
        friend: str = text(wanted.removeprefix("must be ")).check(value)
        nick, colon, fingerprint = friend.partition(":")
        if not _NICK.fullmatch(nick) or (colon and not _FINGERPRINT.fullmatch(fingerprint)):
            raise ValueError(wanted)
        return friend

    return Kind(check)


def _whom() -> Kind:
    nicks = listing(_nick())

    def check(value: Any) -> str | tuple[str, ...]:
        if value in (EVERYONE, FRIENDS):
            return str(value)
        if not isinstance(value, list):
            raise ValueError('must be "everyone", "friends" or a list of nicks')  # noqa: TRY004  # one error type
        found: tuple[str, ...] = nicks.check(value)
        return found

    return Kind(check)


def _network() -> Kind:
    wanted = "must be an address or a network, such as 192.0.2.0/24 or 2001:db8::/32"

    def check(value: Any) -> str:
        network: str = text(wanted.removeprefix("must be ")).check(value)
        try:
            ip_network(network)
        except ValueError as error:
            raise ValueError(wanted) from error
        return network

    return Kind(check)


def _shares() -> Kind:
    folders = listing(text("a folder, or NAME=FOLDER, in quotes"))

    def check(value: Any) -> tuple[str, ...]:
        entries: tuple[str, ...] = folders.check(value)
        try:
            share_roots(entries)
        except ShareRootError as error:
            raise ValueError(f"must be folders that can be shared ({error})") from error
        return entries

    return attrs.evolve(folders, check=check)


@attrs.frozen
class Settings(DaemonSettings):
    """How the peer daemon is configured. Times are in seconds."""

    index: tuple[IndexPlace, ...] = option(
        one_or_more(index_place()),
        (),
        "The index to register at, or a list of several; with tls: before one, over TLS",
        flag="index",
        metavar="[tls:]HOST:PORT",
    )
    index_ca: str | None = option(
        text(),
        None,
        "Who vouches for an index over TLS: a file of certificates, or system for those this "
        "machine trusts; if not set, its key must be the one of the first time",
    )
    nick: str | None = option(
        _nick(), None, "The nick to log in under", flag="nick", metavar="NAME"
    )
    password_file: Path | None = option(
        folder_or_file(),
        None,
        "A file that holds the password of the nick in its first line; only its owner may read it",
        flag="password-file",
        metavar="FILE",
    )
    register: bool = option(
        switch(), default=False, help="Whether to register the nick with the password if it is free"
    )
    email: str = option(text(), "unknown", "The e-mail address to register the nick with")
    link_speed: str = option(
        choice(*LINK_SPEEDS), "unknown", "The speed of this machine's link, told to others"
    )
    share: tuple[str, ...] = option(
        _shares(),
        (),
        "The folders to share; NAME=FOLDER shares one under another name",
        flag="share",
        metavar="DIR",
        reload=True,
    )
    allow: tuple[str, ...] = option(
        listing(text()),
        (),
        "Patterns of files to share though they are hidden or look like a secret",
    )
    downloads: Path = option(
        folder_or_file(),
        Path("~/Downloads/napster").expanduser(),
        "The folder for downloads",
        flag="downloads",
        metavar="DIR",
    )
    destinations: tuple[Path, ...] = option(
        listing(folder_or_file()),
        (),
        "Folders outside of it that napster get --to may name, and those below them",
    )
    on_finished: tuple[str, ...] = option(
        listing(text()),
        (),
        "A program and its words, run for each finished download; never through a shell",
        reload=True,
    )
    on_finished_timeout: int = option(
        whole(1, _DAY), 300, "How long such a program may take before it is killed", reload=True
    )
    listen: tuple[str, ...] = option(
        one_or_more(endpoint()),
        ("tcp6:6699",),
        "The data port, where other peers connect, by IPv4 and IPv6; only IPv4 with tcp:6699; or a "
        "list of several",
        flag="listen",
        metavar="ENDPOINT",
    )
    public_port: int = option(
        whole(0, 65_535),
        0,
        "The data port to tell others if a router forwards another one (IPv4); 0 for the one "
        "listened on",
    )
    encryption: str = option(
        choice("prefer", "require", "off"),
        "prefer",
        "Whether transfers are encrypted: with peers that can, with all or none, or never",
    )
    firewalled: bool = option(
        switch(),
        default=False,
        help="Whether others cannot connect to the data port; files are then pushed",
    )
    control: str = option(
        endpoint(),
        "tcp:6680:interface=127.0.0.1",
        "The control API, which the napster command talks to",
        flag="control",
        metavar="ENDPOINT",
    )
    upload_slots: int = option(whole(0, 10_000), 8, "How many files are sent at once", reload=True)
    upload_slots_per_user: int = option(
        whole(1, 10_000), 2, "How many files are sent to one user at once", reload=True
    )
    friend_slots: int = option(
        whole(0, 10_000), 2, "How many more are sent at once to friends only", reload=True
    )
    upload_queue: int = option(
        whole(0, 1_000_000), 500, "How many requests may wait for an upload slot", reload=True
    )
    upload_limit: int = option(
        size(), 0, "Bytes per second that all uploads may take, such as 10M; 0 for any", reload=True
    )
    upload_limit_per_user: int = option(
        size(), 0, "Bytes per second that the uploads to one user may take; 0 for any", reload=True
    )
    friends: tuple[str, ...] = option(
        listing(_friend()),
        (),
        "Nicks of friends; NICK:FINGERPRINT is only who proves to hold that key",
        reload=True,
    )
    access: Mapping[str, str | tuple[str, ...]] = option(
        mapping(_whom()),
        {},
        'Whom a share is for, by its name: "everyone", "friends" or a list of nicks; only files '
        "for everyone are told to the index",
        reload=True,
    )
    banned_users: tuple[str, ...] = option(
        listing(_nick()), (), "Nicks that get nothing from here", reload=True
    )
    banned_networks: tuple[str, ...] = option(
        listing(_network()),
        (),
        "Addresses and networks that cannot connect to the data port and get nothing",
        reload=True,
    )
    download_slots: int = option(
        whole(1, 1_000), 4, "How many files are downloaded at once", reload=True
    )
    wish_size: int = option(
        size(),
        1 << 30,
        "The largest file that is downloaded for a wish by itself, such as 4G",
        reload=True,
    )
    wish_files: int = option(
        whole(1, 1_000),
        10,
        "How many files are downloaded for one wish by itself",
        reload=True,
    )
    data_connections: int = option(
        whole(1, 100_000), 500, "How many connections the data port takes at once"
    )
    data_connections_per_address: int = option(
        whole(1, 100_000), 64, "How many of them may come from one address (IPv6: one /64)"
    )
    rescan_interval: int = option(
        whole(10, _DAY),
        900,
        "How often shared folders are looked through though nothing was noticed",
    )
    drain_timeout: int = option(
        whole(0, _DAY), 20, "How long a stop waits for uploads under way", reload=True
    )
