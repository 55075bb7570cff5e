"""Logging in, sharing, searching, and arranging transfers."""

from napster.wire.messages import login as lo
from napster.wire.messages import people as pe
from napster.wire.messages import searching as se
from napster.wire.messages import sharing as sh
from napster.wire.messages import transfers as tr
from napster.wire.search import SearchQuery
from tests.index.harness import MD5, file
from tests.index.scripts.steps import HERE, PATH, Step, like, step

SONG = se.Search(SearchQuery(contains=(b"song",)))

FILES: dict[str, list[Step]] = {
    "before the login": [
        step("guest", lo.VersionCheck(b"2.0")),
        step("guest", lo.LoginOptions(b"NAME: kev")),
        step("guest", lo.DataPortCheck(b"6700")),
        step("guest", lo.BetaEight(b"1")),
        step("guest", lo.CheckNick("dora"), lo.NickFree()),
        step("guest", lo.CheckNick("ANNA"), lo.NickTaken()),
        step("guest", lo.CheckNick("&b"), lo.NickInvalid(b"a nick does not begin with &")),
        step("guest", lo.CheckPassword("anna", b"wrong")),
        step("guest", lo.CheckPassword("anna", b"pw"), lo.PasswordRight()),
        step(
            "guest",
            lo.Register("dora", b"pw", 6699, b"c", 4, "dora@example.org"),
            lo.LoginAccepted("dora@example.org"),
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats(1, 0, 0),
        ),
        step("guest", lo.Login("dora", b"pw", 6699, b"c", 4), lo.Notice),
    ],
    "second login": [
        step("anna", lo.StatsRequest(), lo.Stats(1, 0, 0)),
        step(
            "guest",
            lo.Login("anna", b"pw", 6699, b"c", 4),
            lo.LoginAccepted("anna@example.org"),
            lo.MotdLine,
            lo.MotdLine,
            lo.Stats(1, 0, 0),
            anna=[lo.Ghosted(), lo.Notice, lo.Disconnecting(b"0")],
        ),
    ],
    "wrong password": [
        step(
            "guest",
            lo.Login("anna", b"wrong", 6699, b"c", 4),
            lo.LoginError(b"Invalid Password"),
        ),
    ],
    "sharing and searching": [
        step("anna", file()),
        step("anna", sh.ShareDirectory(b"dir\\", (file(b"dir\\a.mp3"), file(b"dir\\b.mp3")))),
        step("anna", lo.StatsRequest(), lo.Stats(2, 3, 0)),
        step(
            "berta",
            SONG,
            se.SearchHit(PATH, MD5, 1000, 128, 44100, 60, "anna", HERE, 8),
            se.SearchEnd(),
        ),
        step(
            "berta",
            se.Browse("anna", 1),
            se.BrowseFile("anna", PATH, MD5, 1000, 128, 44100, 60),
            se.BrowseEnd("anna"),
        ),
        step("anna", sh.Unshare(b"dir\\a.mp3")),
        step("anna", sh.Unshare(b"dir\\b.mp3")),
        step("anna", lo.StatsRequest(), lo.Stats(2, 1, 0)),
        step(
            "berta",
            se.SourcesRequest(MD5, 1000),
            se.Source("anna", HERE, 6699, PATH, MD5, 1000, 8),
            se.SourcesEnd(),
        ),
        step("anna", sh.UnshareAll(), sh.UnsharedAll(1)),
        step("berta", se.Browse("nobody"), pe.SignedOff("nobody"), se.BrowseEnd("nobody")),
    ],
    "browsing directly": [
        step("anna", file()),
        step("anna", lo.StatsRequest(), lo.Stats(2, 1, 0)),
        step("berta", se.DirectBrowse("anna"), anna=se.DirectBrowseRequest("berta")),
        step(
            "anna",
            se.DirectBrowseAccept("berta"),
            berta=se.DirectBrowseReady("anna", HERE, 6699),
        ),
        step(
            "berta",
            se.DirectBrowse("nobody"),
            se.DirectBrowseError("nobody", b"the user is not online"),
        ),
    ],
    "transfers": [
        step("anna", file()),
        step("anna", lo.StatsRequest(), lo.Stats(2, 1, 0)),
        step(
            "berta",
            tr.DownloadRequest("anna", PATH),
            anna=tr.UploadRequest("berta", PATH, 8),
        ),
        step("anna", tr.QueueLimit("berta", PATH, 2), berta=tr.Queued("anna", PATH, 1000, 2)),
        step(
            "anna",
            tr.UploadAccepted("berta", PATH),
            berta=tr.DownloadReady("anna", HERE, 6699, PATH, MD5, 8),
        ),
        step("berta", tr.DownloadRequest("anna", PATH), anna=tr.UploadRequest),
        step("anna", tr.UploadRefused("berta", PATH), berta=tr.UploadRefused("anna", PATH)),
        step("berta", tr.DownloadRequest("anna", b"none"), tr.DownloadError("anna", b"none")),
        step("berta", tr.DataPortError("anna"), anna=tr.DataPortError("berta")),
    ],
    "counting transfers": [
        step("berta", tr.DownloadStarted()),
        step("berta", tr.DownloadStarted()),
        step("berta", tr.DownloadFinished()),
        step("berta", pe.WhoisRequest("berta"), like(pe.Whois, downloads=1, uploads=0)),
        step("anna", tr.UploadStarted()),
        step("anna", tr.UploadStarted()),
        step("anna", tr.UploadFinished()),
        step("anna", pe.WhoisRequest("anna"), like(pe.Whois, downloads=0, uploads=1)),
        step(
            "mod",
            pe.WhoisRequest("berta"),
            like(pe.Whois, total_downloads=2, total_uploads=0),
        ),
        step(
            "mod",
            pe.WhoisRequest("anna"),
            like(pe.Whois, total_downloads=0, total_uploads=2),
        ),
    ],
    "push": [
        step("wall", file()),
        step("wall", lo.StatsRequest(), lo.Stats(2, 1, 0)),
        step("berta", tr.PushRequest("wall", PATH), wall=tr.UploadRequest("berta", PATH, 8)),
        step(
            "wall",
            tr.UploadAccepted("berta", PATH),
            tr.PushReady("berta", HERE, 6699, PATH, MD5, 8),
        ),
    ],
}
