"""Every message of the index link, byte by byte, and what is forgiven in reading it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napster.wire.errors import FrameTooLongError, ParseError
from napster.wire.messages import (
    CLIENT_MESSAGES,
    MAX_BODY,
    SERVER_MESSAGES,
    Message,
    Sender,
    channels,
    chanops,
    fits,
    login,
    moderation,
    people,
    searching,
    sharing,
    social,
    transfers,
)
from napster.wire.messages.base import message
from napster.wire.search import Range, SearchQuery
from tests.wire import strategies

MD5 = b"b92870e0d41bc8e698cf2f0a1ddfeac7"
PATH = b"Z:\\nap\\generic band - generic song.mp3"
SHARE = sharing.Share(path=PATH, md5=MD5, size=443332, bitrate=128, frequency=44100, duration=60)
LOCALHOST = 16777343
"""127.0.0.1 as it was seen on the wire."""

GOLDEN: list[tuple[Message, bytes]] = [
    (login.LoginError(text=b"Invalid Password"), b"Invalid Password"),
    (
        login.Login(nick="foo", password=b"badpass", port=6699, client=b"nap v0.8", speed=3),
        b'foo badpass 6699 "nap v0.8" 3',
    ),
    (login.LoginAccepted(email="anon@server"), b"anon@server"),
    (login.VersionCheck(version=b"2.0"), b"2.0"),
    (
        login.Register(
            nick="foo",
            password=b"foo",
            port=6699,
            client=b"nap v0.8",
            speed=3,
            email="email@here.com",
        ),
        b'foo foo 6699 "nap v0.8" 3 email@here.com',
    ),
    (login.CheckNick(nick="foo"), b"foo"),
    (login.NickFree(), b""),
    (login.NickTaken(), b""),
    (login.NickInvalid(), b""),
    (login.CheckPassword(nick="foo", password=b"secret"), b"foo secret"),
    (login.PasswordRight(), b""),
    (login.LoginOptions(text=b"NAME: kev  ADDRESS:  CITY: "), b"NAME: kev  ADDRESS:  CITY: "),
    (login.StatsRequest(), b""),
    (login.Stats(users=553, files=64692, gigabytes=254), b"553 64692 254"),
    (login.DataPortCheck(text=b"6700"), b"6700"),
    (login.Disconnecting(), b"0"),
    (login.Notice(text=b"permission denied"), b"permission denied"),
    (login.MotdRequest(), b""),
    (login.MotdLine(text=b"  welcome  "), b"  welcome  "),
    (login.Ghosted(), b""),
    (login.BetaEight(text=b"1"), b"1"),
    (SHARE, b'"%b" %b 443332 128 44100 60' % (PATH, MD5)),
    (sharing.Unshare(path=PATH), PATH),
    (sharing.UnshareAll(), b""),
    (sharing.UnsharedAll(count=12), b"12"),
    (
        sharing.ShareDirectory(directory=b"Z:\\nap\\", files=(SHARE, SHARE)),
        b'"Z:\\nap\\" "generic band - generic song.mp3" %b 443332 128 44100 60'
        b' "generic band - generic song.mp3" %b 443332 128 44100 60' % (MD5, MD5),
    ),
    (
        searching.Search(
            query=SearchQuery(
                contains=(b"Sneaker Pimps", b"tesko suicide"),
                max_results=75,
                bitrate=Range(lowest=128),
            )
        ),
        b'FILENAME CONTAINS "Sneaker Pimps" FILENAME CONTAINS "tesko suicide"'
        b' MAX_RESULTS 75 BITRATE "AT LEAST" 128',
    ),
    (
        searching.SearchHit(
            path=b"random band - random song.mp3",
            md5=b"7d733c1e7419674744768db71bff8bcd",
            size=2558199,
            bitrate=128,
            frequency=44100,
            duration=159,
            nick="lefty",
            address=3437166285,
            speed=4,
        ),
        b'"random band - random song.mp3" 7d733c1e7419674744768db71bff8bcd'
        b" 2558199 128 44100 159 lefty 3437166285 4",
    ),
    (searching.SearchEnd(), b""),
    (searching.Browse(nick="lefty"), b"lefty"),
    (
        searching.BrowseFile(
            nick="foouser",
            path=PATH,
            md5=MD5,
            size=443332,
            bitrate=128,
            frequency=44100,
            duration=60,
        ),
        b'foouser "%b" %b 443332 128 44100 60' % (PATH, MD5),
    ),
    (searching.BrowseEnd(nick="foouser"), b"foouser"),
    (searching.SourcesRequest(md5=MD5, size=443332), MD5 + b" 443332"),
    (
        searching.Source(
            nick="lefty",
            address=LOCALHOST,
            port=6699,
            path=PATH,
            md5=MD5,
            size=443332,
            speed=7,
        ),
        b'lefty 16777343 6699 "%b" %b 443332 7' % (PATH, MD5),
    ),
    (searching.SourcesEnd(), b""),
    (searching.DirectBrowse(nick="lefty"), b"lefty"),
    (
        searching.DirectBrowseRequest(nick="lefty", address=LOCALHOST, port=6699),
        b"lefty 16777343 6699",
    ),
    (searching.DirectBrowseAccept(nick="lefty"), b"lefty"),
    (
        searching.DirectBrowseReady(nick="lefty", address=LOCALHOST, port=6699),
        b"lefty 16777343 6699",
    ),
    (
        searching.DirectBrowseError(nick="lefty", text=b"both are firewalled"),
        b'lefty "both are firewalled"',
    ),
    (transfers.DownloadRequest(nick="mred", path=PATH), b'mred "%b"' % PATH),
    (
        transfers.DownloadReady(
            nick="lefty", address=LOCALHOST, port=6699, path=PATH, md5=MD5, speed=3
        ),
        b'lefty 16777343 6699 "%b" %b 3' % (PATH, MD5),
    ),
    (transfers.DownloadError(nick="lefty", path=PATH), b'lefty "%b"' % PATH),
    (transfers.DownloadStarted(), b""),
    (transfers.DownloadFinished(), b""),
    (transfers.UploadStarted(), b""),
    (transfers.UploadFinished(), b""),
    (transfers.PushRequest(nick="lefty", path=PATH), b'lefty "%b"' % PATH),
    (
        transfers.PushReady(nick="mred", address=LOCALHOST, port=6699, path=PATH, md5=MD5, speed=3),
        b'mred 16777343 6699 "%b" %b 3' % (PATH, MD5),
    ),
    (transfers.UploadRequest(nick="lefty", path=PATH, speed=7), b'lefty "%b" 7' % PATH),
    (transfers.UploadAccepted(nick="lefty", path=PATH), b'lefty "%b"' % PATH),
    (transfers.UploadRefused(nick="lefty", path=PATH), b'lefty "%b"' % PATH),
    (transfers.QueueLimit(nick="joebob", path=PATH, limit=3), b'joebob "%b" 3' % PATH),
    (
        transfers.Queued(nick="joebob", path=PATH, size=1234567, limit=3),
        b'joebob "%b" 1234567 3' % PATH,
    ),
    (transfers.DataPortError(nick="lefty"), b"lefty"),
    (people.PrivateMessage(nick="lefty", text=b"hello  there "), b"lefty hello  there "),
    (people.SignedOff(nick="lefty"), b"lefty"),
    (people.SpeedRequest(nick="lefty"), b"lefty"),
    (people.Speed(nick="lefty", speed=3), b"lefty 3"),
    (people.WhoisRequest(nick="lefty"), b"lefty"),
    (
        people.Whois(
            nick="lefty",
            level=b"User",
            online=1203,
            channels=b"80's ",
            status=b"Active",
            shared=0,
            downloads=0,
            uploads=0,
            speed=3,
            client=b"nap v0.8",
        ),
        b'lefty "User" 1203 "80\'s " "Active" 0 0 0 3 "nap v0.8"',
    ),
    (
        people.Whowas(nick="lefty", level=b"User", last_seen=947304224),
        b'lefty "User" 947304224',
    ),
    (people.ChangeSpeed(speed=10), b"10"),
    (people.ChangePassword(password=b"secret"), b"secret"),
    (people.ChangeEmail(email="me@here"), b"me@here"),
    (people.ChangePort(port=0), b"0"),
    (people.ServerPing(), b""),
    (people.Ping(nick="lefty", text=b"12345"), b"lefty 12345"),
    (people.Pong(nick="lefty"), b"lefty"),
    (social.HotlistAdd(nick="lefty"), b"lefty"),
    (social.HotlistEntry(nick="lefty"), b"lefty"),
    (social.SignedOn(nick="lefty", speed=4), b"lefty 4"),
    (social.HotlistAdded(nick="lefty"), b"lefty"),
    (social.HotlistRefused(nick="lefty"), b"lefty"),
    (social.HotlistRemove(nick="lefty"), b"lefty"),
    (social.IgnoreListRequest(), b""),
    (social.IgnoreListEnd(count=2), b"2"),
    (social.IgnoreListEntry(nick="lefty"), b"lefty"),
    (social.Ignore(nick="lefty"), b"lefty"),
    (social.Unignore(nick="lefty"), b"lefty"),
    (social.NotIgnored(nick="lefty"), b"lefty"),
    (social.AlreadyIgnored(nick="lefty"), b"lefty"),
    (social.ClearIgnored(), b""),
    (social.IgnoredCleared(count=2), b"2"),
    (social.UserListRequest(server="*", levels="mae"), b"* mae"),
    (social.UserListEnd(), b""),
    (social.UserListEntry(nick="lefty", address="192.0.2.1"), b"lefty 192.0.2.1"),
    (channels.Join(channel="80's"), b"80's"),
    (channels.Part(channel="#80's"), b"#80's"),
    (channels.Say(channel="#80's", text=b" hello..."), b"#80's  hello..."),
    (
        channels.Said(channel="80's", nick="espinozaf", text=b"hello...hola"),
        b"80's espinozaf hello...hola",
    ),
    (channels.Joined(channel="#80's"), b"#80's"),
    (
        channels.MemberCame(channel="80's", nick="WilmaFlinstone", shared=12, speed=2),
        b"80's WilmaFlinstone 12 2",
    ),
    (
        channels.MemberLeft(channel="80's", nick="DLongley", shared=23, speed=7),
        b"80's DLongley 23 7",
    ),
    (channels.ListedMember(channel="80's", nick="lefty", shared=0, speed=4), b"80's lefty 0 4"),
    (channels.MembersEnd(channel="80's"), b"80's"),
    (channels.Topic(channel="#help", topic=b'say "hi"'), b'#help say "hi"'),
    (channels.Invite(nick="CyberAlien2", channel="#test_channel"), b"CyberAlien2 #test_channel"),
    (
        channels.Invitation(
            nick="CyberAlien3",
            channel="#test_channel",
            topic=b"Welcome to the #test_channel.",
            number=0,
            text=b"Hello!",
        ),
        b'CyberAlien3 #test_channel "Welcome to the #test_channel." 0 Hello!',
    ),
    (
        channels.AcceptInvitation(nick="CyberAlien3", channel="#test_channel"),
        b"CyberAlien3 #test_channel",
    ),
    (
        channels.DeclineInvitation(nick="CyberAlien3", channel="#test_channel"),
        b"CyberAlien3 #test_channel",
    ),
    (channels.ListChannels(), b""),
    (
        channels.ListedChannel(channel="Help", members=50, topic=b"OpenNap help channel"),
        b"Help 50 OpenNap help channel",
    ),
    (channels.Emote(channel="#help", text=b"sighs"), b'#help "sighs"'),
    (channels.Emoted(channel="#help", nick="lefty", text=b"sighs"), b'#help lefty "sighs"'),
    (channels.ListedName(channel="Help", nick="testor3", shared=0, speed=3), b"Help testor3 0 3"),
    (channels.ListChannelsFully(), b""),
    (
        channels.ListedChannelFully(
            channel="#help", members=3, temporary=0, level=1, limit=200, topic=b"Ask here"
        ),
        b'#help 3 0 1 200 "Ask here"',
    ),
    (channels.ListNames(channel="#help"), b"#help"),
    (channels.NamesEnd(), b""),
    (chanops.ListChannelBans(channel="#help"), b"#help"),
    (chanops.ChannelBansEnd(), b""),
    (
        chanops.ChannelBan(
            mask="*!192.0.2.*", setter="lefty", reason=b"DoS exploit", since=947304224, seconds=0
        ),
        b'*!192.0.2.* lefty "DoS exploit" 947304224 0',
    ),
    (
        chanops.BanFromChannel(channel="#help", mask="foo", reason=b"too loud"),
        b'#help foo "too loud"',
    ),
    (chanops.UnbanFromChannel(channel="#help", mask="foo!*"), b"#help foo!*"),
    (chanops.ClearChannelBans(channel="#help"), b"#help"),
    (chanops.ClearChannel(channel="#help", reason=b"closing time"), b'#help "closing time"'),
    (chanops.ChannelLevel(channel="#help", level="Moderator"), b"#help Moderator"),
    (chanops.ChannelLimit(channel="#help", limit=50), b"#help 50"),
    (
        chanops.KickFromChannel(channel="#help", nick="foo", reason=b"too loud"),
        b'#help foo "too loud"',
    ),
    (chanops.OldChannelLevel(channel="#help"), b"#help"),
    (chanops.OldKickFromChannel(channel="#help", nick="foo"), b"#help foo"),
    (chanops.Op(channel="#help", nicks=("foo", "lefty")), b"#help foo lefty"),
    (chanops.Deop(channel="#help", nicks=("foo",)), b"#help foo"),
    (chanops.ListOps(channel="#help"), b"#help"),
    (chanops.DropChannel(channel="#help"), b"#help"),
    (chanops.TellOps(channel="#help", text=b"who is that?"), b"#help who is that?"),
    (chanops.ChannelMode(channel="#help", changes=("+TOPIC", "-INVITE")), b"#help +TOPIC -INVITE"),
    (chanops.InviteToChannel(channel="#help", nick="foo"), b"#help foo"),
    (chanops.Voice(channel="#help", nicks=("foo",)), b"#help foo"),
    (chanops.Unvoice(channel="#help", nicks=("foo",)), b"#help foo"),
    (chanops.MuzzleInChannel(channel="#help", nick="foo", reason=b"hush"), b'#help foo "hush"'),
    (chanops.UnmuzzleInChannel(channel="#help", nick="foo"), b"#help foo"),
    (moderation.SetLevel(nick="lefty", level="Moderator"), b"lefty Moderator"),
    (moderation.Kill(nick="lefty", reason=b"floods"), b'lefty "floods"'),
    (moderation.Nuke(nick="lefty"), b"lefty"),
    (
        moderation.AddBan(mask="192.0.2.0/24", reason=b"floods", seconds=3600),
        b'192.0.2.0/24 "floods" 3600',
    ),
    (moderation.SetPort(nick="lefty", port=6700), b"lefty 6700"),
    (moderation.PortOrder(port=6700), b"6700"),
    (moderation.RemoveBan(mask="lefty"), b"lefty"),
    (moderation.ListBans(), b""),
    (moderation.BansEnd(), b""),
    (
        moderation.BanEntry(
            mask="lefty!*", setter="valkyrie", reason=b"DoS exploit", since=947304224, seconds=0
        ),
        b'lefty!* valkyrie "DoS exploit" 947304224 0',
    ),
    (moderation.Muzzle(nick="lefty", reason=b"hush"), b'lefty "hush"'),
    (moderation.Unmuzzle(nick="lefty"), b"lefty"),
    (moderation.SetSpeed(nick="lefty", speed=4), b"lefty 4"),
    (moderation.TellModerators(text=b"who is lefty?"), b"who is lefty?"),
    (moderation.ToldModerators(nick="foo", text=b"who is lefty?"), b"foo who is lefty?"),
    (moderation.Announce(text=b"we move"), b"we move"),
    (moderation.Announcement(nick="foo", text=b"we move"), b"foo we move"),
]
CLASSES = sorted(
    {*CLIENT_MESSAGES.values(), *SERVER_MESSAGES.values()}, key=lambda cls: cls.__name__
)
classes = st.sampled_from(CLASSES)


def test_every_message_has_golden_bytes() -> None:
    """No message class is without an example below."""
    assert {type(value) for value, _ in GOLDEN} == set(CLASSES)


@pytest.mark.parametrize(("value", "body"), GOLDEN, ids=lambda each: type(each).__name__)
def test_golden(value: Message, body: bytes) -> None:
    """Each message is these bytes, and these bytes are that message."""
    assert value.body() == body
    assert type(value).from_body(body) == value
    frame = len(body).to_bytes(2, "little") + value.type.to_bytes(2, "little") + body
    assert value.frame() == frame


@settings(max_examples=1000)
@given(cls=classes, data=st.data())
def test_round_trip(cls: type[Message], data: st.DataObject) -> None:
    """Every value that can be sent is read back as it was."""
    value = data.draw(strategies.messages(cls))
    assert cls.from_body(value.body()) == value


@pytest.mark.parametrize(("value", "body"), GOLDEN, ids=lambda each: type(each).__name__)
def test_every_truncation(value: Message, body: bytes) -> None:
    """A message cut anywhere is another one or a ParseError, and nothing else."""
    for end in range(len(body)):
        with suppress(ParseError):
            assert isinstance(type(value).from_body(body[:end]).body(), bytes)


@settings(max_examples=1000)
@given(
    cls=classes, garbage=st.binary(max_size=80) | st.text('" a1\\-\0', max_size=40).map(str.encode)
)
def test_garbage(cls: type[Message], garbage: bytes) -> None:
    """Any bytes are a message or a ParseError; what was read can be read again when sent on."""
    with suppress(ParseError):
        value = cls.from_body(garbage)
        body = value.body()  # a bare `a"b` cannot be quoted
        assert cls.from_body(body) == value


def test_numbers_are_found_by_sender() -> None:
    """Client and server use some numbers for different messages."""
    assert CLIENT_MESSAGES[214] is login.StatsRequest
    assert SERVER_MESSAGES[214] is login.Stats
    assert CLIENT_MESSAGES[205] is SERVER_MESSAGES[205]


def test_a_number_declared_twice_is_a_mistake() -> None:
    """Two classes cannot share number and sender."""
    with pytest.raises(ValueError, match="message 2 of the client is declared twice"):

        @message(2, Sender.CLIENT)
        class Twice(Message):
            """Stands for a slip."""


def test_too_few_fields() -> None:
    """A login or a file with a field missing is refused, also where numbers are lenient."""
    with pytest.raises(ParseError, match="a field is missing"):
        login.Login.from_body(b'foo badpass 6699 "nap v0.8"')
    with pytest.raises(ParseError, match="a field is missing"):
        sharing.Share.from_body(b'"a.mp3" 0 1 2 3')


def test_garbage_sizes_are_nought() -> None:
    """`big` and negative sizes count as 0, as OpenNap has it."""
    read = sharing.Share.from_body(b'"a.mp3" 0 big -5 1.5 99999999999999999999999')
    assert (read.size, read.bitrate, read.frequency, read.duration) == (0, 0, 0, 0)
    assert login.Login.from_body(b'foo pass none "c" 3').port == 0


def test_extra_fields_are_ignored() -> None:
    """Later programs add fields at the end."""
    assert sharing.Share.from_body(SHARE.body() + b" more fields") == SHARE
    read = login.Login.from_body(b'nick pass 6699 "TekNap-1.3g" 4 5201 0')
    assert (read.nick, read.speed) == ("nick", 4)
    assert searching.BrowseEnd.from_body(b"lefty 16777343").nick == "lefty"


@pytest.mark.parametrize("cls", [transfers.DownloadRequest, transfers.UploadAccepted])
def test_unquoted_paths_of_one_word(cls: type[transfers.DownloadRequest]) -> None:
    """Quotes are not needed around one word, but must come in pairs."""
    assert cls.from_body(b"mred song.mp3").path == b"song.mp3"
    with pytest.raises(ParseError, match="closing quote"):
        cls.from_body(b'mred "song.mp3')


def test_unquoted_share() -> None:
    """A shared file of one word needs no quotes either."""
    assert sharing.Share.from_body(b"song.mp3 0 5 128 44100 60").path == b"song.mp3"


def test_unshare_with_or_without_quotes() -> None:
    """102 carries a bare path with spaces; a quoted one means the same, an empty one nothing."""
    assert sharing.Unshare.from_body(b"a path.mp3").path == b"a path.mp3"
    assert sharing.Unshare.from_body(b'"a path.mp3"').path == b"a path.mp3"
    for empty in (b"", b'""'):
        with pytest.raises(ParseError, match="a field is missing"):
            sharing.Unshare.from_body(empty)


def test_a_nul_cuts_the_message() -> None:
    """What follows a NUL is not part of the message; none is ever sent."""
    assert people.PrivateMessage.from_body(b"lefty he\0llo").text == b"he"
    with pytest.raises(ParseError, match="a field is missing"):
        login.Login.from_body(b'foo bad\0pass 6699 "nap v0.8" 3')
    with pytest.raises(ParseError, match="NUL cannot be sent"):
        people.PrivateMessage(nick="lefty", text=b"he\0llo").body()


def test_directory_gets_its_backslash() -> None:
    """A directory that does not end in a backslash gets one, as unix paths show."""
    read = sharing.ShareDirectory.from_body(b'"/home/u" "a.mp3" 0 1 2 3 4')
    assert read.directory == b"/home/u\\"
    assert read.files[0].path == b"/home/u\\a.mp3"
    assert sharing.ShareDirectory(directory=b"/home/u", files=read.files).body() == read.body()


def test_files_before_a_short_one_are_kept() -> None:
    """A short last file spoils only itself."""
    body = b'"d\\" "a.mp3" 0 1 2 3 4 "b.mp3" 0 1'
    read, short = sharing.ShareDirectory.complete_prefix(body)
    assert short
    assert [file.path for file in read.files] == [b"d\\a.mp3"]
    with pytest.raises(ParseError, match="the last file has missing fields"):
        sharing.ShareDirectory.from_body(body)
    assert sharing.ShareDirectory.complete_prefix(b'"d\\"')[1] is False


def test_a_file_outside_its_directory_is_not_sent() -> None:
    """The receiver would join the wrong path."""
    with pytest.raises(ParseError, match="has to be in that directory"):
        sharing.ShareDirectory(directory=b"other\\", files=(SHARE,)).body()


def test_optional_fields() -> None:
    """Fields at the end may be absent, but none in the middle."""
    assert searching.Browse.from_body(b"lefty 50").limit == 50
    assert searching.Browse.from_body(b"lefty  ").limit is None
    assert login.Register.from_body(b'foo foo 0 "c" 3').email == "unknown"
    assert transfers.UploadRequest.from_body(b'lefty "a"').speed == 0
    with pytest.raises(ParseError, match="message 640 has a field behind one that is absent"):
        searching.DirectBrowseRequest(nick="lefty", port=5).body()


def test_what_moderators_see() -> None:
    """604 carries six more fields for moderators, and one behind them for admins."""
    body = b'a "User" 1 "" "Active" 0 0 0 3 "c" 10 20 10.0.0.1 4711 6699 a@b'
    read = people.Whois.from_body(body)
    assert (read.total_downloads, read.address, read.email) == (10, "10.0.0.1", "a@b")
    assert (read.server, read.body()) == (None, body)
    assert people.Whois.from_body(body + b" attic").server == "attic"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'#c "one two"', b"one two"),
        (b"#c one two", b"one two"),
        (b'#c "one two', b"one two"),
        (b'#c one two"', b"one two'"),
        (b'#c "says "hi" loudly" ', b"says 'hi' loudly"),
        (b'#c "one" 60', b"one"),
        (b'#c ""', b""),
        (b'#c "', b""),
        (b"#c   ", b""),
        (b"#c", b""),
        (b'#c " spaced "', b" spaced "),
    ],
)
def test_remarks(body: bytes, text: bytes) -> None:
    """What people write between quotes is read whatever quotes they write."""
    assert channels.Emote.from_body(body).text == text
    assert chanops.ClearChannel.from_body(body).reason == text


def test_remark_that_cannot_be_sent() -> None:
    """A quote inside would end the field."""
    with pytest.raises(ParseError, match="double quote"):
        channels.Emote("#c", b'say "hi"').body()


def test_any_number_of_words() -> None:
    """A list of words ends with the body."""
    assert chanops.Op.from_body(b"#c").nicks == ()
    assert chanops.Op.from_body(b"#c  a   b ").nicks == ("a", "b")


@pytest.mark.parametrize(
    "value",
    [
        people.ChangePort(port=-1),
        people.ChangeSpeed(speed=2**64),
        searching.DirectBrowseReady(nick="a", address=1, port=65536),
    ],
)
def test_numbers_out_of_range_are_not_sent(value: Message) -> None:
    """A number that the other side could not read is an error here."""
    with pytest.raises(ParseError, match="is not a number from 0 to"):
        value.body()


def test_fits() -> None:
    """Old programs close the connection at 2,049 bytes."""
    longest = people.PrivateMessage(nick="a", text=b"x" * (MAX_BODY - 2))
    assert fits(longest)
    assert not fits(longest.evolve(text=longest.text + b"x"))
    with pytest.raises(FrameTooLongError):
        longest.evolve(text=bytes(1 for _ in range(0x10000))).frame()


def test_evolve_makes_a_relayed_copy() -> None:
    """A relayed message differs only in its nick."""
    sent = people.PrivateMessage(nick="to", text=b"hi")
    assert sent.evolve(nick="from") == people.PrivateMessage(nick="from", text=b"hi")
