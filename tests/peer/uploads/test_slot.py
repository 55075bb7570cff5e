"""One slot: kept for a while, counted while sending, given back once."""

import pytest
from automat import NoTransition
from twisted.internet.task import Clock

from napster.peer.uploads.slot import RESERVED, Slot, SlotCore, new_slot
from napster.wire.messages.transfers import UploadFinished, UploadStarted
from tests.peer.uploads.fakes import Told


@pytest.fixture
def released() -> list[str]:
    return []


@pytest.fixture
def slot(clock: Clock, told: Told, released: list[str]) -> Slot:
    made = new_slot(SlotCore(clock, told.counters.uploads, lambda: released.append("free")))
    made.reserve()
    return made


def test_a_slot_nobody_comes_for_is_given_back(
    slot: Slot, clock: Clock, told: Told, released: list[str]
) -> None:
    """After the time it is reserved for; the index hears nothing of it."""
    clock.advance(RESERVED - 1)
    assert not released
    clock.advance(1)
    assert released == ["free"]
    assert not told.messages


def test_asking_again_keeps_it_for_longer(slot: Slot, clock: Clock, released: list[str]) -> None:
    """The time begins anew."""
    clock.advance(RESERVED - 1)
    slot.renew()
    clock.advance(RESERVED - 1)
    assert not released
    slot.end()
    assert released == ["free"]
    assert not clock.getDelayedCalls()


def test_sending_is_told_in_pairs(
    slot: Slot, clock: Clock, told: Told, released: list[str]
) -> None:
    """220 when content goes out, 221 when it ends, and the end only once."""
    slot.claim()
    assert not clock.getDelayedCalls()
    slot.start()
    assert told.messages == [UploadStarted()]
    slot.end()
    slot.end()
    assert told.messages == [UploadStarted(), UploadFinished()]
    assert released == ["free"]


def test_a_refusal_after_the_claim_is_not_told(slot: Slot, told: Told, released: list[str]) -> None:
    """A file that turns out to have changed was never being uploaded."""
    slot.claim()
    slot.end()
    assert released == ["free"]
    assert not told.messages


def test_a_slot_cannot_be_claimed_twice(slot: Slot) -> None:
    """One slot, one connection."""
    slot.claim()
    with pytest.raises(NoTransition):
        slot.claim()
    slot.end()
