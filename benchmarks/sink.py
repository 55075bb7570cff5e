"""Read as fast as the sender can send and throw it all away; prints seconds and bytes as JSON.

`sink.py http HOST PORT PATH` asks an HTTP server; `sink.py napster HOST PORT OWNER PATH` asks an
index for OWNER's file and reads it straight from OWNER, as a program of 1999 would.
Both read with MSG_TRUNC: the kernel drops the bytes, so that the sender is what is measured.
"""

import json
import socket
import struct
import sys
import time

CHUNK = 4 * 1024 * 1024
TIMEOUT = 120


def connect(host: str, port: int) -> socket.socket:
    """Open a connection that gives up rather than hang."""
    return socket.create_connection((host, port), timeout=TIMEOUT)


def drain(connection: socket.socket, left: int) -> None:
    """Let the kernel drop so many bytes."""
    while left > 0:
        got = len_truncated(connection, min(CHUNK, left))
        if not got:
            sys.exit(f"the sender closed with {left} bytes missing")
        left -= got


def len_truncated(connection: socket.socket, most: int) -> int:
    """Receive without copying; returns how many bytes were dropped."""
    return connection.recv_into(BUFFER, most, socket.MSG_TRUNC)


BUFFER = bytearray(CHUNK)


def fetch_http(host: str, port: int, path: str) -> int:
    """Ask an HTTP server for a file and drop its body; returns the size."""
    connection = connect(host, port)
    connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1024)
    fields, _, body = head.partition(b"\r\n\r\n")
    size = next(
        int(line.split(b":")[1])
        for line in fields.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    drain(connection, size - len(body))
    return size


def frame(number: int, body: str) -> bytes:
    """Make a frame of the index link."""
    data = body.encode()
    return struct.pack("<HH", len(data), number) + data


def exactly(connection: socket.socket, size: int) -> bytes:
    """Receive exactly so many bytes."""
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            sys.exit("the connection was closed")
        data += more
    return data


def answer(connection: socket.socket, wanted: int) -> str:
    """Read frames until one of the wanted number comes."""
    while True:
        length, number = struct.unpack("<HH", exactly(connection, 4))
        body = exactly(connection, length).decode(errors="replace")
        if number == wanted:
            return body
        if number in {0, 206, 404, 609, 620}:
            sys.exit(f"the index answered {number}: {body}")


def fetch_napster(host: str, port: int, owner: str, path: str) -> int:
    """Arrange a download at the index, fetch the file and drop it; returns the size."""
    index = connect(host, port)
    nick = f"sink{time.time_ns() % 1_000_000}"
    index.sendall(frame(2, f'{nick} x 0 "sink" 10'))
    answer(index, 214)
    index.sendall(frame(211, owner))
    size = None
    while size is None:
        listed = answer(index, 212)
        if f'"{path}"' in listed:
            size = int(listed.rpartition('"')[2].split()[1])
    index.sendall(frame(203, f'{owner} "{path}"'))
    fields = answer(index, 204).split()
    address = socket.inet_ntoa(struct.pack("<I", int(fields[1])))
    peer = connect(address, int(fields[2]))
    exactly(peer, 1)
    peer.sendall(b"GET")
    peer.sendall(f'{nick} "{path}" 0'.encode())
    exactly(peer, len(str(size)))
    drain(peer, size)
    return size


def main() -> None:
    """Fetch as the command line says and report."""
    begun = time.perf_counter()
    kind, host, port, *rest = sys.argv[1:]
    fetch = fetch_http if kind == "http" else fetch_napster
    size = fetch(host, int(port), *rest)
    print(json.dumps({"seconds": time.perf_counter() - begun, "bytes": size}))


if __name__ == "__main__":
    main()
