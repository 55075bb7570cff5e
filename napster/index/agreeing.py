"""What an index and a program that understands extension messages agree on, once a session."""

from napster.index.commands import CommandError, Commands
from napster.index.session import Session
from napster.wire.extension import Family, Feature, Greeting

COMMANDS = Commands()
"""For sessions that speak the extension only."""


@COMMANDS.on(Greeting)
async def agree(session: Session, greeting: Greeting) -> None:
    """Use from now on what both sides can do."""
    if session.user.features is not None:
        raise CommandError("what to use was agreed on already (20001)")
    features = greeting.features & session.hub.features
    if greeting.fingerprint is None or Feature.SECURE not in features:
        features &= ~Feature.RELAY  # nothing goes through the relay in the clear
    # Addresses of IPv6 are told with tickets only.
    told = greeting.families if Feature.SECURE in features else None
    families = Family.IPV4 if told is None else told
    before = session.user.owner
    user = session.change(features=features, fingerprint=greeting.fingerprint, families=families)
    if user.owner != before:
        session.hub.catalog.update_owner(user.owner)
    if user.firewalled:
        session.hub.port_tester.try_port(session)  # by IPv6
