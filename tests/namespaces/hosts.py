"""Hosts on one switch, each a network namespace, with firewalls, losses and slow lines."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import attrs

INTERFACE = "eth0"
_NET4, _NET6 = "10.77.0", "fd77:"


def missing() -> Iterator[str]:
    """Go through what this machine lacks to run this."""
    if os.geteuid() != 0:
        yield "the rights of root"
    for program, package in (("ip", "iproute2"), ("tc", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            yield f"the program {program} (package {package})"


class HostsError(Exception):
    """A host that cannot be set up, or be as it should; the text is what was tried and why not."""


def _run(*words: str, text: str | None = None) -> None:
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HostsError(f"{' '.join(words)}: {done.stderr.strip()}")


@attrs.frozen
class Host:
    """One host: the name of its namespace, and its addresses."""

    namespace: str
    ipv4: str
    ipv6: str

    def command(self, *words: str) -> Sequence[str]:
        """Spell out a command so that it runs on this host."""
        return "ip", "netns", "exec", self.namespace, *words

    def close_ports(self) -> None:
        """Let nobody connect here; drop it without a word, as most firewalls do."""
        answers = "ct state established,related accept"
        discovery = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"
        self._filter("input", "iifname lo accept", answers, discovery, policy="drop")

    def lose(self, percent: int) -> None:
        """Lose so many of a hundred packets that are for this host."""
        self._filter("prerouting", f"iifname {INTERFACE} numgen random mod 100 < {percent} drop")

    def _filter(self, hook: str, *rules: str, policy: str = "accept") -> None:
        table, chain = f"inet {hook}", f"inet {hook} {hook}"
        kind = f"{{ type filter hook {hook} priority 0; policy {policy}; }}"
        lines = [f"add table {table}", f"add chain {chain} {kind}"]
        lines += [f"add rule {chain} {rule}" for rule in rules]
        _run(*self.command("nft", "-f", "-"), text="\n".join(lines) + "\n")

    def slow_down(self, rate: str) -> None:
        """Send no faster than a rate of tc, such as `8mbit`."""
        shape = ("tbf", "rate", rate, "burst", "32kb", "latency", "400ms")
        _run(*self.command("tc", "qdisc", "add", "dev", INTERFACE, "root", *shape))


class Lan:
    """A switch and the hosts at it, until `ended` ends; the machine's own network is left be.

    What runs on the hosts has to be ended before.
    """

    def __init__(self, ended: ExitStack) -> None:
        self._ended = ended
        self._prefix = f"napster-{os.getpid()}"
        self._hosts = 0
        self._switch = self._add("switch")
        _run("ip", "-n", self._switch, "link", "add", "lan", "type", "bridge")
        _run("ip", "-n", self._switch, "link", "set", "lan", "up")

    def _add(self, name: str) -> str:
        namespace = f"{self._prefix}-{name}"
        _run("ip", "netns", "add", namespace)
        self._ended.callback(_run, "ip", "netns", "del", namespace)
        _run("ip", "-n", namespace, "link", "set", "lo", "up")
        return namespace

    def host(self, name: str, *, has_ipv4: bool = True, has_ipv6: bool = True) -> Host:
        """Plug in another host, with addresses of one family or of both."""
        self._hosts += 1
        host = Host(self._add(name), f"{_NET4}.{self._hosts}", f"{_NET6}:{self._hosts}")
        at_host = ("link", "add", INTERFACE, "netns", host.namespace, "type", "veth")
        _run("ip", *at_host, "peer", "name", f"to-{name}", "netns", self._switch)
        _run("ip", "-n", self._switch, "link", "set", f"to-{name}", "master", "lan", "up")
        _run("ip", "-n", host.namespace, "link", "set", INTERFACE, "up")
        there = ("dev", INTERFACE)
        if has_ipv4:
            _run("ip", "-n", host.namespace, "addr", "add", f"{host.ipv4}/24", *there)
        if has_ipv6:
            _run("ip", "-n", host.namespace, "addr", "add", f"{host.ipv6}/64", *there, "nodad")
        return host
