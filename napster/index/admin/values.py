"""What is asked and what is answered at the admin socket; one class for each kind of request."""

from collections.abc import Sequence

import attrs


@attrs.frozen
class Nothing:
    """A request that says no more than its name."""


MOST_IN_PAGE = 500
MOST_LATEST = 5_000


@attrs.frozen
class Page:
    """So many things of a list in the order of their names, from the one behind `after` on.

    What is longer would hold the daemon up while it is written.
    """

    after: str = ""
    limit: int = attrs.field(
        default=MOST_IN_PAGE, validator=[attrs.validators.ge(1), attrs.validators.le(MOST_IN_PAGE)]
    )


@attrs.frozen
class About:
    """A request about a nick, a mask, a channel, a code; with a reason, where one is kept."""

    name: str
    reason: str = ""


@attrs.frozen
class NewAccount:
    """Register a nick. The level is one of the protocol's, by name or number."""

    nick: str
    password: str = attrs.field(repr=False)
    level: str = "User"
    email: str = "unknown"


@attrs.frozen
class NewPassword:
    """Set a registered nick's password."""

    nick: str
    password: str = attrs.field(repr=False)


@attrs.frozen
class NewLevel:
    """Set a registered nick's level."""

    nick: str
    level: str


@attrs.frozen
class NewBan:
    """Ban whom a mask means, for some seconds or for ever if 0."""

    mask: str
    reason: str = ""
    seconds: int = 0


@attrs.frozen
class NewInvitation:
    """Make a code; it ends after some seconds, or never."""

    note: str = ""
    seconds: int | None = None


@attrs.frozen
class NewSetting:
    """Change an option until the daemon ends; the value is a word, or TOML if it is a list."""

    name: str
    value: str


@attrs.frozen
class Text:
    """Something to say to everybody."""

    text: str


@attrs.frozen
class Latest:
    """So many of the latest entries."""

    limit: int = attrs.field(
        default=100, validator=[attrs.validators.ge(1), attrs.validators.le(MOST_LATEST)]
    )


@attrs.frozen
class AccountInfo:
    """A registered nick. Moments are in seconds since 1970 (UTC)."""

    nick: str
    level: str
    email: str
    created: int
    last_seen: int
    online: bool


@attrs.frozen
class UserInfo:
    """Somebody online, since so many seconds. `port` 0 means firewalled."""

    nick: str
    level: str
    registered: bool
    muzzled: bool
    address: str
    port: int
    speed: str
    client: str
    files: int
    online: int


@attrs.frozen
class ChannelInfo:
    """A channel; `kept` tells whether it stays without members."""

    name: str
    members: int
    limit: int
    level: str
    kept: bool
    modes: Sequence[str]
    operators: Sequence[str]
    topic: str


@attrs.frozen
class SettingInfo:
    """An option as it is now; `live` tells whether it can be changed without a restart."""

    name: str
    value: str
    live: bool
    help: str
