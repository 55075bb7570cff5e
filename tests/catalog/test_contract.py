"""What every catalog must do."""

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from napster.catalog.interface import NOTHING, Asker, ICatalog, Totals
from napster.catalog.words import terms
from napster.wire.extension import Family
from napster.wire.messages.searching import SearchHit
from napster.wire.messages.sharing import Share
from napster.wire.search import Range, SearchQuery
from tests.catalog.helpers import CATALOGS, MD5, SOMEBODY, fired, found, owner, query, record, share

SONG = rb"C:\Music\The Artist\01 - A Song.mp3"


def test_it_is_a_catalog(catalog: ICatalog) -> None:
    """The class provides all that the index asks for."""
    assert verifyObject(ICatalog, catalog)


@pytest.mark.parametrize(
    "phrases",
    [
        [b"song"],
        [b"SONG artist"],
        [b"a"],
        [b"01", b"mp3 c"],
        [b"song", b"song"],
        [b"art*"],
        [b"artist*"],
        [b"s* ar* mus*"],
        [b"song", b"!!!"],
    ],
)
def test_words_anywhere_in_the_path_are_found(catalog: ICatalog, phrases: list[bytes]) -> None:
    """Whole words and prefixes, in any order, case folded."""
    catalog.add_owner(owner())
    share(catalog, "anna", SONG)
    assert found(catalog, query(*phrases)) == {SONG}


@pytest.mark.parametrize(
    "phrases",
    [[], [b""], [b"!!!"], [b"son"], [b"ong"], [b"song other"], [b"other*"], [b"song", b"other"]],
)
def test_what_is_not_there_is_not_found(catalog: ICatalog, phrases: list[bytes]) -> None:
    """Parts of words, missing words and queries without any word find nothing."""
    catalog.add_owner(owner())
    share(catalog, "anna", SONG)
    assert found(catalog, query(*phrases)) == set()


def test_accents_do_not_matter(catalog: ICatalog) -> None:
    """A name is found by each spelling of it, in each encoding."""
    spellings = ["Björk".encode(), b"Bj\xf6rk", "Bjo\u0308rk".encode(), b"bjork", b"BJORK"]
    catalog.add_owner(owner())
    paths = [b"%d\\%b" % (number, spelling) for number, spelling in enumerate(spellings)]
    share(catalog, "anna", *paths)
    for spelling in spellings:
        assert found(catalog, query(spelling)) == set(paths)


def test_excluded_words(catalog: ICatalog) -> None:
    """A file with any excluded word or prefix is left out; excluding alone finds nothing."""
    catalog.add_owner(owner())
    share(catalog, "anna", b"song live.mp3", b"song remixed.mp3", b"song.mp3")
    assert found(catalog, query(b"song", excludes=[b"live remix*"])) == {b"song.mp3"}
    assert found(catalog, query(b"song", excludes=[b"unknown"])) >= {b"song.mp3"}
    assert found(catalog, query(excludes=[b"live"])) == set()


@pytest.mark.parametrize(
    "options",
    [
        {"speed": Range(8, None)},
        {"speed": Range(None, 6)},
        {"bitrate": Range(129, 191)},
        {"frequency": Range(48000, None)},
        {"size": Range(1001, None)},
        {"size": Range(None, 999)},
        {"duration": Range(61, 61)},
        {"type": b"video"},
        {"type": b"unheard-of"},
        {"extension": b"song"},
    ],
)
def test_filters_leave_files_out(catalog: ICatalog, options: dict[str, object]) -> None:
    """Each filter applies, to searches with words and without."""
    catalog.add_owner(owner(speed=7))
    share(catalog, "anna", SONG)
    assert found(catalog, query(b"song", **options)) == set()
    assert found(catalog, query(**options)) == set()


