"""The command line is read as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.cli.commands import browse, get, search
from napster.cli.parser import CommandParser
from napster.peer.api import BadRequestError


def parse(module: object, *words: str) -> dict[str, object]:
    parser = CommandParser(prog="napster test")
    module.COMMAND.arguments(parser)  # type: ignore[attr-defined]
    return vars(parser.parse(words))


@pytest.mark.parametrize(
    ("words", "searched", "ping"),
    [
        (["foo", "-live", "bar"], ["foo", "-live", "bar"], False),
        (["foo", "--ping", "bar"], ["foo", "bar"], True),
        (["--ping", "-live", "foo"], ["-live", "foo"], True),
        (["-json", "foo"], ["-json", "foo"], False),
        (["foo", "--", "--ping", "-h"], ["foo", "--ping", "-h"], False),
        (["--", "-x"], ["-x"], False),
        (["--", "foo", "--"], ["foo", "--"], False),
        (["foo", "-"], ["foo", "-"], False),
        (["-i", "-s", "-n"], ["-i", "-s", "-n"], False),
        (["bitrate>=192", "size>10M"], ["bitrate>=192", "size>10M"], False),
    ],
)
def test_search_words(words: list[str], searched: list[str], ping: bool) -> None:  # noqa: FBT001
    """Words to leave out are no options, wherever they stand."""
    options = parse(search, *words)
    assert options["words"] == searched
    assert options["ping"] is ping


def test_option_values() -> None:
    """Options take their values before, between and after words."""
    options = parse(search, "--state", "/a", "foo", "--index", "h:1", "bar", "--nick=x", "--json")
    assert options["words"] == ["foo", "bar"]
    assert (options["state"], options["index"], options["nick"]) == ("/a", "h:1", "x")
    assert options["json"] is True


@given(st.lists(st.from_regex(r"-[a-z0-9*]+", fullmatch=True), min_size=1, max_size=5))
def test_any_excluded_words(words: list[str]) -> None:
    """No word with one dash is ever taken for an option, but for -h."""
    wanted = [word for word in words if word != "-h"]
    assert parse(search, "love", *wanted)["words"] == ["love", *wanted]


def test_two_nicks() -> None:
    """Whose files are listed is not who logs in."""
    options = parse(browse, "alice", "--index", "h:1", "--nick", "bob")
    assert (options["user"], options["nick"]) == ("alice", "bob")


def test_nick_with_a_dash() -> None:
    """A nick may begin with a dash."""
    assert parse(browse, "--json", "--", "-alice")["user"] == "-alice"


@pytest.mark.parametrize(
    ("module", "words", "sentence"),
    [
        (search, [], "WORD"),
        (search, ["--pong", "foo"], "--pong; see napster test --help"),
        (search, ["--pin", "foo"], "--pin"),
        (search, ["foo", "--state"], "--state"),
        (search, ["\udcff"], "is not UTF-8"),
        (browse, ["alice", "bob"], "bob"),
        (browse, ["-alice"], "NICK"),
        (get, [], "WHAT"),
    ],
)
def test_wrong(module: object, words: list[str], sentence: str) -> None:
    """A mistake is answered with one sentence that names it and where to read on."""
    with pytest.raises(BadRequestError) as caught:
        parse(module, *words)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)
