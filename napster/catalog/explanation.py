"""Why a search found nothing: the search is asked again with one demand after the other left out.

This works with any catalog. A question asks for one file only, so that it costs as little as a
search can.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import attrs

from napster.catalog.interface import Asker, ICatalog
from napster.catalog.words import Term, terms
from napster.wire.extension import Family, Reason
from napster.wire.search import SearchQuery

_FILTERS = ("speed", "bitrate", "frequency", "size", "duration", "type", "extension")
_UNFILTERED = {name: getattr(SearchQuery(), name) for name in _FILTERS}
_MOST_SUGGESTIONS = 3
"""For so many unknown words of one search a known one is looked for."""

_BOTH = Family.IPV4 | Family.IPV6
EVERYTHING = Asker(nick="", reached_by=_BOTH, families=_BOTH)
"""Sees all files: nobody has this nick."""


@attrs.frozen
class Explanation:
    """Why nothing was found."""

    reason: Reason
    words: Sequence[bytes] = ()
    """The words that are unknown, or the excluded ones; `lov*` is any that begins like that."""
    filters: Sequence[str] = ()
    """The fields of the query whose filters nothing passes, alone or all together."""
    suggestion: bytes | None = None
    """The words asked for, the unknown ones replaced by the known ones nearest to them."""
    firewall: bool = False
    """Whether what is hidden is so because neither side can connect to the other."""


async def explain(catalog: ICatalog, query: SearchQuery, asker: Asker) -> Explanation | None:
    """Say why a query finds nothing; None if it finds something by now."""
    words = terms(query.contains)
    if not words and (query.contains or not _filters_of(query)):
        return Explanation(Reason.NO_WORD)
    if words and (explanation := await _explain_words(catalog, query, words)):
        return explanation
    if words and query.excludes and not await _finds(catalog, _unfiltered(query)):
        excluded = _named(terms(query.excludes))
        return Explanation(Reason.EXCLUDED, words=excluded)
    if not await _finds(catalog, query):
        return Explanation(Reason.FILTERED, filters=await _guilty_filters(catalog, query))
    if await _finds(catalog, query, asker):
        return None
    reachable = attrs.evolve(asker, reached_by=_BOTH, families=_BOTH)
    return Explanation(Reason.HIDDEN, firewall=await _finds(catalog, query, reachable))


def _filters_of(query: SearchQuery) -> Mapping[str, Any]:
    values = ((name, getattr(query, name)) for name in _FILTERS)
    return {name: value for name, value in values if value != _UNFILTERED[name]}


def _unfiltered(query: SearchQuery) -> SearchQuery:
    return attrs.evolve(query, **_UNFILTERED)


async def _finds(catalog: ICatalog, query: SearchQuery, asker: Asker = EVERYTHING) -> bool:
    hits = await catalog.search(attrs.evolve(query, max_results=1), asker)
    return len(hits) > 0


async def _explain_words(
    catalog: ICatalog, query: SearchQuery, words: frozenset[Term]
) -> Explanation | None:
    unknown = {term for term in words if not await _is_known(catalog, term)}
    if not unknown and await _finds(catalog, SearchQuery(contains=query.contains)):
        return None
    if not unknown and len(words) > 1:
        return Explanation(Reason.NEVER_TOGETHER)
    unknown = unknown or set(words)
    suggestion = await _suggest(catalog, query, unknown)
    return Explanation(Reason.UNKNOWN_WORD, words=_named(unknown), suggestion=suggestion)


def _named(words: Collection[Term]) -> Sequence[bytes]:
    return sorted(map(_written, words))


def _written(term: Term) -> bytes:
    return term.word + b"*" * term.prefix


async def _is_known(catalog: ICatalog, term: Term) -> bool:
    if not term.prefix:
        return bool(catalog.frequency(term.word))
    return await _finds(catalog, SearchQuery(contains=(_written(term),)))


async def _suggest(catalog: ICatalog, query: SearchQuery, unknown: set[Term]) -> bytes | None:
    """Mend the words asked for, in the order in which they were written."""
    if len(unknown) > _MOST_SUGGESTIONS or any(term.prefix for term in unknown):
        return None
    mended = []
    for term in _in_order(query.contains):
        word = await _mend(catalog, term) if term in unknown else _written(term)
        if word is None:
            return None
        mended.append(word)
    return b" ".join(mended)


async def _mend(catalog: ICatalog, term: Term) -> bytes | None:
    word = await catalog.nearest(term.word)
    return word if word and await _finds(catalog, SearchQuery(contains=(word,))) else None


def _in_order(phrases: Sequence[bytes]) -> Iterable[Term]:
    written = (word for phrase in phrases for word in phrase.split())
    return dict.fromkeys(
        term for word in written for term in sorted(terms((word,)), key=lambda term: term.word)
    )


async def _guilty_filters(catalog: ICatalog, query: SearchQuery) -> Sequence[str]:
    """Name the filters that let nothing through, or all if only together they do so."""
    plain, filters = _unfiltered(query), _filters_of(query)
    guilty = [
        name
        for name, value in filters.items()
        if not await _finds(catalog, attrs.evolve(plain, **{name: value}))
    ]
    return guilty or list(filters)
