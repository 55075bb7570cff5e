"""Decisions: who is told to come, who has to wait, and who is served when they come."""

from ipaddress import ip_network

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from napster.peer.uploads.access import Access
from napster.peer.uploads.desk import DeclinedError, UploadDesk
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.slot import RESERVED
from napster.wire.messages.transfers import QueueLimit, UploadAccepted, UploadRefused
from napster.wire.transfer import Refusal
from tests.peer.uploads.fakes import DiskLibrary, Told, make_desk


@pytest.fixture
def small(clock: Clock, library: DiskLibrary, told: Told) -> UploadDesk:
    """Make a desk with one slot and a queue of two, and files to ask for."""
    for name in "abcd":
        library.add(name, b"content")
    return make_desk(clock, library, told, UploadLimits(1, 1, 2))


A, B, C = b"Music\\a", b"Music\\b", b"Music\\c"


def declined(desk: UploadDesk, nick: str, path: bytes) -> Refusal:
    with pytest.raises(DeclinedError) as caught:
        desk.claim(nick, path, "192.0.2.1")
    return caught.value.refusal


def test_a_shared_file_is_accepted(small: UploadDesk) -> None:
    """The answer repeats nick and path as they were asked."""
    assert small.requested("Bob", b"MUSIC\\A") == UploadAccepted("Bob", b"MUSIC\\A")
    assert small.active == 1


@pytest.mark.parametrize("path", [b"Music\\nothing", b"../../etc/passwd", b"/etc/passwd", b""])
def test_what_is_not_on_offer_is_refused(small: UploadDesk, path: bytes) -> None:
    """A path is only looked up."""
    assert small.requested("bob", path) == UploadRefused("bob", path)
    assert declined(small, "bob", path) is Refusal.FILE_NOT_FOUND


def test_others_are_told_their_place(small: UploadDesk) -> None:
    """By 619, until the queue is full."""
    small.requested("bob", A)
    assert small.requested("eve", B) == QueueLimit("eve", B, 1)
    assert small.requested("mia", B) == QueueLimit("mia", B, 2)
    assert small.requested("tom", B) == UploadRefused("tom", B)
    assert (small.active, small.queued) == (1, 2)


def test_asking_twice_takes_one_slot(small: UploadDesk) -> None:
    """A downloader who lost the answer asks again."""
    small.requested("bob", A)
    assert small.requested("BOB", A) == UploadAccepted("BOB", A)
    assert small.active == 1


def test_a_slot_nobody_came_for_goes_to_the_next(small: UploadDesk, clock: Clock) -> None:
    """A reservation ends by itself."""
    small.requested("bob", A)
    small.requested("eve", B)
    clock.advance(RESERVED)
    assert small.requested("eve", B) == UploadAccepted("eve", B)


def test_who_was_told_to_come_is_served(small: UploadDesk) -> None:
    """The reserved slot is theirs, whatever the letter case."""
    small.requested("bob", A)
    upload = small.claim("Bob", b"music\\A", "192.0.2.1")
    assert upload.file.path == A
    (status,) = small.status()
    assert (status.nick, status.name, status.address) == ("bob", "a", "192.0.2.1")
    upload.end()
    assert small.active == 0


def test_who_was_not_told_to_come_is_not_served(small: UploadDesk) -> None:
    """Neither a stranger nor somebody who still waits."""
    assert declined(small, "eve", A) is Refusal.INVALID_REQUEST
    small.requested("bob", A)
    small.requested("eve", B)
    assert declined(small, "eve", B) is Refusal.INVALID_REQUEST
    assert declined(small, "bob", C) is Refusal.INVALID_REQUEST


def test_a_broken_download_goes_on_without_the_index(small: UploadDesk) -> None:
    """Who was once told to come may come again, if there is a slot; else the place is kept."""
    small.requested("bob", A)
    small.claim("bob", A, "192.0.2.1").end()
    small.claim("bob", A, "192.0.2.1").end()
    small.requested("eve", B)
    assert declined(small, "bob", A) is Refusal.INVALID_REQUEST
    assert small.queued == 1


def test_a_file_withdrawn_after_the_agreement_is_not_shared(
    small: UploadDesk, library: DiskLibrary
) -> None:
    """The wire has a text of its own for it."""
    small.requested("bob", A)
    library.on_offer.clear()
    assert declined(small, "bob", A) is Refusal.FILE_NOT_SHARED


