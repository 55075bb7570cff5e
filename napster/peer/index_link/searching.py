"""Searching an index in the best way it offers."""

from collections.abc import Sequence

from napster.peer.arrange import ArrangeError, SearchAnswer
from napster.peer.index_link.questions import Questions
from napster.wire.extension import Found, SearchNote
from napster.wire.fields import display
from napster.wire.messages.searching import SearchHit
from napster.wire.search import SearchQuery


async def search(questions: Questions, query: SearchQuery, *, content: bool) -> SearchAnswer:
    """Search; with `content` the index is one that groups equal content. Raises ArrangeError."""
    if content:
        return _answer(query, await questions.find(query))
    try:
        return _answer(query, await questions.search(query))
    except ArrangeError as error:
        plain = query.for_old_server()
        if plain == query or "invalid search request" not in str(error):
            raise
        # Such a server knows fewer filters; what it finds is filtered here as well.
        return _answer(query, await questions.search(plain))


def _answer(query: SearchQuery, found: Sequence[SearchHit | Found | SearchNote]) -> SearchAnswer:
    hits = [each for each in found if not isinstance(each, SearchNote)]
    notes = [_sentence(each) for each in found if isinstance(each, SearchNote)]
    if len(hits) >= query.max_results:
        notes.append(f"the index stopped at {len(hits)} files: add words to see others")
    return SearchAnswer(hits, notes)


def _sentence(note: SearchNote) -> str:
    text = display(note.text.encode())
    return f"{text}; try: {display(note.suggestion.encode())}" if note.suggestion else text
