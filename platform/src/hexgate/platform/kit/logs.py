"""What is logged in, one line of JSON for each on stderr out."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from hexgate.platform.kit.requests import request_id

__all__ = ["JsonLines", "log_as_json"]

ROOT = "hexgate"


class JsonLines(logging.Formatter):
    """A line for a machine, which a person can read."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id():
            line["request_id"] = request_id()
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def log_as_json() -> None:
    """Writes the log of Hexgate to stderr, unless the application that it runs in has said where it goes."""
    root = logging.getLogger(ROOT)
    if root.handlers or logging.getLogger().handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