def test_agreements_do_not_fill_the_memory(
    small: UploadDesk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest is forgotten."""
    monkeypatch.setattr("napster.peer.uploads.desk.MOST_AGREEMENTS", 2)
    for nick in ("one", "two", "three"):
        assert small.requested(nick, A) == UploadAccepted(nick, A)
        clock.advance(RESERVED)
    assert declined(small, "one", A) is Refusal.INVALID_REQUEST
    small.claim("two", A, "192.0.2.1").end()


def test_how_long_it_takes_is_told(small: UploadDesk, library: DiskLibrary, clock: Clock) -> None:
    """From what is left of what is being sent, and how fast that goes."""
    library.add("big", bytes(10_000))
    small.requested("bob", b"Music\\big")
    upload = small.claim("bob", b"Music\\big", "192.0.2.1")
    small.requested("eve", b"Music\\big")
    small.requested("mia", A)
    assert [each.starts_in for each in small.status()[1:]] == [None, None]
    upload._meter.add(2000)
    clock.advance(2)
    assert [each.starts_in for each in small.status()[1:]] == [8.0, 18.0]
    small._agree("eve", b"Music\\big")
    with pytest.raises(DeclinedError, match="at place 1 of the queue, for about 0:08") as caught:
        small.claim("eve", b"Music\\big", "192.0.2.1")
    assert caught.value.start == 8.0
    upload.end()


def test_friends_have_slots_of_their_own(small: UploadDesk) -> None:
    """As soon as it is known that somebody is one, and no longer."""
    small.set_limits(UploadLimits(1, 1, 2, friend_slots=1))
    small.set_access(Access(friends={"bob": None}))
    assert small.requested("eve", A) == UploadAccepted("eve", A)
    assert small.requested("mia", A) == QueueLimit("mia", A, 1)
    assert small.requested("bob", A) == UploadAccepted("bob", A)
    small.claim("bob", A, "192.0.2.1").end()
    small.set_access(Access())
    assert small.requested("bob", A) == QueueLimit("bob", A, 2)


def test_banned_users_get_nothing(small: UploadDesk) -> None:
    """Neither through the index nor by coming without it; and the ban bites what is under way."""
    small.requested("eve", A)
    upload = small.claim("eve", A, "192.0.2.1")
    small.set_access(Access(banned_users=frozenset({"eve"})))
    assert upload.state == "over"
    assert small.active == 0
    assert small.requested("Eve", A) == UploadRefused("Eve", A)
    assert declined(small, "eve", A) is Refusal.FILE_NOT_SHARED
    assert small.requested("bob", A) == UploadAccepted("bob", A)


def test_banned_networks_get_nothing(small: UploadDesk) -> None:
    """Whoever was told to come may not come from there, and is not connected to there."""
    small.requested("bob", A)
    upload = small.claim("bob", A, "192.0.2.1")
    small.set_access(Access(banned_networks=(ip_network("192.0.2.0/24"),)))
    assert upload.state == "over"
    small.requested("bob", A)
    assert declined(small, "bob", A) is Refusal.INVALID_REQUEST
    small.claim("bob", A, "198.51.100.1").end()


def test_a_share_for_friends(small: UploadDesk) -> None:
    """A friend gets it; to others it is as if there were none, unless they once had it."""
    small.set_access(Access(friends={"bob": None}, shares={b"music": "friends"}))
    assert small.requested("eve", A) == UploadRefused("eve", A)
    assert declined(small, "eve", A) is Refusal.FILE_NOT_FOUND
    assert small.requested("bob", A) == UploadAccepted("bob", A)
    small.set_access(Access(shares={b"music": "friends"}))
    assert declined(small, "bob", A) is Refusal.FILE_NOT_SHARED


def test_a_friend_with_a_key(small: UploadDesk) -> None:
    """Who comes under that nick without it is a stranger; other rules look at the key again."""
    key = bytes(32)
    small.set_access(Access(friends={"bob": key}, shares={b"music": "friends"}))
    assert small.requested("bob", A) == UploadRefused("bob", A)
    assert small.requested("bob", A, key) == UploadAccepted("bob", A)
    assert declined(small, "bob", A) is Refusal.FILE_NOT_SHARED
    upload = small.claim("bob", A, "192.0.2.1", key)
    small.set_access(Access(friends={"bob": key}, shares={b"music": "friends"}))
    assert upload.state == "opening the file"
    small.set_access(Access(friends={"bob": bytes([1]) * 32}, shares={b"music": "friends"}))
    assert upload.state == "over"


def test_other_limits_apply_from_now_on(small: UploadDesk) -> None:
    """A reload does not break off what is being sent."""
    small.requested("bob", A)
    small.set_limits(UploadLimits(2, 1, 2))
    assert small.requested("eve", B) == UploadAccepted("eve", B)
    small.set_limits(UploadLimits(1, 1, 2))
    assert small.requested("mia", B) == QueueLimit("mia", B, 1)
    assert small.active == 2


def test_the_list_shows_uploads_and_the_queue(small: UploadDesk) -> None:
    """In the order in which they will be served."""
    small.requested("bob", A)
    small.requested("eve", B)
    first, second = small.status()
    assert (first.nick, first.state, first.size) == ("bob", "waiting for the downloader", 7)
    assert (second.nick, second.name, second.state, second.place) == ("eve", "b", "queued", 1)


def drained(desk: UploadDesk, seconds: float) -> Deferred[None]:
    return Deferred.fromCoroutine(desk.drain(seconds))


def test_draining_waits_for_what_is_being_sent(small: UploadDesk) -> None:
    """And takes nothing new."""
    small.requested("bob", A)
    upload = small.claim("bob", A, "192.0.2.1")
    done = drained(small, 30)
    assert not done.called
    assert small.requested("eve", B) == UploadRefused("eve", B)
    upload.end()
    assert done.called


def test_draining_has_a_limit(small: UploadDesk, clock: Clock) -> None:
    """A slow download does not keep the daemon for ever."""
    small.requested("bob", A)
    upload = small.claim("bob", A, "192.0.2.1")
    done = drained(small, 30)
    clock.advance(30)
    assert done.called
    upload.end()


def test_draining_does_not_wait_for_those_who_have_not_come(
    small: UploadDesk, clock: Clock
) -> None:
    """Reservations are given back at once."""
    small.requested("bob", A)
    assert drained(small, 30).called
    assert not clock.getDelayedCalls()
