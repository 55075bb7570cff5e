"""Invitations: made, listed and revoked."""

from napster.index import acts
from napster.index.actors import NotThereError
from napster.index.admin.calls import Calls, Console, tidy
from napster.index.admin.values import About, NewInvitation, Nothing
from napster.index.audit import Act
from napster.index.invitations import code_label, usual_form
from napster.index.kept import Invitation

CALLS = Calls()


@CALLS.on("invite", NewInvitation)
async def invite(console: Console, asked: NewInvitation) -> Invitation:
    """Make an invitation."""
    invitations, note = console.hub.records.invitations, tidy(asked.note)
    made = await invitations.create(console.actor.name, note, asked.seconds)
    await acts.report(console.hub, console.actor, Act.INVITE, code_label(made.code), note)
    return made


@CALLS.on("invitations", Nothing)
async def invitations(console: Console, _asked: Nothing) -> list[Invitation]:
    """List all invitations, oldest first."""
    return await console.hub.records.invitations.all()


@CALLS.on("revoke", About)
async def revoke(console: Console, asked: About) -> None:
    """Withdraw an invitation that nobody has used."""
    code = usual_form(asked.name)
    if not await console.hub.records.invitations.revoke(code):
        raise NotThereError(f"there is no unused invitation {code}")
    reason = tidy(asked.reason)
    await acts.report(console.hub, console.actor, Act.REVOKE, code_label(code), reason)
