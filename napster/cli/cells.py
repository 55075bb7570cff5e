"""How facts about a file and its sources are written in the cells of a table."""

from datetime import UTC, datetime

from napster.cli.grid import NOTHING
from napster.cli.text import clean, crop
from napster.peer.api import FoundFile, Source
from napster.units import format_duration, format_speed

_NICK_ROOM = 20


def quality(file: FoundFile) -> str:
    """Write bitrate and sampling frequency: `192k 44.1 kHz`."""
    bitrate = f"{file.bitrate}k" if file.bitrate else ""
    frequency = f"{file.frequency / 1000:g} kHz" if file.frequency else ""
    return f"{bitrate} {frequency}".strip() or NOTHING


def length(file: FoundFile) -> str:
    """Write the playing time: `3:25`."""
    return format_duration(file.duration) if file.duration else NOTHING


def user(source: Source, more: int = 0) -> str:
    """Write who shares a file, and how many more do."""
    nick = crop(clean(source.nick), _NICK_ROOM)
    return f"{nick} +{more}" if more > 0 else nick


def address(source: Source) -> str:
    """Write where a source's data port is, or that there is none to connect to."""
    host = clean(source.address) or NOTHING
    if not source.reachable:
        return f"{host} unreachable"
    if source.relayed:
        return f"{host} by relay"
    if source.port == 0:
        return f"{host} firewalled"
    if source.port is None or not source.address:
        return host
    return f"[{host}]:{source.port}" if ":" in host else f"{host}:{source.port}"


def speed(source: Source) -> str:
    """Write the link speed its owner states."""
    name = format_speed(source.speed)
    return NOTHING if name == "unknown" else name


def ping(source: Source) -> str:
    """Write the latency through the index."""
    return NOTHING if source.ping_ms is None else f"{source.ping_ms:.0f} ms"


def free(file: FoundFile) -> str:
    """Write how many of those who share a file have a free upload slot."""
    return NOTHING if file.free is None else str(file.free)


def since(file: FoundFile) -> str:
    """Write on which day a file was first shared."""
    if file.since is None:
        return NOTHING
    return datetime.fromtimestamp(file.since, UTC).astimezone().strftime("%Y-%m-%d")
