"""What is wished for is asked for at every index, told once, and kept."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import formatEvent

from napster.peer.api import ApiError, BadRequestError, IndexState, NotFoundError, WishPlace
from napster.peer.arrange import ArrangeError, SearchAnswer
from napster.peer.config import Settings
from napster.peer.library.progress import Phase
from napster.peer.lifetimes import WishlistService
from napster.peer.wishlist import wishlist as module
from napster.peer.wishlist.asking import AGAIN, HOUR
from napster.wire.extension import Found, Unwatch, Watched, Watching, WatchState
from napster.wire.search import Range
from tests.peer.index_link.fakes import shared_file
from tests.peer.wishlist.fakes import FakeIndex, FakeLibrary, Scene, found, now

AT_ONCE = [WishPlace("index.example:8888", at_once=True)]


def test_told_at_once() -> None:
    """What is shared already is found by a search, what comes later is told by the index."""
    scene = Scene()
    scene.index.hits = [found(1)]
    wish = now(scene.wishlist.add("  song   -live ", get=False))
    assert (wish.id, wish.words, wish.get, wish.places) == (1, "song -live", False, AT_ONCE)
    assert scene.names == ["song 1.mp3"]
    scene.index.hits = [found(1), found(2, size=77)]
    scene.index.say(Watched(1, found(2, size=77).hit))
    assert scene.names == ["song 1.mp3", "song 2.mp3"]
    assert scene.index.searches[1].size == Range(77, 77)
    (wish,) = scene.wishlist.told()
    find = wish.finds[1]
    assert find.file.content == "02" * 32
    assert (find.id, find.found, find.new, find.download) == (2, 1_700_000_000, True, None)
    assert scene.queue.wanted == []


def test_what_is_told_but_cannot_be_asked_about() -> None:
    """It is told nevertheless."""
    scene = Scene()
    now(scene.wishlist.add("song", get=False))
    scene.index.error = ArrangeError("too many searches")
    scene.index.say(Watched(1, found(1).hit))
    scene.index.error = None
    scene.pass_(5)
    scene.index.say(Watched(1, found(2).hit))
    assert scene.names == ["song 1.mp3", "song 2.mp3"]


def test_many_are_told_at_a_time() -> None:
    """One of them is looked at closer: searches are limited. The hash tells what is the same."""
    scene = getting(Scene())
    for hit in (found(1).hit, found(2).hit, found(2, "carl", name="song.mp3").hit):
        scene.index.say(Watched(1, hit))
    assert len(scene.index.searches) == 2
    assert scene.queue.names == ["song 1.mp3", "song 2.mp3"]


def test_nothing_is_told_twice() -> None:
    """Not of another owner, nor by another index, nor after a restart."""
    one, other = FakeIndex(), FakeIndex("other:8888", extended=False)
    one.hits, other.hits = [found(1)], [found(1, "carl", name="x.mp3"), found(1, has_id=False)]
    scene = Scene([one, other])
    now(scene.wishlist.add("song", get=False))
    assert len(scene.names) == 1
    now(scene.wishlist.stop())
    scene = Scene([one, other], scene.database)
    scene.pass_(10)
    assert len(one.searches) == 2
    assert len(scene.names) == 1


def test_what_is_not_meant() -> None:
    """Own files and those that do not fit are left out, and words of unknown wishes ignored."""
    scene = Scene()
    scene.index.hits = [found(1, "ALICE"), found(2, name="live song.mp3"), found(3, size=2**63)]
    now(scene.wishlist.add("song -live", get=False))
    scene.index.on_watched(9, found(4).hit)
    assert scene.names == []


def test_a_new_session() -> None:
    """Every wish is left anew and searched for once, one at a time."""
    scene = Scene()
    for words in ("one", "two"):
        now(scene.wishlist.add(words, get=False))
    scene.pass_(60)
    assert (scene.index.watches, len(scene.index.searches)) == ([1, 2], 2)
    scene.index.online = False
    scene.pass_(60)
    assert (scene.wishlist.told()[0].places[0].note) == "not logged in there"
    scene.index.online = True
    scene.index.log_in()
    scene.pass_(5)
    assert scene.index.watches == [1, 2, 1]
    scene.pass_(2 * HOUR)
    assert (scene.index.watches, len(scene.index.searches)) == ([1, 2, 1, 2], 4)


def test_an_old_index_is_asked_once_an_hour() -> None:
    """That is said as well."""
    scene = Scene([FakeIndex(extended=False)])
    (place,) = now(scene.wishlist.add("song", get=False)).places
    assert not place.at_once
    assert "asked once an hour" in place.note
    scene.pass_(HOUR - 5)
    assert len(scene.index.searches) == 1
    scene.index.hits = [found(1, has_id=False)]
    scene.pass_(5)
    assert scene.names == ["song 1.mp3"]


def test_a_wish_that_an_index_refuses() -> None:
    """It is searched for once an hour, with the reason told, and offered again."""
    scene = Scene()
    scene.index.answer = Watching(1, WatchState.OVER, "it holds no word")
    (place,) = now(scene.wishlist.add("lov*", get=False)).places
    assert place == WishPlace(
        "index.example:8888", at_once=False, note="asked once an hour: it holds no word"
    )
    scene.pass_(HOUR)
    assert scene.index.watches == [1, 1]
    assert len(scene.index.searches) == 2


def test_an_index_that_cannot_answer() -> None:
    """It is asked again soon."""
    scene = Scene()
    scene.index.error = ArrangeError("Too many searches")
    now(scene.wishlist.add("song", get=False))
    scene.index.error = None
    scene.index.hits = [found(1)]
    scene.pass_(AGAIN)
    assert scene.names == ["song 1.mp3"]


def test_a_pause() -> None:
    """What the index leaves out meanwhile is searched for afterwards."""
    scene = Scene()
    now(scene.wishlist.add("song", get=False))
    scene.index.say(Watching(1, WatchState.PAUSED, "too many"))
    scene.index.hits = [found(1)]
    assert scene.wishlist.told()[0].places == AT_ONCE
    scene.pass_(AGAIN + 5)
    assert scene.names == ["song 1.mp3"]


def test_dropping() -> None:
    """What is dropped is withdrawn and forgotten, whatever is still said of it."""
    scene = Scene()
    for words in ("one", "two"):
        now(scene.wishlist.add(words, get=False))
    with pytest.raises(NotFoundError, match="no wish 9"):
        now(scene.wishlist.drop([1, 9]))
    assert [each.words for each in now(scene.wishlist.drop([1, 1]))] == ["one"]
    assert Unwatch(1) in scene.index.sent
    scene.index.on_watched(1, found(1).hit)
    assert [each.words for each in Scene(database=scene.database).wishlist.told()] == ["two"]
    assert now(scene.wishlist.add("three", get=False)).id == 3


def test_dropping_while_an_index_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it finds then is of no interest any more."""
    scene = Scene()
    answer: Deferred[SearchAnswer] = Deferred()
    monkeypatch.setattr(scene.index, "search", lambda _: answer)
    now(scene.wishlist.add("song", get=True))
    now(scene.wishlist.drop([1]))
    answer.callback(SearchAnswer([found(1)]))
    assert (scene.names, scene.queue.names) == ([], [])


