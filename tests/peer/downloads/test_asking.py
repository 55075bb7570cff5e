"""Whom a download asks, when, and what it says while it waits."""

import hashlib

from twisted.internet.defer import Deferred

from napster.peer.api import DownloadState
from napster.peer.arrange import (
    ArrangeError,
    Arrangement,
    IndexAwayError,
    NotSharedError,
    OfflineError,
    QueuedError,
)
from napster.peer.downloads.errors import NoSlotError
from napster.peer.uploads.talk import SEGMENT_PAUSE
from napster.wire.messages.searching import Source as FoundSource
from tests.peer.downloads.helpers import (
    ADDRESS,
    PATH,
    PORT,
    World,
    content,
    now,
    source_of,
    wanted_of,
)

DATA = content(700_000)
MD5 = hashlib.md5(DATA[:299_008]).hexdigest()


def test_the_next_source_is_asked(world: World) -> None:
    """If one source fails, another goes on where it stopped."""
    number = world.add(wanted_of(DATA, md5=MD5, sources=[source_of(), source_of("bob", speed=1)]))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:500_000])
    world.source.close()
    world.tick()
    assert world.arranger.calls[-1] == ("arrange", "bob", PATH)
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[world.asked_offset() :])
    world.source.close()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


def test_further_sources_are_looked_for(world: World) -> None:
    """When a source fails, the index is asked who else has the file, and that one is asked."""
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    world.arranger.others = [
        FoundSource("me", 1, 6699, b"mine", MD5.encode(), len(DATA), 8),
        FoundSource("bob", 1, 6699, b"x\\other name.mp3", MD5.encode(), len(DATA), 8),
    ]
    number = world.add(wanted_of(DATA, md5=MD5))
    assert ("sources", MD5.encode(), len(DATA)) in world.arranger.calls
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert world.files() == ["song.mp3"]
    assert world.arranger.asked("sources") == 1


def test_a_search_for_sources_that_fails(world: World) -> None:
    """An index that cannot say who else has a file changes nothing for those known."""
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    world.arranger.others = ArrangeError("the index did not answer in time")
    number = world.add(wanted_of(DATA, md5=MD5))
    assert world.status(number).reason == "alice is not online; next try in 0:10"


def test_someone_offline_is_asked_again(world: World) -> None:
    """A source that is away is waited for, with growing pauses, and the status says so."""
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    number = world.add(wanted_of(DATA))
    assert world.status(number).reason == "alice is not online; next try in 0:10"
    world.tick(3600)
    asked = world.arranger.asked("arrange")
    assert 5 <= asked <= 12
    del world.arranger.answers["alice"]
    while not world.dialer.sources:
        world.tick(10)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_many_files_of_one_who_is_offline_are_one_question(world: World) -> None:
    """A user who is away is asked about one file, not about all that are wanted."""
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    numbers = [
        world.add(wanted_of(b"x", sources=[source_of(path=b"%d" % number)])) for number in range(50)
    ]
    world.tick(9)
    assert world.arranger.asked("arrange") == 1
    assert all("alice is not online" in world.status(number).reason for number in numbers)


def test_one_who_does_not_share_it_is_given_up(world: World) -> None:
    """A download fails, with the reason, when no source is left; its record stays."""
    world.arranger.answers["alice"] = NotSharedError("alice does not share that file")
    number = world.add(wanted_of(DATA))
    world.tick(3600)
    status = world.status(number)
    assert status.state is DownloadState.FAILED
    assert status.reason == "no source is left (alice does not share that file)"
    world.stop()
    world.restart()
    assert world.status(number).state is DownloadState.FAILED
    assert world.status(number).reason == status.reason
    asked = world.arranger.asked("arrange")
    world.tick(3600)
    assert world.arranger.asked("arrange") == asked


