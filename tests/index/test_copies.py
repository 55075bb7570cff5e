"""How many hold a content, and which contents one user alone does."""

from pathlib import Path

import pytest_twisted

from napster.wire.extension import (
    VERSION,
    ContentShared,
    CopiesCounted,
    CountCopies,
    Feature,
    FindRare,
    Found,
    Greeting,
    RareTold,
    ShareContent,
)
from napster.wire.messages.login import Notice
from tests.index.client import running_index
from tests.index.harness import EXTENDED, World
from tests.index.test_contents import DIRECTORY, ONE, TWO, content, login

THREE = b"3" * 32


def shared_by_both(world: World) -> None:
    """Let two users share one content each has, and one of their own."""
    login(world, "anna", content(), content(b"two.mp3", TWO))
    login(world, "carl", content(b"one.mp3", TWO), content(b"three.mp3", THREE), port=0)


def test_copies(world: World) -> None:
    """Others are counted, also those nobody can connect to; whoever asks is not."""
    shared_by_both(world)
    berta = login(world, "berta", content(b"mine.mp3", THREE))
    answer = berta.ask(CountCopies(9, ONE + TWO + THREE + b"4" * 32))
    assert answer == [CopiesCounted(9, bytes.fromhex("01000000 02000000 01000000 00000000"))]


def test_rare_contents(world: World) -> None:
    """What one user alone has is told, with how many there are of all; the asker's own is not."""
    shared_by_both(world)
    berta = login(world, "berta", content(b"mine.mp3", b"4" * 32))
    *found, told = berta.ask(FindRare(9))
    assert sorted(each.content_id for each in found if isinstance(each, Found)) == [ONE, THREE]
    assert told == RareTold(9, 4, 3, 3000)


def test_pages(world: World) -> None:
    """Many are told page by page."""
    files = [content(b"%d.mp3" % number, number.to_bytes(32, "little")) for number in range(1, 151)]
    login(world, "anna", *files)
    berta = login(world, "berta")
    *first, told = berta.ask(FindRare(1))
    assert isinstance(told, RareTold)
    assert (len(first), told.rare) == (100, 150)
    *second, end = berta.ask(FindRare(2, told.next))
    assert (len(second), end) == (50, RareTold(2, 150, 150, 150_000))


def test_totals_are_counted_now_and_then(world: World) -> None:
    """All contents are not looked through for everybody who asks."""
    login(world, "anna", content())
    berta = login(world, "berta")
    assert berta.ask(FindRare(1))[-1] == RareTold(1, 1, 1, 1000)
    login(world, "carl", content(content_id=TWO))
    assert berta.ask(FindRare(2))[-1] == RareTold(2, 1, 1, 1000)
    world.clock.advance(61)
    assert berta.ask(FindRare(3))[-1] == RareTold(3, 2, 2, 2000)


def test_too_many_at_once(world: World) -> None:
    """That is refused with a sentence."""
    (answer,) = login(world, "berta").ask(CountCopies(9, bytes(32 * 501)))
    assert answer == Notice(b"at most 500 contents can be asked about at once (20024)")


def test_much_of_it_is_slowed_down() -> None:
    """Whoever asks about more contents than a user may is read more slowly, and refused nothing."""
    world = World(command_rate=10, burst_seconds=1)
    berta = login(world, "berta")
    question = CountCopies(1, bytes(32 * 500))
    answers = berta.ask(*[question] * 3)
    assert len(answers) < 3
    for _ in range(5):
        world.clock.advance(1)
        answers += berta.messages()
    assert len(answers) == 3


def test_without_the_feature(world: World) -> None:
    """Whoever has not agreed on content ids is told so."""
    berta = world.login("berta", client=EXTENDED)
    for question in (CountCopies(1, ONE), FindRare(1)):
        (answer,) = berta.ask(question)
        assert isinstance(answer, Notice)
        assert b"takes the feature CONTENT" in answer.text


@pytest_twisted.ensureDeferred
async def test_over_real_connections(tmp_path: Path) -> None:
    """The large catalog answers the same through a running index."""
    async with running_index(tmp_path) as index:
        anna, berta = [await index.client(nick, client=EXTENDED) for nick in ("anna", "berta")]
        for client in (anna, berta):
            client.send(Greeting(VERSION, Feature.CONTENT))
        anna.send(ShareContent(1, DIRECTORY, (content(), content(b"two.mp3", TWO))))
        assert await anna.get(ContentShared) == ContentShared(1, 2, ())
        berta.send(CountCopies(1, ONE + THREE), FindRare(2))
        assert await berta.get(CopiesCounted) == CopiesCounted(1, bytes.fromhex("0100000000000000"))
        found = {(await berta.get(Found)).content_id for _ in range(2)}
        assert found == {ONE, TWO}
        assert await berta.get(RareTold) == RareTold(2, 2, 2, 2000)
        for client in (anna, berta):
            await client.close()
