"""Moving an owner's files together when many have been withdrawn one by one.

A block is free again only when all of its files are dead. An owner whose folders change all day
would come to hold many blocks with a few files each; so those files move to new blocks.
"""

from napster.catalog.memory.batch import of_singles
from napster.catalog.memory.blocks import BLOCK, Blocks
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.slices import Steps

_SPARE = 4 * BLOCK


def is_sparse(shelf: Shelf) -> bool:
    """Whether a shelf's blocks hold more dead ids than files."""
    return shelf.dead > shelf.count + _SPARE and not shelf.moving


def repack(shelf: Shelf, blocks: Blocks, lookup: Lookup, intake: Intake) -> Steps[None]:
    """Move all files of a shelf to new blocks, a block at a time; they can be found all along."""
    shelf.moving = True
    shelf.close_block()
    numbers = list(shelf.blocks)
    yield from intake.settled_of(shelf)
    for number in numbers:
        yield from intake.settled()
        while shelf.watchers or blocks.watchers:
            yield
        if number in shelf.blocks:
            singles = lookup.singles(number)
            blocks.kill_block(number)
            shelf.gain(-len(singles), -sum(each.file.size for each in singles))
            for batch in of_singles(singles):
                intake.add(shelf, batch)
            intake.settle()
            blocks.moves += 1
        yield
    shelf.moving = False
