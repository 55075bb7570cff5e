"""A desk over a library on disk, and a clock to go with it."""

from pathlib import Path

import pytest
from twisted.internet.task import Clock

from napster.peer.uploads.desk import UploadDesk
from tests.peer.uploads.fakes import DiskLibrary, Told, make_desk


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(tmp_path: Path) -> DiskLibrary:
    return DiskLibrary(tmp_path)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def desk(clock: Clock, library: DiskLibrary, told: Told) -> UploadDesk:
    return make_desk(clock, library, told)
