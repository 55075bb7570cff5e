"""What writes many files fast writes what their message would."""

from hypothesis import given

from napster.wire.fields import argument
from napster.wire.messages.sharing import ShareDirectory, directory_body, file_record
from tests.wire.strategies import directories


@given(directories())
def test_records_written_fast_make_the_same_message(message: ShareDirectory) -> None:
    """Whoever has many files to offer need not make a message of each."""
    length = len(message.directory.removesuffix(b"\\")) + 1
    records = [
        file_record(
            file.path[length:], file.md5, file.size, file.bitrate, file.frequency, file.duration
        )
        for file in message.files
        if file.md5 == argument(file.md5)
    ]
    if len(records) == len(message.files):
        assert directory_body(message.directory, records) == message.body()
