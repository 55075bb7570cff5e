"""Questions that take many steps while ids come to stand for other files."""

from pyroaring import BitMap

from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.undisturbed import undisturbed


def _change(blocks: Blocks) -> bool:
    """Release blocks, as a sweep does: only if nobody must not be disturbed."""
    if blocks.watchers:
        return False
    blocks.release([], BitMap())
    return True


def _question(blocks: Blocks) -> Steps[None]:
    """Fail if ids came to stand for others meanwhile, and this goes on nevertheless."""
    before = blocks.changes
    for _ in range(5):
        yield
        assert blocks.changes == before


def test_a_question_begins_anew_once_and_ends() -> None:
    """However often ids would change; what changes them has its turn between two questions."""
    blocks = Blocks(1 << 16)
    for _ in range(3):
        changed = [_change(blocks) for _ in undisturbed(blocks, lambda: _question(blocks))]
        assert changed == [True] + [False] * 5
    assert _change(blocks)


def test_a_question_that_is_given_up_is_in_nobodys_way() -> None:
    """Whoever asked may leave before the answer is there."""
    blocks = Blocks(1 << 16)
    steps = undisturbed(blocks, lambda: _question(blocks))
    next(steps)
    _change(blocks)
    next(steps)
    assert not _change(blocks)
    steps.close()
    assert _change(blocks)
