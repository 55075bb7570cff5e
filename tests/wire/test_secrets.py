"""Passwords stay out of what a message shows of itself, and so out of logs."""

import pytest

from napster.wire.messages import Message
from napster.wire.messages.login import CheckPassword, Login, Register
from napster.wire.messages.people import ChangePassword


@pytest.mark.parametrize(
    "message",
    [
        Login("alice", b"s3cret", 6699, b"nap", 3),
        Register("alice", b"s3cret", 6699, b"nap", 3, "a@b"),
        CheckPassword("alice", b"s3cret"),
        ChangePassword(b"s3cret"),
    ],
)
def test_no_password_in_repr(message: Message) -> None:
    """A message that holds a password does not tell it."""
    assert "s3cret" not in repr(message)
