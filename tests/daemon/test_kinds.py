"""Each kind of option takes what is right and says what would be."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napster.daemon import kinds
from tests.peer.security.certificates import write_certificate

TOML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KINDS = {
    "text": kinds.text(),
    "whole": kinds.whole(1, 9),
    "size": kinds.size(),
    "switch": kinds.switch(),
    "choice": kinds.choice("red", "blue"),
    "path": kinds.folder_or_file(),
    "endpoint": kinds.endpoint(),
    "address": kinds.address(),
    "listing": kinds.listing(kinds.whole(1, 9)),
    "one_or_more": kinds.one_or_more(kinds.choice("a", "b")),
    "mapping": kinds.mapping(kinds.text()),
}


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("text", "a", "a"),
        ("whole", 9, 9),
        ("size", 0, 0),
        ("size", "10M", 10 * 2**20),
        ("switch", False, False),
        ("choice", "red", "red"),
        ("path", "/a/b", Path("/a/b")),
        ("endpoint", "tcp:8888", "tcp:8888"),
        ("endpoint", "haproxy:tcp:8888", "haproxy:tcp:8888"),
        ("endpoint", "unix:/run/x", "unix:/run/x"),
        ("endpoint", "systemd:domain=INET:name=napster", "systemd:domain=INET:name=napster"),
        ("address", "index.example.org:8888", ("index.example.org", 8888)),
        ("address", "[::1]:8888", ("::1", 8888)),
        ("listing", [1, 2], (1, 2)),
        ("one_or_more", "a", ("a",)),
        ("one_or_more", ["a", "b"], ("a", "b")),
        ("mapping", {"10.0.0.0/8": "192.0.2.1"}, {"10.0.0.0/8": "192.0.2.1"}),
    ],
)
def test_right_values(kind: str, value: Any, wanted: Any) -> None:
    """A right value becomes what the program works with."""
    assert KINDS[kind].check(value) == wanted


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("text", "", "a text in quotes"),
        ("whole", 10, "from 1 to 9"),
        ("whole", True, "from 1 to 9"),
        ("size", True, "such as 10M"),
        ("size", -1, "such as 10M"),
        ("size", "10 M", "such as 10M"),
        ("switch", 1, "true or false"),
        ("choice", "green", "red, blue"),
        ("path", "", "a path in quotes"),
        ("endpoint", "8888:", "an endpoint such as"),
        ("endpoint", "tcp:70000", "at most 65535"),
        ("endpoint", "haproxy:tcp:70000", "at most 65535"),
        ("endpoint", "\\", "must be an endpoint"),
        ("endpoint", "ssl:443:privateKey=/absent.pem", r"/absent.pem cannot be read: No such file"),
        ("endpoint", "ssl:443:sslmethod=none", "an endpoint such as"),
        ("address", "8888", "HOST:PORT"),
        ("address", "host:0", "HOST:PORT"),
        ("address", "host:²", "HOST:PORT"),
        ("listing", "tcp:8888", "square brackets"),
        ("one_or_more", "c", "must be one of"),
        ("one_or_more", ["a", "c"], "must be one of"),
        ("listing", [1, 10], "from 1 to 9"),
        ("mapping", [], "a table in curly brackets"),
    ],
)
def test_wrong_values(kind: str, value: Any, wanted: str) -> None:
    """A wrong value is answered with what would be right."""
    with pytest.raises(ValueError, match=wanted):
        KINDS[kind].check(value)


# Twisted's own ssl: endpoint does so.
@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL")
@pytest.mark.parametrize("front", ["", "haproxy:"])
@pytest.mark.parametrize("key", ["index.crt", "garbage", "other.key"])
def test_tls_key(tmp_path: Path, front: str, key: str) -> None:
    """A file without a key, or with another certificate's, is refused with what would be right."""
    right = front + write_certificate(tmp_path, "index")
    write_certificate(tmp_path, "other")
    (tmp_path / "garbage").write_text("garbage")
    assert KINDS["endpoint"].check(right) == right
    with pytest.raises(ValueError, match=r"^must name a certificate and the key that belongs"):
        KINDS["endpoint"].check(right.replace("index.key", key))


def refusal(kind: kinds.Kind, value: Any) -> str:
    """Return why a value is refused, or what a refusal would say if it is not."""
    try:
        kind.check(value)
    except ValueError as error:
        return str(error)
    return "must be something else"


# Not parametrized: pytest-twisted wraps the one function of a property test for each parameter.
@given(kind=st.sampled_from(list(KINDS.values())), value=TOML)
def test_any_value(kind: kinds.Kind, value: Any) -> None:
    """Whatever TOML can hold is taken or refused, never anything else."""
    assert refusal(kind, value).startswith("must be ")


@example(kind=kinds.folder_or_file(), word="~0")
@given(kind=st.sampled_from(list(KINDS.values())), word=st.text())
def test_any_word(kind: kinds.Kind, word: str) -> None:
    """Whatever the command line can hold is taken or refused, never anything else."""
    assert refusal(kind, kind.word(word)).startswith("must be ")


@pytest.mark.parametrize(
    ("kind", "word", "wanted"),
    [
        ("whole", "7", 7),
        ("whole", "-7", -7),
        ("whole", "seven", "seven"),
        ("whole", "--7", "--7"),
        ("whole", "²", "²"),
        ("whole", "9" * 5000, "9" * 5000),
        ("switch", "Yes", True),
        ("switch", "false", False),
        ("switch", "perhaps", "perhaps"),
        ("text", "7", "7"),
    ],
)
def test_words(kind: str, word: str, wanted: Any) -> None:
    """A word of the command line becomes what TOML would have held."""
    assert KINDS[kind].word(word) == wanted


def test_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path may begin with the home folder."""
    monkeypatch.setenv("HOME", "/home/ann")
    kind = kinds.folder_or_file()
    assert kind.check("~/music") == Path("/home/ann/music")
    assert kind.show(Path("/home/ann/music")) == "~/music"
    assert kind.show(Path("/srv/music")) == "/srv/music"