def test_a_failed_download_can_be_wanted_again(world: World) -> None:
    """Wanting a failed file gives it, and its sources, another chance."""
    world.arranger.answers["alice"] = NotSharedError("alice does not share that file")
    number = world.add(wanted_of(DATA))
    world.tick(3600)
    del world.arranger.answers["alice"]
    assert world.add(wanted_of(DATA)) == number
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_queues_are_waited_through(world: World) -> None:
    """A queued file says its place and is asked for again; it holds up no other download."""
    world.arranger.answers["alice"] = [
        QueuedError("alice's upload slots are taken", 3),
        QueuedError("alice's upload slots are taken", 1),
        Arrangement("alice", PATH, ADDRESS, PORT, b"", 8),
    ]
    world.downloads.limit(1)
    number = world.add(wanted_of(DATA))
    status = world.status(number)
    assert (status.state, status.place) == (DownloadState.QUEUED, 3)
    assert status.reason.startswith("alice's upload slots are taken; next try in ")
    other = world.add(wanted_of(b"x", sources=[source_of("bob", b"y")]))
    world.answer(b"x")
    assert world.state_of(other) is DownloadState.DONE
    world.tick(1)
    assert world.status(number).place == 1
    world.tick(2)
    assert world.status(number).place is None
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_a_place_is_kept_while_it_is_asked_for_again(world: World) -> None:
    """Who looks while the next answer is under way still sees the place in the queue."""
    answer = Deferred[Arrangement]()
    world.arranger.answers["alice"] = [QueuedError("slots are taken", 2), answer]
    number = world.add(wanted_of(DATA))
    world.tick(1)
    assert world.arranger.asked("arrange") == 2
    status = world.status(number)
    assert (status.state, status.place) == (DownloadState.QUEUED, 2)
    answer.callback(Arrangement("alice", PATH, ADDRESS, PORT, b"", 8))
    assert world.state_of(number) is DownloadState.CONNECTING


def test_a_queue_of_which_the_uploader_tells_more(world: World) -> None:
    """An uploader that turns us away at its door says our place and for about how long."""
    world.arranger.answers["alice"] = NoSlotError("it answers: wait", 3, 90)
    number = world.add(wanted_of(DATA))
    status = world.status(number)
    assert (status.state, status.place, status.starts_in) == (DownloadState.QUEUED, 3, 90)
    world.arranger.answers["alice"] = QueuedError("alice's upload slots are taken", 1)
    world.tick(1)
    assert (world.status(number).place, world.status(number).starts_in) == (1, None)


def test_a_content_is_fetched_once(world: World) -> None:
    """Another user's offer of a content that is wanted already joins it, by whatever name."""
    world.arranger.answers |= dict.fromkeys(("alice", "bob"), QueuedError("slots are taken", 1))
    number = world.add(wanted_of(DATA, content="ab" * 32))
    others = [source_of("bob", b"Music\\other.mp3")]
    assert world.add(wanted_of(DATA, content="ab" * 32, sources=others)) == number
    assert world.status(number).sources == 2
    fresh = [source_of("carol", b"Music\\third.mp3")]
    assert world.add(wanted_of(DATA, content="ab" * 32, sources=fresh, folder="CD 1")) != number
    now(world.downloads.cancel([number]))
    again = [source_of("dave", b"Music\\fourth.mp3")]
    assert world.add(wanted_of(DATA, content="ab" * 32, sources=again)) != number


def test_long_queues_are_asked_ever_more_rarely(world: World) -> None:
    """Who waits for hours does not ask every second."""
    world.arranger.answers["alice"] = QueuedError("slots are taken", 9)
    world.add(wanted_of(DATA))
    world.tick(30)
    asked = world.arranger.asked("arrange")
    assert 5 <= asked <= 8
    world.tick(100)
    assert world.arranger.asked("arrange") <= asked + 3


