"""Checking passwords with scrypt (RFC 7914), off the reactor's thread and not all at once."""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads

from napster.daemon.memory import keep_large_blocks_apart
from napster.daemon.threads import Threads
from napster.daemon.turns import Turns
from napster.index.limits import LimitError, Limits
from napster.index.shortcuts import Shortcuts, own_key

T = TypeVar("T")

_LOG_N, _R, _P = 14, 8, 1
_MEMORY = 64 * 1024 * 1024
_THREADS = 2


def hash_password(password: bytes) -> str:
    """Make what is stored of a password: `scrypt$14$8$1$SALT$HASH`, both in base64."""
    salt = os.urandom(16)
    derived = _derive(password, salt, _LOG_N, _R, _P)
    return f"scrypt${_LOG_N}${_R}${_P}${_text(salt)}${_text(derived)}"


def is_password(password: bytes, stored: str) -> bool:
    """Whether a password is the stored one; raises ValueError if that is not readable."""
    _, log_n, r, p, salt, derived = stored.split("$")
    found = _derive(password, b64decode(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(found, b64decode(derived))


def _derive(password: bytes, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=1 << log_n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


class Passwords:
    """A few threads that hash, behind a bounded queue.

    Thousands of logins at once wait for their turn; those above the bound are told to come back.
    The secret of shortcuts is in a file.
    """

    def __init__(
        self, reactor: IReactorFromThreads, limits: Limits, most_waiting: int, key_file: Path
    ) -> None:
        self.most_waiting = most_waiting
        self._limits = limits
        self._threads = Threads(reactor, "passwords", _THREADS)
        self._turns = Turns(_THREADS)
        self._key_file = key_file
        self._shortcuts = Shortcuts(b"")

    @property
    def waiting(self) -> int:
        """How many passwords wait for their turn."""
        return len(self._turns.waiting)

    def start(self) -> None:
        """Read the secret of shortcuts. Raises DaemonError."""
        keep_large_blocks_apart()  # or each thread would keep the 16 MiB that a hash takes
        self._shortcuts = Shortcuts(own_key(self._key_file))

    async def stop(self) -> None:
        """End the threads, after the hashes they are at."""
        await self._threads.stop()

    async def hash(self, password: bytes) -> tuple[str, bytes]:
        """Make hash and shortcut of a new password; raises LimitError if too many wait."""
        await self._turn()
        return await self._in_thread(self._hash, password)

    def _hash(self, password: bytes) -> tuple[str, bytes]:
        stored = hash_password(password)
        return stored, self._shortcuts.make(password, stored)

    async def check(
        self, password: bytes, stored: str, nick: str, address: str, shortcut: bytes = b""
    ) -> bytes | None:
        """Check a password somebody at an address gave for a nick, by its shortcut if it has one.

        Returns its shortcut from now on, or None if it is wrong. Raises LimitError if too many
        wait, or if too many from there were wrong.
        """
        await self._turn()
        try:
            # Only now: a thousand guesses sent at once are all there before the first has failed.
            self._limits.check_password(nick, address)
        except LimitError:
            self._turns.release()
            raise
        proof = await self._in_thread(self._prove, password, stored, shortcut)
        if proof is None:
            self._limits.count_wrong_password(nick, address)
        return proof

    def _prove(self, password: bytes, stored: str, shortcut: bytes) -> bytes | None:
        if shortcut and self._shortcuts.proves(shortcut, password, stored):
            return shortcut
        return self._shortcuts.make(password, stored) if is_password(password, stored) else None

    async def _turn(self) -> None:
        if len(self._turns.waiting) >= self.most_waiting:
            raise LimitError("The server is busy with other logins; try again in a minute")
        await self._turns.acquire()

    def _in_thread(self, function: Callable[..., T], *args: object) -> Deferred[T]:
        """Run in a thread, and let the next one have its turn when the thread is done.

        Whoever gives up waiting does not free the thread, so the turn is not given back earlier.
        """
        answer: Deferred[T] = Deferred()
        work = self._threads.run(function, *args)
        work.addBoth(self._give_back).addCallbacks(answer.callback, answer.errback)
        return answer

    def _give_back(self, result: Any) -> Any:
        self._turns.release()
        return result
