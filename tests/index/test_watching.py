"""Hotlists, ignored users, and the list of users."""

import pytest

from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.login import Notice
from napster.wire.messages.people import (
    ChangeSpeed,
    Ping,
    Pong,
    PrivateMessage,
    SignedOff,
)
from napster.wire.messages.searching import DirectBrowse, DirectBrowseError
from napster.wire.messages.social import (
    AlreadyIgnored,
    ClearIgnored,
    HotlistAdd,
    HotlistAdded,
    HotlistEntry,
    HotlistRefused,
    HotlistRemove,
    Ignore,
    IgnoredCleared,
    IgnoreListEnd,
    IgnoreListEntry,
    IgnoreListRequest,
    NotIgnored,
    SignedOn,
    Unignore,
    UserListEnd,
    UserListEntry,
    UserListRequest,
)
from napster.wire.messages.transfers import (
    DataPortError,
    DownloadError,
    DownloadRequest,
    PushRequest,
    QueueLimit,
)
from tests.index.channels.people import hush, login, moderator, told
from tests.index.harness import World, file

PATH = rb"music\band - song.mp3"


@pytest.mark.parametrize("kind", [HotlistAdd, HotlistEntry])
def test_hotlist(world: World, kind: type[Message]) -> None:
    """A user watched for is told of when there, when coming, and when going."""
    anna = world.login("anna")
    assert anna.ask(kind("Berta")) == [HotlistAdded("Berta")]
    berta = world.login("BERTA")
    assert anna.messages() == [SignedOn("BERTA", 8)]
    berta.send(ChangeSpeed(3))
    carl = world.login("carl")
    assert carl.ask(kind("berta")) == [HotlistAdded("berta"), SignedOn("BERTA", 3)]
    berta.lose()
    assert anna.messages() == carl.messages() == [SignedOff("BERTA")]


def test_hotlist_twice(world: World) -> None:
    """A repeat gets no answer, and no second telling later."""
    anna = world.login("anna")
    anna.send(HotlistAdd("berta"))
    hush(anna)
    assert anna.ask(HotlistAdd("BERTA"), HotlistEntry("berta")) == []
    world.login("berta")
    assert anna.messages() == [SignedOn("berta", 8)]


def test_hotlist_remove(world: World) -> None:
    """Who is taken off is told of no longer; taking off somebody else does nothing."""
    anna, carl = world.login("anna"), world.login("carl")
    for conn in (anna, carl):
        conn.send(HotlistAdd("berta"), HotlistAdd("dora"))
    hush(anna, carl)
    assert anna.ask(HotlistRemove("BERTA"), HotlistRemove("nobody")) == []
    world.login("berta")
    world.login("dora")
    assert anna.messages() == [SignedOn("dora", 8)]
    assert len(carl.messages()) == 2


def test_hotlist_ends_with_the_session(world: World) -> None:
    """Nothing is left of the list of somebody who has gone."""
    anna = world.login("anna")
    anna.send(HotlistAdd("berta"), HotlistAdd("anna"))
    anna.lose()
    assert not world.hub.hotlists._lists
    assert not world.hub.hotlists._watchers
    anna = world.login("anna")
    world.login("berta")
    assert anna.messages() == []


def test_hotlist_faults() -> None:
    """What can be nobody's nick, and one too many, are refused with the reason."""
    world = World(max_hotlist=1)
    anna = world.login("anna")
    refused, reason = anna.ask(HotlistAdd("a*b"))
    assert refused == HotlistRefused("a*b")
    (sentence,) = told([reason])
    assert sentence.startswith("hotlist add failed: a nick is made of printable ASCII")
    anna.send(HotlistAdd("berta"))
    hush(anna)
    assert anna.ask(HotlistAdd("carl")) == [
        HotlistRefused("carl"),
        Notice(b"hotlist add failed: a hotlist has at most 1 users"),
    ]
    world.end()


def test_ignore_list(world: World) -> None:
    """Users are put on the list, told, and taken off it, without case."""
    anna = world.login("anna")
    assert anna.ask(IgnoreListRequest()) == [IgnoreListEnd(0)]
    assert anna.ask(Ignore("Berta"), Ignore("carl")) == [Ignore("Berta"), Ignore("carl")]
    assert anna.ask(Ignore("BERTA")) == [AlreadyIgnored("BERTA")]
    assert anna.ask(IgnoreListRequest()) == [
        IgnoreListEntry("Berta"),
        IgnoreListEntry("carl"),
        IgnoreListEnd(2),
    ]
    assert anna.ask(Unignore("berta")) == [Unignore("berta")]
    assert anna.ask(Unignore("berta")) == [NotIgnored("berta")]
    assert anna.ask(ClearIgnored(), ClearIgnored()) == [IgnoredCleared(1), IgnoredCleared(0)]