def test_looking() -> None:
    """What somebody has looked at is not new any more, even after a restart."""
    scene = Scene()
    scene.index.hits = [found(1), found(2)]
    now(scene.wishlist.add("song", get=False))
    now(scene.wishlist.see(1))
    for each in (scene, Scene(database=scene.database)):
        (wish,) = each.wishlist.told()
        assert [find.new for find in wish.finds] == [False, True]


def test_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gets a sentence."""
    scene = Scene()
    with pytest.raises(BadRequestError, match="size>x"):
        now(scene.wishlist.add("song size>x", get=False))
    with pytest.raises(BadRequestError, match="at least one word"):
        now(scene.wishlist.add(" ", get=False))
    monkeypatch.setattr(module, "MOST", 1)
    now(scene.wishlist.add("one", get=False))
    with pytest.raises(ApiError, match="remove one first"):
        now(scene.wishlist.add("two", get=False))
    assert now(scene.wishlist.add("one", get=True)).get


def test_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many finds are kept for a wish, and so many owners of one."""
    monkeypatch.setattr(module, "MOST_FOUND", 2)
    monkeypatch.setattr(module, "MOST_SOURCES", 1)
    scene = Scene([FakeIndex(extended=False)])
    hits = [found(number, nick, has_id=False) for number in range(5) for nick in ("bob", "carl")]
    scene.index.hits = hits
    now(scene.wishlist.add("song", get=False))
    (wish,) = scene.wishlist.told()
    assert [len(find.file.sources) for find in wish.finds] == [1, 1]
    monkeypatch.setattr(module, "_MOST_AT_ONCE", 0)
    scene = Scene()
    now(scene.wishlist.add("song", get=False))
    scene.index.say(Watched(1, found(1).hit))
    assert scene.names == []


