"""What is known of users, by the level of whoever asks."""

import attrs
import pytest

from napster.index.channels.channel import Mode
from napster.index.levels import Level
from napster.wire.messages.channels import Join
from napster.wire.messages.login import Notice
from napster.wire.messages.people import Whois, WhoisRequest, Whowas
from tests.index.channels.people import hush, login, told
from tests.index.harness import Conn, World


def ask(conn: Conn, nick: str = "anna") -> Whois:
    """Ask about somebody online."""
    (answer,) = conn.ask(WhoisRequest(nick))
    assert isinstance(answer, Whois)
    return answer


def test_channels(world: World) -> None:
    """Channels are told as OpenNap does; a private one to its members and to moderators only."""
    anna, berta = world.login("anna"), world.login("berta")
    mod = login(world, "mod", Level.MODERATOR)
    anna.send(Join("a"), Join("b"), Join("c"))
    berta.send(Join("b"))
    hush(anna, berta, mod)
    for name in "bc":
        channel = world.hub.channels.find(name)
        assert channel
        world.hub.channels.amend(channel, modes=frozenset({Mode.PRIVATE}))
    assert ask(berta).body().startswith(b'anna "User" 0 " #a #b " "Active" ')
    assert ask(mod).channels == ask(anna).channels == b" #a #b #c "


@pytest.mark.parametrize("level", [Level.LEECH, Level.USER])
def test_users(world: World, level: Level) -> None:
    """Users learn nothing of addresses and mail."""
    world.login("anna")
    asker = login(world, "asker", level)
    hush(asker)
    whois = ask(asker)
    assert (whois.address, whois.email, whois.server) == (None, None, None)
    assert whois.body().endswith(b' 0 0 0 8 "test 1.0"')


def test_moderators(world: World) -> None:
    """Moderators learn totals, address, both ports and mail."""
    world.register("anna")
    world.accounts.rows["anna"] = attrs.evolve(world.accounts.rows["anna"], downloads=7, uploads=9)
    world.login("anna")
    mod = login(world, "mod", Level.MODERATOR)
    hush(mod)
    assert ask(mod).body().endswith(b' "test 1.0" 7 9 192.0.2.1 50000 6699 anna@example.org')


@pytest.mark.parametrize("level", [Level.ADMIN, Level.ELITE])
def test_admins(world: World, level: Level) -> None:
    """Admins learn the server as well."""
    world.login("anna", "2001:db8::1")
    admin = login(world, "admin", level)
    hush(admin)
    assert ask(admin).body().endswith(b" 0 0 2001:db8::1 50000 0 anon@napster napster")


def test_muzzled(world: World) -> None:
    """Everybody sees who may not talk."""
    anna = world.login("anna")
    world.hub.network._members["anna"].change(muzzled=True)
    assert ask(anna).status == b"Muzzled"


def test_moderators_are_told_who_asks(world: World) -> None:
    """Moderators and those above are told who asks about them, others are not."""
    mod, anna = login(world, "mod", Level.MODERATOR), world.login("anna")
    hush(mod, anna)
    ask(anna, "mod")
    assert told(mod.messages()) == ["anna has requested your info"]
    ask(mod, "mod")
    ask(mod, "anna")
    assert mod.messages() == anna.messages() == []


def test_moderators_are_told_no_more_often_than_by_messages() -> None:
    """To ask about a moderator counts as a message; to ask about others does not."""
    world = World(message_rate=1, burst_seconds=3)
    mod, anna = login(world, "mod", Level.MODERATOR), world.login("anna")
    world.login("berta")
    hush(mod, anna)
    anna.send(*[WhoisRequest("mod")] * 4, *[WhoisRequest("berta")] * 9)
    world.clock.pump([0.05] * 3)
    answers = anna.messages()
    (refused,) = told([each for each in answers if isinstance(each, Notice)])
    assert refused.startswith("Too many messages to others")
    assert sum(isinstance(each, Whois) for each in answers) == 3 + 9
    assert told(mod.messages()) == ["anna has requested your info"] * 3
    world.end()


def test_level_of_somebody_away(world: World) -> None:
    """The level of a registered nick is told while its owner is away."""
    login(world, "admin", Level.ADMIN).lose()
    assert world.login("anna").ask(WhoisRequest("ADMIN")) == [Whowas("admin", b"Admin", 2000)]
