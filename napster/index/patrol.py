"""The one timer of all sessions: who is too slow, too quiet, too long in closing, or done."""

from napster.index.hub import Hub
from napster.index.session import Session
from napster.index.slices import in_slices

INTERVAL = 5.0
"""Seconds between two rounds; a deadline can be late by so much."""
_CLOSING = 10.0
"""So many seconds a client has to read its farewell."""


async def patrol(hub: Hub) -> None:
    """Look at every session once."""
    await in_slices(hub.clock, tuple(hub.sessions), _look_at)


def _look_at(session: Session) -> None:
    check(session)
    settle(session)


def settle(session: Session) -> None:
    """Tell what became of the files that were offered, once no more come or it is time."""
    offers = session.offers
    if offers is None or session.ending_since is not None:
        return
    if offers.is_due(session.hub.clock.seconds(), busy=session.busy):
        session.offers = None
        for sentence in offers.rest(session.hub.settings.max_shared):
            session.tell(sentence)
        session.outbox.flush()


def check(session: Session) -> None:
    """End a session that is over one of its deadlines."""
    settings, now = session.hub.settings, session.hub.clock.seconds()
    if session.ending_since is not None:
        if now - session.ending_since > _CLOSING:
            session.abort("does not read its farewell")
    elif session.greeting and now - session.since > settings.login_timeout:
        session.greeting.expire()
    elif _older(session.outbox.congested_since, settings.stall_timeout, now):
        session.abort(f"has not read for {settings.stall_timeout} s")
    elif session.busy:
        pass  # nothing is read meanwhile, so silence is no fault of the client's
    elif _older(session.partial_since, settings.frame_timeout, now):
        session.break_off(f"a message was not finished within {settings.frame_timeout} s; closing")
    elif session.greeting is None and session.pulse.is_dead(settings):
        session.break_off(f"a ping was not answered within {settings.ping_timeout} s; closing")


def _older(since: float | None, limit: float, now: float) -> bool:
    return since is not None and now - since > limit
