"""Every request there is at the admin socket."""

from napster.index.admin import accounts, channels, invitations, order, upkeep
from napster.index.admin.calls import Call

CALLS: dict[str, Call] = {
    **accounts.CALLS,
    **order.CALLS,
    **channels.CALLS,
    **invitations.CALLS,
    **upkeep.CALLS,
}
