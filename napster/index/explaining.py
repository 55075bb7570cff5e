"""Why a search found nothing, in a sentence for those whose programs can show it."""

from collections.abc import Sequence

from napster.catalog.explanation import Explanation, explain
from napster.catalog.interface import Asker
from napster.index.limits import Cost, LimitError
from napster.index.session import Session
from napster.units import format_duration, format_size, format_speed
from napster.wire.extension import Reason, SearchNote
from napster.wire.fields import crop, display
from napster.wire.search import Range, SearchQuery

_MOST_WORDS = 5
_LONGEST_WORD = 40
_LONGEST_SUGGESTION = 200
_UNITS = {
    "bitrate": ("bit rate", "{} kbit/s".format),
    "frequency": ("sampling frequency", "{} Hz".format),
    "size": ("size", format_size),
    "duration": ("duration", format_duration),
    "speed": ("link speed", format_speed),
}
_FIREWALL = (
    "what matches is shared only by users with whom this peer cannot connect either way: both are "
    "behind a firewall, or one has IPv4 only and the other IPv6 only"
)
_SENTENCES = {
    Reason.UNKNOWN_WORD: "nobody here shares a file with {}",
    Reason.NEVER_TOGETHER: "each of the words is known here, but no file has all of them",
    Reason.EXCLUDED: "every file that has these words also has {}, which is excluded",
    Reason.HIDDEN: "only files of your own match",
    Reason.NO_WORD: "there is no word in it to search for",
}


async def tell_why(session: Session, query: SearchQuery, asker: Asker, results: int) -> None:
    """Send what is to be known about a search that has been answered with so many results."""
    hub = session.hub
    if not results:
        await _explain(session, query, asker)
    files = hub.catalog.totals().files
    if bustle := hub.influx.sentence(files) or (None if results else hub.influx.youth()):
        session.send(SearchNote(Reason.REGISTERING, bustle))


async def _explain(session: Session, query: SearchQuery, asker: Asker) -> None:
    try:
        session.allowance.spend(Cost.SEARCH)
    except LimitError:
        return  # a search that is explained counts as two, and an explanation can be done without
    if explanation := await explain(session.hub.catalog, query, asker):
        session.hub.meters.explained_searches += 1
        session.send(note(explanation, query))


def note(explanation: Explanation, query: SearchQuery) -> SearchNote:
    """Make the message that explains."""
    suggestion = explanation.suggestion
    fits = suggestion is not None and len(suggestion) <= _LONGEST_SUGGESTION
    shown = display(suggestion) if suggestion and fits else None
    return SearchNote(explanation.reason, _sentence(explanation, query), shown)


def _sentence(explanation: Explanation, query: SearchQuery) -> str:
    if explanation.reason is Reason.FILTERED:
        wanted = " and ".join(_demand(name, query) for name in explanation.filters)
        return f"files with these words are here, but none with {wanted}"
    if explanation.firewall:
        return _FIREWALL
    return _SENTENCES[explanation.reason].format(_named(explanation.words))


def _named(words: Sequence[bytes]) -> str:
    beginnings = [word for word in words if word.endswith(b"*")]
    whole = [word for word in words if not word.endswith(b"*")]
    shown = [_quoted(word) for word in whole]
    shown += [f"a word beginning with {_quoted(word[:-1])}" for word in beginnings]
    if len(shown) > _MOST_WORDS:
        shown[_MOST_WORDS:] = [f"{len(shown) - _MOST_WORDS} more"]
    joined = " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    if not whole:
        return joined
    return f"the word {joined}" if len(whole) == 1 else f"the words {joined}"


def _quoted(word: bytes) -> str:
    return f'"{display(crop(word, _LONGEST_WORD))}"'


def _demand(name: str, query: SearchQuery) -> str:
    if name == "type":
        return f"the type {display(query.type or b'')}"
    if name == "extension":
        return f"the extension {display(query.extension or b'')}"
    what, show = _UNITS[name]
    wanted: Range = getattr(query, name)
    if wanted.lowest == wanted.highest:
        return f"a {what} of {show(wanted.lowest or 0)}"
    if wanted.highest is None:
        return f"a {what} of at least {show(wanted.lowest or 0)}"
    if wanted.lowest is None:
        return f"a {what} of at most {show(wanted.highest)}"
    return f"a {what} from {show(wanted.lowest)} to {show(wanted.highest)}"
