"""What the index says in words: about whom, and what to keep of it."""

import re
from collections import deque

from twisted.logger import Logger

from napster.wire.fields import display

_ABOUT_OFFLINE = re.compile(
    rb"(?:user|ping failed,) (\S+) is not (?:currently )?(?:online|a known user)", re.IGNORECASE
)
_ABOUT_IGNORED = re.compile(rb"(\S+) is ignoring you")
_ABOUT_REACHABLE = re.compile(rb"(\S+) is not firewalled")
_ABOUT_SHARING = re.compile(
    rb"duplicate file|not sharing|only share|file ?name too long|invalid size|not taken",
    re.IGNORECASE,
)

_ABOUT_SHUTDOWN = re.compile(rb"shut(?:ting)? ?down", re.IGNORECASE)

_KEPT = 50


def _nick(pattern: re.Pattern[bytes], text: bytes) -> str | None:
    found = pattern.match(text)
    return found[1].rstrip(b".,").decode("latin-1") if found else None


def offline_nick(text: bytes) -> str | None:
    """Name the user whom a 404 says to be offline (protocol section 4.8); None if it does not."""
    return _nick(_ABOUT_OFFLINE, text)


def ignoring_nick(text: bytes) -> str | None:
    """Name the user who, as a 404 says, ignores this one; None if it does not."""
    return _nick(_ABOUT_IGNORED, text)


def reachable_nick(text: bytes) -> str | None:
    """Name the user who, as a 404 says, is not firewalled; None if it does not."""
    return _nick(_ABOUT_REACHABLE, text)


def is_about_sharing(text: bytes) -> bool:
    """Whether a 404 complains about a file that was offered or withdrawn."""
    return _ABOUT_SHARING.search(text) is not None


def is_about_shutdown(text: bytes) -> bool:
    """Whether a 404 says that the index itself is going away."""
    return _ABOUT_SHUTDOWN.search(text) is not None


class Notices:
    """The latest sentences of the index, each different one logged once while it is kept."""

    log = Logger()

    def __init__(self, index: str) -> None:
        self._index = index
        self._kept: deque[str] = deque(maxlen=_KEPT)
        self._unreachable_for: deque[str] = deque(maxlen=_KEPT)

    @property
    def kept(self) -> tuple[str, ...]:
        """What the index said, oldest first; at most 50 different sentences."""
        return tuple(self._kept)

    @property
    def could_not_connect(self) -> tuple[str, ...]:
        """Who said that this peer's data port cannot be reached; at most 50 nicks."""
        return tuple(self._unreachable_for)

    @property
    def advice(self) -> tuple[str, ...]:
        """What a person should know of: complaints about shared files and about the data port."""
        notes = [f"index {self._index} says: {each}" for each in self._kept if "only share" in each]
        if self._unreachable_for:
            who = ", ".join(self._unreachable_for)
            notes.append(
                f"the data port could not be reached by {who}: open it in the firewall, "
                "or say that this peer is firewalled"
            )
        return tuple(notes)

    def unreachable_for(self, nick: str) -> None:
        """Take note that a user could not connect to the data port of this peer."""
        if nick not in self._unreachable_for:
            self._unreachable_for.append(nick)

    def add(self, text: bytes) -> None:
        """Keep and log a sentence unless it has been already; empty ones are of no use."""
        shown = display(text).strip()
        if shown and shown not in self._kept:
            self._kept.append(shown)
            self.log.info("index {index} says: {text}", index=self._index, text=shown)
