"""A catalog of plain dicts and sets: small, obviously right, and fast enough for a few users."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, repeat
from typing import TypeVar

import attrs
from twisted.internet.defer import Deferred, fail, succeed
from zope.interface import implementer

from napster.catalog.admission import RefusedError, md5_key, nick_key, path_key, read_record
from napster.catalog.filters import has_filter, may_see, passes
from napster.catalog.interface import (
    Asker,
    Census,
    FoundContent,
    Hit,
    Hits,
    ICatalog,
    Owner,
    RareContents,
    Refusal,
    ShareResult,
    Totals,
)
from napster.catalog.results import FoundFiles
from napster.catalog.spelling import nearest
from napster.catalog.words import Term, terms, words
from napster.wire.messages.sharing import Share
from napster.wire.search import SearchQuery

_KEY_BYTES = 8
_Key = TypeVar("_Key", bytes, tuple[bytes, int])


@attrs.define(eq=False)
class _Shelf:
    """An owner and the ids of the files shared, by path in the order shared."""

    owner: Owner
    ids: dict[bytes, int] = attrs.field(factory=dict)
    _alike: dict[bytes, list[bytes]] = attrs.field(factory=dict)
    """The paths that have one path key."""

    def add(self, path: bytes, file_id: int) -> None:
        self.ids[path] = file_id
        self._alike.setdefault(path_key(path), []).append(path)

    def remove(self, path: bytes) -> int:
        alike = self._alike[path_key(path)]
        alike.remove(path)
        if not alike:
            del self._alike[path_key(path)]
        return self.ids.pop(path)

    def find(self, path: bytes) -> bytes | None:
        if path in self.ids:
            return path
        alike = self._alike.get(path_key(path), ())
        return alike[0] if len(alike) == 1 else None

    def clear(self) -> None:
        self.ids.clear()
        self._alike.clear()


@attrs.frozen(eq=False)
class _Entry:
    file: Share
    shelf: _Shelf
    content: bytes | None
    since: int

    def hit(self) -> Hit:
        return Hit(self.file, self.shelf.owner)


def _take_out(sets: dict[_Key, set[int]], key: _Key, file_id: int) -> None:
    sets[key].remove(file_id)
    if not sets[key]:
        del sets[key]


def _likely(asker: Asker, entry: _Entry) -> tuple[bool, bool, int]:
    owner = entry.shelf.owner
    return asker.connects_to(owner), owner.free, owner.speed


def _is_rare(entries: Sequence[_Entry]) -> bool:
    return len({each.shelf.owner.nick for each in entries}) == 1


def _summed_up(asker: Asker, matching: Sequence[_Entry], entries: Sequence[_Entry]) -> FoundContent:
    """Show the best of the offers that match, and count all."""
    owners = {each.shelf.owner.nick: each.shelf.owner for each in entries}
    reachable = [owner for owner in owners.values() if asker.connects_to(owner)]
    return FoundContent(
        max(matching, key=partial(_likely, asker)).hit(),
        entries[0].content,
        sources=len(owners),
        reachable=len(reachable),
        free=sum(owner.free for owner in reachable),
        since=min(each.since for each in entries),
    )


@implementer(ICatalog)
class PlainCatalog:
    """Every file is an entry with an id; every word has the set of ids whose paths hold it."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Make it empty; `now` tells the time in seconds since 1970."""
        self._now = now
        self._shelves: dict[str, _Shelf] = {}
        self._entries: dict[int, _Entry] = {}
        self._ids_by_word: dict[bytes, set[int]] = {}
        self._ids_by_content: dict[tuple[bytes, int], set[int]] = {}
        self._new_ids = count()
        self._size = 0
        self._turn = 0

    def add_owner(self, owner: Owner) -> None:
        """Admit an owner without files; raises ValueError if the nick is here already."""
        key = nick_key(owner.nick)
        if key in self._shelves:
            raise ValueError(f"{owner.nick} has a place in the catalog already")
        self._shelves[key] = _Shelf(owner)

    def update_owner(self, owner: Owner) -> None:
        """Change address, port or speed of an owner; raises KeyError if unknown."""
        self._shelves[nick_key(owner.nick)].owner = owner

    def remove_owner(self, nick: str) -> None:
        """Forget an owner and all files."""
        if shelf := self._shelves.pop(nick_key(nick), None):
            self._clear(shelf)

    def share(
        self, nick: str, records: Sequence[bytes], contents: Sequence[bytes] = ()
    ) -> Deferred[ShareResult]:
        """Take files in; fails with KeyError if the owner is unknown."""
        shelf = self._shelves.get(nick_key(nick))
        if shelf is None:
            return fail(KeyError(nick))
        refusals = []
        ids = contents or repeat(None, len(records))
        for record, content in zip(records, ids, strict=True):
            try:
                self._add(shelf, read_record(record, shelf.owner.nick), content)
            except RefusedError as refused:
                refusals.append(Refusal(refused.path, refused.reason))
        return succeed(ShareResult(len(records) - len(refusals), tuple(refusals)))

    def _add(self, shelf: _Shelf, file: Share, content_id: bytes | None) -> None:
        if file.path in shelf.ids:
            raise RefusedError(file.path, "duplicate file")
        file_id = next(self._new_ids)
        shelf.add(file.path, file_id)
        self._entries[file_id] = _Entry(file, shelf, content_id, int(self._now()))
        self._size += file.size
        for word in words(file.path):
            self._ids_by_word.setdefault(word, set()).add(file_id)
        if content := md5_key(file.md5):
            self._ids_by_content.setdefault((content, file.size), set()).add(file_id)

    def unshare(self, nick: str, path: bytes) -> Deferred[bool]:
        """Withdraw a file, looked up as by `find`; fires with whether it was there."""
        shelf = self._shelves.get(nick_key(nick))
        shared = shelf.find(path) if shelf else None
        if shelf is None or shared is None:
            return succeed(False)  # noqa: FBT003  # a result
        self._discard(shelf.remove(shared))
        return succeed(True)  # noqa: FBT003  # a result

    def unshare_all(self, nick: str) -> Deferred[int]:
        """Withdraw all files of an owner; fires with how many there were."""
        shelf = self._shelves.get(nick_key(nick))
        return succeed(self._clear(shelf) if shelf else 0)

    def _clear(self, shelf: _Shelf) -> int:
        ids = list(shelf.ids.values())
        shelf.clear()
        for file_id in ids:
            self._discard(file_id)
        return len(ids)

    def _discard(self, file_id: int) -> None:
        file = self._entries.pop(file_id).file
        self._size -= file.size
        for word in set(words(file.path)):
            _take_out(self._ids_by_word, word, file_id)
        if content := md5_key(file.md5):
            _take_out(self._ids_by_content, (content, file.size), file_id)

    def search(self, query: SearchQuery, asker: Asker) -> Deferred[Hits]:
        """Find files, at most `query.max_results`.

        A query with neither words nor filters finds nothing, nor does one whose phrases hold no
        word. Each search starts at another file, so that no owner is always shown first.
        """
        found = [entry.hit() for entry in self._found(query, asker)]
        self._turn += query.max_results
        start = self._turn % len(found) if found else 0
        shown = found[start:] + found[:start]
        return succeed(FoundFiles(tuple(shown[: query.max_results])))

    def _found(self, query: SearchQuery, asker: Asker) -> list[_Entry]:
        entries = (self._entries[file_id] for file_id in sorted(self._matching(query)))
        return [
            entry
            for entry in entries
            if may_see(asker, entry.shelf.owner) and passes(entry.hit(), query)
        ]

    def search_contents(self, query: SearchQuery, asker: Asker) -> Deferred[Sequence[FoundContent]]:
        """Find at most `query.max_results` contents; files without a content id stand alone."""
        matching: dict[object, list[_Entry]] = {}
        for entry in self._found(query, asker):
            key = entry if entry.content is None else entry.content
            matching.setdefault(key, []).append(entry)
        found = []
        for some in matching.values():
            content = some[0].content
            offers = some if content is None else self._holders(content, asker)
            found.append(_summed_up(asker, some, offers))
        return succeed(found[: query.max_results])

    def holders(self, content_id: bytes, asker: Asker) -> Deferred[Sequence[Hit]]:
        """Find who shares a content: at most 1,000, those who can be connected to first."""
        holders = self._holders(content_id, asker)
        holders.sort(key=partial(_likely, asker), reverse=True)
        return succeed([entry.hit() for entry in holders[:1000]])

    def copies(self, contents: Sequence[bytes], nick: str) -> Deferred[Sequence[int]]:
        """Tell how many owners besides one share each of some contents."""
        own = nick_key(nick)
        holders = [self._owners(content) - {own} for content in contents]
        return succeed(list(map(len, holders)))

    def census(self) -> Deferred[Census]:
        """Count all contents, and those that one owner alone has."""
        contents = self._contents()
        alone = [entries[0].file.size for entries in contents.values() if _is_rare(entries)]
        return succeed(Census(len(contents), len(alone), sum(alone)))

    def rare(self, after: int, most: int, asker: Asker) -> Deferred[RareContents]:
        """List contents that one owner alone has: about `most`, from a place in an order on."""
        found: list[FoundContent] = []
        last = after
        for (place, _), entries in sorted(self._contents().items()):
            seen = [each for each in entries if may_see(asker, each.shelf.owner)]
            if place < after or not _is_rare(entries) or not seen:
                continue
            if len(found) >= most and place != last:
                return succeed(RareContents(found, place))
            found.append(_summed_up(asker, seen, seen))
            last = place
        return succeed(RareContents(found, None))

    def _contents(self) -> dict[tuple[int, bytes], list[_Entry]]:
        """Return the offers of each content, by its place in their order."""
        contents: dict[tuple[int, bytes], list[_Entry]] = {}
        for each in self._entries.values():
            if each.content is not None:
                place = int.from_bytes(each.content[:_KEY_BYTES], "little"), each.content
                contents.setdefault(place, []).append(each)
        return contents

    def _owners(self, content_id: bytes) -> set[str]:
        entries = (each for each in self._entries.values() if each.content == content_id)
        return {nick_key(each.shelf.owner.nick) for each in entries}

    def _holders(self, content_id: bytes, asker: Asker) -> list[_Entry]:
        entries = (each for each in self._entries.values() if each.content == content_id)
        return [each for each in entries if may_see(asker, each.shelf.owner)]

    def _hit(self, file_id: int) -> Hit:
        return self._entries[file_id].hit()

    def _matching(self, query: SearchQuery) -> set[int]:
        wanted = terms(query.contains)
        if wanted:
            found = set.intersection(*map(self._ids_of, wanted))
        elif query.contains or not has_filter(query):
            return set()
        else:
            found = set(self._entries)
        return found.difference(*map(self._ids_of, terms(query.excludes)))

    def _ids_of(self, term: Term) -> set[int]:
        if not term.prefix:
            return self._ids_by_word.get(term.word, set())
        sets = (ids for word, ids in self._ids_by_word.items() if word.startswith(term.word))
        return set().union(*sets)

    def browse(self, nick: str, limit: int | None = None) -> Deferred[Sequence[Share]]:
        """List an owner's files in the order shared; nothing for an unknown owner."""
        shelf = self._shelves.get(nick_key(nick))
        ids = list(shelf.ids.values()) if shelf else []
        return succeed([self._entries[file_id].file for file_id in ids[:limit]])

    def find(self, nick: str, path: bytes) -> Deferred[Share | None]:
        """Look one file up: exactly, else without case; fires with it as it was shared, or None."""
        shelf = self._shelves.get(nick_key(nick))
        shared = shelf.find(path) if shelf else None
        if shelf is None or shared is None:
            return succeed(None)
        return succeed(self._entries[shelf.ids[shared]].file)

    def sources(self, md5: bytes, size: int, asker: Asker) -> Deferred[Sequence[Hit]]:
        """Find who shares a file of this historic MD5 and size; a hash of zeros is nobody's."""
        content = md5_key(md5)
        ids = self._ids_by_content.get((content, size), set()) if content else set()
        hits = map(self._hit, sorted(ids))
        return succeed([hit for hit in hits if may_see(asker, hit.owner)])

    def tidy(self) -> None:
        """Leave everything as it is: there is no quicker way."""

    def frequency(self, word: bytes) -> int:
        """How many files have a word; 0 for an unknown one."""
        return len(self._ids_by_word.get(word, ()))

    def starting(self, prefix: bytes) -> Iterator[bytes]:
        """List the words with a beginning (see `Lexicon`)."""
        return (word for word in self._ids_by_word if word.startswith(prefix))

    def nearest(self, word: bytes) -> Deferred[bytes | None]:
        """Find the known word spelt most like an unknown one; fires with None if none is near."""
        steps = nearest(word, self)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return succeed(end.value)

    def count(self, nick: str) -> int:
        """How many files an owner shares; 0 for an unknown one."""
        shelf = self._shelves.get(nick_key(nick))
        return len(shelf.ids) if shelf else 0

    def totals(self) -> Totals:
        """Say what the catalog holds now."""
        return Totals(owners=len(self._shelves), files=len(self._entries), size=self._size)