def test_a_free_slot_is_taken_at_once(world: World) -> None:
    """When one file of a user is here, the next one queued there is asked for without delay."""
    alice = Arrangement("alice", PATH, ADDRESS, PORT, b"", 8)
    world.arranger.answers["alice"] = [alice, QueuedError("slots are taken", 1), alice]
    world.add(wanted_of(b"x", sources=[source_of(path=b"1")]))
    second = world.add(wanted_of(b"x", sources=[source_of(path=b"2")]))
    assert world.state_of(second) is DownloadState.QUEUED
    world.dialer.sources[0].send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.dialer.sources[0].send(b"1x")
    world.tick(1)
    assert world.state_of(second) is DownloadState.CONNECTING


def test_no_more_is_asked_for_than_there_are_slots(world: World) -> None:
    """Once a user's slots are known, the next file of theirs waits for one, or a while."""
    alice = Arrangement("alice", PATH, ADDRESS, PORT, b"", 8)
    world.arranger.answers["alice"] = [alice, QueuedError("slots are taken", 1), alice, alice]
    numbers = [
        world.add(wanted_of(b"x", sources=[source_of(path=b"%d" % number)])) for number in range(3)
    ]
    world.tick(9)
    assert world.arranger.asked("arrange") == 2
    assert world.status(numbers[2]).reason.startswith("slots are taken; next try in")
    world.dialer.sources[0].send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.dialer.sources[0].send(b"1x")
    world.tick()
    assert world.arranger.asked("arrange") == 3
    assert world.status(numbers[2]).reason.startswith("alice sends other files first; next try in")
    world.tick(10)
    assert world.arranger.asked("arrange") == 4


def test_some_at_a_time(world: World) -> None:
    """No more downloads run than were set, and the others wait for their turn."""
    numbers = [
        world.add(wanted_of(b"x", sources=[source_of(path=b"%d" % number)])) for number in range(5)
    ]
    assert len(world.dialer.sources) == 3
    assert (world.downloads.active, world.downloads.waiting) == (3, 2)
    assert world.status(numbers[4]).reason == "waits for its turn"
    world.dialer.sources[1].send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.dialer.sources[1].send(b"1x")
    world.tick(1)
    assert len(world.dialer.sources) == 4
    world.downloads.limit(9)
    world.tick()
    assert len(world.dialer.sources) == 5


def test_downloads_wait_for_the_index(world: World) -> None:
    """While the index is away, waiting downloads say so; they begin when it is back."""
    world.arranger.online = False
    number = world.add(wanted_of(DATA))
    assert world.status(number).reason == "the index is away"
    world.tick(3600)
    assert world.arranger.calls == []
    world.arranger.online = True
    world.tick(3)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_running_downloads_go_on_without_the_index(world: World) -> None:
    """A transfer under way ends well while the index is away, also over a broken connection."""
    number = world.add(wanted_of(DATA))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.arranger.online = False
    world.source.send(b"700000" + DATA[:500_000])
    world.source.close()
    world.tick(5)
    assert len(world.dialer.sources) == 2
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[world.asked_offset() :])
    world.source.close()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE


def test_an_agreement_is_not_presumed_upon(world: World) -> None:
    """A source that declines what was agreed on earlier is left alone until the index is back."""
    number = world.add(wanted_of(DATA))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.arranger.online = False
    world.source.send(b"700000" + DATA[:500_000])
    world.source.close()
    world.tick(5)
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"INVALID REQUEST")
    world.tick(3600)
    assert len(world.dialer.sources) == 2
    assert world.status(number).reason == "the index is away"


def test_an_index_that_goes_in_the_middle(world: World) -> None:
    """A question the index could not answer any more is no source's fault."""
    world.arranger.answers["alice"] = [
        IndexAwayError("the connection to the index was lost"),
        Arrangement("alice", PATH, ADDRESS, PORT, b"", 8),
    ]
    number = world.add(wanted_of(DATA))
    assert world.state_of(number) is DownloadState.WAITING
    assert "the index is away" in world.status(number).reason
    world.tick(6)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE
