"""Everything a session can be told, before the login and after it."""

from napster.index import (
    banning,
    listing,
    login,
    moderating,
    people,
    refused,
    searching,
    server_info,
    sharing,
    standing,
    transfers,
)
from napster.index.commands import Stages

STAGES = Stages(
    before=login.COMMANDS,
    online=login.COMMANDS.join(
        sharing.COMMANDS,
        searching.COMMANDS,
        listing.COMMANDS,
        transfers.COMMANDS,
        people.COMMANDS,
        server_info.COMMANDS,
        moderating.COMMANDS,
        banning.COMMANDS,
        refused.COMMANDS,
    ),
    extension=standing.COMMANDS,
)
