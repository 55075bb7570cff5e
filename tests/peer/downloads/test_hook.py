"""The program that is run for each finished download."""

import errno
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs, formatEvent

from napster.peer.api import DownloadState
from napster.peer.downloads.hook import Hook
from napster.peer.downloads.hook_run import GRACE, LINGER, LONGEST_LINE, MOST_LINES
from napster.peer.downloads.record import Offer, Record, Stage
from tests.peer.downloads.helpers import PlayedProgram, World, now, source_of, wanted_of
from tests.peer.downloads.test_going_on import left_behind

reactor: Any = _reactor
TRUE = "/bin/true"


def finish(world: World, name: bytes = b"song.mp3") -> None:
    """Have a file arrive."""
    number = world.add(wanted_of(b"x", sources=[source_of(path=name)]))
    world.answer(b"x")
    assert world.state_of(number) is DownloadState.DONE


def run(world: World) -> PlayedProgram:
    """Have the program run for a finished file."""
    world.hook.set([TRUE, "--word", "$NAPSTER_FILE"], 60)
    finish(world)
    (program,) = world.programs.started
    return program


def test_facts_in_the_environment(world: World) -> None:
    """The words go as they are, the facts in the environment, and no secret comes along."""
    program = run(world)
    assert (program.program, program.words) == (TRUE, [TRUE, "--word", "$NAPSTER_FILE"])
    facts = {name: value for name, value in program.environ.items() if name != "PATH"}
    assert facts == {
        "NAPSTER_ID": "1",
        "NAPSTER_FILE": str(world.folder / "song.mp3"),
        "NAPSTER_NAME": "song.mp3",
        "NAPSTER_FOLDER": str(world.folder),
        "NAPSTER_SIZE": "1",
        "NAPSTER_NICK": "alice",
        "NAPSTER_VERIFIED": "cannot be checked",
        "NAPSTER_MD5": "",
        "NAPSTER_CONTENT_ID": "",
    }
    program.exit()


def test_no_program(world: World) -> None:
    """Without the option nothing is run, and what is taken back while it waits is not, either."""
    finish(world)
    assert world.programs.started == []
    world.hook.set([TRUE], 60)
    for number in range(3):
        finish(world, b"%d" % number)
    world.hook.set([], 60)
    for program in world.programs.started:
        program.exit()
    assert len(world.programs.started) == 2


def test_only_for_what_is_done(world: World) -> None:
    """A download that is cancelled, or was here already, is not told."""
    world.hook.set([TRUE], 60)
    world.cancel(world.add(wanted_of(b"x")))
    (world.folder / "song.mp3").write_text("x")
    world.add(wanted_of(b"x"))
    assert world.programs.started == []


def test_for_what_was_saved_at_the_start(world: World) -> None:
    """What an earlier run did not come to name is told like any other."""
    world.program = [TRUE]
    record = Record(9, "song.mp3", 4, "", (Offer("alice", b"x"),), Stage.COMPLETE)
    left_behind(world, b"1234", record)
    (program,) = world.programs.started
    assert program.environ["NAPSTER_ID"] == "9"
    program.exit()


def test_two_at_once(world: World) -> None:
    """Two may run at the same time; the next begins when one has ended, even badly."""
    world.hook.set([TRUE], 60)
    for number in range(5):
        finish(world, b"%d" % number)
    started = world.programs.started
    assert len(started) == 2
    started[1].exit(1)
    assert len(started) == 3
    for program in started:
        if not program.over:
            program.exit()
    assert [each.environ["NAPSTER_NAME"] for each in started] == ["0", "1", "2", "3", "4"]


def logged(logs: Any) -> list[str]:
    """List what was said about the program, without its name."""
    lines = [str(formatEvent(event)) for event in logs]
    return [line.partition(": ")[2] for line in lines if line.startswith("on_finished")]


def test_its_output_is_logged(world: World) -> None:
    """What it says comes as lines, cut where they are long, and not without end."""
    with capturedLogs() as logs:
        program = run(world)
        program.protocol.outReceived(b"one\ntw")
        program.protocol.errReceived(b"\xff complaint\n")
        program.protocol.outReceived(b"o\n" + b"x" * 5000)
        program.protocol.outReceived(b"x\n")
        for number in range(MOST_LINES):
            program.protocol.outReceived(b"%d\n" % number)
        program.protocol.outReceived(b"last")
        program.exit()
    said = logged(logs)
    assert said[:3] == ["one", "\\xff complaint", "two"]
    assert said[3] == "x" * LONGEST_LINE
    assert len(said) == MOST_LINES + 2
    assert said[-2:] == ["5 more lines are left out", "ended well"]


