"""One client's connection: frames in, commands done one after the other, frames out."""

from collections.abc import Sequence
from typing import Any

import attrs
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.daemon.database import StorageError
from napster.index.addresses import Peer
from napster.index.commands import GatheringCommand, Stages
from napster.index.greeting import Greeting, new_greeting
from napster.index.hub import Hub
from napster.index.limits import Allowance, Cost
from napster.index.network import User
from napster.index.offers import Offers
from napster.index.outbox import Outbox
from napster.index.presence import arrive, depart
from napster.index.pulse import Pulse
from napster.wire.extension import body_limit
from napster.wire.fields import crop
from napster.wire.framing import encode
from napster.wire.messages import Message
from napster.wire.messages.login import Disconnecting, Ghosted, LoginError, Notice
from napster.wire.messages.people import ServerPing

_GATHER = 1024
"""So many messages of one kind are taken together at most: each batch is one step."""
_HEADER = len(encode(0, b""))
_SENTENCE = 1024
"""So many bytes of a sentence that repeats what the client sent are sent back."""
_TURN = 0.0005
"""After so many seconds of work in one go a session lets others have their turn."""


def _notice(sentence: str) -> Notice:
    return Notice(crop(sentence.encode("utf-8", "replace"), _SENTENCE))


class SessionOverError(Exception):
    """Work for a user who is online no longer."""


_OVER = (CancelledError, SessionOverError)
"""How work ends with nobody left to answer."""


def _forget_the_end(failure: Failure) -> None:
    failure.trap(*_OVER)
    failure.cleanFailure()  # what it went through refers to it: only the collector would end that


