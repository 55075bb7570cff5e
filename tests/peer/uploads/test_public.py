"""What everybody may have: all the index is told of, also when the rules change."""

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from napster.peer.library.listeners import Listeners
from napster.peer.library.shared_file import SharedFile
from napster.peer.uploads.access import Access
from napster.peer.uploads.public import PublicFiles
from tests.peer.index_link.fakes import shared_file

OPEN = Access()
CLOSED = Access(shares={b"photos": "friends"})


class Library(Listeners):
    """Files, and those who hear of changes."""

    def __init__(self, *paths: bytes) -> None:
        super().__init__()
        self.all = [shared_file(path) for path in paths]

    def files(self) -> Sequence[SharedFile]:
        return self.all


class Index:
    """What an index that is told of everything knows."""

    def __init__(self, public: PublicFiles) -> None:
        self.known = {file.path for file in public.files()}
        self.told: list[bytes] = []
        public.subscribe(self)

    def files_added(self, files: Sequence[SharedFile]) -> None:
        self.known.update(file.path for file in files)
        self.told += [file.path for file in files]

    def files_removed(self, files: Sequence[SharedFile]) -> None:
        self.known -= {file.path for file in files}
        self.told += [file.path for file in files]


PUBLIC, PRIVATE = b"Music\\a", b"Photos\\a"


def change(clock: Clock, public: PublicFiles, access: Access) -> None:
    changed = Deferred.fromCoroutine(public.set_access(access))
    while not changed.called:
        clock.advance(0)


def test_restricted_files_are_never_told() -> None:
    """Neither at the start, nor when they come or go."""
    library = Library(PUBLIC, PRIVATE)
    index = Index(PublicFiles(Clock(), library, CLOSED))
    assert index.known == {PUBLIC}
    library.added([shared_file(b"Music\\b"), shared_file(b"Photos\\b")])
    library.removed([shared_file(b"Music\\b"), shared_file(b"Photos\\b")])
    assert index.told == [b"Music\\b", b"Music\\b"]


def test_a_share_that_is_closed_is_withdrawn_and_one_that_is_opened_is_offered() -> None:
    """Of many files, in turns."""
    photos = [b"Photos\\%d" % number for number in range(5000)]
    library, clock = Library(PUBLIC, *photos), Clock()
    public = PublicFiles(clock, library, OPEN)
    index = Index(public)
    change(clock, public, CLOSED)
    assert index.known == {PUBLIC}
    change(clock, public, OPEN)
    assert index.known == {PUBLIC, *photos}


def test_other_rules_that_change_nothing_here() -> None:
    """Nobody is told anything because of a ban."""
    library, clock = Library(PUBLIC, PRIVATE), Clock()
    public = PublicFiles(clock, library, CLOSED)
    index = Index(public)
    change(clock, public, Access(shares=CLOSED.shares, banned_users=frozenset({"spam"})))
    assert index.told == []


def test_a_file_that_goes_while_its_share_is_closed() -> None:
    """It is withdrawn though it is not public any more."""
    library, clock = Library(PRIVATE), Clock()
    public = PublicFiles(clock, library, OPEN)
    index = Index(public)
    changed = Deferred.fromCoroutine(public.set_access(CLOSED))
    library.all.clear()
    library.removed([shared_file(PRIVATE)])
    while not changed.called:
        clock.advance(0)
    assert index.known == set()
