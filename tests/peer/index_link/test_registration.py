"""What the index is told: all of it, once, in turns."""

from twisted.internet.task import Clock

from napster.peer.index_link.registration import Registration
from napster.wire.messages import Message
from napster.wire.messages.sharing import Share, ShareDirectory, Unshare


def share(number: int) -> Share:
    return Share(b"folder%d\\%d.mp3" % (number, number), b"0" * 32, 10, 128, 44100, 60)


def told(sent: list[Message]) -> list[bytes]:
    paths: list[bytes] = []
    for message in sent:
        if isinstance(message, Share):
            paths.append(message.path)
        elif isinstance(message, ShareDirectory):
            paths += [file.path for file in message.files]
    return paths


def test_what_is_added_during_the_first_telling_is_told_once() -> None:
    """A file that is both found by the first look and announced meanwhile is offered once."""
    clock, sent = Clock(), list[Message]()
    registration = Registration(clock, sent.append, lambda: None)
    library = [share(number) for number in range(100)]
    registration.begin(iter(library))
    registration.add([library[0], library[99]])
    clock.pump([0.01] * 3)
    registration.add([library[98]])
    clock.pump([0.01] * 100)
    assert sorted(told(sent)) == sorted(file.path for file in library)
    assert registration.told == 100


def test_after_the_first_telling_everything_new_is_told() -> None:
    """A file withdrawn and offered again later is offered again."""
    clock, sent = Clock(), list[Message]()
    registration = Registration(clock, sent.append, lambda: None)
    registration.begin([share(1)])
    clock.pump([0.01] * 5)
    registration.remove([share(1).path])
    registration.add([share(1)])
    clock.pump([0.01] * 5)
    assert sent == [share(1), Unshare(share(1).path), share(1)]
