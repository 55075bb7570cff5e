"""Every option of the index daemon."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

import attrs

from napster.daemon.kinds import endpoint, folder_or_file, listing, size, switch, text, whole
from napster.daemon.options import option
from napster.daemon.settings import DaemonSettings
from napster.index.kinds import address_table, file_pattern, name_of_server, server_address

_DAY = 86_400
_LOWEST_RELAY = 1024
"""Peers connect to no lower port that others name, which may be another service's."""


@attrs.frozen
class Settings(DaemonSettings):
    """How the index daemon is configured. Times are in seconds, sizes in bytes."""

    listen: tuple[str, ...] = option(
        listing(endpoint()),
        ("tcp6:8888",),
        "Where peers connect, by IPv4 and IPv6; only IPv4 with tcp:8888",
        flag="listen",
        metavar="ENDPOINT",
    )
    http: str | None = option(
        endpoint(),
        None,
        "Where HTTP shows a page with figures, /metrics and /healthz, such as "
        "tcp:8080:interface=127.0.0.1; off if not set",
        flag="http",
        metavar="ENDPOINT",
    )
    http_names: tuple[str, ...] = option(
        listing(text()),
        (),
        "Names by which browsers and Prometheus may ask for these pages, besides addresses and "
        "localhost",
        reload=True,
    )
    metaserver: str | None = option(
        endpoint(),
        None,
        "Where programs of the time ask for a server, such as tcp:8875; off if not set",
        flag="metaserver",
        metavar="ENDPOINT",
    )
    metaserver_servers: tuple[tuple[IPv4Address, int], ...] = option(
        listing(server_address()),
        (),
        "The servers it names in turn, such as 203.0.113.5:8888; this index if there are none",
    )
    relay: str | None = option(
        endpoint(_LOWEST_RELAY),
        None,
        "Where two peers that cannot connect to each other both connect to, such as tcp6:8889: "
        "what they send, encrypted, passes through this index; off if not set",
        flag="relay",
        metavar="ENDPOINT",
    )
    server_name: str = option(
        name_of_server(), "napster", "What the server calls itself in messages", reload=True
    )
    motd: str | None = option(
        text(empty=True), None, "The message of the day, shown after login", reload=True
    )
    motd_file: Path | None = option(
        folder_or_file(), None, "A file with the message of the day; goes over motd", reload=True
    )
    address_map: Mapping[str, str] = option(
        address_table(),
        {},
        "The public address to tell others for users seen at an address or in a network, such as "
        '{"127.0.0.1" = "203.0.113.5"}; applies to logins from then on',
        reload=True,
    )
    unregistered: bool = option(
        switch(), default=True, help="Whether nicks that are not registered may log in", reload=True
    )
    registration: bool = option(
        switch(), default=True, help="Whether anybody may register a free nick", reload=True
    )
    max_users: int = option(
        whole(1, 10_000_000),
        20_000,
        "How many users may be connected at once, those before login included",
        reload=True,
    )
    max_connections_per_address: int = option(
        whole(0, 10_000_000),
        500,
        "How many connections one address (IPv6: one /64) may have; 0 for no limit",
        reload=True,
    )
    max_shared: int = option(
        whole(0, 10_000_000), 200_000, "How many files one user may share", reload=True
    )
    unshareable: tuple[str, ...] = option(
        listing(file_pattern()),
        (),
        "Names of files that are not taken, such as *.exe; re:REGEX looks at the whole path",
        reload=True,
    )
    max_results: int = option(
        whole(1, 10_000), 100, "How many results a search gets at most", reload=True
    )
    max_standing: int = option(
        whole(0, 10_000),
        50,
        "How many searches one user may leave standing, to be told of files shared later",
        reload=True,
    )
    max_message: int = option(
        whole(64, 2_000),
        180,
        "How many bytes a private message may have when it is passed on; programs of 1999 crash "
        "above 180",
        reload=True,
    )
    login_timeout: int = option(
        whole(1, 3_600), 60, "How long a connection may take to log in", reload=True
    )
    frame_timeout: int = option(
        whole(1, 3_600),
        60,
        "How long a message may take from its first byte to its last",
        reload=True,
    )
    idle_ping: int = option(
        whole(10, _DAY),
        300,
        "After how long a silence a user is asked for a sign of life",
        reload=True,
    )
    ping_timeout: int = option(
        whole(5, 3_600),
        120,
        "How long a user whose program knows pings may take to answer",
        reload=True,
    )
    stall_timeout: int = option(
        whole(5, 3_600), 120, "How long a user may leave what was sent unread", reload=True
    )
    write_queue: int = option(
        whole(65_536, 1_073_741_824),
        1_048_576,
        "How many bytes may wait for a user who does not read; above, the connection is closed",
        reload=True,
    )
    request_timeout: int = option(
        whole(10, _DAY),
        600,
        "How long an uploader may take to agree to a download",
        reload=True,
    )
    max_requests: int = option(
        whole(1, 1_000_000),
        5_000,
        "How many downloads of one user may wait for an uploader's answer",
        reload=True,
    )
    max_channels: int = option(
        whole(0, 1_000),
        10,
        "How many channels a user may be in, moderators excepted",
        reload=True,
    )
    open_channels: bool = option(
        switch(),
        default=True,
        help="Whether users below moderator may make channels; a channel ends with its last member",
        reload=True,
    )
    channel_limit: int = option(
        whole(0, 65_535),
        200,
        "How many users may be in a new channel until its operators change that; 0 for no limit",
        reload=True,
    )
    max_channel_name: int = option(
        whole(1, 64), 32, "How many characters a channel's name may have", reload=True
    )
    max_topic: int = option(
        whole(1, 512), 64, "How many bytes of a channel's topic are kept", reload=True
    )
    max_hotlist: int = option(
        whole(0, 10_000), 200, "How many users one user may watch for", reload=True
    )
    max_ignored: int = option(
        whole(0, 10_000), 200, "How many users one user may ignore", reload=True
    )
    max_waiting_logins: int = option(
        whole(1, 1_000_000),
        5_000,
        "How many logins may wait for their password to be checked",
        reload=True,
    )
    stats_interval: int = option(
        whole(0, _DAY), 60, "How often users are told the totals; 0 for never", reload=True
    )
    search_rate: int = option(
        whole(0, 1_000_000),
        5,
        "Searches and lists of files a second and user, a list as one for each 100 files, up to "
        "40; 0 for no limit",
        reload=True,
    )
    message_rate: int = option(
        whole(0, 1_000_000), 5, "Messages to others a second and user; 0 for no limit", reload=True
    )
    command_rate: int = option(
        whole(0, 1_000_000),
        500,
        "Other commands a second and user; more are taken more slowly; 0 for no limit",
        reload=True,
    )
    share_rate: int = option(
        whole(0, 10_000_000),
        1_024,
        "KiB of descriptions of shared files a second and user; more is taken more slowly; 0 for "
        "no limit",
        reload=True,
    )
    burst_seconds: int = option(
        whole(1, 3_600), 10, "How many seconds' worth of these may come at once", reload=True
    )
    address_users: int = option(
        whole(1, 1_000_000),
        64,
        "How many users' worth of these one address (IPv6: one /64) may do",
        reload=True,
    )
    connections_per_minute: int = option(
        whole(0, 10_000_000),
        600,
        "New connections a minute from one address; 0 for no limit",
        reload=True,
    )
    wrong_passwords_per_minute: int = option(
        whole(0, 1_000_000),
        10,
        "Wrong passwords a minute for one nick from one address, and address_users times as many "
        "for all nicks from there; 0 for no limit",
        reload=True,
    )
    registrations_per_minute: int = option(
        whole(0, 1_000_000),
        60,
        "Nicks registered a minute from one address; 0 for no limit",
        reload=True,
    )
    port_test: bool = option(
        switch(),
        default=True,
        help="Whether a user's data port is tried from here, at the address the user comes from, "
        "and the user told if nobody answers",
        reload=True,
    )
    port_tests_per_minute: int = option(
        whole(0, 1_000_000),
        120,
        "Data ports tried a minute at one address; 0 for no limit",
        reload=True,
    )
    relay_transfers: int = option(
        whole(1, 100_000), 50, "How many transfers the relay takes at once", reload=True
    )
    relay_transfers_per_user: int = option(
        whole(1, 100_000),
        4,
        "How many of them one user may have, downloads and uploads together",
        reload=True,
    )
    relay_rate: int = option(
        whole(0, 10_000_000),
        2_048,
        "KiB a second that the relay takes from each side; 0 for no limit",
        reload=True,
    )
    relay_size: int = option(
        size(),
        4 << 30,
        "How much one transfer may send through the relay, such as 4G; one that is cut goes on "
        "when there is room",
        reload=True,
    )
    relay_time: int = option(
        whole(60, _DAY), 3_600, "How long one transfer may keep its place at the relay", reload=True
    )
