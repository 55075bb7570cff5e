"""Files get their ids, and their names are written to the texts of their blocks."""

from napster.catalog.interface import Owner
from napster.catalog.memory.blocks import BLOCK, Blocks
from napster.catalog.memory.pieces import Pieces
from napster.catalog.memory.shelf import Shelf, Tally
from napster.catalog.memory.texts import write


def _shelf(number: int) -> Shelf:
    return Shelf(Owner(f"user{number}", 0, 0, 0), number, Tally())


def test_ids_are_successive_as_far_as_a_block_goes() -> None:
    """Files of one directory are one piece in each block they are in."""
    blocks, one, other = Blocks(8 * BLOCK), _shelf(1), _shelf(2)
    pieces = Pieces()
    pieces.add([b"a\\"], [BLOCK - 2], one, 20, blocks)
    pieces.add([b"b\\"], [3], other, 20, blocks)
    pieces.add([b"a\\", b"c\\"], [1, 3], one, 20, blocks)
    assert pieces.prefixes == [b"a\\", b"b\\", b"a\\", b"c\\", b"c\\"]
    assert pieces.lengths == [BLOCK - 2, 3, 1, 1, 2]
    assert pieces.first_ids == [0, BLOCK, BLOCK - 2, BLOCK - 1, 2 * BLOCK]
    expected = [*range(BLOCK - 2), BLOCK, BLOCK + 1, BLOCK + 2]
    expected += [BLOCK - 2, BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1]
    assert pieces.ids().tolist() == expected


def test_a_prefix_is_written_once_for_files_that_follow_each_other() -> None:
    """Also if others come in between, or the files come at different times."""
    blocks, one, other = Blocks(8 * BLOCK), _shelf(1), _shelf(2)
    pieces = Pieces()
    pieces.add([b"a\\"], [2], one, 20, blocks)
    pieces.add([b"b\\"], [1], other, 20, blocks)
    pieces.add([b"a\\", b""], [1, 1], one, 20, blocks)
    places = write(pieces, b"x\0yy\0z\0u\0v\0", blocks)
    assert blocks[0].text == b"a\\xyyuv"
    assert blocks[1].text == b"b\\z"
    assert places.name_at.tolist() == [2, 3, 2, 5, 6]
    assert places.name_length.tolist() == [1, 2, 1, 1, 1]
    assert places.prefix_at.tolist() == [0, 0, 0, 0, 6]
    assert places.prefix_length.tolist() == [2, 2, 2, 2, 0]
    later = Pieces()
    later.add([b"", b"a\\"], [1, 1], one, 20, blocks)
    assert write(later, b"w\0q\0", blocks).prefix_at.tolist() == [6, 8]
    assert blocks[0].text == b"a\\xyyuvwa\\q"


def test_lengths_of_more_than_a_byte_are_cut_off() -> None:
    """The files are odd, so nobody reads them."""
    blocks, pieces = Blocks(BLOCK), Pieces()
    pieces.add([b"p" * 255, b"p" * 256], [1, 1], _shelf(1), 600, blocks)
    places = write(pieces, b"n" * 256 + b"\0" + b"n" * 255 + b"\0", blocks)
    assert places.name_length.tolist() == [255, 255]
    assert places.prefix_length.tolist() == [255, 255]
