"""The end of a download: all is here, is checked as a whole, and gets its name, or is blamed."""

from collections.abc import Iterable

from twisted.logger import Logger

from napster.peer.downloads.disk import Worker
from napster.peer.downloads.download import Download
from napster.peer.downloads.errors import WrongContentError, WrongPieceError
from napster.peer.downloads.intake import Target
from napster.peer.downloads.record import Stage
from napster.peer.downloads.sources import Ended, Source
from napster.peer.downloads.tools import Tools


class Verdict:
    """Checks what is complete; tells `failed` of sources that turn out to have lied."""

    log = Logger()

    def __init__(self, tools: Tools, download: Download, worker: Worker, failed: Ended) -> None:
        self._tools = tools
        self._download = download
        self._worker = worker
        self._failed = failed

    async def reach(self, target: Target, last: Source | None) -> None:
        """Save the file, or forget what has to be fetched again; `last` is who sent its end.

        Raises OSError.
        """
        download = self._download
        download.course.check("checks what came")
        try:
            verified = await self._worker.run(_finish, target)
        except WrongContentError as error:
            await self._blame(target, error, last)
            return
        for source, piece in download.blame.exposed(target.digests()).items():
            self._failed(source, WrongPieceError(piece))
        download.change(stage=Stage.COMPLETE, verified=verified)
        await download.settle(self._worker)
        download.course.finish("")

    async def _blame(self, target: Target, error: WrongContentError, last: Source | None) -> None:
        """Find out whose fault it is that the whole is wrong."""
        liar = last or self._download.sources.soonest()
        if target.content_id:
            liar = self._download.blame.convict(target.digests())
            await self._worker.run(target.forget, self._worthless(target, liar, last))
        if liar is not None:
            self._failed(liar, error)

    def _worthless(self, target: Target, liar: Source | None, last: Source | None) -> Iterable[int]:
        """List the pieces to be fetched again: all, or all but those of who is asked alone."""
        download = self._download
        if liar is not None:
            return list(target.part.lengths())
        self.log.warn(
            "{download}: what came is not the content that was wanted; all of it is fetched again "
            "from one source alone",
            download=download,
        )
        alone = download.sources.next(online=self._tools.arranger.online) or last
        return download.blame.foreign(alone) if alone else list(target.part.lengths())


def _finish(target: Target) -> str:
    """Check, sync and close a complete file; return what could be checked. Blocking.

    Raises WrongContentError, which leaves it open, and OSError.
    """
    verified = target.finish()
    target.part.close()
    return verified
