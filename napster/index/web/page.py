"""The page for a person, from what it shows to HTML; everything in it is escaped."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from twisted.python.filepath import FilePath
from twisted.web.iweb import IRequest
from twisted.web.template import Element, Tag, XMLFile, renderer

from napster.index.web.overview import Overview, format_age
from napster.units import format_duration
from napster.wire.fields import display

_FOLDER = Path(__file__).parent
STYLE = (_FOLDER / "style.css").read_bytes()
"""The style sheet of the page."""

_NOT_HERE = "What people search for is shown only to a browser on the machine of the index."
_NONE_YET = "There were no searches in the last half hour."


class OverviewPage(Element):
    """One rendering of the page."""

    loader = XMLFile(FilePath(str(_FOLDER / "page.html")))

    def __init__(self, overview: Overview) -> None:
        super().__init__()
        self._overview = overview

    @renderer
    def name(self, _request: IRequest, tag: Tag) -> Tag:
        """Name the index."""
        return tag(self._overview.name)

    @renderer
    def uptime(self, _request: IRequest, tag: Tag) -> Tag:
        """Say for how long it has run."""
        return tag(format_duration(self._overview.uptime))

    @renderer
    def moment(self, _request: IRequest, tag: Tag) -> Tag:
        """Say of when the figures are."""
        return tag(self._overview.moment)

    @renderer
    def figures(self, _request: IRequest, tag: Tag) -> Iterator[Tag]:
        """Show the large figures."""
        for each in self._overview.figures:
            yield tag.clone().fillSlots(name=each.name, value=each.value, detail=each.detail)

    @renderer
    def plots(self, _request: IRequest, tag: Tag) -> Iterator[Tag]:
        """Draw the plots."""
        for each in self._overview.plots:
            yield tag.clone().fillSlots(title=each.title, picture=each.picture())

    @renderer
    def no_searches(self, _request: IRequest, tag: Tag) -> Tag | str:
        """Say why there is no list."""
        if self._overview.slowest is None:
            return tag(_NOT_HERE)
        return "" if self._overview.slowest else tag(_NONE_YET)

    @renderer
    def slowest_table(self, _request: IRequest, tag: Tag) -> Tag | str:
        """Show the slowest searches, if there are any."""
        return tag if self._overview.slowest else ""

    @renderer
    def words_table(self, _request: IRequest, tag: Tag) -> Tag | str:
        """Show the words, if there are any."""
        return tag if self._overview.words else ""

    @renderer
    def slowest(self, _request: IRequest, tag: Tag) -> Iterator[Tag]:
        """Show a search in each row."""
        for each in self._overview.slowest or ():
            yield tag.clone().fillSlots(
                took=f"{each.seconds * 1000:,.1f} ms",
                words=display(each.phrases) or "(only filters)",
                found=f"{each.results:,}",
                ago=format_age(self._overview.now - each.at),
            )

    @renderer
    def words(self, _request: IRequest, tag: Tag) -> Iterable[Tag]:
        """Show a word in each row."""
        for word, count in self._overview.words or ():
            yield tag.clone().fillSlots(word=display(word), count=f"{count:,}")
