"""Everybody at one address is said once in the log."""

from pathlib import Path
from typing import Any

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs

from napster.index.address_watch import AddressWatch
from tests.index.client import running_index
from tests.index.harness import World


def said(watch: AddressWatch) -> list[dict[str, Any]]:
    with capturedLogs() as events:
        watch.look()
        watch.look()
    return [event for event in events if "number" in event]


def test_one_address(world: World) -> None:
    """From eight connections on, all from one address, it is said; once, until it ends."""
    watch = AddressWatch(world.hub.limits)
    assert said(watch) == []
    crowd = [world.connect("10.0.0.1") for _ in range(7)]
    assert said(watch) == []
    crowd += [world.connect("10.0.0.1"), world.connect("::ffff:10.0.0.1")]
    (event,) = said(watch)
    assert (event["address"], event["number"]) == ("10.0.0.1", 9)
    assert said(watch) == []
    other = world.connect("10.0.0.2")
    assert said(watch) == []
    other.lose()
    assert len(said(watch)) == 1


def test_two_addresses(world: World) -> None:
    """A crowd at many addresses is nothing to speak of."""
    for number in range(20):
        world.connect(f"10.0.0.{number}")
    assert said(AddressWatch(world.hub.limits)) == []


@pytest_twisted.ensureDeferred
async def test_real_proxy(tmp_path: Path, monkeypatch: Any) -> None:
    """A proxy that tells addresses is no reason to complain, one that does not is."""
    monkeypatch.setattr("napster.index.service.INTERVAL", 0.05)
    for kind, expected in (("haproxy:", 0), ("", 1)):
        folder = tmp_path / (kind.strip(":") or "plain")
        folder.mkdir()
        listen = [f"{kind}tcp:0:interface=127.0.0.1"]
        with capturedLogs() as events:
            async with running_index(folder, listen=listen) as index:
                clients = [await index.client() for _ in range(8)]
                for number, client in enumerate(clients):
                    if kind:
                        client.raw(b"PROXY TCP4 198.51.100.%d 10.0.0.1 5000 8888\r\n" % number)
                    await client.log_in(f"user{number}")
                await deferLater(reactor, 0.3)
                for client in clients:
                    await client.close()
        assert len([event for event in events if "haproxy:" in event["log_format"]]) == expected
