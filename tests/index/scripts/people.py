"""What users and moderators say to and about each other."""

from napster.wire.messages import login as lo
from napster.wire.messages import moderation as mo
from napster.wire.messages import people as pe
from napster.wire.messages import social as so
from tests.index.scripts.steps import Step, notice, step

PEOPLE: dict[str, list[Step]] = {
    "people": [
        step("anna", pe.PrivateMessage("berta", b"hi"), berta=pe.PrivateMessage("anna", b"hi")),
        step("anna", pe.Ping("berta", b"1"), berta=pe.Ping("anna", b"1")),
        step("berta", pe.Pong("anna", b"1"), anna=pe.Pong("berta", b"1")),
        step("anna", pe.ServerPing(b"x"), pe.ServerPing(b"x")),
        step("anna", pe.ChangeSpeed(3)),
        step("anna", pe.ChangePort(0)),
        step("anna", pe.ChangeEmail("new@example.org")),
        step("anna", pe.ChangePassword(b"new"), notice("password changed")),
        step("berta", pe.SpeedRequest("anna"), pe.Speed("anna", 3)),
        step("berta", pe.WhoisRequest("anna"), pe.Whois),
        step("mod", pe.WhoisRequest("anna"), pe.Whois),
        step(
            "berta", pe.WhoisRequest("mod"), pe.Whois, mod=notice("berta has requested your info")
        ),
        step("berta", pe.WhoisRequest("away"), pe.Whowas),
        step("anna", lo.MotdRequest(), lo.MotdLine, lo.MotdLine),
    ],
    "hotlist": [
        step("berta", lo.StatsRequest(), lo.Stats(2, 0, 0)),
        step("anna", so.HotlistAdd("berta"), so.HotlistAdded("berta"), so.SignedOn("berta", 8)),
        step("anna", so.HotlistEntry("dora"), so.HotlistAdded("dora")),
        step("anna", so.HotlistAdd("a*b"), so.HotlistRefused("a*b"), lo.Notice),
        step(
            "guest",
            lo.Login("dora", b"pw", 6699, b"c", 4),
            lo.LoginAccepted("anon@napster"),
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats(3, 0, 0),
            anna=so.SignedOn("dora", 4),
        ),
        step("anna", so.HotlistRemove("dora")),
    ],
    "ignoring": [
        step("anna", so.Ignore("berta"), so.Ignore("berta")),
        step("anna", so.Ignore("Berta"), so.AlreadyIgnored("Berta")),
        step("berta", pe.PrivateMessage("anna", b"hi"), notice("anna is ignoring you")),
        step("berta", pe.Ping("anna"), notice("anna is ignoring you")),
        step(
            "anna",
            so.IgnoreListRequest(),
            so.IgnoreListEntry("berta"),
            so.IgnoreListEnd(1),
        ),
        step("anna", so.Unignore("berta"), so.Unignore("berta")),
        step("anna", so.Unignore("berta"), so.NotIgnored("berta")),
        step("anna", so.ClearIgnored(), so.IgnoredCleared(0)),
    ],
    "user list": [
        step("leech", pe.Ping("leech"), pe.Ping("leech")),
        step(
            "mod",
            so.UserListRequest("*", "l"),
            so.UserListEntry("leech", "127.0.0.1"),
            so.UserListEnd(),
        ),
    ],
    "moderation": [
        step("mod", lo.StatsRequest(), lo.Stats),
        step(
            "admin", mo.SetPort("berta", 7000), lo.Notice, berta=mo.PortOrder(7000), mod=lo.Notice
        ),
        step("admin", mo.SetSpeed("berta", 4), lo.Notice, berta=lo.Notice, mod=lo.Notice),
        step("admin", mo.SetLevel("away", "Leech"), lo.Notice, mod=lo.Notice),
        step("admin", mo.Muzzle("berta", b"loud"), lo.Notice, berta=lo.Notice, mod=lo.Notice),
        step("admin", mo.Unmuzzle("berta"), lo.Notice, berta=lo.Notice, mod=lo.Notice),
        step(
            "mod",
            mo.TellModerators(b"hi"),
            mo.ToldModerators("mod", b"hi"),
            admin=mo.ToldModerators("mod", b"hi"),
        ),
        step(
            "admin",
            mo.Announce(b"hi"),
            mo.Announcement("admin", b"hi"),
            berta=mo.Announcement("admin", b"hi"),
            mod=mo.Announcement("admin", b"hi"),
        ),
        step("admin", mo.AddBan("192.0.2.0/24", b"bots", 60), lo.Notice, mod=lo.Notice),
        step("mod", mo.ListBans(), mo.BanEntry, mo.BansEnd()),
        step("admin", mo.RemoveBan("192.0.2.0/24"), lo.Notice, mod=lo.Notice),
        step("admin", mo.Nuke("away"), lo.Notice, mod=lo.Notice),
        step(
            "admin",
            mo.Kill("berta", b"bye"),
            lo.Notice,
            berta=[lo.Notice, lo.Disconnecting(b"0")],
            mod=lo.Notice,
        ),
    ],
}