@pytest.mark.parametrize(
    "options",
    [
        {"speed": Range(7, 7)},
        {"bitrate": Range(128, None)},
        {"frequency": Range(None, 44100)},
        {"size": Range(1000, 1000)},
        {"duration": Range(60, 61)},
        {"type": b"mp3"},
        {"type": b"audio"},
        {"extension": b"mp3"},
    ],
)
def test_filters_let_files_through(catalog: ICatalog, options: dict[str, object]) -> None:
    """The ends of a range belong to it; filters alone list all that passes."""
    catalog.add_owner(owner(speed=7))
    share(catalog, "anna", SONG)
    assert found(catalog, query(b"song", **options)) == {SONG}
    assert found(catalog, query(**options)) == {SONG}
    assert found(catalog, query(b"!!!", **options)) == set()


@pytest.mark.parametrize("length", [254, 255, 256, 600, 1500])
def test_paths_of_any_length_come_back_whole(catalog: ICatalog, length: int) -> None:
    """Whether it is the directory that is long or the name, and among others that are short."""
    catalog.add_owner(owner("anna"))
    long_name = b"a\\song " + b"x" * (length - 7)
    long_directory = b"x" * (length - 9) + b"\\song.mp3"
    paths = [b"a\\song.mp3", long_name, b"a\\song 2.mp3", long_directory, b"b\\song.mp3"]
    share(catalog, "anna", *paths)
    assert [file.path for file in fired(catalog.browse("anna"))] == paths
    assert found(catalog, query(b"song")) == set(paths)
    assert fired(catalog.find("anna", long_name.upper())).path == long_name
    assert fired(catalog.unshare("anna", long_directory))
    assert found(catalog, query(b"song")) == {*paths} - {long_directory}


def test_who_asks_decides_what_is_shown(catalog: ICatalog) -> None:
    """Own files are left out, and for the firewalled what nobody can fetch for them."""
    catalog.add_owner(owner("Anna", port=6699))
    catalog.add_owner(owner("Bert", port=0))
    share(catalog, "anna", b"song anna")
    share(catalog, "bert", b"song bert")
    song = query(b"song")
    assert found(catalog, song, Asker("ANNA")) == {b"song bert"}
    assert found(catalog, song, Asker("bert", reached_by=NOTHING)) == {b"song anna"}
    assert found(catalog, song, Asker("cleo", reached_by=NOTHING)) == {b"song anna"}
    assert found(catalog, song, Asker("cleo")) == {b"song anna", b"song bert"}


def test_a_relay_shows_more(catalog: ICatalog) -> None:
    """The firewalled see those of the firewalled whom they can meet at a relay."""
    bert, carl = owner("bert", port=0), owner("carl", port=0)
    for each in (bert, carl, owner("anna", port=6699)):
        catalog.add_owner(each)
        fired(catalog.share(each.nick, [record(b"song " + each.nick.encode(), MD5)], [b"1" * 32]))
    catalog.update_owner(attrs.evolve(carl, relayed=True))
    both = Asker("dora", reached_by=NOTHING, relayed=True)
    assert found(catalog, query(b"song"), both) == {b"song anna", b"song carl"}
    only = Asker("dora", reached_by=NOTHING)
    assert found(catalog, query(b"song"), only) == {b"song anna"}
    assert found(catalog, query(b"song"), Asker("dora", relayed=True)) == {
        b"song anna",
        b"song bert",
        b"song carl",
    }
    holders = [hit.owner.nick for hit in fired(catalog.holders(b"1" * 32, both))]
    assert holders == ["anna", "carl"]
    (content,) = fired(catalog.search_contents(query(b"song"), both))
    assert (content.sources, content.reachable) == (2, 1)


def test_results_stop_at_the_limit_and_take_turns(catalog: ICatalog) -> None:
    """With more hits than asked for, repeated searches show all of them in time."""
    for nick in ("anna", "bert", "cleo"):
        catalog.add_owner(owner(nick))
        share(catalog, nick, *(b"%d song %b" % (n, nick.encode()) for n in range(50)))
    seen = [found(catalog, query(b"song", max_results=10)) for _ in range(100)]
    assert {len(paths) for paths in seen} == {10}
    assert {path.split()[2] for paths in seen for path in paths} == {b"anna", b"bert", b"cleo"}
    assert found(catalog, query(b"song", max_results=0)) == set()


