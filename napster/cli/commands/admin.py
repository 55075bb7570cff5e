"""`napster admin`: what whoever runs an index asks of it."""

from napster.cli.admin import accounts, channels, invitations, order, upkeep
from napster.cli.command import CommandGroup

COMMAND = CommandGroup(
    {
        "accounts": ("list registered nicks", accounts.ACCOUNTS),
        "add": ("register a nick, the first admin's among them", accounts.ADD),
        "password": ("set a nick's password", accounts.PASSWORD),
        "level": ("make somebody leech, user, moderator, admin or elite", accounts.LEVEL),
        "delete": ("delete an account", accounts.DELETE),
        "online": ("list who is online", order.ONLINE),
        "kick": ("disconnect somebody", order.KICK),
        "muzzle": ("forbid somebody to talk", order.MUZZLE),
        "unmuzzle": ("let somebody talk again", order.UNMUZZLE),
        "bans": ("list the bans", order.BANS),
        "ban": ("let nobody in with a nick, from an address or a network", order.BAN),
        "unban": ("lift a ban", order.UNBAN),
        "announce": ("say something to everybody online", order.ANNOUNCE),
        "audit": ("list what moderators and admins have done", order.AUDIT),
        "channels": ("list the channels", channels.CHANNELS),
        "drop": ("end a channel", channels.DROP),
        "invitations": ("list the invitations", invitations.INVITATIONS),
        "invite": ("make an invitation to register", invitations.INVITE),
        "revoke": ("withdraw an invitation", invitations.REVOKE),
        "settings": ("show the options as they are now", upkeep.SETTINGS),
        "set": ("change an option until the daemon ends", upkeep.SET),
        "backup": ("copy all that the index keeps into a file", upkeep.BACKUP),
    }
)
