"""Arranging a transfer through the index; the bytes go from peer to peer."""

from napster.wire.messages.base import CLIENT, SERVER, Message, message, number, quoted, token, word


@message(203, CLIENT)
class DownloadRequest(Message):
    """Ask for a file of a user who accepts connections."""

    nick: str = word()
    path: bytes = quoted()


@message(204, SERVER)
class DownloadReady(Message):
    """The uploader agrees: connect there. A port of 0 means: ask for a push (500)."""

    nick: str = word()
    address: int = number(highest=2**32 - 1)
    port: int = number(highest=65535)
    path: bytes = quoted()
    md5: bytes = token()
    speed: int = number(lenient=True)


@message(206, SERVER)
class DownloadError(Message):
    """The user is offline or does not share that file."""

    nick: str = word()
    path: bytes = quoted()


@message(218, CLIENT)
class DownloadStarted(Message):
    """One more download is under way."""


@message(219, CLIENT)
class DownloadFinished(Message):
    """One download less is under way."""


@message(220, CLIENT)
class UploadStarted(Message):
    """One more upload is under way."""


@message(221, CLIENT)
class UploadFinished(Message):
    """One upload less is under way."""


@message(500, CLIENT)
class PushRequest(Message):
    """Ask a firewalled user to connect here and send a file."""

    nick: str = word()
    path: bytes = quoted()


@message(501, SERVER)
class PushReady(Message):
    """Told to a firewalled uploader: connect to this downloader and send the file."""

    nick: str = word()
    address: int = number(highest=2**32 - 1)
    port: int = number(highest=65535)
    path: bytes = quoted()
    md5: bytes = token()
    speed: int = number(lenient=True)


@message(607, SERVER)
class UploadRequest(Message):
    """A user asks this client for a file."""

    nick: str = word()
    path: bytes = quoted()
    speed: int = number(lenient=True, default=0)


@message(608, CLIENT)
class UploadAccepted(Message):
    """This client agrees to send the file to the user."""

    nick: str = word()
    path: bytes = quoted()


@message(609, CLIENT, SERVER)
class UploadRefused(Message):
    """The uploader does not accept; relayed to the downloader under the uploader's nick."""

    nick: str = word()
    path: bytes = quoted()


@message(619, CLIENT)
class QueueLimit(Message):
    """Tell a downloader that all upload slots are taken. `limit` is the place in the queue."""

    nick: str = word()
    path: bytes = quoted()
    limit: int = number(lenient=True)


@message(620, SERVER)
class Queued(Message):
    """The uploader's slots are all taken; relayed 619 with the file's size."""

    nick: str = word()
    path: bytes = quoted()
    size: int = number()
    limit: int = number(lenient=True)


@message(626, CLIENT, SERVER)
class DataPortError(Message):
    """The other user's data port could not be reached; relayed to that user."""

    nick: str = word()
