"""Figures as Prometheus reads them, and where they come from."""

import time
from pathlib import Path

import pytest

from napster.daemon.hosts import is_safe_host
from napster.daemon.metrics import Histogram, Metric, exposition
from napster.daemon.usage import processor_seconds, resident_memory


def test_plain_figures() -> None:
    """A figure has its help, its kind and its value, whole or not."""
    metrics = [Metric("users", "gauge", "Who is here.", 3), Metric("load", "gauge", "x", 0.25)]
    assert exposition(metrics).decode() == (
        "# HELP users Who is here.\n# TYPE users gauge\nusers 3\n"
        "# HELP load x\n# TYPE load gauge\nload 0.25\n"
    )


def test_labels() -> None:
    """Values of labels are escaped."""
    metric = Metric("n", "counter", "x", {'a"b': 1, "c\\d\n": 2}, label="kind")
    assert exposition([metric]).decode().splitlines()[2:] == [
        'n{kind="a\\"b"} 1',
        'n{kind="c\\\\d\\n"} 2',
    ]


def test_histogram() -> None:
    """Each bucket counts all values up to its bound."""
    histogram = Histogram(0.1, 1.0)
    for value in (0.05, 0.1, 0.5, 7.0):
        histogram.observe(value)
    lines = exposition([Metric("t", "histogram", "x", histogram)]).decode().splitlines()[2:]
    assert lines == [
        't_bucket{le="0.1"} 2',
        't_bucket{le="1.0"} 3',
        't_bucket{le="+Inf"} 4',
        "t_sum 7.65",
        "t_count 4",
    ]


@pytest.mark.parametrize(
    ("host", "safe"),
    [
        ("localhost", True),
        ("LOCALHOST:8080", True),
        ("127.0.0.1:8080", True),
        ("192.0.2.7", True),
        ("[::1]:8080", True),
        ("[2001:db8::1]", True),
        ("index.example.org", True),
        ("Index.Example.org:8080", True),
        ("evil.example.org", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("", False),
        (":80", False),
        ("index.example.org:x", False),
    ],
)
def test_hosts(host: str, *, safe: bool) -> None:
    """Addresses, localhost and allowed names are safe; what a stranger's DNS can name is not."""
    assert is_safe_host(host, ("index.example.org",)) is safe


def test_usage() -> None:
    """Memory and processor time of this process are told in bytes and seconds."""
    assert 10 << 20 < resident_memory() < 4 << 30
    before, begun = processor_seconds(), time.process_time()
    while time.process_time() - begun < 0.1:
        pass
    assert 0.05 < processor_seconds() - before < 5


def test_memory_that_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not tell, there is no figure."""
    monkeypatch.setattr("napster.daemon.usage._STATM", Path("/nowhere"))
    assert resident_memory() == 0