def test_frames_are_what_the_values_say(catalog: ICatalog) -> None:
    """The finished 201 frames hold the same files as the values, whole sizes included."""
    catalog.add_owner(owner())
    big = record(b"big song", size=2**40 + 1, bitrate=320, frequency=96000, duration=90000)
    fired(catalog.share("anna", [record(SONG), big]))
    hits = fired(catalog.search(query(b"song"), SOMEBODY))
    frames = hits.frames()
    expected = b"".join(
        SearchHit(
            path=hit.file.path,
            md5=hit.file.md5,
            size=hit.file.size,
            bitrate=hit.file.bitrate,
            frequency=hit.file.frequency,
            duration=hit.file.duration,
            nick="anna",
            address=16777343,
            speed=7,
        ).frame()
        for hit in hits
    )
    assert frames == expected
    assert len(hits) == 2
    assert b'"big song" %b 1099511627777 320 96000 90000 anna 16777343 7' % MD5 in frames


def test_refusals_leave_the_rest_of_the_batch_alone(catalog: ICatalog) -> None:
    """What cannot be taken is named with its reason; everything else is found."""
    catalog.add_owner(owner())
    batch = [record(b"one"), b"nonsense", record(b"one"), record(b"two"), record(b"x" * 3000)]
    result = fired(catalog.share("anna", batch))
    assert result.accepted == 2
    assert [refusal.path[:4] for refusal in result.refusals] == [b"", b"one", b"xxxx"]
    assert result.refusals[1].reason == "duplicate file"
    assert found(catalog, query(b"one")) | found(catalog, query(b"two")) == {b"one", b"two"}


def test_a_duplicate_of_an_earlier_batch_is_refused(catalog: ICatalog) -> None:
    """Paths are compared with all that the owner shares, but not with others' files."""
    catalog.add_owner(owner("anna"))
    catalog.add_owner(owner("bert"))
    share(catalog, "anna", b"one")
    assert fired(catalog.share("anna", [record(b"one")])).refusals[0].reason == "duplicate file"
    assert fired(catalog.share("bert", [record(b"one")])).accepted == 1
    assert catalog.count("anna") == 1


def test_paths_that_differ_in_case_are_several_files(catalog: ICatalog) -> None:
    """Each is found and withdrawn by its own path; a path that may mean two of them is nobody's."""
    catalog.add_owner(owner())
    share(catalog, "anna", b"song one", b"Song one", b"SONG one")
    assert found(catalog, query(b"song")) == {b"song one", b"Song one", b"SONG one"}
    for path in (b"song one", b"Song one", b"SONG one"):
        assert fired(catalog.find("anna", path)).path == path
    assert fired(catalog.find("anna", b"song ONE")) is None
    assert fired(catalog.unshare("anna", b"song ONE")) is False
    assert fired(catalog.unshare("anna", b"Song one")) is True
    assert fired(catalog.unshare("anna", b"SONG one")) is True
    assert fired(catalog.find("anna", b"song ONE")).path == b"song one"
    assert found(catalog, query(b"song")) == {b"song one"}


def test_sharing_needs_an_owner(catalog: ICatalog) -> None:
    """Files of a nick that was never admitted are a caller's mistake."""
    with pytest.raises(KeyError):
        fired(catalog.share("nobody", [record(b"one")]))


def test_families_that_do_not_meet(catalog: ICatalog) -> None:
    """Who has IPv6 only is shown to those with IPv6; or by what that user can connect to them."""
    both = Family.IPV4 | Family.IPV6
    six = attrs.evolve(owner("six", port=0), ipv6=True, families=Family.IPV6)
    for each in (six, owner("four"), attrs.evolve(owner("two"), families=both)):
        catalog.add_owner(each)
        fired(catalog.share(each.nick, [record(b"song " + each.nick.encode(), MD5)], [b"1" * 32]))
    every = {b"song six", b"song four", b"song two"}
    for asker, seen, reachable in (
        (Asker("x"), every - {b"song six"}, 2),
        (Asker("x", families=both), every, 3),
        (Asker("x", NOTHING, both), every, 3),
        (Asker("x", NOTHING, Family.IPV6), {b"song six"}, 1),
        (Asker("x", Family.IPV6, Family.IPV6), {b"song six", b"song two"}, 1),
        (Asker("x", both, Family.IPV4), every, 2),
    ):
        assert found(catalog, query(b"song"), asker) == seen
        (content,) = fired(catalog.search_contents(query(b"song"), asker))
        assert (content.sources, content.reachable) == (len(seen), reachable)


