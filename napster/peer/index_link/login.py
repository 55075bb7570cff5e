"""Logging in at an index: what is sent when, and what the answers mean."""

from collections.abc import Callable
from typing import Protocol

import attrs
from automat import TypeMachineBuilder

from napster.peer.index_link.backoff import Ending
from napster.wire.extension import Hello
from napster.wire.messages import Message
from napster.wire.messages.login import CheckNick, Login, Register


@attrs.frozen
class Identity:
    """Who logs in. The password is asked for at each login, and kept out of logs and errors."""

    nick: str
    password: Callable[[], bytes] = attrs.field(repr=False)
    client: bytes
    """The client string, such as `napster 0.1`; at most 32 bytes are shown by old servers."""
    speed: int
    """The link speed, 0 to 10."""
    email: str = ""
    """The address to register the nick with; empty to log in without registering."""

    def login(self, port: int) -> Message:
        """Make the message that logs in; a data port of 0 means firewalled."""
        return Login(self.nick, self.password(), port, self.client, self.speed)

    def register(self, port: int) -> Message:
        """Make the message that registers the nick and logs in."""
        return Register(self.nick, self.password(), port, self.client, self.speed, self.email)


@attrs.frozen
class LoginCore:
    """What a login acts on."""

    identity: Identity
    data_port: Callable[[], int]
    send: Callable[[Message], None]
    greet: Callable[[Hello], None]
    succeeded: Callable[[], None]
    failed: Callable[[Ending, str], None]
    """Takes the reason, one sentence."""


class LoginProgress(Protocol):
    """What can happen during a login."""

    def log_in(self) -> None:
        """Begin with a nick that needs no registration."""

    def sign_up(self) -> None:
        """Begin by registering the nick, unless it is registered already."""

    def nick_free(self) -> None:
        """Hear that nobody has registered the nick (8)."""

    def nick_taken(self) -> None:
        """Hear that the nick is registered, perhaps by an earlier run of this peer (9)."""

    def accepted(self) -> None:
        """Hear that the index takes the login (3)."""

    def hello(self, hello: Hello) -> None:
        """Hear what else the index can do (20000); only those that know of it say so."""

    def complete(self) -> None:
        """Hear the last that the index has to say to a login (214)."""

    def refused(self, reason: str) -> None:
        """Hear that the index does not take the login (0, 10)."""

    def too_long(self) -> None:
        """Learn that the time a login may take is over."""


NO_ANSWER = "the index did not answer the login in time"

_machine = TypeMachineBuilder(LoginProgress, LoginCore)

_idle = _machine.state("idle")
_asking = _machine.state("asking")
_sent = _machine.state("sent")
_greeted = _machine.state("greeted")
_acquainted = _machine.state("acquainted")
_online = _machine.state("online")
_failed = _machine.state("failed")


@_idle.upon(LoginProgress.log_in).to(_sent)
@_asking.upon(LoginProgress.nick_taken).to(_sent)
def _send_login(_progress: LoginProgress, core: LoginCore) -> None:
    core.send(core.identity.login(core.data_port()))


@_idle.upon(LoginProgress.sign_up).to(_asking)
def _ask_for_nick(_progress: LoginProgress, core: LoginCore) -> None:
    core.send(CheckNick(core.identity.nick))


@_asking.upon(LoginProgress.nick_free).to(_sent)
def _send_registration(_progress: LoginProgress, core: LoginCore) -> None:
    core.send(core.identity.register(core.data_port()))


_sent.upon(LoginProgress.accepted).to(_greeted).returns(None)


@_greeted.upon(LoginProgress.hello).to(_acquainted)
def _greet(_progress: LoginProgress, core: LoginCore, hello: Hello) -> None:
    core.greet(hello)


# An index that never sends its totals has accepted the login nevertheless.
@_greeted.upon(LoginProgress.complete).to(_online)
@_greeted.upon(LoginProgress.too_long).to(_online)
@_acquainted.upon(LoginProgress.complete).to(_online)
@_acquainted.upon(LoginProgress.too_long).to(_online)
def _succeed(_progress: LoginProgress, core: LoginCore) -> None:
    core.succeeded()


@_asking.upon(LoginProgress.refused).to(_failed)
@_sent.upon(LoginProgress.refused).to(_failed)
@_greeted.upon(LoginProgress.refused).to(_failed)
@_acquainted.upon(LoginProgress.refused).to(_failed)
def _fail(_progress: LoginProgress, core: LoginCore, reason: str) -> None:
    core.failed(Ending.REFUSED, reason)


@_asking.upon(LoginProgress.too_long).to(_failed)
@_sent.upon(LoginProgress.too_long).to(_failed)
def _run_late(_progress: LoginProgress, core: LoginCore) -> None:
    core.failed(Ending.LOST, NO_ANSWER)


# Totals may come at any time, also before the login is through, and again after it.
for _state in (_idle, _asking, _sent, _online, _failed):
    _state.upon(LoginProgress.complete).loop().returns(None)

new_login = _machine.build()
"""Make the machine of one login from its LoginCore."""
