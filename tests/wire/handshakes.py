"""Playing the other side of a handshake."""

from collections.abc import Iterable, Iterator

import attrs

from napster.wire.transfer import Downloader, Event, Handshake, SizeKnown

NICK = "me"
PATH = b"Z:\\nap\\Artist - Title.mp3"


def play(handshake: Handshake, pieces: Iterable[bytes]) -> list[Event]:
    """Feed pieces, then let it fall quiet if it wants that; return what came of it."""
    events = [event for piece in pieces for event in handshake.feed(piece)]
    return events + (handshake.quiet() if handshake.needs_quiet else [])


def download(handshake: Downloader, pieces: Iterable[bytes]) -> list[Event]:
    """Play an uploader; what comes after SizeKnown is added to its leftover, as a caller would."""
    content: list[bytes] = []
    events: list[Event] = []
    for piece in pieces:
        if any(isinstance(event, SizeKnown) for event in events):
            content.append(piece)
        else:
            events += handshake.feed(piece)
    if handshake.needs_quiet:
        events += handshake.quiet()
    return [
        attrs.evolve(event, leftover=event.leftover + b"".join(content))
        if isinstance(event, SizeKnown)
        else event
        for event in events
    ]


def splits(data: bytes) -> Iterator[list[bytes]]:
    """Cut bytes in two at every point, and into single bytes."""
    for at in range(len(data) + 1):
        yield [data[:at], data[at:]]
    yield [data[at : at + 1] for at in range(len(data))]