def test_owners_come_change_and_go(catalog: ICatalog) -> None:
    """A nick has one place; its files go with it; new data show in later results."""
    catalog.add_owner(owner("Anna", speed=3))
    with pytest.raises(ValueError, match="place"):
        catalog.add_owner(owner("aNNA"))
    share(catalog, "anna", SONG)
    catalog.update_owner(owner("Anna", speed=9, port=0))
    (hit,) = fired(catalog.search(query(b"song"), SOMEBODY))
    assert (hit.owner.speed, hit.owner.reached_by) == (9, NOTHING)
    assert found(catalog, query(b"song", speed=Range(9, 9))) == {SONG}
    catalog.remove_owner("ANNA")
    assert found(catalog, query(b"song")) == set()
    assert catalog.totals() == Totals(owners=0, files=0, size=0)
    catalog.remove_owner("anna")
    with pytest.raises(KeyError):
        catalog.update_owner(owner("anna"))
    catalog.add_owner(owner("anna"))
    assert catalog.count("anna") == 0


def test_unshared_files_are_gone(catalog: ICatalog) -> None:
    """A file is withdrawn once, without case, and may be shared again."""
    catalog.add_owner(owner())
    share(catalog, "anna", b"one song", b"two song")
    assert fired(catalog.unshare("anna", b"ONE song")) is True
    assert fired(catalog.unshare("anna", b"one song")) is False
    assert fired(catalog.unshare("nobody", b"two song")) is False
    assert found(catalog, query(b"song")) == {b"two song"}
    assert fired(catalog.find("anna", b"one song")) is None
    assert catalog.count("anna") == 1
    share(catalog, "anna", b"one song")
    assert found(catalog, query(b"song")) == {b"one song", b"two song"}


def test_unsharing_all_keeps_the_owner(catalog: ICatalog) -> None:
    """All files go at once; the owner can share anew."""
    catalog.add_owner(owner())
    share(catalog, "anna", b"one song", b"two song")
    assert fired(catalog.unshare_all("ANNA")) == 2
    assert fired(catalog.unshare_all("anna")) == 0
    assert fired(catalog.unshare_all("nobody")) == 0
    assert found(catalog, query(b"song")) == set()
    assert catalog.totals() == Totals(owners=1, files=0, size=0)
    share(catalog, "anna", b"one song")
    assert found(catalog, query(b"song")) == {b"one song"}


def test_browse_lists_in_the_order_shared(catalog: ICatalog) -> None:
    """An owner's list is whole, cut at a limit, and empty for a stranger."""
    catalog.add_owner(owner())
    paths = [b"a\\%d" % n for n in range(600)]
    share(catalog, "anna", *paths)
    assert [file.path for file in fired(catalog.browse("Anna"))] == paths
    assert [file.path for file in fired(catalog.browse("anna", 300))] == paths[:300]
    assert fired(catalog.browse("nobody")) == []


def test_find_returns_the_file_as_shared(catalog: ICatalog) -> None:
    """Look-up is without case and gives back every field unchanged."""
    catalog.add_owner(owner())
    shared = Share(
        path=rb"C:\A Song.mp3",
        md5=MD5.upper() + b"-123",
        size=5 * 2**30,
        bitrate=320,
        frequency=44100,
        duration=1,
    )
    fired(catalog.share("anna", [shared.body()]))
    assert fired(catalog.find("ANNA", rb"c:\a song.MP3")) == shared
    assert fired(catalog.find("anna", b"other")) is None
    assert fired(catalog.find("nobody", b"other")) is None