@pytest.mark.parametrize(
    ("status", "signal", "said"),
    [(0, None, "ended well"), (3, None, "failed with status 3"), (0, 11, "was ended by signal 11")],
)
def test_how_it_ends(world: World, status: int, signal: int | None, said: str) -> None:
    """Its end is told; whatever it is, the file stays saved."""
    with capturedLogs() as logs:
        run(world).exit(status, signal)
    assert logged(logs) == [said]
    assert world.files() == ["song.mp3"]


def test_it_may_not_run_for_ever(world: World) -> None:
    """After its time it is killed, and said to be."""
    with capturedLogs() as logs:
        program = run(world)
        world.tick(59)
        assert program.signals == []
        world.tick(2)
        assert program.signals == ["KILL"]
        program.exit(0, 9)
    assert logged(logs) == ["did not end in time and was killed"]


def test_one_that_leaves_others_behind(world: World) -> None:
    """Programs that it has started and that hold its output open hold up nobody."""
    program = run(world)
    program.exit(closes=False)
    assert not program.hung_up
    world.tick(LINGER + 1)
    assert program.hung_up
    program.exit()


def test_the_end_of_the_daemon(world: World) -> None:
    """A daemon that stops ends what runs, within a moment, and begins no more."""
    world.hook.set([TRUE], 60)
    for number in range(3):
        finish(world, b"%d" % number)
    stopping = Deferred.fromCoroutine(world.hook.stop())
    started = world.programs.started
    assert [each.signals for each in started] == [["TERM"], ["TERM"]]
    started[0].exit(0, 15)
    world.tick(GRACE + 1)
    assert started[1].signals == ["TERM", "KILL"]
    assert not stopping.called
    started[1].exit(0, 9)
    assert stopping.called
    assert len(started) == 2


def test_one_that_has_ended_is_not_signalled(world: World) -> None:
    """Between its end and that of its output a program is not there any more."""
    program = run(world)
    program.exit(closes=False)
    stopping = Deferred.fromCoroutine(world.hook.stop())
    program.exit()
    assert stopping.called
    assert program.signals == []


@pytest.mark.parametrize("word", ["/no/such/program", "no-such-program", "/etc/passwd", ""])
def test_a_program_that_is_not_there(world: World, word: str) -> None:
    """A program that has gone since the start is told, each time, and nothing else happens."""
    with capturedLogs() as logs:
        world.hook.set([word], 60)
        finish(world)
    assert logged(logs) == [f"{word} cannot be run here"]


def test_a_machine_without_room_for_programs(world: World) -> None:
    """A system that starts no more processes is told, too."""
    world.programs.refusal = OSError(errno.EAGAIN, "Resource temporarily unavailable")
    world.hook.set([TRUE], 60)
    with capturedLogs() as logs:
        finish(world)
    assert logged(logs) == ["cannot be run: Resource temporarily unavailable"]


PROGRAM = """
import json, os, sys
print("hello"); print("oops", file=sys.stderr)
print(json.dumps([sys.argv[1:], dict(os.environ), sys.stdin.read()]))
"""


@pytest_twisted.ensureDeferred
async def test_a_real_program(tmp_path: Path) -> None:
    """A real process gets the words, the facts and an empty input, and is reaped."""
    hook = Hook(reactor, {"PATH": "/usr/bin:/bin", "TOKEN": "secret", "LANG": "C.UTF-8"})
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    hook.set([sys.executable, "-I", str(script), "; touch x"], 30)
    with capturedLogs() as logs:
        hook.run({"NAPSTER_NAME": "$(touch x)\n.mp3"})
        (running,) = hook._running
        await running.ended
    said = logged(logs)
    assert said[-1] == "ended well"
    assert {"hello", "oops"} < set(said)
    words, environ, given = json.loads(next(line for line in said if line.startswith("[")))
    assert (words, given) == (["; touch x"], "")
    assert environ.items() >= {"NAPSTER_NAME": "$(touch x)\n.mp3", "LANG": "C.UTF-8"}.items()
    assert "TOKEN" not in environ
    now(hook.stop())
