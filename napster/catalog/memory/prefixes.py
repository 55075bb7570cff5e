r"""What paths of one batch have in common.

A path is kept as a prefix and a name. Where many files in a row come from the same directory, that
directory is their prefix, kept once for all of them and split into words once. Where directories
keep changing, the prefix is the directory that all the batch lies under, and names are longer.
"""

from napster.catalog.listing import Listing

_SEPARATOR = b"\\"
END = b"\0"
"""What stands behind each name."""
_SCATTERED = 0.75


def prefixed(listing: Listing) -> tuple[list[bytes], list[bytes], list[int]]:
    """Return what is kept as the names of files, as their prefixes, and how many have each."""
    directories = listing.directories
    if len(directories) <= max(1, _SCATTERED * len(listing)):
        return listing.names, directories, listing.lengths
    shared = _shared_directory(min(directories), max(directories))
    return listing.paths(len(shared)), [shared], [len(listing)]


def _shared_directory(low: bytes, high: bytes) -> bytes:
    """Return the directory that the first and the last of some directories are in, or are."""
    pairs = zip(low, high, strict=False)
    alike = next((at for at, (one, other) in enumerate(pairs) if one != other), len(low))
    return low[: low.rfind(_SEPARATOR, 0, alike) + 1]
