"""What the index asks of a catalog.

Every call that touches files answers with a Deferred, one per batch or query, also in memory: a
long query can then be sliced over reactor turns, and a catalog on another machine fits as well.
"""
# ruff: noqa: N805  # methods of a zope interface have no self

from collections.abc import Iterator, Sequence
from typing import Protocol

import attrs
from twisted.internet.defer import Deferred
from zope.interface import Interface

from napster.wire.extension import Family
from napster.wire.messages.sharing import Share
from napster.wire.search import SearchQuery

NOTHING = Family(0)


@attrs.frozen
class Owner:
    """Who shares. The address is the published one, a u32 with little-endian octets."""

    nick: str
    address: int
    port: int
    """The data port; 0 means that nobody can connect there by IPv4."""
    speed: int
    free: bool = False
    """Whether the owner has told of a free upload slot."""
    relayed: bool = False
    """Whether this owner can be met at a relay."""
    ipv6: bool = False
    """Whether others can connect to this owner by IPv6."""
    families: Family = Family.IPV4
    """By what this owner can connect to others."""

    @property
    def reached_by(self) -> Family:
        """By what others can connect to this owner; nothing means firewalled."""
        return (Family.IPV4 if self.port else NOTHING) | (Family.IPV6 if self.ipv6 else NOTHING)


@attrs.frozen
class Hit:
    """One file found, and who shares it."""

    file: Share
    owner: Owner


@attrs.frozen
class FoundContent:
    """One content found, or a file whose content is not known."""

    hit: Hit
    """One offer of it that matches the search.

    It is that of somebody whom the asker can connect to, if there is one; but where many better
    offers do not match, it may be any that does.
    """
    content_id: bytes | None
    """32 bytes."""
    sources: int
    """How many users offer it, be it under several names, whether or not these match."""
    reachable: int
    """How many of them the asker can connect to."""
    free: int
    """How many of those have a free upload slot."""
    since: int
    """When the oldest of the offers was made, in seconds since 1970."""


@attrs.frozen
class Census:
    """All contents that are shared, and those that one owner alone has."""

    contents: int
    rare: int
    size: int
    """Of the rare ones, in bytes."""


@attrs.frozen
class RareContents:
    """Some of the contents that one owner alone has."""

    found: Sequence[FoundContent]
    next: int | None
    """From where on there may be more; None if that was all."""


@attrs.frozen
class Refusal:
    """A file that was not taken into the catalog, and one sentence why."""

    path: bytes
    reason: str


@attrs.frozen
class ShareResult:
    """What became of a batch."""

    accepted: int
    refusals: Sequence[Refusal] = ()


@attrs.frozen
class Asker:
    """Who searches: own files are left out, and those of users whom nothing brings together.

    Somebody can be fetched from who can be connected to, or can connect to the asker, or if both
    can be met at a relay.
    """

    nick: str
    reached_by: Family = Family.IPV4
    """By what others can connect to the asker; nothing means firewalled."""
    families: Family = Family.IPV4
    """By what the asker can connect to others."""
    relayed: bool = False
    """Whether the asker can be met at a relay."""

    def connects_to(self, owner: Owner) -> bool:
        """Whether the asker can connect to an owner."""
        return bool(self.families & owner.reached_by)


class Hits(Protocol):
    """What a search found, in the order to be shown."""

    def __len__(self) -> int:
        """How many files were found."""

    def __iter__(self) -> Iterator[Hit]:
        """Each file found as a value."""

    def frames(self) -> bytes:
        """All of it as finished 201 frames, ready to be written to an old client."""


@attrs.frozen
class Totals:
    """What the catalog holds. Size in bytes."""

    owners: int
    files: int
    size: int


class ICatalog(Interface):
    """The files of everybody online. Nicks are compared without case."""

    def add_owner(owner: Owner) -> None:
        """Admit an owner without files; raises ValueError if the nick is here already."""

    def update_owner(owner: Owner) -> None:
        """Change address, port or speed of an owner; raises KeyError if unknown."""

    def remove_owner(nick: str) -> None:
        """Forget an owner; none of the files is found from this moment on. Unknown: no-op."""

    def share(
        nick: str, records: Sequence[bytes], contents: Sequence[bytes] = ()
    ) -> Deferred[ShareResult]:
        r"""Take files in, given as bodies of message 100 (`"path" md5 size bitrate freq secs`).

        Files that came in another form are offered as a `Listing`, which is a sequence of such.

        `contents` are their content ids, 32 bytes each and not all zero, if those are known.

        A body that cannot be read and a path shared already become refusals; the rest is taken.
        Fires only when all accepted files can be found; fails with KeyError if the nick is unknown.
        """

    def unshare(nick: str, path: bytes) -> Deferred[bool]:
        """Withdraw a file, looked up as by `find`; fires with whether it was there."""

    def unshare_all(nick: str) -> Deferred[int]:
        """Withdraw all files of an owner; fires with how many there were."""

    def search(query: SearchQuery, asker: Asker) -> Deferred[Hits]:
        """Find files, at most `query.max_results`."""

    def search_contents(query: SearchQuery, asker: Asker) -> "Deferred[Sequence[FoundContent]]":
        """Find at most `query.max_results` contents; files without a content id stand alone."""

    def holders(content_id: bytes, asker: Asker) -> "Deferred[Sequence[Hit]]":
        """Find who shares a content: at most 1,000, those who can be connected to first."""

    def copies(contents: Sequence[bytes], nick: str) -> "Deferred[Sequence[int]]":
        """Tell how many owners besides one share each of some contents."""

    def census() -> "Deferred[Census]":
        """Count all contents, and those that one owner alone has."""

    def rare(after: int, most: int, asker: Asker) -> "Deferred[RareContents]":
        """List contents that one owner alone has: about `most`, from a place in an order on.

        That order is of no meaning; it begins with 0. What the asker may not see, and their own,
        is left out.
        """

    def browse(nick: str, limit: int | None = None) -> "Deferred[Sequence[Share]]":
        """List an owner's files; fires with an empty list for an unknown owner."""

    def find(nick: str, path: bytes) -> Deferred[Share | None]:
        """Look one file up; fires with it as it was shared, or None.

        Exactly, else without case if only one of the owner's paths is alike: programs of the time
        change the case of paths, and disks hold names that differ in nothing else.
        """

    def sources(md5: bytes, size: int, asker: Asker) -> "Deferred[Sequence[Hit]]":
        """Find who shares a file of this historic MD5 and size."""

    def frequency(word: bytes) -> int:
        """How many files have a folded word; 0 for an unknown one."""

    def nearest(word: bytes) -> "Deferred[bytes | None]":
        """Find the known word spelt most like an unknown one; fires with None if none is near.

        `napster.catalog.spelling.nearest` does it for any `Lexicon`, in steps that can be sliced.
        """

    def tidy() -> None:
        """Make the next questions quicker, unless files have come since this was last called.

        For whoever calls it several times a second. It takes a while, between other things.
        """

    def count(nick: str) -> int:
        """How many files an owner shares; 0 for an unknown one."""

    def totals() -> Totals:
        """Say what the catalog holds now; the size may lack files that have just come."""
