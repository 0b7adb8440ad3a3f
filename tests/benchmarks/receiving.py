"""A receiver of records in a process of its own: prints its port, takes batches, and says at the end how many lines came."""

from __future__ import annotations

import gzip
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

lines = 0


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open for many batches."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Reads a batch whole, as a server that stores it would."""
        global lines  # noqa: PLW0603 -- the server makes a handler for each connection
        lines += gzip.decompress(self.rfile.read(int(self.headers["Content-Length"]))).count(b"\n")
        self.answer()

    def do_GET(self) -> None:
        """How many lines came."""
        self.answer(f"{lines}".encode())

    def answer(self, body: bytes = b"") -> None:
        """A yes."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
