"""What the page shows, read at one moment."""

from collections.abc import Callable, Iterator, Sequence

import attrs

from napster.daemon.usage import resident_memory
from napster.index.search_log import SlowSearch
from napster.index.web.history import History, Sample
from napster.index.web.measures import Sources
from napster.index.web.plot import Plot
from napster.units import format_size

TOP_WORDS = 15
_COLUMNS = 280
_SHORTEST_SPAN = 600.0


@attrs.frozen
class Figure:
    """One large figure: what it is, and a word more about it."""

    name: str
    value: str
    detail: str


@attrs.frozen
class Overview:
    """The page's content. Searches are left out (None) for those who may not see them."""

    name: str
    uptime: float
    moment: str
    now: float
    """The monotonic time to which ages relate."""
    figures: Sequence[Figure]
    plots: Sequence[Plot]
    slowest: Sequence[SlowSearch] | None
    words: Sequence[tuple[bytes, int]] | None


def read(sources: Sources, history: History, moment: str, *, searches: bool) -> Overview:
    """Read everything; `searches` says whether what was searched for is shown."""
    hub = sources.hub
    log = hub.search_log if searches else None
    return Overview(
        name=hub.settings.server_name,
        uptime=sources.uptime,
        moment=moment,
        now=hub.clock.seconds(),
        figures=list(_figures(sources, history)),
        plots=list(_plots(history)),
        slowest=log.slowest() if log else None,
        words=log.top_words(TOP_WORDS) if log else None,
    )


def _figures(sources: Sources, history: History) -> Iterator[Figure]:
    hub, meters = sources.hub, sources.hub.meters
    totals, last = hub.catalog.totals(), history.last
    waiting = len(hub.sessions) - len(hub.network)
    yield Figure("users", f"{len(hub.network):,}", f"{waiting:,} more not logged in")
    yield Figure("files", f"{totals.files:,}", format_size(totals.size))
    empty = meters.empty_searches / meters.searches if meters.searches else 0
    searched = f"{meters.searches:,} since the start, {empty:.0%} found nothing"
    yield Figure("searches per second", f"{last.searches_per_second:,.1f}", searched)
    if hub.relay.is_open:
        relayed = f"{format_size(hub.relay.meters.relayed)} since the start"
        yield Figure("relayed transfers", f"{len(hub.relay):,}", relayed)
    memory = f"{format_size(resident_memory())} of memory"
    yield Figure("longest stall", _milliseconds(last.worst_lag), memory)


def _plots(history: History) -> Iterator[Plot]:
    span = history.span(_SHORTEST_SPAN)
    ago = format_age(span)

    def plot(title: str, figure: Callable[[Sample], float], show: Callable[[float], str]) -> Plot:
        return Plot(title, history.points(figure, span, _COLUMNS), ago, show)

    yield plot("Users", lambda sample: sample.users, format_count)
    yield plot("Files", lambda sample: sample.files, format_count)
    yield plot("Searches per second", lambda sample: sample.searches_per_second, format_count)
    yield plot("Longest stall", lambda sample: sample.worst_lag, _milliseconds)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.3g} ms" if seconds < 1 else f"{seconds:,.3g} s"


def format_count(count: float) -> str:
    """Write a count in few characters: `250`, `1.5 k`, `20 M`."""
    for unit, suffix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if count >= unit:
            return f"{count / unit:.3g}{suffix}"
    return f"{count:.3g}"


def format_age(seconds: float) -> str:
    """Write how long something is ago: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.3g} h"
