"""A daemon that only downloads, to be killed: `python -m tests.peer.downloads.victim FOLDER PORT`.

It prints how many bytes are on the disk, whenever that changes.
"""

import sys
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from napster.peer.arrange import Arrangement
from tests.peer.downloads.helpers import FakeArranger, wanted_of
from tests.peer.downloads.test_real_sockets import SIZE, real_downloads

reactor: Any = _reactor


async def run(folder: Path, port: int) -> None:
    arranger = FakeArranger()
    arranger.answers["alice"] = Arrangement("alice", b"x", "127.0.0.1", port, b"", 8)
    downloads = real_downloads(reactor, folder, arranger)
    await downloads.start()
    await downloads.add(wanted_of(b"", size=SIZE))
    told = -1
    while True:
        (status,) = downloads.list()
        if status.done != told:
            told = status.done
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()
        await deferLater(reactor, 0.001)


if __name__ == "__main__":
    Deferred.fromCoroutine(run(Path(sys.argv[1]), int(sys.argv[2])))
    reactor.run()
