"""Audio says what it is, anything else says nothing, and nothing breaks the scan."""

import math
import os
import struct
import wave
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napster.peer.library.tags import Tags, TagsError, read_tags


def mp3(seconds: float, *, bitrate_index: int = 9) -> bytes:
    """Make silence: MPEG 1 layer III frames of 44,100 Hz, at 128 kbit/s unless said otherwise."""
    rate = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[bitrate_index]
    size = 144 * rate * 1000 // 44100
    frame = bytes((0xFF, 0xFB, bitrate_index << 4, 0)) + bytes(size - 4)
    return frame * math.ceil(seconds * 44100 / 1152)


def tags(folder: Path, name: str, content: bytes) -> Tags:
    (folder / name).write_bytes(content)
    with FileIO(folder / name) as stream:
        found = read_tags(os.fsencode(name), stream)
        stream.seek(0)  # it is still open
        return found


@pytest.mark.parametrize(("index", "rate"), [(9, 128), (11, 192), (14, 320)])
def test_mp3(tmp_path: Path, index: int, rate: int) -> None:
    """An MP3 tells its bit rate, frequency and length, also behind a large ID3 tag."""
    sound = mp3(20, bitrate_index=index)
    assert tags(tmp_path, "a.mp3", sound) == Tags(rate, 44100, 20)
    tag = b"ID3\x04\x00\x00\x00\x10\x00\x00" + bytes(0x10 << 14)
    assert tags(tmp_path, "b.MP3", tag + sound) == Tags(rate, 44100, 20)


def test_wave(tmp_path: Path) -> None:
    """A WAVE file tells its length; its bit rate is that of the samples."""
    with wave.open(str(tmp_path / "a.wav"), "wb") as writer:
        writer.setparams((2, 2, 22050, 0, "NONE", ""))
        writer.writeframes(bytes(22050 * 4 * 3))
    with FileIO(tmp_path / "a.wav") as stream:
        assert read_tags(b"a.wav", stream) == Tags(706, 22050, 3)


def ogg_page(packet: bytes, granule: int, number: int, flags: int) -> bytes:
    lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 1, number, 0, len(lacing))
    return header + bytes(lacing) + packet


def test_ogg(tmp_path: Path) -> None:
    """An Ogg Vorbis file tells its length without all of it being read."""
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 2, 48000, 0, 96000, 0, 0xB8, 1)
    comments = b"\x03vorbis" + struct.pack("<II", 0, 0) + b"\x01"
    pages = [ogg_page(head, 0, 0, 2), ogg_page(comments, 0, 1, 0)]
    pages += [ogg_page(bytes(60000), 48000 * second, second + 1, 0) for second in range(1, 1500)]
    pages.append(ogg_page(bytes(10), 48000 * 1500, 1501, 4))
    content = b"".join(pages)
    assert len(content) > 64 << 20
    assert tags(tmp_path, "a.ogg", content) == Tags(96, 48000, 1500)


@pytest.mark.parametrize("name", ["a.txt", "noext", "a.jpg", "a.mp3.zip"])
def test_not_audio(tmp_path: Path, name: str) -> None:
    """What is not named like audio is nothing, even when it begins like a frame of MP3."""
    assert tags(tmp_path, name, mp3(3)) == Tags()
    assert tags(tmp_path, name, "text".encode("utf-16")) == Tags()


def test_empty(tmp_path: Path) -> None:
    """An empty file is nothing, and no mistake."""
    assert tags(tmp_path, "a.mp3", b"") == Tags()


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.wav", "a.wma", "a.aiff"])
def test_broken(tmp_path: Path, name: str) -> None:
    """What is named like audio and is not is said to be broken."""
    with pytest.raises(TagsError):
        tags(tmp_path, name, b"this is no audio at all" * 10)


def test_endless_search(tmp_path: Path) -> None:
    """A big file without a frame of sound does not keep the thread for minutes."""
    with (tmp_path / "a.mp3").open("wb") as file:
        file.truncate(5 << 30)
    with FileIO(tmp_path / "a.mp3") as stream, pytest.raises(TagsError, match="more to be read"):
        read_tags(b"a.mp3", stream)


def test_lying_length(tmp_path: Path) -> None:
    """A length of 4 GiB in a small file does not become 4 GiB of memory."""
    header = b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff"
    with pytest.raises(TagsError, match="more to be read"):
        tags(tmp_path, "a.wav", header + bytes(100))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.sampled_from([".mp3", ".flac", ".ogg", ".wav", ".m4a", ".wma", ".aiff", ".opus"]),
    st.one_of(
        st.binary(max_size=300),
        st.tuples(
            st.sampled_from([b"fLaC", b"OggS", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x20ftypM4A ", b"ID3",
                             b"\xff\xfb\x90", b"FORM\0\0\0\0AIFF"]),
            st.binary(max_size=300),
        ).map(b"".join),
    ),
)  # fmt: skip
def test_garbage(tmp_path: Path, extension: str, content: bytes) -> None:
    """Any bytes are read or refused; figures are never negative nor beyond what fits."""
    try:
        found = tags(tmp_path, "a" + extension, content)
    except TagsError:
        return
    for figure in (found.bitrate, found.frequency, found.duration):
        assert 0 <= figure < 2**31
