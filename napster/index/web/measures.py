"""Every figure of `/metrics`; docs/metrics.md describes them to those who read them."""

from collections.abc import Callable, Mapping
from operator import attrgetter

import attrs

from napster.daemon.metrics import Metric, Value
from napster.daemon.usage import processor_seconds, resident_memory
from napster.index.hub import Hub
from napster.index.limits import Cost
from napster.index.passwords import Passwords


@attrs.frozen
class Sources:
    """Where the figures come from."""

    hub: Hub
    passwords: Passwords
    started: float = attrs.field(init=False)
    """When the daemon started, in monotonic seconds."""

    @started.default
    def _now(self) -> float:
        return self.hub.clock.seconds()

    @property
    def uptime(self) -> float:
        """The seconds since the start."""
        return self.hub.clock.seconds() - self.started


@attrs.frozen
class Measure:
    """One figure: its name, kind and meaning, and how it is read."""

    name: str
    kind: str
    help: str
    read: Callable[[Sources], Value]
    label: str | None = None

    def metric(self, sources: Sources) -> Metric:
        """Read it."""
        return Metric(self.name, self.kind, self.help, self.read(sources), self.label)


def _hub(path: str) -> Callable[[Sources], Value]:
    return attrgetter(f"hub.{path}")


def _frames(sources: Sources) -> Mapping[str, float]:
    meters = sources.hub.meters
    counted = {str(number): count for number, count in sorted(meters.frames.items())}
    return {**counted, "unknown": meters.unknown_frames}


def _refused(sources: Sources) -> Mapping[str, float]:
    refused = sources.hub.limits.refused
    return {cost.name.lower(): refused[cost] for cost in Cost}


MEASURES = (
    Measure("napster_index_users", "gauge", "Users online.", lambda s: len(s.hub.network)),
    Measure(
        "napster_index_sessions",
        "gauge",
        "Connections, those before login included.",
        lambda s: len(s.hub.sessions),
    ),
    Measure(
        "napster_index_files",
        "gauge",
        "Files shared now.",
        lambda s: s.hub.catalog.totals().files,
    ),
    Measure(
        "napster_index_file_bytes",
        "gauge",
        "Bytes of all files shared now.",
        lambda s: s.hub.catalog.totals().size,
    ),
    Measure(
        "napster_index_standing_searches",
        "gauge",
        "Standing searches left now.",
        lambda s: len(s.hub.standing),
    ),
    Measure(
        "napster_index_requests",
        "gauge",
        "Downloads and browses that wait for an uploader's answer.",
        lambda s: len(s.hub.requests),
    ),
    Measure(
        "napster_index_password_queue",
        "gauge",
        "Passwords that wait to be hashed.",
        lambda s: s.passwords.waiting,
    ),
    Measure(
        "napster_index_frames_total",
        "counter",
        "Messages from clients.",
        _frames,
        label="type",
    ),
    Measure(
        "napster_index_received_bytes_total",
        "counter",
        "Bytes from clients.",
        _hub("meters.traffic.received"),
    ),
    Measure(
        "napster_index_sent_bytes_total",
        "counter",
        "Bytes to clients.",
        _hub("meters.traffic.sent"),
    ),
    Measure(
        "napster_index_connections_total",
        "counter",
        "Connections let in.",
        _hub("meters.connections"),
    ),
    Measure(
        "napster_index_connections_refused_total",
        "counter",
        "Connections refused.",
        _hub("meters.connections_refused"),
    ),
    Measure("napster_index_logins_total", "counter", "Logins.", _hub("meters.logins")),
    Measure(
        "napster_index_displaced_total",
        "counter",
        "Sessions ended because their nick logged in again.",
        _hub("meters.displaced"),
    ),
    Measure(
        "napster_index_files_taken_total",
        "counter",
        "Files taken into the catalog.",
        _hub("meters.files"),
    ),
    Measure(
        "napster_index_search_seconds",
        "histogram",
        "Seconds from a search to its finished answer.",
        _hub("meters.search_seconds"),
    ),
    Measure(
        "napster_index_empty_searches_total",
        "counter",
        "Searches that found nothing.",
        _hub("meters.empty_searches"),
    ),
    Measure(
        "napster_index_explained_searches_total",
        "counter",
        "Searches that found nothing and were told why.",
        _hub("meters.explained_searches"),
    ),
    Measure(
        "napster_index_standing_hits_total",
        "counter",
        "Files told to those who had left a standing search.",
        _hub("meters.standing_hits"),
    ),
    Measure(
        "napster_index_relay_transfers",
        "gauge",
        "Transfers that have a place at the relay.",
        lambda s: len(s.hub.relay),
    ),
    Measure(
        "napster_index_relay_transfers_total",
        "counter",
        "Transfers whose two sides have met at the relay.",
        _hub("relay.meters.transfers"),
    ),
    Measure(
        "napster_index_relay_cut_total",
        "counter",
        "Transfers that the relay has ended because of a limit.",
        _hub("relay.meters.cut"),
    ),
    Measure(
        "napster_index_relay_bytes_total",
        "counter",
        "Bytes that have passed through the relay.",
        _hub("relay.meters.relayed"),
    ),
    Measure(
        "napster_index_limited_total",
        "counter",
        "Things refused because they were more than a limit allows.",
        _refused,
        label="kind",
    ),
    Measure(
        "napster_index_reactor_lag_seconds",
        "histogram",
        "Seconds by which the reactor was late, looked at four times a second.",
        _hub("meters.lag_seconds"),
    ),
    Measure(
        "napster_index_uptime_seconds",
        "gauge",
        "Seconds since the start.",
        lambda s: s.uptime,
    ),
    Measure(
        "process_resident_memory_bytes",
        "gauge",
        "Bytes of memory that are resident.",
        lambda _: resident_memory(),
    ),
    Measure(
        "process_cpu_seconds_total",
        "counter",
        "Seconds of processor time used.",
        lambda _: processor_seconds(),
    ),
)
