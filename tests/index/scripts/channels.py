"""What is said and heard in channels."""

from napster.wire.messages import channels as ch
from napster.wire.messages import chanops as op
from napster.wire.messages import login as lo
from napster.wire.messages import people as pe
from tests.index.scripts.steps import Step, like, notice, step

WELCOME = b"Welcome to the #room channel."
_ROOM_OF_ANNA = [
    step(
        "anna",
        ch.Join("room"),
        ch.Joined("#room"),
        ch.ListedMember("#room", "anna", 0, 8),
        ch.MembersEnd("#room"),
        ch.Topic("#room", WELCOME),
        notice("Server napster set you as operator on channel #room"),
    ),
    step(
        "berta",
        ch.Join("#ROOM"),
        ch.Joined("#room"),
        ch.ListedMember("#room", "anna", 0, 8),
        ch.ListedMember("#room", "berta", 0, 8),
        ch.MembersEnd("#room"),
        ch.Topic("#room", WELCOME),
        anna=ch.MemberCame("#room", "berta", 0, 8),
    ),
]
_BERTA_LEAVES = step(
    "berta",
    ch.Part("room"),
    ch.Part("#room"),
    anna=ch.MemberLeft("#room", "berta", 0, 8),
)
_BERTA_TALKS = step(
    "berta",
    ch.Say("room", b"hi"),
    ch.Said("#room", "berta", b"hi"),
    anna=ch.Said("#room", "berta", b"hi"),
)
_MODERATED = notice("permission denied: channel #room is moderated")


def _listed(*, temporary: int) -> ch.ListedChannelFully:
    return ch.ListedChannelFully("#room", 2, temporary, 0, 9, WELCOME)