# Downloading.


def getting(scene: Scene, *hits: Found) -> Scene:
    scene.index.hits = hits
    now(scene.wishlist.add("song", get=True))
    return scene


def test_it_is_downloaded_once() -> None:
    """Equal content under other names, for other wishes and after a restart is no more wanted."""
    scene = getting(Scene(), found(1))
    (wanted,) = scene.queue.wanted
    assert (wanted.name, wanted.size, wanted.content) == ("song 1.mp3", 1000, "01" * 32)
    assert [each.nick for each in wanted.sources] == ["bob"]
    now(scene.wishlist.add("song again", get=True))
    scene.index.say(Watched(1, found(1, "carl", name="other.mp3").hit))
    assert scene.notes == ["", "download 11 is the same"]
    after = Scene(scene.indexes, scene.database)
    after.pass_(20)
    assert after.queue.wanted == []
    assert after.wishlist.told()[0].finds[0].download == 11


def test_limits() -> None:
    """No file that is too large, no more than so many; others from now on if that is changed."""
    scene = getting(Scene(), found(9, size=10_001), *(found(number) for number in range(5)))
    assert len(scene.queue.names) == 3
    assert scene.notes == [
        *[""] * 3,
        *["wish has 3 files, see wish_files"] * 2,
        "over 9.77 KiB, see wish_size",
    ]
    WishlistService(scene.wishlist).reload(Settings(wish_size=20_000, wish_files=4))
    scene.index.hits = [found(10, size=10_002)]
    scene.index.say(Watched(1, found(10, size=10_002).hit))
    assert len(scene.queue.names) == 4


def test_what_is_shared_here() -> None:
    """It is not downloaded: known by its content, or by its hash if there is no more."""
    own = shared_file(size=1000)
    held = [
        own._replace(content=bytes([1]) * 32),
        own._replace(md5=(2).to_bytes(16, "big")),
    ]
    library = FakeLibrary(held)
    scene = getting(Scene(library=library), found(1), found(2, has_id=False), found(3))
    assert scene.notes == ["shared here already", "shared here already", ""]
    assert scene.queue.names == ["song 3.mp3"]


def test_before_it_is_known_what_is_shared_here() -> None:
    """Nothing is downloaded until the folders have been looked through; others may take turns."""
    library = FakeLibrary([shared_file()] * 1000, Phase.SCANNING)
    scene = getting(Scene(library=library), found(1))
    scene.pass_(20)
    assert scene.queue.names == []
    library.phase = Phase.HASHING
    scene.pass_(10)
    assert scene.queue.names == ["song 1.mp3"]


def test_downloading_what_was_found_before() -> None:
    """The same words with --get mean what is known already, too."""
    scene = Scene()
    scene.index.hits = [found(1)]
    now(scene.wishlist.add("song", get=False))
    assert scene.queue.names == []
    now(scene.wishlist.add("song", get=True))
    assert scene.queue.names == ["song 1.mp3"]
    assert Scene(database=scene.database).wishlist.told()[0].get


def test_a_download_that_cannot_begin() -> None:
    """The reason is told."""
    scene = Scene()
    scene.queue.error = ApiError("the disk is full")
    assert getting(scene, found(1)).notes == ["the disk is full"]


def test_an_index_not_reached_yet() -> None:
    """A wish waits for it."""
    index = FakeIndex()
    index.online = False
    scene = Scene([index])
    wish = now(scene.wishlist.add("song", get=False))
    assert index.status.state is IndexState.OFFLINE
    assert (wish.places[0].at_once, index.searches) == (False, [])
    index.online = True
    scene.pass_(5)
    assert scene.wishlist.told()[0].places == AT_ONCE


def test_a_mistake_in_this_program(
    monkeypatch: pytest.MonkeyPatch, logged_failures: list[dict[str, Any]]
) -> None:
    """It is logged, and the list is looked after all the same."""
    scene = Scene()
    with monkeypatch.context() as patch:
        patch.setattr(scene.wishlist, "_rows", lambda *_: 1 / 0)
        now(scene.wishlist.add("one", get=False))
    assert [formatEvent(event) for event in logged_failures] == ["a wish was not looked after"]
    logged_failures.clear()
    scene.index.hits = [found(1)]
    now(scene.wishlist.add("two", get=False))
    assert scene.names == ["song 1.mp3"]
