"""Events of folders from the Linux kernel (inotify(7)).

Twisted's own reader drops the event that says that events were lost, and stops for good when one
watched folder is deleted; so this is one that does neither.
"""

import ctypes
import os
import struct
from collections.abc import Callable
from errno import ENOSYS

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

ATTRIB = 0x4
MODIFY = 0x2
CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
Q_OVERFLOW = 0x4000
IGNORED = 0x8000
ISDIR = 0x40000000
_ONLYDIR = 0x01000000

_WATCHED = ATTRIB | MODIFY | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | _ONLYDIR
_EVENT = struct.Struct("=iIII")  # watch, mask, cookie, length of the name
_READ_SIZE = 1 << 16

Occurred = Callable[[int, int, bytes], None]
"""Called with the number of a watch, the bits of an event, and the name it is about, if any."""


@implementer(IReadDescriptor)
class Inotify:
    """One inotify instance, read by the reactor. Raises OSError where there is no inotify."""

    def __init__(self, reactor: IReactorFDSet, occurred: Occurred) -> None:
        self._reactor = reactor
        self._occurred = occurred
        self._libc = _libc()
        self._descriptor = _checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        reactor.addReader(self)

    def watch(self, folder: int) -> int:
        """Watch an open folder; returns the number of the watch. Callable from any thread.

        Raises OSError, ENOSPC when the user has as many watches as the system allows.
        """
        path = b"/proc/self/fd/%d" % folder
        return _checked(self._libc.inotify_add_watch(self._descriptor, path, _WATCHED))

    def ignore(self, watch: int) -> None:
        """End a watch; one that ended by itself does no harm."""
        self._libc.inotify_rm_watch(self._descriptor, watch)

    def close(self) -> None:
        """End all watches."""
        self._reactor.removeReader(self)
        os.close(self._descriptor)

    def doRead(self) -> None:  # noqa: N802  # Twisted's name
        """Hand on what the kernel has to say."""
        try:
            events = os.read(self._descriptor, _READ_SIZE)
        except BlockingIOError:
            return
        at = 0
        while at < len(events):
            watch, mask, _, length = _EVENT.unpack_from(events, at)
            at += _EVENT.size
            self._occurred(watch, mask, events[at : at + length].rstrip(b"\0"))
            at += length

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._descriptor

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: a descriptor of the kernel has no other side."""

    def logPrefix(self) -> str:
        """Name the source of events in the log."""
        return "inotify"


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "inotify_init1"):
        raise OSError(ENOSYS, os.strerror(ENOSYS))
    return libc


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
