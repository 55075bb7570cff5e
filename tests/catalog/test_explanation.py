"""Why a search found nothing."""

import pytest
from twisted.internet.defer import Deferred

from napster.catalog.explanation import Explanation, explain
from napster.catalog.interface import NOTHING, Asker, ICatalog
from napster.wire.extension import Reason
from napster.wire.search import Range, SearchQuery
from tests.catalog.helpers import SOMEBODY, fired, owner, query, share


def why(catalog: ICatalog, wanted: SearchQuery, asker: Asker = SOMEBODY) -> Explanation | None:
    """Ask for an explanation."""
    return fired(Deferred.fromCoroutine(explain(catalog, wanted, asker)))


@pytest.fixture(autouse=True)
def _some_files(catalog: ICatalog) -> None:
    catalog.add_owner(owner("anna"))
    share(catalog, "anna", b"metallica one.mp3", b"metallica two live.mp3", b"beethoven fuer.mp3")
    catalog.add_owner(owner("walled", port=0))
    share(catalog, "walled", b"hidden gem.mp3")


def test_unknown_word(catalog: ICatalog) -> None:
    """Unknown words are named, and mended where others stay as they are."""
    assert why(catalog, query(b"Metalica ONE")) == Explanation(
        Reason.UNKNOWN_WORD, words=[b"metalica"], suggestion=b"metallica one"
    )
    assert why(catalog, query(b"one", b"betthoven metalica")) == Explanation(
        Reason.UNKNOWN_WORD,
        words=[b"betthoven", b"metalica"],
        suggestion=b"one beethoven metallica",
    )
    assert why(catalog, query(b"metallica stravinsky")) == Explanation(
        Reason.UNKNOWN_WORD, words=[b"stravinsky"]
    )


def test_unknown_beginning(catalog: ICatalog) -> None:
    """Beginnings of words can be unknown as well; what is known of them is kept."""
    assert why(catalog, query(b"xyz*")) == Explanation(Reason.UNKNOWN_WORD, words=[b"xyz*"])
    assert why(catalog, query(b"met* on3")) == Explanation(
        Reason.UNKNOWN_WORD, words=[b"on3"], suggestion=b"met* one"
    )


def test_too_many_unknown_words(catalog: ICatalog) -> None:
    """A search of nothing but strange words is not mended."""
    explanation = why(catalog, query(b"metalica oone twoo livee"))
    assert explanation
    assert explanation.reason is Reason.UNKNOWN_WORD
    assert explanation.suggestion is None


def test_a_word_that_has_just_gone(catalog: ICatalog) -> None:
    """A word whose last file is gone is unknown, swept or not."""
    catalog.remove_owner("walled")
    explanation = why(catalog, query(b"gem"))
    assert explanation
    assert explanation.reason is Reason.UNKNOWN_WORD
    assert why(catalog, query(b"gem metallica")) == Explanation(Reason.UNKNOWN_WORD, words=[b"gem"])


def test_a_word_that_has_gone_is_not_suggested(catalog: ICatalog) -> None:
    """However many files had it, a word that still has some is meant."""
    share(catalog, "walled", *(b"metallika %d.mp3" % number for number in range(30)))
    wanted = query(b"metalliga one")
    assert why(catalog, wanted) == Explanation(
        Reason.UNKNOWN_WORD, words=[b"metalliga"], suggestion=b"metallika one"
    )
    catalog.unshare_all("walled")
    assert why(catalog, wanted) == Explanation(
        Reason.UNKNOWN_WORD, words=[b"metalliga"], suggestion=b"metallica one"
    )


def test_never_together(catalog: ICatalog) -> None:
    """All words are known, but no file has all."""
    assert why(catalog, query(b"metallica fuer")) == Explanation(Reason.NEVER_TOGETHER)


def test_excluded(catalog: ICatalog) -> None:
    """Every file has an excluded word."""
    wanted = query(b"two", excludes=(b"live",))
    assert why(catalog, wanted) == Explanation(Reason.EXCLUDED, words=[b"live"])


def test_filtered(catalog: ICatalog) -> None:
    """A filter that lets nothing through is named, and no other."""
    wanted = query(b"one", bitrate=Range(lowest=320), size=Range(highest=5000))
    assert why(catalog, wanted) == Explanation(Reason.FILTERED, filters=["bitrate"])
    wanted = SearchQuery(type=b"video")
    assert why(catalog, wanted) == Explanation(Reason.FILTERED, filters=["type"])


def test_filtered_together(catalog: ICatalog) -> None:
    """Filters that let something through one by one, but nothing together, are all named."""
    catalog.share("anna", [b'"mix.mp3" x 10 320 44100 60', b'"mix.ogg" x 9000 64 44100 60'])
    wanted = query(b"mix", bitrate=Range(lowest=320), size=Range(lowest=5000))
    assert why(catalog, wanted) == Explanation(Reason.FILTERED, filters=["bitrate", "size"])


def test_filtered_of_what_is_not_excluded(catalog: ICatalog) -> None:
    """Files with excluded words do not count as let through."""
    catalog.share("anna", [b'"two.mp3" x 10 320 44100 60'])
    wanted = query(b"two", excludes=(b"live",), bitrate=Range(highest=128))
    assert why(catalog, wanted) == Explanation(Reason.FILTERED, filters=["bitrate"])


def test_hidden(catalog: ICatalog) -> None:
    """One's own files are not shown, nor those of the firewalled to the firewalled."""
    assert why(catalog, query(b"one"), Asker("Anna")) == Explanation(Reason.HIDDEN)
    assert why(catalog, query(b"gem"), Asker("berta", reached_by=NOTHING)) == Explanation(
        Reason.HIDDEN, firewall=True
    )
    assert why(catalog, query(b"gem"), Asker("walled", reached_by=NOTHING)) == Explanation(
        Reason.HIDDEN
    )


@pytest.mark.parametrize(
    "wanted", [query(), query(b""), query(b"-"), query(b"'"), query(b"", bitrate=Range(lowest=1))]
)
def test_no_word(catalog: ICatalog, wanted: SearchQuery) -> None:
    """A search without a word finds nothing whatever is shared."""
    assert why(catalog, wanted) == Explanation(Reason.NO_WORD)


def test_found_meanwhile(catalog: ICatalog) -> None:
    """What finds something needs no explanation."""
    assert why(catalog, query(b"one")) is None
