"""One upload slot: from the agreement with a downloader to the end of the sending."""

from collections.abc import Callable
from typing import Protocol

import attrs
from automat import TypeMachineBuilder
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from napster.peer.index_link.counters import TransferCounter

RESERVED = 45.0
"""For how many seconds a slot is kept for a downloader who was told to come."""


@attrs.frozen
class SlotCore:
    """What a slot acts on. `release` gives it back, once."""

    clock: IReactorTime
    counter: TransferCounter
    release: Callable[[], None]


class Slot(Protocol):
    """What can happen to a slot."""

    def reserve(self) -> None:
        """Keep it for a downloader who is being told to come."""

    def renew(self) -> None:
        """Keep it for longer: the downloader has asked again."""

    def claim(self) -> None:
        """Hand it to the downloader, who has come."""

    def start(self) -> None:
        """Note that the file is open and its content goes out."""

    def end(self) -> None:
        """Give it back: sent, refused, failed, or nobody came. Nothing happens a second time."""


_machine = TypeMachineBuilder(Slot, SlotCore)


def _expire_later(slot: Slot, core: SlotCore) -> IDelayedCall:
    return core.clock.callLater(RESERVED, slot.end)


_free = _machine.state("free")
_reserved = _machine.state("reserved", _expire_later)
_claimed = _machine.state("claimed")
_sending = _machine.state("sending")
_over = _machine.state("over")


_free.upon(Slot.reserve).to(_reserved).returns(None)


@_reserved.upon(Slot.renew).loop()
def _renew(_slot: Slot, _core: SlotCore, expiry: IDelayedCall) -> None:
    expiry.reset(RESERVED)


@_reserved.upon(Slot.claim).to(_claimed)
def _claim(_slot: Slot, _core: SlotCore, expiry: IDelayedCall) -> None:
    expiry.cancel()


@_claimed.upon(Slot.start).to(_sending)
def _start(_slot: Slot, core: SlotCore) -> None:
    core.counter.start()


@_reserved.upon(Slot.end).to(_over)
def _lapse(_slot: Slot, core: SlotCore, expiry: IDelayedCall) -> None:
    if expiry.active():
        expiry.cancel()
    core.release()


@_claimed.upon(Slot.end).to(_over)
def _give_back(_slot: Slot, core: SlotCore) -> None:
    core.release()


@_sending.upon(Slot.end).to(_over)
def _finish(_slot: Slot, core: SlotCore) -> None:
    core.counter.finish()
    core.release()


_over.upon(Slot.end).loop().returns(None)

new_slot = _machine.build()
"""Make a slot from its SlotCore."""
