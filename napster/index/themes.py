"""Everything a session can be told, before the login and after it."""

from napster.index import (
    agreeing,
    banning,
    content_sharing,
    contents,
    copies,
    listing,
    login,
    moderating,
    people,
    refused,
    relaying,
    searching,
    server_info,
    sharing,
    standing,
    transfers,
    watching,
)
from napster.index.channels import (
    expelling,
    inviting,
    lists,
    ranks,
    talking,
    tending,
    visiting,
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
        watching.COMMANDS,
        visiting.COMMANDS,
        lists.COMMANDS,
        talking.COMMANDS,
        tending.COMMANDS,
        ranks.COMMANDS,
        expelling.COMMANDS,
        inviting.COMMANDS,
        server_info.COMMANDS,
        moderating.COMMANDS,
        banning.COMMANDS,
        refused.COMMANDS,
    ),
    extension=agreeing.COMMANDS.join(
        content_sharing.COMMANDS,
        contents.COMMANDS,
        copies.COMMANDS,
        standing.COMMANDS,
        relaying.COMMANDS,
    ),
)
