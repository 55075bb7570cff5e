"""Let connections through to a port of this machine at a rate: `gate.py LISTEN TARGET MB_PER_S`.

All connections together share the rate. At the end (SIGTERM) it prints, as JSON, how many bytes
went to those who called, and when (monotonic seconds) the first caller came and the last byte went.
"""

import json
import signal
import socket
import sys
import threading
import time

CHUNK = 64 << 10
GREETING = 1
"""What the index reads that tries the data port, in bytes."""
BURST = 0.005
"""How many seconds' worth may go at once after a pause."""


class Gate:
    """The rate, and what has passed."""

    def __init__(self, target: int, rate: float) -> None:
        self.target = target
        self.rate = rate
        self.passed = 0
        self.first = self.last = 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, count: int) -> None:
        """Wait until so many bytes may go."""
        with self._lock:
            now = time.monotonic()
            self._next = max(self._next, now - BURST) + count / self.rate
            delay = self._next - now
        if delay > 0:
            time.sleep(delay)

    def serve(self, caller: socket.socket) -> None:
        """Join a caller to the target."""
        came = time.monotonic()
        try:
            called = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            caller.close()
            return
        for one in (caller, called):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._pass, args=(caller, called), daemon=True).start()
        self._pass(called, caller, came)

    def _pass(
        self, source: socket.socket, target: socket.socket, came: float | None = None
    ) -> None:
        try:
            while data := source.recv(CHUNK):
                if came is not None:
                    self.wait(len(data))
                target.sendall(data)
                if came is not None:
                    self._count(len(data), came)
        except OSError:
            pass  # either side has gone: so does the other
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def _count(self, count: int, came: float) -> None:
        """Count what was answered to somebody who came at a time; a greeting does not count."""
        self.passed += count
        if count > GREETING:
            self.first = self.first or came
            self.last = time.monotonic()


def main() -> None:
    """Let callers through until told to end."""
    port, target, rate = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) * 1e6
    gate = Gate(target, rate)
    listening = socket.create_server(("127.0.0.1", port))

    def end(_number: int, _frame: object) -> None:
        print(json.dumps({"bytes": gate.passed, "first": gate.first, "last": gate.last}))
        sys.stdout.flush()
        sys.exit()

    signal.signal(signal.SIGTERM, end)
    while True:
        caller, _ = listening.accept()
        threading.Thread(target=gate.serve, args=(caller,), daemon=True).start()


if __name__ == "__main__":
    main()
