"""The steps of a login, from the first byte to being online."""

from typing import TYPE_CHECKING, Protocol

import attrs
from automat import TypeMachineBuilder

from napster.index.network import User
from napster.wire.messages import Message
from napster.wire.messages.login import LoginError

if TYPE_CHECKING:
    from napster.index.session import Session


class Greeting(Protocol):
    """What can happen to a connection before it is online."""

    def ask(self) -> None:
        """Look into a login or a registration that has come."""

    def admit(self, user: User) -> None:
        """Grant it, its nick being claimed."""

    def refuse(self, reason: Message) -> None:
        """Do not grant it, or take no more from somebody who does not log in."""

    def expire(self) -> None:
        """Wait no longer for a login."""

    def lose(self) -> None:
        """Note that the connection is gone."""


@attrs.frozen
class _Core:
    session: "Session"

    def end(self, reason: Message) -> None:
        self.session.end(reason)


_builder = TypeMachineBuilder(Greeting, _Core)
_waiting = _builder.state("waiting")
_checking = _builder.state("checking")
_online = _builder.state("online")
_over = _builder.state("over")


@_waiting.upon(Greeting.ask).to(_checking)
def _look_into(_greeting: Greeting, _core: _Core) -> None:
    """Leave the deadline behind: how long a password takes is not the client's fault."""


@_checking.upon(Greeting.admit).to(_online)
def _let_in(_: Greeting, core: _Core, user: User) -> None:
    core.session.enter(user)


@_over.upon(Greeting.admit).loop()
def _too_late(_: Greeting, core: _Core, user: User) -> None:
    core.session.hub.network.release(user.nick, core.session)


@_waiting.upon(Greeting.refuse).to(_over)
def _refuse_unasked(_: Greeting, core: _Core, reason: Message) -> None:
    core.end(reason)


@_checking.upon(Greeting.refuse).to(_over)
def _refuse(_: Greeting, core: _Core, reason: Message) -> None:
    core.end(reason)


@_waiting.upon(Greeting.expire).to(_over)
def _give_up(_: Greeting, core: _Core) -> None:
    core.end(LoginError(text=b"login timed out"))


_checking.upon(Greeting.expire).loop().returns(None)
_waiting.upon(Greeting.lose).to(_over).returns(None)
_checking.upon(Greeting.lose).to(_over).returns(None)
_over.upon(Greeting.refuse).loop().returns(None)
_over.upon(Greeting.expire).loop().returns(None)
_over.upon(Greeting.lose).loop().returns(None)

_new_machine = _builder.build()


def new_greeting(session: "Session") -> Greeting:
    """Begin to wait for a login."""
    return _new_machine(_Core(session))
