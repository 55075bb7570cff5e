"""Standing searches at an index that has them, and at one that has not."""

from napster.peer.index_link.standing import StandingSearches, give_up
from napster.wire.extension import Unwatch, Watch, Watched, Watching, WatchState
from napster.wire.messages.searching import SearchHit
from napster.wire.search import SearchQuery, query_body
from tests.peer.index_link.fakes import HELLO, Scene
from tests.peer.index_link.test_questions import hit

QUERY = SearchQuery(contains=(b"song",))


def left(scene: Scene) -> StandingSearches:
    standing = scene.link.standing
    assert standing is not None
    standing.leave(7, QUERY)
    return standing


def test_a_search_stands_until_it_is_withdrawn(modern: Scene) -> None:
    """The index is told of both, and its answers are believed."""
    standing = left(modern)
    assert modern.index.heard() == [Watch(7, query_body(QUERY))]
    assert not standing.stands(7)
    modern.index.say(Watching(7, WatchState.STANDING))
    assert standing.stands(7)
    modern.index.say(Watching(7, WatchState.PAUSED, "too many"))
    assert (standing.stands(7), standing.paused(7)) == (False, True)
    standing.withdraw(7)
    standing.withdraw(7)
    assert modern.index.heard() == [Unwatch(7)]
    modern.index.say(Watching(7, WatchState.OVER))
    assert not standing.stands(7)


def test_a_search_that_is_refused(modern: Scene) -> None:
    """The reason is fit for a terminal."""
    standing = left(modern)
    assert standing.reason(7) == ""
    modern.index.say(Watching(7, WatchState.OVER, "no \x1b word"))
    assert not standing.stands(7)
    assert "\x1b" not in standing.reason(7)
    assert "word" in standing.reason(7)


def test_files_are_told(modern: Scene) -> None:
    """Of searches that were left only, whatever an index says of others."""
    told: list[tuple[int, SearchHit]] = []
    modern.index.say(Watched(7, hit()))
    modern.link.on_watched = lambda id_, file: told.append((id_, file))
    left(modern)
    modern.index.say(Watched(8, hit()), Watching(8, WatchState.STANDING), Watched(7, hit()))
    assert told == [(7, hit())]


def test_they_end_with_the_session(modern: Scene) -> None:
    """The next session has none, and what was left in the one before cannot be withdrawn."""
    standing = left(modern)
    modern.index.hang_up()
    assert modern.link.standing is None
    give_up(standing, 7)
    modern.clock.advance(5)
    modern.index.let_in(HELLO)
    again = modern.link.standing
    assert again is not None
    assert again is not standing
    give_up(again, 7)
    assert not any(isinstance(each, Unwatch) for each in modern.index.heard())


def test_an_old_index_has_none(online: Scene) -> None:
    """It is sent nothing it would not understand."""
    assert online.link.standing is None
    give_up(online.link.standing, 7)
    assert online.index.heard() == []
