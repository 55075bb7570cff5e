"""Values survive JSON, and JSON that is no value is refused with a sentence."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.daemon.codec import CodecError, dump, load, load_all
from napster.peer.api import (
    DownloadState,
    DownloadStatus,
    FoundFile,
    SearchPage,
    SharesReport,
    Source,
    Status,
    UploadStatus,
    Wanted,
)
from tests.peer.control.fake import ALICE, DOWNLOAD, PAGE, SHARES, STATUS, UPLOAD

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
COUNT = st.integers(0, 2**64)
SOURCES = st.builds(
    Source,
    nick=TEXT,
    path=st.binary(),
    address=TEXT,
    port=st.none() | st.integers(0, 65535),
    speed=st.integers(0, 10),
    reachable=st.booleans(),
    ping_ms=st.none() | st.floats(0, 1e6),
    folder=TEXT,
)
FILES = st.builds(
    FoundFile,
    number=COUNT,
    name=TEXT,
    size=COUNT,
    bitrate=COUNT,
    frequency=COUNT,
    duration=COUNT,
    md5=TEXT,
    sources=st.lists(SOURCES, max_size=3).map(tuple),
)
PAGES = st.builds(
    SearchPage,
    query=TEXT,
    rows=st.lists(FILES, max_size=3).map(tuple),
    files=COUNT,
    users=COUNT,
    notes=st.lists(TEXT, max_size=3).map(tuple),
)
DOWNLOADS = st.builds(
    DownloadStatus,
    id=COUNT,
    name=TEXT,
    state=st.sampled_from(DownloadState),
    size=st.none() | COUNT,
    done=COUNT,
    rate=st.floats(0, 1e12),
    seconds_left=st.none() | st.floats(0, 1e9),
    source=TEXT,
)


@given(PAGES)
def test_pages_survive_json(page: SearchPage) -> None:
    """Any page of results comes back as it was, raw paths included."""
    assert load(SearchPage, json.loads(json.dumps(dump(page)))) == page


@given(DOWNLOADS)
def test_downloads_survive_json(download: DownloadStatus) -> None:
    """Any download comes back as it was, its state and open ends included."""
    assert load(DownloadStatus, json.loads(json.dumps(dump(download)))) == download


@pytest.mark.parametrize("value", [STATUS, SHARES, PAGE, DOWNLOAD, UPLOAD])
def test_values_survive_json(value: object) -> None:
    """Every kind of answer comes back as it was."""
    assert load(type(value), json.loads(json.dumps(dump(value)))) == value


def test_paths_are_base64() -> None:
    """A path keeps its bytes whatever their encoding."""
    assert dump(ALICE)["path"] == "XE11c2ljXGH/Lm1wMw=="


def test_unknown_keys_are_ignored() -> None:
    """An older program reads what a newer one says."""
    assert load(Status, dump(STATUS) | {"colour": "blue"}) == STATUS


GOOD = {"name": "a", "size": None, "md5": "", "sources": []}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (5, "the value must be an object"),
        (None, "the value must be an object"),
        ({}, "name is missing"),
        (GOOD | {"name": 5}, "name must be a text"),
        (GOOD | {"size": "5"}, "size must be a whole number"),
        (GOOD | {"size": True}, "size must be a whole number"),
        (GOOD | {"sources": 5}, "sources must be a list"),
        (GOOD | {"sources": [5]}, "sources[0] must be an object"),
        (
            GOOD | {"sources": [dump(ALICE) | {"path": "*"}]},
            "sources[0].path must be base64 of the raw bytes",
        ),
        (
            GOOD | {"sources": [dump(ALICE) | {"reachable": 1}]},
            "sources[0].reachable must be true or false",
        ),
    ],
)
def test_wrong_json(data: object, sentence: str) -> None:
    """A wrong value is named with its place and what would be right."""
    with pytest.raises(CodecError) as caught:
        load(Wanted, data)
    assert str(caught.value) == sentence


def test_wrong_state() -> None:
    """A word that is no state is answered with those that are."""
    with pytest.raises(CodecError, match="state must be one of waiting, asking"):
        load(DownloadStatus, dump(DOWNLOAD) | {"state": "asleep"})


@pytest.mark.parametrize("data", [None, {}, "x", 3])
def test_not_a_list(data: object) -> None:
    """Only a list is a list of values."""
    with pytest.raises(CodecError, match="must be a list of UploadStatus"):
        load_all(UploadStatus, data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT,
        lambda s: st.lists(s) | st.dictionaries(TEXT, s),
    )
)
def test_any_json(data: object) -> None:
    """Whatever JSON comes, the answer is values or a CodecError."""
    with contextlib.suppress(CodecError):
        load_all(SharesReport, [data])
