"""The standing searches of one session: left, and what the index says of them."""

from collections.abc import Callable, Mapping
from typing import Any

from napster.peer.arrange import ArrangeError
from napster.wire.extension import Unwatch, Watch, Watched, Watching, WatchState
from napster.wire.fields import display
from napster.wire.messages import Message
from napster.wire.messages.searching import SearchHit
from napster.wire.search import SearchQuery, query_body

Told = Callable[[int, SearchHit], None]
"""Who hears of a file that the standing search of this id was left for."""


class StandingSearches:
    """Standing searches by ids of the peer's choice; they end with the session."""

    def __init__(self, send: Callable[[Message], None], told: Told) -> None:
        """`send` puts a message on the wire or raises ArrangeError."""
        self._send = send
        self._told = told
        self._answers: dict[int, Watching | None] = {}

    @property
    def handlers(self) -> Mapping[type[Message], Callable[[Any], None]]:
        """What to do with what the index says, by its class."""
        return {Watching: self._answered, Watched: self._watched}

    def leave(self, id_: int, query: SearchQuery) -> None:
        """Leave a search (20016). Raises ArrangeError."""
        self._answers[id_] = None
        self._send(Watch(id_, query_body(query)))

    def withdraw(self, id_: int) -> None:
        """Withdraw a search, if it was left (20017). Raises ArrangeError."""
        if id_ in self._answers:
            del self._answers[id_]
            self._send(Unwatch(id_))

    def stands(self, id_: int) -> bool:
        """Whether the index tells of files as they are shared."""
        answer = self._answers.get(id_)
        return answer is not None and answer.state is WatchState.STANDING

    def paused(self, id_: int) -> bool:
        """Whether the index has told of so many files that it leaves some out."""
        answer = self._answers.get(id_)
        return answer is not None and answer.state is WatchState.PAUSED

    def reason(self, id_: int) -> str:
        """Why a search does not stand, as the index said; empty if it did not."""
        answer = self._answers.get(id_)
        return "" if answer is None else display((answer.text or "").encode())

    def _answered(self, answer: Watching) -> None:
        if answer.id in self._answers:
            self._answers[answer.id] = answer

    def _watched(self, watched: Watched) -> None:
        if watched.id in self._answers:
            self._told(watched.id, watched.hit)


def give_up(standing: StandingSearches | None, id_: int) -> None:
    """Withdraw a search where it may still be known; a session that is lost has forgotten it."""
    if standing is not None:
        try:
            standing.withdraw(id_)
        except ArrangeError:
            return
