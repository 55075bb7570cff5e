"""What users and moderators say to and about each other."""

from napster.wire.messages import login as lo
from napster.wire.messages import moderation as mo
from napster.wire.messages import people as pe
from napster.wire.messages import searching as se
from napster.wire.messages import social as so
from tests.index.harness import MD5, file
from tests.index.scripts.steps import HERE, PATH, Step, like, notice, pinged, step

_ANNA = {
    "nick": "anna",
    "level": b"User",
    "channels": b" ",
    "status": b"Active",
    "shared": 0,
    "downloads": 0,
    "uploads": 0,
    "speed": 8,
    "client": b"test 1.0",
}
_TO_MODERATORS = {
    "total_downloads": 0,
    "total_uploads": 0,
    "address": "127.0.0.1",
    "data_port": 6699,
    "email": "anna@example.org",
    "server": None,
}

PEOPLE: dict[str, list[Step]] = {
    "people": [
        step("anna", pe.PrivateMessage("berta", b"hi"), berta=pe.PrivateMessage("anna", b"hi")),
        step("anna", pe.Ping("berta", b"1"), berta=pe.Ping("anna", b"1")),
        step("berta", pe.Pong("anna", b"1"), anna=pe.Pong("berta", b"1")),
        step("anna", pe.ServerPing(b"x"), pe.ServerPing(b"x")),
        step("berta", pe.SpeedRequest("anna"), pe.Speed("anna", 8)),
        step("berta", pe.WhoisRequest("anna"), like(pe.Whois, **_ANNA, email=None)),
        step("mod", pe.WhoisRequest("anna"), like(pe.Whois, **_ANNA, **_TO_MODERATORS)),
        step(
            "admin",
            pe.WhoisRequest("anna"),
            like(pe.Whois, **_ANNA, **(_TO_MODERATORS | {"server": "napster"})),
        ),
        step(
            "berta",
            pe.WhoisRequest("mod"),
            like(pe.Whois, nick="mod", level=b"Moderator"),
            mod=notice("berta has requested your info"),
        ),
        step("berta", pe.WhoisRequest("away"), like(pe.Whowas, nick="away", level=b"User")),
        step(
            "anna",
            lo.MotdRequest(),
            lo.MotdLine(b"VERSION opennap 0.44 (napster)"),
            lo.MotdLine(b"SERVER napster"),
        ),
    ],
    "changing oneself": [
        step("anna", pe.ChangeSpeed(3)),
        step("anna", pe.ChangePort(0)),
        step("anna", pe.ChangeEmail("new@example.org")),
        step("anna", pe.ChangePassword(b"new"), notice("password changed")),
        step("mod", pe.SpeedRequest("anna"), pe.Speed("anna", 3)),
        step(
            "mod",
            pe.WhoisRequest("anna"),
            like(pe.Whois, speed=3, data_port=0, email="new@example.org"),
        ),
        step(
            "guest",
            lo.Login("anna", b"pw", 6699, b"c", 4),
            lo.LoginError(b"Invalid Password"),
        ),
        step(
            "guest 2",
            lo.Login("anna", b"new", 6699, b"c", 4),
            lo.LoginAccepted("new@example.org"),
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats(2, 0, 0),
            anna=[lo.Ghosted(), lo.Notice, lo.Disconnecting(b"0")],
        ),
    ],
    "hotlist": [
        step("berta", lo.StatsRequest(), lo.Stats(3, 0, 0)),
        step("anna", so.HotlistAdd("berta"), so.HotlistAdded("berta"), so.SignedOn("berta", 8)),
        step("anna", so.HotlistEntry("dora"), so.HotlistAdded("dora")),
        step("anna", so.HotlistAdd("a*b"), so.HotlistRefused("a*b"), lo.Notice),
        step(
            "guest",
            lo.Login("dora", b"pw", 6699, b"c", 4),
            lo.LoginAccepted("anon@napster"),
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats(4, 0, 0),
            anna=so.SignedOn("dora", 4),
        ),
        step("anna", so.HotlistRemove("dora")),
        pinged("anna"),
        *(
            step(
                "mod",
                mo.Kill(nick),
                lo.Notice,
                **{who: [lo.Notice, lo.Disconnecting(b"0")]},
                **watching,
            )
            for nick, who, watching in (
                ("dora", "guest", {}),
                ("berta", "berta", {"anna": pe.SignedOff("berta")}),
            )
        ),
        step(
            "guest 2",
            lo.Login("dora", b"pw", 6699, b"c", 4),
            lo.LoginAccepted,
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats(3, 0, 0),
        ),
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
        step("berta", file()),
        step("berta", lo.StatsRequest(), lo.Stats(3, 1, 0)),
        step(
            "admin", mo.SetPort("berta", 7000), lo.Notice, berta=mo.PortOrder(7000), mod=lo.Notice
        ),
        step("admin", mo.SetSpeed("berta", 4), lo.Notice, berta=lo.Notice, mod=lo.Notice),
        step("mod", pe.SpeedRequest("berta"), pe.Speed("berta", 4)),
        step("mod", pe.WhoisRequest("berta"), like(pe.Whois, speed=4, data_port=7000)),
        step(
            "mod",
            se.SourcesRequest(MD5, 1000),
            se.Source("berta", HERE, 7000, PATH, MD5, 1000, 4),
            se.SourcesEnd(),
        ),
        step("admin", mo.SetLevel("away", "Leech"), lo.Notice, mod=lo.Notice),
        step(
            "guest",
            lo.Login("away", b"pw", 6699, b"c", 4),
            lo.LoginAccepted("away@example.org"),
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats,
            notice("napster set your user level to Leech (0)."),
        ),
        step("admin", mo.Muzzle("berta", b"loud"), lo.Notice, berta=lo.Notice, mod=lo.Notice),
        step("berta", pe.PrivateMessage("berta", b"hi"), lo.Notice),
        step("admin", mo.Unmuzzle("berta"), lo.Notice, berta=lo.Notice, mod=lo.Notice),
        step("berta", pe.PrivateMessage("berta", b"hi"), pe.PrivateMessage("berta", b"hi")),
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
            guest=mo.Announcement("admin", b"hi"),
            mod=mo.Announcement("admin", b"hi"),
        ),
        step("admin", mo.AddBan("192.0.2.0/24", b"bots", 60), lo.Notice, mod=lo.Notice),
        step(
            "mod",
            mo.ListBans(),
            like(mo.BanEntry, setter="admin", reason=b"bots", seconds=60),
            mo.BansEnd(),
        ),
        step("admin", mo.RemoveBan("192.0.2.0/24"), lo.Notice, mod=lo.Notice),
        step("mod", mo.ListBans(), mo.BansEnd()),
        step("admin", mo.Nuke("anna"), lo.Notice, mod=lo.Notice),
        step(
            "guest 2",
            lo.Register("anna", b"other", 6699, b"c", 4, "other@example.org"),
            lo.LoginAccepted("other@example.org"),
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats,
        ),
        step(
            "admin",
            mo.Kill("berta", b"bye"),
            lo.Notice,
            berta=[lo.Notice, lo.Disconnecting(b"0")],
            mod=lo.Notice,
        ),
    ],
}
