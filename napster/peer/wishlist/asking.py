"""When one index is asked for which wish, and whether it tells of files by itself."""

from collections.abc import Callable, Sequence
from typing import Protocol

from napster.peer.api import IndexState, IndexStatus, WishPlace
from napster.peer.arrange import ArrangeError, SearchAnswer
from napster.peer.index_link.standing import StandingSearches, Told, give_up
from napster.peer.wishlist.store import Kept
from napster.wire.messages.searching import SearchHit
from napster.wire.search import SearchQuery

HOUR = 3600.0
"""So many seconds pass until an index is asked again that does not tell by itself."""
AGAIN = 60.0
"""So many seconds pass until an index is asked again that could not answer, or left files out."""
BREATH = 1.0
"""So many seconds lie between two closer looks: searches are limited, people want some too."""
_NEVER = float("inf")


class Index(Protocol):
    """The link to an index as this needs it."""

    on_watched: Told

    @property
    def status(self) -> IndexStatus:
        """How the link stands."""

    @property
    def online(self) -> bool:
        """Whether the login has succeeded and the link stands."""

    @property
    def standing(self) -> StandingSearches | None:
        """The standing searches of this session, if there can be any."""

    async def search(self, query: SearchQuery) -> SearchAnswer:
        """Search the index. Raises ArrangeError."""


class Asking:
    """Leaves each wish in each session, and searches for what is shared already.

    Where a wish cannot be left it is searched for once an hour.
    """

    def __init__(self, index: Index, now: Callable[[], float]) -> None:
        """`now` tells the time in seconds."""
        self.index = index
        self.name = index.status.address
        """What people call the index."""
        self._now = now
        self._next: dict[int, float] = {}
        self._session: StandingSearches | None = None
        self._next_look = 0.0

    def due(self, wishes: Sequence[Kept]) -> Kept | None:
        """Choose a wish to ask for now."""
        if not self.index.online:
            return None
        self._notice_session()
        now = self._now()
        return next((each for each in wishes if self._next.get(each.id, 0) <= now), None)

    def _notice_session(self) -> None:
        """Leave and ask all anew in another session: much may have been shared in between."""
        standing = self.index.standing
        if standing is not None and standing is not self._session:
            self._next.clear()
        self._session = standing
        if standing is not None:
            for wish, next_ in self._next.items():
                if standing.paused(wish):
                    self._next[wish] = min(next_, self._now() + AGAIN)

    async def ask(self, wish: Kept) -> SearchAnswer:
        """Leave a wish, and search for what is there already. Raises ArrangeError."""
        self._notice_session()
        self._next[wish.id] = self._now() + HOUR
        standing = self.index.standing
        try:
            if standing is not None and not standing.stands(wish.id):
                standing.leave(wish.id, wish.query)
            answer = await self.index.search(wish.query)
        except ArrangeError:
            self._next[wish.id] = self._now() + AGAIN
            raise
        if standing is not None and standing.stands(wish.id):
            self._next[wish.id] = _NEVER
        return answer

    async def more_of(self, hit: SearchHit, narrow: SearchQuery) -> SearchAnswer:
        """Ask for the content id and further owners of a file that was told of, if there is time.

        Where many are told at a time, the others are known by the hash of their heads.
        """
        if self._now() < self._next_look:
            return SearchAnswer([hit])
        self._next_look = self._now() + BREATH
        try:
            answer = await self.index.search(narrow)
        except ArrangeError:
            return SearchAnswer([hit])
        return answer if answer.hits else SearchAnswer([hit])

    def drop(self, wish: int) -> None:
        """Ask for a wish no longer."""
        self._next.pop(wish, None)
        give_up(self.index.standing, wish)

    def place(self, wish: int) -> WishPlace:
        """Tell how a wish stands here."""
        if self.index.status.state is not IndexState.ONLINE:
            return WishPlace(self.name, at_once=False, note="not logged in there")
        standing = self.index.standing
        if standing is None:
            why = "it knows no standing searches, so it is asked once an hour"
            return WishPlace(self.name, at_once=False, note=why)
        if standing.stands(wish) or standing.paused(wish):
            return WishPlace(self.name, at_once=True)
        why = standing.reason(wish) or "it has not answered yet"
        return WishPlace(self.name, at_once=False, note=f"asked once an hour: {why}")
