"""The password file: private, readable, sendable, and never told."""

from pathlib import Path

import pytest

from napster.daemon.errors import DaemonError
from napster.peer.password import own_password, password_elsewhere, read_password


def written(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    file = folder / "written"
    file.write_bytes(content)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("content", [b"s3cret", b"s3cret\n", b"s3cret\r\n", b"s3cret\nother\n"])
def test_the_first_line_is_the_password(tmp_path: Path, content: bytes) -> None:
    """However the line ends."""
    assert read_password(written(tmp_path, content)) == b"s3cret"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With the command that mends it, and without the password."""
    with pytest.raises(DaemonError, match="chmod 600") as caught:
        read_password(written(tmp_path, b"s3cret", mode))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b'quo"te', b"x" * 65, b"nul\0"])
def test_what_cannot_be_sent_is_refused(tmp_path: Path, content: bytes) -> None:
    """And not shown either."""
    with pytest.raises(DaemonError, match="1 to 64 bytes") as caught:
        read_password(written(tmp_path, content))
    assert content.strip() == b"" or content.decode() not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """One sentence with the path."""
    with pytest.raises(DaemonError, match=r"password: cannot be read: No such file"):
        read_password(tmp_path / "password")


def test_a_password_of_our_own_is_kept(tmp_path: Path) -> None:
    """The next run finds the same; another peer has another."""
    first = own_password(tmp_path / "one")
    assert len(first) >= 20
    assert own_password(tmp_path / "one") == first
    assert own_password(tmp_path / "two") != first
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One sentence, no traceback."""
    with pytest.raises(DaemonError, match="cannot be made"):
        own_password(tmp_path / "missing" / "password")


def test_an_index_cannot_use_the_password_elsewhere(tmp_path: Path) -> None:
    """Each index but the first is told one that is good there only, and can be sent."""
    first = own_password(tmp_path / "password")
    one, two = (password_elsewhere(first, index) for index in ("a:1", "b:1"))
    assert len({first, one, two}) == 3
    assert password_elsewhere(first, "a:1") == one
    assert read_password(written(tmp_path, one + b"\n")) == one
