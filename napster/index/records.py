"""What the index remembers of keeping order, besides the accounts."""

from collections.abc import Callable

from napster.daemon.database import Database
from napster.index.audit import AuditLog
from napster.index.bans import Bans
from napster.index.invitations import Invitations
from napster.index.muzzles import Muzzles


class Records:
    """Bans, muzzles, invitations and what moderators have done; `now` is the wall clock."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self.now = now
        self.bans = Bans(database, now)
        self.muzzles = Muzzles(database, now)
        self.invitations = Invitations(database, now)
        self.audit = AuditLog(database, now)

    async def load(self) -> None:
        """Read what has to be known before anybody comes in."""
        await self.bans.load()
        await self.muzzles.load()
