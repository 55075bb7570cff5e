"""Whatever users do in channels, everybody knows who is where."""

from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.logger import capturedLogs

from napster.index.channels.channel import Mode
from napster.index.levels import Level
from napster.wire.messages import (
    CLIENT_MESSAGES,
    MAX_BODY,
    SERVER_MESSAGES,
    Message,
    channels,
    chanops,
)
from napster.wire.messages.channels import Joined, ListedMember, MemberCame, MemberLeft, Part
from tests.index.channels.people import login
from tests.index.harness import Conn, World

NICKS = ("anna", "berta", "carl", "mod", "elite")
LEVELS = {"anna": Level.USER, "mod": Level.MODERATOR, "elite": Level.ELITE}
ROOMS = ("#a", "b", "#B", "&c")
MODES = [f"{sign}{mode.value}" for sign in "+-" for mode in Mode]

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "channel": st.sampled_from(ROOMS),
    "nick": st.sampled_from(NICKS),
    "nicks": st.lists(st.sampled_from(NICKS), max_size=2).map(tuple),
    "mask": st.sampled_from([*NICKS, "*", "192.0.2.0/24", "x!y"]),
    "changes": st.lists(st.sampled_from([*MODES, "+x"]), max_size=2).map(tuple),
    "level": st.sampled_from([None, "User", "Moderator", "5"]),
    "limit": st.sampled_from([None, 0, 1, 2, 65_535]),
    "topic": st.sampled_from([b"", b" ", b"news"]),
    "text": st.sampled_from([b"", b"hi", b"x" * 300]),
    "reason": st.sampled_from([b"", b"why"]),
}
KINDS = [
    kind
    for kind in CLIENT_MESSAGES.values()
    if kind.__module__ in {channels.__name__, chanops.__name__}
    if {each.name for each in attrs.fields(kind)} <= set(FIELDS)
]
COMING = [channels.Join, channels.Join, channels.Part]


def message(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Make messages of a class."""
    return st.builds(kind, **{each.name: FIELDS[each.name] for each in attrs.fields(kind)})


acts = st.tuples(st.sampled_from(NICKS), st.sampled_from(KINDS + COMING).flatmap(message))


class View:
    """Who is in which channel, as one client knows it from what it is told."""

    def __init__(self, conn: Conn) -> None:
        self.conn = conn
        self.rooms: dict[str, set[str]] = {}

    def listen(self) -> None:
        for number, body in self.conn.frames():
            assert len(body) <= MAX_BODY
            self._hear(SERVER_MESSAGES[number].from_body(body))

    def _hear(self, said: Message) -> None:
        if isinstance(said, Joined):
            assert said.channel not in self.rooms
            self.rooms[said.channel] = set()
        elif isinstance(said, Part):
            del self.rooms[said.channel]
        elif isinstance(said, ListedMember | MemberCame):
            assert said.nick not in self.rooms[said.channel]
            self.rooms[said.channel].add(said.nick)
        elif isinstance(said, MemberLeft):
            self.rooms[said.channel].remove(said.nick)


def check(world: World, views: dict[str, View]) -> None:
    """Look whether the index's own books and what its clients know agree."""
    there = {each.name: {m.nick for m in each.members.values()} for each in world.hub.channels}
    for nick, view in views.items():
        view.listen()
        assert view.rooms == {name: who for name, who in there.items() if nick in who}
        assert set(view.rooms) == {each.name for each in world.hub.channels.of(nick)}
    for channel in world.hub.channels:
        assert channel.members or channel.has(Mode.REGISTERED)
        kept = world.channel_store.kept.get(channel.name.lower())
        assert kept == (channel.charter if channel.has(Mode.REGISTERED) else None)
    told = {name: set(nicks) for name, nicks in world.hub.network._channels.items()}
    assert told == {name.lower(): who for name, who in there.items() if who}


@settings(max_examples=400, deadline=None)
@given(said=st.lists(acts, max_size=40), goes=st.sampled_from(NICKS))
def test_everybody_knows_who_is_where(said: list[tuple[str, Message]], goes: str) -> None:
    """After every act each client knows the members of its channels, and of no others."""
    world = World(command_rate=0, message_rate=0, search_rate=0, max_channels=2)
    views = {nick: View(login(world, nick, LEVELS.get(nick))) for nick in NICKS}
    with capturedLogs() as events:
        for nick, message_ in said:
            views[nick].conn.send(message_)
            check(world, views)
        views.pop(goes).conn.lose()
        check(world, views)
        world.end()
    assert not [event for event in events if "log_failure" in event]
