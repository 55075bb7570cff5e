"""Which files a search wants, by their words and apart from them, and which an asker may see."""

from collections.abc import Callable

from napster.catalog.admission import nick_key
from napster.catalog.interface import Asker, Hit, Owner
from napster.catalog.kinds import extension, kinds_of
from napster.catalog.words import has, terms, words
from napster.wire.search import ANY, SearchQuery

_NO_FILTER = (None, None, *[ANY] * 5)


def has_filter(query: SearchQuery) -> bool:
    """Whether a query asks for more than words."""
    ranges = query.speed, query.bitrate, query.frequency, query.size, query.duration
    return (query.type, query.extension, *ranges) != _NO_FILTER


def passes(hit: Hit, query: SearchQuery) -> bool:
    """Whether a file passes all filters of a query."""
    file = hit.file
    return (
        hit.owner.speed in query.speed
        and file.bitrate in query.bitrate
        and file.frequency in query.frequency
        and file.size in query.size
        and file.duration in query.duration
        and (query.type is None or query.type in kinds_of(file.path))
        and (query.extension is None or extension(file.path) == query.extension)
    )


def matcher(query: SearchQuery) -> Callable[[Hit], bool]:
    """Return what tells whether a query asks for a file, by the words of its path and all else."""
    required, excluded = terms(query.contains), terms(query.excludes)

    def matches(hit: Hit) -> bool:
        own = set(words(hit.file.path))
        return (
            all(has(own, term) for term in required)
            and not any(has(own, term) for term in excluded)
            and passes(hit, query)
        )

    return matches


def may_see(asker: Asker, owner: Owner) -> bool:
    """Whether an asker is shown an owner's files: not the own, not what cannot be fetched."""
    own = nick_key(asker.nick) == nick_key(owner.nick)
    connects = asker.connects_to(owner) or owner.families & asker.reached_by
    return not own and bool(connects or (asker.relayed and owner.relayed))