def test_ignore_faults() -> None:
    """What can be nobody's nick, and one too many, are refused with the reason."""
    world = World(max_ignored=1)
    anna = world.login("anna")
    (reason,) = told(anna.ask(Ignore("a*b")))
    assert reason.startswith("a nick is made of")
    anna.send(Ignore("berta"))
    hush(anna)
    assert told(anna.ask(Ignore("carl"))) == ["ignore list is limited to 1 users"]
    world.end()


@pytest.mark.parametrize("request_", [PrivateMessage("anna", b"hi"), Ping("anna"), Pong("anna")])
def test_ignored(world: World, request_: Message) -> None:
    """Nothing comes through from somebody ignored, who is told so; all comes through afterwards."""
    anna, berta = world.login("Anna"), world.login("berta")
    anna.send(Ignore("BERTA"))
    hush(anna)
    assert told(berta.ask(request_)) == ["Anna is ignoring you"]
    assert anna.messages() == []
    anna.send(Unignore("berta"))
    hush(anna)
    assert berta.ask(request_) == []
    assert len(anna.messages()) == 1


@pytest.mark.parametrize("kind", [DownloadRequest, PushRequest])
@pytest.mark.parametrize("port", [0, 6699])
def test_ignored_download(world: World, kind: type[Message], port: int) -> None:
    """Somebody ignored gets no file; 206 tells a program that it need not wait."""
    anna, berta = world.login("anna", port=port), world.login("berta")
    anna.send(file(), Ignore("berta"))
    hush(anna)
    assert berta.ask(kind("anna", PATH)) == [
        Notice(b"anna is ignoring you"),
        DownloadError("anna", PATH),
    ]
    assert anna.messages() == []


def test_ignored_direct_browse(world: World) -> None:
    """Nobody is asked for a list by somebody ignored; 642 tells a program that it need not wait."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(file(), Ignore("berta"))
    hush(anna)
    refused = DirectBrowseError("anna", b"anna is ignoring you")
    assert berta.ask(DirectBrowse("anna")) == [refused]
    assert anna.messages() == []


def test_ignored_queue(world: World) -> None:
    """Who ignores an uploader hears nothing of the queue there, having asked."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(file())
    berta.send(DownloadRequest("anna", PATH), Ignore("anna"))
    hush(anna, berta)
    assert told(anna.ask(QueueLimit("berta", PATH, 3))) == ["berta is ignoring you"]
    assert berta.messages() == []


def test_ignored_port_error(world: World) -> None:
    """What somebody ignored says of a data port reaches neither its owner nor the moderators."""
    mod, anna, berta = moderator(world), world.login("anna"), world.login("berta")
    anna.send(Ignore("berta"))
    hush(mod, anna)
    assert told(berta.ask(DataPortError("anna"))) == ["anna is ignoring you"]
    assert anna.messages() == mod.messages() == []


def test_user_list(world: World) -> None:
    """A moderator learns who is online and where."""
    mod = moderator(world)
    login(world, "admin", Level.ADMIN, host="2001:db8::1")
    login(world, "leech", Level.LEECH)
    login(world, "elite", Level.ELITE)
    world.login("anna")
    world.hub.network._members["anna"].change(muzzled=True)

    def nicks(*fields: str) -> list[str]:
        *entries, end = mod.ask(UserListRequest(*fields))
        assert end == UserListEnd()
        return [each.nick for each in entries if isinstance(each, UserListEntry)]

    assert nicks() == nicks("*") == nicks("NAPSTER") == ["mod", "admin", "leech", "elite", "anna"]
    assert nicks("*", "ae") == ["admin", "elite"]
    assert nicks("*", "mlx") == ["mod", "leech"]
    assert nicks("*", "u") == nicks("*", "z") == ["anna"]
    assert nicks("*", "x") == []
    entry, _ = mod.ask(UserListRequest("*", "a"))
    assert entry == UserListEntry("admin", "2001:db8::1")


def test_user_list_faults(world: World) -> None:
    """Users learn nothing, and there is no other server; the list ends all the same."""
    answer = world.login("anna").ask(UserListRequest())
    assert [type(each) for each in answer] == [Notice, UserListEnd]
    answer = moderator(world).ask(UserListRequest("elsewhere"))
    assert answer == [Notice(b"there is no server elsewhere here"), UserListEnd()]


@pytest.mark.parametrize("number", [207, 208, 303, 322, 323])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open'])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """A command without its nick is answered with a sentence."""
    assert [type(each) for each in world.login("anna").tell(number, body)] == [Notice]
