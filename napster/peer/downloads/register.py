"""All downloads a peer knows: those to be carried out, and what is told of those that are over."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from napster.peer.api import DownloadStatus, NotFoundError
from napster.peer.downloads.download import Download
from napster.peer.downloads.record import Offer

MOST_ENDED: Final = 10_000
"""How many downloads that are done or cancelled are still listed."""


class Register:
    """Finds downloads by their number and by what they are of."""

    def __init__(self) -> None:
        self._downloads: dict[int, Download] = {}
        self._ended: dict[int, DownloadStatus] = {}
        self._by_offer: dict[tuple[str, bytes], Download] = {}
        self._by_content: dict[tuple[Path, str], Download] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._downloads or number in self._ended

    def keep(self, download: Download) -> None:
        """Take in a download."""
        self._downloads[download.id] = download
        self._by_offer.update((offer.key, download) for offer in download.record.offers)
        if download.record.content:
            self._by_content[download.place.folder, download.record.content] = download

    def file_away(self, download: Download) -> None:
        """Keep only what is told of a download that is over."""
        self.note_ended(download.status())
        del self._downloads[download.id]
        for offer in download.record.offers:
            if self._by_offer.get(offer.key) is download:
                del self._by_offer[offer.key]
        content = download.place.folder, download.record.content
        if self._by_content.get(content) is download:
            del self._by_content[content]

    def note_ended(self, status: DownloadStatus) -> None:
        """Keep what is told of a download that is over, and of the oldest nothing."""
        self._ended[status.id] = status
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def check(self, numbers: Iterable[int]) -> None:
        """Raise NotFoundError unless all these downloads are known."""
        for number in numbers:
            if number not in self:
                raise NotFoundError(f"there is no download {number}")

    def unfinished(self, numbers: Iterable[int]) -> list[Download]:
        """Find those of some downloads that are not over, each once."""
        known = (self._downloads.get(number) for number in dict.fromkeys(numbers))
        return [download for download in known if download is not None]

    def same(self, size: int | None, offers: Iterable[Offer]) -> Download | None:
        """Find a download of the same file from one of the same users that can go on."""
        for offer in offers:
            known = self._by_offer.get(offer.key)
            if known is not None and not known.over and size in {None, known.record.size}:
                return known
        return None

    def of_content(self, folder: Path, content: str) -> Download | None:
        """Find a download of a content into a folder, whatever the file is called there.

        The content must have been known when the download was taken in.
        """
        return self._by_content.get((folder, content))

    def status(self, number: int) -> DownloadStatus:
        """Tell how one download is doing, or what became of it."""
        download = self._downloads.get(number)
        return self._ended[number] if download is None else download.status()

    def list(self) -> Sequence[DownloadStatus]:
        """Tell how all downloads are doing, newest last."""
        unfinished = (each.status() for each in self._downloads.values())
        return sorted([*self._ended.values(), *unfinished], key=lambda status: status.id)