def test_sources_by_content(catalog: ICatalog) -> None:
    """The same hash and size find each other; unknown hashes never do."""
    for nick, port in (("anna", 6699), ("bert", 0), ("cleo", 6699)):
        catalog.add_owner(owner(nick, port=port))
    fired(catalog.share("anna", [record(b"1", MD5, size=5), record(b"2", b"0" * 32, size=5)]))
    fired(catalog.share("bert", [record(b"3", MD5.upper() + b"-9", size=5)]))
    fired(
        catalog.share("cleo", [record(b"4", MD5, size=6), record(b"5", b"NOMD5COMPUTED", size=5)])
    )

    def nicks(md5: bytes, asker: Asker) -> list[str]:
        return sorted(hit.owner.nick for hit in fired(catalog.sources(md5, 5, asker)))

    assert nicks(MD5, SOMEBODY) == ["anna", "bert"]
    assert nicks(MD5, Asker("anna")) == ["bert"]
    assert nicks(MD5, Asker("dora", reached_by=NOTHING)) == ["anna"]
    assert nicks(b"0" * 32, SOMEBODY) == nicks(b"NOMD5COMPUTED", SOMEBODY) == []
    catalog.remove_owner("anna")
    assert nicks(MD5, SOMEBODY) == ["bert"]


def test_who_has_a_content(catalog: ICatalog) -> None:
    """Equal content is found as one, under whatever name, and only where it may be seen."""
    one, other = b"1" * 32, b"2" * 32
    dora = Asker("dora", reached_by=NOTHING)
    for nick, port, free in (("anna", 6699, True), ("bert", 0, True), ("carl", 6699, False)):
        catalog.add_owner(attrs.evolve(owner(nick, port=port), free=free))
        ids = [one, other] if nick == "anna" else [one]
        names = (
            [b"Song.mp3", b"Song B.mp3"] if nick == "anna" else [b"%b's song.mp3" % nick.encode()]
        )
        fired(catalog.share(nick, [record(name) for name in names], ids))
    share(catalog, "carl", b"another song.mp3")

    def rows(asker: Asker) -> list[tuple[object, ...]]:
        found = fired(catalog.search_contents(query(b"song"), asker))
        counts = ((each.content_id, each.sources, each.reachable, each.free) for each in found)
        return sorted(counts, key=str)

    assert rows(SOMEBODY) == [(None, 1, 1, 0), (one, 3, 2, 1), (other, 1, 1, 1)]
    assert rows(Asker("anna")) == [(None, 1, 1, 0), (one, 2, 1, 0)]
    assert rows(dora) == [
        (None, 1, 1, 0),
        (one, 2, 2, 1),
        (other, 1, 1, 1),
    ]
    holders = fired(catalog.holders(one, SOMEBODY))
    assert [hit.owner.nick for hit in holders] == ["anna", "carl", "bert"]
    assert not fired(catalog.holders(b"3" * 32, SOMEBODY))
    catalog.remove_owner("anna")
    assert rows(SOMEBODY) == [(None, 1, 1, 0), (one, 2, 1, 0)]


@pytest.mark.parametrize(
    "wanted",
    [
        query(b"concert", extension=b"flac"),
        query(b"concert", bitrate=Range(lowest=128)),
        query(b"concert", speed=Range(highest=5)),
        query(b"concert", excludes=(b"live",)),
        query(b"concert", excludes=(b"li*",)),
        query(b"concert mine"),
        query(b"concert min*"),
        query(type=b"audio"),
    ],
)
def test_the_offer_shown_matches(catalog: ICatalog, wanted: SearchQuery) -> None:
    """Of a content an offer is shown that was asked for; better ones of others count as sources."""
    for nick, speed, name, bitrate in (
        ("slow", 3, b"mine\\concert.flac", 128),
        ("fast", 10, b"theirs\\concert live.bin", 0),
    ):
        catalog.add_owner(owner(nick, speed=speed))
        fired(catalog.share(nick, [record(name, bitrate=bitrate)], [b"1" * 32]))
    (found,) = fired(catalog.search_contents(wanted, SOMEBODY))
    assert (found.hit.owner.nick, found.sources, found.reachable) == ("slow", 2, 2)
    (found,) = fired(catalog.search_contents(query(b"concert"), SOMEBODY))
    assert found.hit.owner.nick == "fast"


