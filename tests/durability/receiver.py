"""A receiver as a test needs one: an HTTP server on loopback that can be told how to fail, and the transport to it."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from hexgate.core.audit.transport import Batch, Reply

__all__ = ["HttpTransport", "Receiver", "received", "serving"]

STATUS_OK = 200


@dataclass
class Receiver:
    """What has come, and how it behaves: each mood is asked for a request and says what to do with it."""

    address: tuple[str, int] = ("", 0)
    lines: list[bytes] = field(default_factory=list)
    requests: int = 0
    moods: list[str] = field(default_factory=list)
    mood: Callable[[bytes], str] = lambda _: "ok"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_mood(self, body: bytes) -> str:
        """What to do with this request."""
        with self.lock:
            self.requests += 1
            return self.moods.pop(0) if self.moods else self.mood(body)

    def take(self, body: bytes) -> None:
        """Keeps the records."""
        with self.lock:
            self.lines += body.splitlines()


def received(lines: list[bytes]) -> dict[str, list[int]]:
    """The numbers of the records that came, by stream, each once, as they came."""
    found: dict[str, dict[int, bytes]] = {}
    for line in lines:
        record = orjson.loads(line)
        known = found.setdefault(record["stream"], {})
        assert known.setdefault(record["seq"], line) == line
    return {stream: list(numbers) for stream, numbers in found.items()}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    receiver: Receiver

    def do_POST(self) -> None:
        """Takes a batch, or does not."""
        size = int(self.headers["Content-Length"])
        if self.receiver.moods[:1] == ["close early"]:
            self.receiver.next_mood(b"")
            self.rfile.read(min(size, 10))
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = gzip.decompress(self.rfile.read(size))
        mood = self.receiver.next_mood(body)
        if mood in ("ok", "close half-way", "close after"):
            self.receiver.take(body)
        if mood == "hang":
            # Until the client has had enough and closes.
            self.connection.recv(1)
        elif mood in ("close before", "close after"):
            self.connection.shutdown(socket.SHUT_RDWR)
        elif mood == "close half-way":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        elif mood == "garbage":
            self.wfile.write(b"\x00\x01\x02 what?\r\n\r\n")
        else:
            self.answer(mood)

    def answer(self, mood: str) -> None:
        """A status, and for `503 7` how many seconds to wait."""
        status, _, seconds = mood.partition(" ")
        self.send_response(STATUS_OK if status == "ok" else int(status))
        if seconds:
            self.send_header("Retry-After", seconds)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    handler = type("ReceiverHandler", (Handler,), {"receiver": receiver})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    receiver.address = ("127.0.0.1", server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class HttpTransport:
    """Sends batches by HTTP."""

    address: tuple[str, int]
    seconds: float = 0.3

    def send(self, batch: Batch) -> Reply:
        """One request for one batch."""
        connection = http.client.HTTPConnection(*self.address, timeout=self.seconds)
        try:
            headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-ndjson", "Idempotency-Key": batch.key}
            connection.request("POST", "/events", batch.body, headers)
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        return reply_of(response.status, response.headers.get("Retry-After"))


def reply_of(status: int, retry_after: str | None) -> Reply:
    """What a status means."""
    if status == STATUS_OK:
        return Reply.accepted()
    if status == 413:
        return Reply.too_large(f"HTTP {status}")
    if status == 400:
        return Reply.refused(f"HTTP {status}")
    return Reply.later(f"HTTP {status}", float(retry_after) if retry_after else None)
