"""What a search asks for: one value, read from the request grammar or from a person's words."""

from napster.wire.search.human import parse_words
from napster.wire.search.query import (
    ANY,
    MAX_RESULTS,
    MAX_WORDS,
    TYPES,
    FileProperties,
    Range,
    SearchQuery,
    matches,
)
from napster.wire.search.request import parse_query, query_body

__all__ = [
    "ANY",
    "MAX_RESULTS",
    "MAX_WORDS",
    "TYPES",
    "FileProperties",
    "Range",
    "SearchQuery",
    "matches",
    "parse_query",
    "parse_words",
    "query_body",
]
