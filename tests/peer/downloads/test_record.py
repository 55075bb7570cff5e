"""Records of downloads: written, read, refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import local_name
from napster.peer.downloads.record import Offer, Record, RecordError, Stage, load, save

GOOD: dict[str, Any] = {
    "version": 1,
    "id": 5,
    "name": "song.mp3",
    "size": 12345,
    "md5": "",
    "offers": [{"nick": "alice", "path": "Music\\song.mp3", "speed": 8, "dropped": ""}],
    "stage": "wanted",
    "reason": "",
    "verified": "",
    "distrusted": None,
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "song.mp3")


OFFERS = st.builds(
    Offer, st.text(max_size=20), st.binary(max_size=60), st.integers(0, 10), st.text(max_size=20)
)
RECORDS = st.builds(
    Record,
    id=st.integers(1, 2**40),
    name=st.binary(max_size=80).map(local_name),
    size=st.none() | st.integers(0, 2**63),
    md5=st.text(max_size=32),
    offers=st.lists(OFFERS, max_size=3).map(tuple),
    stage=st.sampled_from(Stage),
    reason=st.text(max_size=30),
    verified=st.text(max_size=30),
    distrusted=st.none() | st.integers(0, 2**63),
)


@given(record=RECORDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_comes_back_as_it_was(place: Place, record: Record) -> None:
    """What is saved is loaded, names that are not text included."""
    save(place, record)
    assert load(place) == record
    assert [path.name for path in place.folder.iterdir()] == ["song.mp3.part.napster"]


def with_change(**changes: Any) -> str:
    return json.dumps({**GOOD, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0" * 400,
        "{",
        "[]",
        "5",
        "null",
        "{}",
        "[" * 100_000,
        with_change(id="5"),
        with_change(id=0),
        with_change(id=None),
        with_change(name="../../etc/passwd"),
        with_change(name=".."),
        with_change(name=""),
        with_change(name=7),
        with_change(size=-1),
        with_change(size="12"),
        with_change(size=1.5),
        with_change(offers=5),
        with_change(offers=[5]),
        with_change(offers=[{"nick": "alice"}]),
        with_change(offers=[{"nick": 1, "path": "x"}]),
        with_change(offers=[{"nick": "alice", "path": 7}]),
        with_change(stage="happy"),
        with_change(distrusted=-1),
        with_change(distrusted="x"),
        json.dumps({"version": 1}),
    ],
)
def test_garbage_is_refused_in_a_sentence_and_left_alone(place: Place, text: str) -> None:
    """A damaged record names its file and what to do, and stays as it is."""
    place.record.write_text(text)
    with pytest.raises(RecordError, match=r"song\.mp3\.part\.napster: is no record") as caught:
        load(place)
    assert "\n" not in str(caught.value)
    assert "delete it and the partial file" in str(caught.value)
    assert place.record.read_text() == text


@pytest.mark.parametrize("version", [2, "1", None, 1.5])
def test_another_version_is_refused(place: Place, version: object) -> None:
    """The record of a newer program is not misread, and stays as it is."""
    place.record.write_text(with_change(version=version, surprise=[1, 2]))
    with pytest.raises(RecordError, match="written by another version of this program"):
        load(place)


def test_a_record_that_cannot_be_read(place: Place) -> None:
    """A missing or unreadable record is an error of the same kind."""
    with pytest.raises(RecordError, match="cannot be read: No such file"):
        load(place)


def test_the_format_is_as_written_here(place: Place) -> None:
    """A record of this version from disk is understood; fields added later are no trouble."""
    place.record.write_text(with_change(colour="red"))
    assert load(place) == Record(5, "song.mp3", 12345, "", (Offer("alice", b"Music\\song.mp3", 8),))