class Session:
    """Takes the frames of one client in order and answers them in order.

    While a frame is being answered the transport is paused; the answers leave in one piece when all
    that came is answered.
    """

    log = Logger()
    __slots__ = (
        "_commands",
        "_left",
        "_runs",
        "_stages",
        "_task",
        "_transport",
        "_turn_ends",
        "_user",
        "_working",
        "allowance",
        "ending_since",
        "greeting",
        "hub",
        "offers",
        "outbox",
        "partial_since",
        "peer",
        "pulse",
        "since",
    )

    def __init__(
        self, hub: Hub, stages: Stages, transport: Any, peer: Peer, allowance: Allowance
    ) -> None:
        self.hub = hub
        self.peer = peer
        self.allowance = allowance
        self.since = hub.clock.seconds()
        self.ending_since: float | None = None
        """Since when the session is being closed."""
        self.partial_since: float | None = None
        """Since when a frame has begun and not ended."""
        self.offers: Offers | None = None
        """The files that are being offered; None if that is over."""
        self.outbox = Outbox(transport, hub.clock, hub.meters.traffic)
        self.pulse = Pulse(hub.clock, lambda: self.deliver(ServerPing().frame()))
        self.greeting: Greeting | None = new_greeting(self)
        """The login as far as it has come; None once online."""
        self._transport = transport
        self._stages = stages
        self._commands = stages.before
        self._user: User | None = None
        self._left = False
        self._runs: list[tuple[int, list[bytes]]] = []
        """What came and is not answered, the bodies of each kind that follow each other together.

        The next run and body stand last: idle, this takes the least memory.
        """
        self._task: Deferred[None] | None = None
        """The work on the frames, if it waits for something."""
        self._working = False
        self._turn_ends = 0.0
        hub.sessions.add(self)
        transport.registerProducer(self.outbox, True)  # noqa: FBT003  # positional in the interface

    def __str__(self) -> str:
        """Name the connection for the log."""
        return f"{self._user.nick}@{self.peer}" if self._user else str(self.peer)

    @property
    def user(self) -> User:
        """Who is logged in here; raises SessionOverError once that is over."""
        if self._user is None or self._left:
            raise SessionOverError
        return self._user

    @property
    def extended(self) -> bool:
        """Whether a user is online here whose program understands extension messages."""
        return self._user is not None and self._user.extended

    @property
    def busy(self) -> bool:
        """Whether what came is still being answered, and nothing more is read meanwhile."""
        return self._task is not None

    def change(self, **changes: Any) -> User:
        """Change what is known of the user."""
        self._user = attrs.evolve(self.user, **changes)
        return self._user

    # What the protocol calls.

    def received(self, runs: Sequence[tuple[int, list[bytes]]], *, partial: bool) -> None:
        """Take runs of messages over; `partial` says whether another frame has begun."""
        self.pulse.beat()
        if self.ending_since is not None:
            return
        if not partial:
            self.partial_since = None
        elif runs or self.partial_since is None:
            self.partial_since = self.pulse.heard_at
        for _, bodies in runs:
            bodies.reverse()
        self._runs[:0] = reversed(runs)
        if not self._working:
            self._start()

    def break_off(self, reason: str) -> None:
        """Tell the client why the connection cannot go on, and close it."""
        self.log.info("{session}: {reason}", session=self, reason=reason)
        self.end(_notice(reason))

    def lost(self) -> None:
        """Stop everything: the connection is gone."""
        if self.ending_since is None:
            self.ending_since = self.hub.clock.seconds()
        self.hub.sessions.discard(self)
        self.outbox.stopProducing()
        if self.greeting:
            self.greeting.lose()
            self.greeting = None
        self._leave()
        self.pulse.stop()
        self._runs.clear()
        if self._task is not None:
            self._task.cancel()
        self.allowance.give_back()

    # What commands call.

    def send(self, message: Message) -> None:
        """Answer with a message, or say that it would be longer than old programs accept."""
        frame = message.frame()
        if len(frame) - _HEADER <= body_limit(message.type):
            self.outbox.put(frame)
        else:
            self.complain("The answer to this would be too long for one message")

    def tell(self, sentence: str) -> None:
        """Tell the user something in words."""
        self.send(_notice(sentence))

    def complain(self, sentence: str) -> None:
        """Tell the client what was wrong; before the login that ends the connection."""
        if self.greeting:
            self.greeting.refuse(_notice(sentence))
        else:
            self.tell(sentence)

    def enter(self, user: User) -> None:
        """Be online from now on."""
        self.greeting = None
        self._commands = self._stages.extended if user.extended else self._stages.online
        self.hub.meters.logins += 1
        self._user = user
        arrive(self, user)

    async def breathe(self) -> None:
        """Wait while the client does not read; after much work, let others have their turn."""
        if self.outbox.congested:
            await self.outbox.room()
        if self.hub.clock.seconds() >= self._turn_ends:
            await self.pause(0)

    async def pause(self, seconds: float) -> None:
        """Do and read nothing for this client for a while."""
        self.outbox.flush()
        await deferLater(self.hub.clock, seconds)
        self._turn_ends = self.hub.clock.seconds() + _TURN

    def end(self, *farewell: Message) -> None:
        """Say why, then close the connection; the user is gone at once."""
        if self.ending_since is not None:
            return
        self.ending_since = self.hub.clock.seconds()
        self._runs.clear()
        for message in farewell:
            self.send(message)
        if self.greeting:
            self.greeting.lose()
        self._leave()
        self._transport.unregisterProducer()
        self.outbox.close()
        self._transport.loseConnection()

    def abort(self, reason: str) -> None:
        """Close without waiting for the client to read."""
        self.log.info("{session}: {reason}; closed", session=self, reason=reason)
        self.end()
        self._transport.abortConnection()

    # What the network calls (see `Member`).

    def deliver(self, frame: bytes) -> None:
        """Send a frame that somebody else caused, at once."""
        self.put(frame)
        self.flush()

    def put(self, frame: bytes) -> None:
        """Keep a frame that somebody else caused for the next flush."""
        self.outbox.put(frame)

    def flush(self) -> None:
        """Send what was put; who does not read is sent away."""
        self.outbox.flush()
        if len(self.outbox) > self.hub.settings.write_queue:
            self.abort("does not read what is sent")

    def answers(self) -> Deferred[bool]:
        """Ask for a sign of life; none is needed of a client that reads, and is not read itself."""
        if self.busy and not self.outbox.congested:
            return succeed(result=True)
        return self.pulse.probe()

    def displace(self) -> None:
        """Make room for another login of the same nick."""
        self.log.info("{session}: displaced by another login", session=self)
        self.hub.meters.displaced += 1
        text = b"Someone else is logging in as you, disconnecting."
        self.end(Ghosted(), Notice(text), Disconnecting())

    # Its own work.

    def _start(self) -> None:
        self._turn_ends = self.pulse.heard_at + _TURN
        self._working = True
        work = self._work()
        try:
            work.send(None)
        except (StopIteration, *_OVER):
            self._rest()
        else:
            self._wait(Deferred.fromCoroutine(work))  # which is told again what it waits for

    def _wait(self, task: Deferred[None]) -> None:
        """Read nothing until the work, which waits for something, is done."""
        self._task = task
        self.outbox.flush()
        if self.ending_since is None:
            self._transport.pauseProducing()
        task.addErrback(_forget_the_end).addCallback(self._go_on)

    async def _work(self) -> None:
        while self._runs:
            try:
                await self._answer(*self._runs[-1])
            except _OVER:
                raise
            except StorageError as error:
                self.log.error("{session}: a command failed: {error}", session=self, error=error)
                self._fail("The server could not do this: its disk is full or fails, try later")
            except Exception:  # noqa: BLE001  # logged and told; what is behind it is answered
                self.log.failure("{session}: a command failed", session=self)
                self._fail("The server could not do this: an error of its own, see its log")
            if self._runs:
                await self.breathe()

    def _fail(self, sentence: str) -> None:
        """Say that a command failed by no fault of the client's; a login is refused with that."""
        if self.greeting:
            self.greeting.refuse(LoginError(sentence.encode()))
        else:
            self.tell(sentence)

    async def _answer(self, number: int, run: list[bytes]) -> None:
        """Answer the next message of a run, or the next few that are taken together."""
        command = self._commands.get(number)
        together = _GATHER if isinstance(command, GatheringCommand) else 1
        bodies = run[: -together - 1 : -1]
        del run[-together:]
        if not run:
            self._runs.pop()
        if command is None:
            await self._unknown(number)
            return
        self.hub.meters.frames[number] += len(bodies)
        if isinstance(command, GatheringCommand):
            await command.perform(self, bodies)
        else:
            await command.perform(self, bodies[0])

    async def _unknown(self, number: int) -> None:
        self.hub.meters.unknown_frames += 1
        if self.greeting:
            self.greeting.refuse(LoginError(text=b"invalid command"))
        else:
            self.complain(f"Unknown command code {number}")
            if wait := self.allowance.pace(Cost.COMMAND, 1):
                await self.pause(wait)

    def _rest(self) -> None:
        """Send the answers, now that they are complete."""
        self._working = False
        self.outbox.flush()

    def _go_on(self, _: None) -> None:
        """Read on, now that all is answered."""
        self._task = None
        self._rest()
        if self.ending_since is None:
            self._transport.resumeProducing()

    def _leave(self) -> None:
        if self._user is not None and not self._left:
            self._left = True
            depart(self, self._user)