CHANNELS: dict[str, list[Step]] = {
    "channels": [
        *_ROOM_OF_ANNA,
        step(
            "berta",
            ch.Say("#room", b"hi"),
            ch.Said("#room", "berta", b"hi"),
            anna=ch.Said("#room", "berta", b"hi"),
        ),
        step(
            "berta",
            ch.Emote("#room", b"sighs"),
            ch.Emoted("#room", "berta", b"sighs"),
            anna=ch.Emoted("#room", "berta", b"sighs"),
        ),
        step(
            "anna",
            ch.Topic("#room", b"news"),
            ch.Topic("#room", b"news"),
            notice("anna set topic on #room: news"),
            berta=ch.Topic("#room", b"news"),
        ),
        step(
            "carl",
            ch.ListChannels(),
            ch.ListedChannel("#room", 2, b"news"),
            ch.ListChannels(),
        ),
        step(
            "carl",
            ch.ListChannelsFully(),
            ch.ListedChannelFully("#room", 2, 1, 1, 200, b"news"),
            ch.ListChannelsFully(),
        ),
        step(
            "berta",
            ch.ListNames("#room"),
            ch.ListedName("#room", "anna", 0, 8),
            ch.ListedName("#room", "berta", 0, 8),
            ch.NamesEnd(),
        ),
        _BERTA_LEAVES,
    ],
    "invitations": [
        _ROOM_OF_ANNA[0],
        step(
            "anna",
            ch.Invite("berta", "room"),
            notice("anna invited berta to channel #room"),
            berta=[
                notice("anna invited you to channel #room"),
                ch.Invitation("anna", "#room", WELCOME),
            ],
        ),
        step(
            "berta",
            ch.DeclineInvitation("anna", "#room"),
            anna=notice("berta declined your invitation to channel #room"),
        ),
        step(
            "anna",
            op.InviteToChannel("#room", "berta"),
            notice("anna invited berta to channel #room"),
            berta=notice("anna invited you to channel #room"),
        ),
        step(
            "berta",
            ch.AcceptInvitation("anna", "#room"),
            ch.Joined("#room"),
            ch.ListedMember("#room", "anna", 0, 8),
            ch.ListedMember("#room", "berta", 0, 8),
            ch.MembersEnd("#room"),
            ch.Topic("#room", WELCOME),
            anna=[
                ch.MemberCame("#room", "berta", 0, 8),
                notice("berta accepted your invitation to channel #room"),
            ],
        ),
    ],
    "running a channel": [
        *_ROOM_OF_ANNA,
        step(
            "anna",
            op.ChannelLevel("room", "leech"),
            notice("anna set channel #room to level Leech"),
        ),
        step("berta", op.OldChannelLevel("room"), notice("Channel #room is level Leech")),
        step("anna", op.ChannelLimit("room", 9), notice("anna set limit on channel #room to 9")),
        step(
            "anna",
            op.ChannelMode("room", ("+MODERATED",)),
            notice("anna changed mode on channel #room: +MODERATED"),
        ),
        step("berta", ch.Say("room", b"hi"), _MODERATED),
        step(
            "anna",
            op.Voice("room", ("berta",)),
            notice("anna gave berta voice on channel #room"),
            berta=notice("anna gave you voice on channel #room"),
        ),
        _BERTA_TALKS,
        step("anna", op.Unvoice("room", ("berta",)), lo.Notice, berta=lo.Notice),
        step("berta", ch.Say("room", b"hi"), _MODERATED),
        step(
            "anna",
            op.ChannelMode("room", ("-MODERATED",)),
            notice("anna changed mode on channel #room: -MODERATED"),
        ),
        step("anna", op.MuzzleInChannel("room", "berta", b"hush"), lo.Notice, berta=lo.Notice),
        step("berta", ch.Say("room", b"hi"), lo.Notice),
        step("anna", op.UnmuzzleInChannel("room", "berta"), lo.Notice, berta=lo.Notice),
        _BERTA_TALKS,
        step("anna", op.TellOps("room", b"hi"), notice("anna [ops/#room]: hi")),
        step(
            "anna",
            op.Op("room", ("berta",)),
            notice("anna set berta as operator on channel #room"),
            berta=notice("anna set you as operator on channel #room"),
        ),
        step(
            "berta",
            op.ListOps("room"),
            *(
                pe.PrivateMessage("ChanServ", line)
                for line in (
                    b"Operators for channel #room:",
                    b"anna",
                    b"berta",
                    b"END of operators for channel #room (2 total)",
                )
            ),
        ),
        step(
            "anna",
            op.Deop("room", ("berta",)),
            notice("anna removed berta as operator on channel #room"),
            berta=notice("anna removed you as operator on channel #room"),
        ),
        step("mod", op.ChannelMode("room", ("+REGISTERED",)), lo.Notice, anna=lo.Notice),
        step("mod", ch.ListChannelsFully(), _listed(temporary=0), ch.ListChannelsFully()),
        step(
            "mod",
            op.DropChannel("room", b"empty"),
            notice("mod dropped channel #room: empty"),
            anna=notice("mod dropped channel #room: empty"),
        ),
        step("mod", ch.ListChannelsFully(), _listed(temporary=1), ch.ListChannelsFully()),
    ],
    "throwing out": [
        *_ROOM_OF_ANNA,
        step(
            "anna",
            op.BanFromChannel("room", "berta", b"loud"),
            notice("anna banned berta!* from #room: loud"),
        ),
        step(
            "anna",
            op.ListChannelBans("room"),
            like(op.ChannelBan, mask="berta!*", setter="anna", reason=b"loud", seconds=0),
            op.ChannelBansEnd(),
        ),
        _BERTA_LEAVES,
        step("berta", ch.Join("room"), notice("channel join failed: banned: loud")),
        step(
            "anna",
            op.UnbanFromChannel("room", "berta"),
            notice("anna unbanned berta!* from #room"),
        ),
        step("anna", op.ListChannelBans("room"), op.ChannelBansEnd()),
        _ROOM_OF_ANNA[1],
        step("anna", op.BanFromChannel("room", "192.0.2.0/24"), lo.Notice),
        step("anna", op.ClearChannelBans("room"), notice("anna cleared the ban list on #room")),
        step("anna", op.ListChannelBans("room"), op.ChannelBansEnd()),
        *(
            out
            for kind in (op.KickFromChannel, op.OldKickFromChannel)
            for out in (
                step(
                    "anna",
                    kind("room", "berta", b"loud"),
                    ch.MemberLeft("#room", "berta", 0, 8),
                    notice("anna kicked berta out of channel #room: loud"),
                    berta=[ch.Part("#room"), lo.Notice],
                ),
                _ROOM_OF_ANNA[1],
            )
        ),
        step(
            "anna",
            op.ClearChannel("room"),
            notice("anna cleared channel #room"),
            ch.MemberLeft("#room", "berta", 0, 8),
            berta=[ch.Part("#room"), notice("anna cleared channel #room")],
        ),
    ],
}