def test_who_has_a_content_twice(catalog: ICatalog) -> None:
    """Somebody who offers equal content under several names is one source of it."""
    for nick in ("anna", "bert"):
        catalog.add_owner(attrs.evolve(owner(nick), free=True))
        names = [b"%b %d.mp3" % (nick.encode(), number) for number in range(3)]
        fired(catalog.share(nick, list(map(record, names)), [b"1" * 32] * 3))
    (found,) = fired(catalog.search_contents(query(b"mp3"), SOMEBODY))
    assert (found.sources, found.reachable, found.free) == (2, 2, 2)
    assert len(fired(catalog.holders(b"1" * 32, SOMEBODY))) == 6


def test_rare_contents(catalog: ICatalog) -> None:
    """What one owner alone has is told apart from what others have too, page by page."""
    one, two, three = (bytes([number]) * 32 for number in (1, 2, 3))
    for nick, contents in (("anna", [one, one, two]), ("bert", [two, three])):
        catalog.add_owner(owner(nick))
        names = [record(b"%b %d" % (nick.encode(), n), size=n + 1) for n in range(len(contents))]
        fired(catalog.share(nick, names, contents))
    share(catalog, "bert", b"without an id")
    assert fired(catalog.copies([one, two, three, b"4" * 32], "anna")) == [0, 1, 1, 0]
    assert fired(catalog.copies([one], "nobody")) == [1]
    assert fired(catalog.copies([], "anna")) == []
    census = fired(catalog.census())
    assert (census.contents, census.rare) == (3, 2)
    assert census.size in {1 + 2, 2 + 2}
    first = fired(catalog.rare(0, 1, SOMEBODY))
    assert first.next is not None
    second = fired(catalog.rare(first.next, 1, SOMEBODY))
    assert second.next is None
    found = [*first.found, *second.found]
    assert {each.content_id for each in found} == {one, three}
    assert {each.sources for each in found} == {1}
    (of_others,) = fired(catalog.rare(0, 10, Asker("anna"))).found
    assert of_others.content_id == three
    catalog.remove_owner("bert")
    assert fired(catalog.copies([two], "anna")) == [0]
    assert fired(catalog.census()).rare == 2


def test_totals_follow_every_change(catalog: ICatalog) -> None:
    """Owners, files and bytes are exact after sharing and withdrawing."""
    catalog.add_owner(owner("anna"))
    catalog.add_owner(owner("bert"))
    fired(catalog.share("anna", [record(b"1", size=2**33), record(b"2", size=1)]))
    fired(catalog.share("bert", [record(b"1", size=10)]))
    assert catalog.totals() == Totals(owners=2, files=3, size=2**33 + 11)
    fired(catalog.unshare("anna", b"1"))
    assert catalog.totals() == Totals(owners=2, files=2, size=11)


@example([b'\x01" \x01'])
@example([b'\x01" ! \x01'])  # the size is another then
@given(paths=st.lists(st.binary(min_size=1, max_size=300), min_size=1, unique=True))
def test_any_path_that_is_taken_comes_back_unchanged(paths: list[bytes]) -> None:
    """Paths of arbitrary bytes are found, browsed and looked up byte-exact, or refused."""
    for new_catalog in CATALOGS.values():
        catalog = new_catalog()
        catalog.add_owner(owner())
        result = fired(catalog.share("anna", [record(path) for path in paths]))
        refused = {refusal.path for refusal in result.refusals}
        files = fired(catalog.browse("anna"))
        taken = [file.path for file in files]
        assert len(taken) == result.accepted == len(paths) - len(result.refusals)
        assert refused <= {b"", *paths, *(path.partition(b'"')[0] for path in paths)}
        of_size = {file.path for file in files if file.size == 1000}
        assert found(catalog, query(size=Range(1000, 1000))) == of_size
        for path in taken:
            assert fired(catalog.find("anna", path)).path == path
            assert path in found(catalog, query(path)) or not terms([path])
