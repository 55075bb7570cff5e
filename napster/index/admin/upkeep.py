"""The daemon itself: its options, and copies of its state."""

from napster.index import acts
from napster.index.admin.calls import Calls, Console
from napster.index.admin.values import NewSetting, Nothing, SettingInfo
from napster.index.audit import Act

CALLS = Calls()


@CALLS.on("settings", Nothing)
async def settings(console: Console, _asked: Nothing) -> list[SettingInfo]:
    """List all options as they are now."""
    return list(console.live.all())


@CALLS.on("set", NewSetting)
async def change(console: Console, asked: NewSetting) -> SettingInfo:
    """Change an option until the daemon ends."""
    setting = await console.live.change(asked.name, asked.value)
    await acts.report(console.hub, console.actor, Act.SETTING, setting.name, setting.value)
    return setting


@CALLS.on("backup", Nothing)
async def backup(console: Console, _asked: Nothing) -> str:
    """Copy the state into a new file beside it; whoever asked moves that away."""
    copy = await console.backups.make()
    await acts.report(console.hub, console.actor, Act.BACKUP, "the state")
    return str(copy)
