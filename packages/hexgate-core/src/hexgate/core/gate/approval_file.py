"""Requests for approvals in one SQLite file: they survive a restart, and another process answers them.

Each operation opens the file and closes it again, so that the store works in any thread and after a fork.

# INVARIANT: an approval is taken by one statement, so of two that ask at once one gets it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from hexgate.core.errors import HexgateError
from hexgate.core.gate.approvals import Approval, Binding, Pending, may_approve

__all__ = ["ApprovalError", "ApprovalFile"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, binding TEXT NOT NULL, arguments TEXT NOT NULL, reason TEXT NOT NULL,
    roles TEXT NOT NULL, approvers TEXT NOT NULL, asked_at REAL NOT NULL, expires_at REAL NOT NULL,
    state TEXT NOT NULL, answered_by TEXT, answered_at REAL
) STRICT
"""
COLUMNS = (
    *("id", "binding", "arguments", "reason", "roles", "approvers", "asked_at", "expires_at", "state"),
    *("answered_by", "answered_at"),
)
SELECT = """
SELECT id, binding, arguments, reason, roles, approvers, asked_at, expires_at, state, answered_by, answered_at FROM approvals
"""
BY = {"id": f"{SELECT} WHERE id = ?", "digest": f"{SELECT} WHERE digest = ?"}
KEEP = """
INSERT OR IGNORE INTO approvals (
    id, binding, arguments, reason, roles, approvers, asked_at, expires_at, state, answered_by, answered_at, digest
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
USE = """
UPDATE approvals SET state = 'used' WHERE digest = ? AND state = 'approved' AND expires_at > ? RETURNING answered_by, answered_at
"""
BUSY_SECONDS = 10.0
# What was answered or has expired is kept so long for people to look at.
KEPT_SECONDS = 30 * 24 * 3600.0


class ApprovalError(HexgateError):
    """An answer that cannot be given: there is no such request, it does not wait, or somebody else has to answer."""


class ApprovalFile:
    """A store of approvals in a file."""

    __slots__ = ("path",)

    def __init__(self, path: str | Path) -> None:
        """Makes the file for this user only, if it is not there."""
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS)) as database:
            database.execute("PRAGMA journal_mode = WAL")
        with self.opened() as database:
            database.execute(SCHEMA)

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The database in one transaction that holds the right to write from its beginning."""
        database = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            database.execute("PRAGMA synchronous = FULL")
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        finally:
            database.close()

    def ask(self, pending: Pending) -> Pending:
        """Keeps a request, unless one for the same binding waits or was denied; the one that is kept."""
        digest, now = pending.binding.digest, pending.asked_at
        with self.opened() as database:
            database.execute("DELETE FROM approvals WHERE expires_at <= ?", (now - KEPT_SECONDS,))
            # Used and expired ones make room: the same call may be asked about again.
            database.execute(
                "DELETE FROM approvals WHERE digest = ? AND (state = 'used' OR expires_at <= ?)", (digest, now)
            )
            database.execute(KEEP, (*row_of(pending), digest))
            return self.one(database, "digest", digest, now)[0]

    def use(self, binding: str, now: float) -> Approval | None:
        """Takes the approval of a binding, in one step and for ever."""
        with self.opened() as database:
            row = database.execute(USE, (binding, now)).fetchone()
        return Approval(binding, *row) if row else None

    def find(self, id: str, now: float) -> Pending | None:
        """A request by its id."""
        with self.opened() as database:
            return next(iter(self.one(database, "id", id, now)), None)

    def every(self, now: float) -> Sequence[Pending]:
        """All requests, the oldest first."""
        with self.opened() as database:
            rows = database.execute(f"{SELECT} ORDER BY asked_at, id").fetchall()
        return [pending_of(row, now) for row in rows]

    def answer(self, id: str, *, yes: bool, by: str, roles: Sequence[str] = (), now: float) -> Pending:
        """A human's answer to a request that waits. Raises ApprovalError for any other, and for who may not answer."""
        with self.opened() as database:
            found = self.one(database, "id", id, now)
            if not found:
                raise ApprovalError(
                    "HX803", f"there is no request `{id}`", help="`hexgate approvals list` shows what waits"
                )
            pending = found[0]
            refuse_answer(pending, by, roles)
            database.execute(
                "UPDATE approvals SET state = ?, answered_by = ?, answered_at = ? WHERE id = ?",
                ("approved" if yes else "denied", by, now, id),
            )
            return self.one(database, "id", id, now)[0]

    def one(self, database: sqlite3.Connection, column: str, value: str, now: float) -> list[Pending]:
        """The request that has this value, if there is one."""
        return [pending_of(row, now) for row in database.execute(BY[column], (value,))]


def refuse_answer(pending: Pending, by: str, roles: Sequence[str]) -> None:
    """Refuses an answer to a request that does not wait, and one by who may not give it."""
    if pending.state != "waiting":
        raise ApprovalError(
            "HX804", f"the request `{pending.id}` is {pending.state}", help="only one that waits can be answered"
        )
    if not may_approve(pending.approvers, caller=pending.binding.user_id, user_id=by, roles=roles):
        wanted = dict(pending.approvers or {})
        role = f"with the role `{wanted['role']}`" if "role" in wanted else "else"
        raise ApprovalError(
            "HX805",
            f"`{by}` may not answer the request `{pending.id}`",
            help=f"somebody {role} has to" + (", and not the caller" if "not" in wanted else ""),
        )


def row_of(pending: Pending) -> tuple[Any, ...]:
    """A request as a row."""
    return (
        pending.id,
        *(text_of(value) for value in (asdict(pending.binding), dict(pending.arguments))),
        pending.reason,
        *(text_of(value) for value in (list(pending.roles), dict(pending.approvers or {}))),
        *(pending.asked_at, pending.expires_at, pending.state, pending.answered_by, pending.answered_at),
    )


def text_of(value: Any) -> str:
    """A value as JSON text."""
    return orjson.dumps(value).decode()


def pending_of(row: Sequence[Any], now: float) -> Pending:
    """A row as a request; one that was not used in its time has expired."""
    named = dict(zip(COLUMNS, row, strict=True))
    for name in ("binding", "arguments", "roles", "approvers"):
        named[name] = orjson.loads(named[name])
    named["binding"] = Binding(**named["binding"])
    named["roles"], named["approvers"] = tuple(named["roles"]), named["approvers"] or None
    if named["state"] in ("waiting", "approved") and named["expires_at"] <= now:
        named["state"] = "expired"
    return Pending(**named)
