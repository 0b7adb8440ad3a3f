"""A small HTTP front for the real engine, as a server of ClickHouse has one: `python front.py FOLDER FD`.

It speaks as much of the interface as a client of clickhouse-connect uses: a query in the address, the body or a form, data behind
an insert, parameters, settings, the code of an error in a header. It has no users, sessions, compressed answers or progress.
"""

import gzip
import re
import socket
import sys
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb

SETTINGS = {"max_execution_time"}
CODE = re.compile(r"Code: (\d+)")
FORMAT = re.compile(r"\bFORMAT (\w+)\s*$", re.IGNORECASE)


class Front(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # Without a buffer the head and the body of an answer are two packets, and the second one waits for the first.
    wbufsize = -1
    engine: Any = None
    folder = ""
    turn = threading.Lock()

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        # What is too long for an address comes as a form.
        kind = self.headers.get("Content-Type", "")
        form = fields_of(kind, body) if kind.startswith("multipart/form-data") else {}
        self.answer(b"" if form else body, form)

    def answer(self, body: bytes, form: dict[str, str] | None = None) -> None:
        """Asks the engine, and says what it says."""
        given = {**dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)), **(form or {})}
        query = given.pop("query", "")
        text = "\n".join(part for part in (query, body.decode("utf-8", "surrogateescape")) if part)
        parameters = {name.removeprefix("param_"): value for name, value in given.items() if name.startswith("param_")}
        found = FORMAT.search(text)
        shape = found[1] if found and not query.lower().startswith("insert") else "TabSeparated"
        if text.lstrip().lower().startswith(("select", "with")):
            text = FORMAT.sub("", text)
            wanted = ", ".join(f"{name} = {float(given[name])}" for name in SETTINGS & given.keys())
            text = f"{text} settings {wanted}" if wanted else text
        try:
            with self.turn:
                data = self.asked(text, shape, parameters)
        except Exception as error:  # noqa: BLE001 -- whatever the engine raises is what a server would say
            said = str(error)
            code = CODE.search(said)
            self.reply(500, said.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1"})
            return
        self.reply(200, data, {"X-ClickHouse-Summary": '{"written_rows":"0"}', "X-ClickHouse-Format": shape})

    def asked(self, text: str, shape: str, parameters: dict[str, str]) -> bytes:
        """The answer of the engine. A connection that failed is not asked again: the rest would come with the next answer."""
        try:
            return bytes(Front.engine.query(text, shape, params=parameters).bytes())
        except Exception:
            Front.engine.close()
            Front.engine = chdb.connect(self.folder)
            raise

    def reply(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def fields_of(kind: str, body: bytes) -> dict[str, str]:
    """The fields of a form by name."""
    message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            content = part.get_payload(decode=True)
            found[name] = content.decode() if isinstance(content, bytes) else ""
    return found


def main(folder: str, descriptor: int) -> None:
    # As long as there is one connection, the engine stays.
    kept = chdb.connect(folder)
    Front.folder, Front.engine = folder, chdb.connect(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=descriptor)
    server.server_address = server.socket.getsockname()
    server.serve_forever(poll_interval=0.05)
    kept.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
