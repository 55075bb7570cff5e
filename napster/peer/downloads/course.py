"""The states of one download and the steps between them."""

from collections.abc import Callable
from typing import Final, Protocol

import attrs
from automat import TypeMachineBuilder

from napster.peer.api import DownloadState


class Course(Protocol):
    """What happens to a download. A step that makes no sense raises automat.NoTransition."""

    def ask(self, reason: str) -> None:
        """Ask a source through the index; who has a place in a queue keeps it meanwhile."""

    def queue(self, reason: str) -> None:
        """Wait for an upload slot of a source."""

    def connect(self, reason: str) -> None:
        """Connect to the source, or wait for it to connect here."""

    def receive(self, reason: str) -> None:
        """Take content."""

    def check(self, reason: str) -> None:
        """Check what is complete."""

    def wait(self, reason: str) -> None:
        """Wait until a source can be asked."""

    def block(self, reason: str) -> None:
        """Wait for room on the disk, or for a disk that works."""

    def pause(self, reason: str) -> None:
        """Wait until the user wants it to go on."""

    def finish(self, reason: str) -> None:
        """Be done: the file is saved."""

    def fail(self, reason: str) -> None:
        """Give up."""

    def cancel(self, reason: str) -> None:
        """Be given up by the user."""


@attrs.define
class Standing:
    """Where a download stands, and why."""

    state: DownloadState = DownloadState.WAITING
    reason: str = ""


_IDLE: Final = {DownloadState.WAITING, DownloadState.QUEUED, DownloadState.BLOCKED}
_ASKING_ANEW: Final = {DownloadState.WAITING, DownloadState.BLOCKED, DownloadState.ASKING}
_MEETING: Final = {DownloadState.ASKING, DownloadState.CONNECTING}
_BUSY: Final = {
    DownloadState.ASKING,
    DownloadState.CONNECTING,
    DownloadState.RECEIVING,
    DownloadState.CHECKING,
}
_UNFINISHED: Final = _IDLE | _BUSY
_RESTING: Final = {DownloadState.PAUSED, DownloadState.FAILED}

_Step = Callable[[Course, str], None]
_STEPS: Final[tuple[tuple[_Step, set[DownloadState], DownloadState], ...]] = (
    (Course.ask, _ASKING_ANEW, DownloadState.ASKING),
    (Course.ask, {DownloadState.QUEUED}, DownloadState.QUEUED),
    (Course.queue, _BUSY | {DownloadState.QUEUED}, DownloadState.QUEUED),
    (Course.connect, _MEETING | {DownloadState.QUEUED}, DownloadState.CONNECTING),
    (Course.receive, {DownloadState.CONNECTING, DownloadState.RECEIVING}, DownloadState.RECEIVING),
    (Course.check, _IDLE | {DownloadState.RECEIVING}, DownloadState.CHECKING),
    (Course.finish, {DownloadState.CHECKING}, DownloadState.DONE),
    (Course.wait, _UNFINISHED | _RESTING, DownloadState.WAITING),
    (Course.block, _UNFINISHED, DownloadState.BLOCKED),
    (Course.pause, _UNFINISHED, DownloadState.PAUSED),
    (Course.fail, _UNFINISHED, DownloadState.FAILED),
    (Course.cancel, _UNFINISHED | _RESTING, DownloadState.CANCELLED),
)
"""Every step: from which states it is possible, and where it leads."""


def _machine() -> Callable[[Standing], Course]:
    builder = TypeMachineBuilder(Course, Standing)
    states = {state: builder.state(state.value) for state in DownloadState}

    def enter(new: DownloadState) -> Callable[[Course, Standing, str], None]:
        def note(_course: Course, standing: Standing, reason: str) -> None:
            standing.state, standing.reason = new, reason

        return note

    for step, olds, new in _STEPS:
        for old in olds:
            states[old].upon(step).to(states[new])(enter(new))
    return builder.build()


new_course: Final = _machine()
"""Makes the course of a new download, which is waiting; the standing follows every step."""
