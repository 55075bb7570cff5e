"""The commands that `twistd` gains: see the two modules named here."""

from twisted.application.service import ServiceMaker

index = ServiceMaker(
    "napster-index",
    "napster.index.tap",
    "Napster index: who shares what on a file-sharing network",
    "napster-index",
)
peer = ServiceMaker(
    "napster-peer",
    "napster.peer.tap",
    "Napster peer: shares, searches and downloads files",
    "napster-peer",
)
