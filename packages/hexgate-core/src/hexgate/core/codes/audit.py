"""The codes of the record: where it is kept, what it needs."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["AUDIT"]

AUDIT: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX901",
        "an audit directory that cannot be made",
        """
        Path("audit").write_text("a file")
        Spool("audit").check()
        """,
        means="The record of calls has no place: something else has the name of its directory, or it may not be made there.",
        remedy="Name another directory with HEXGATE_AUDIT_DIR, or let this one be written for the process.",
    ),
    entry(
        "python",
        "HX902",
        "a record that cannot be written",
        """
        Spool("audit", most_bytes=1).check()
        """,
        means="The disk is full or read-only, or the directory holds as much as it may.",
        remedy="Make room: ship the records, move old ones away, or let the directory hold more.",
    ),
    entry(
        "python",
        "HX903",
        "an audit that cannot be kept so",
        """
        Audit(mode="required")
        """,
        means="A record that is required has to be kept on disk, so it needs a spool.",
        remedy="Give `Audit` a `Spool`, or keep the record `best_effort`.",
    ),
    entry(
        "command",
        "HX911",
        "an audit directory that cannot be read",
        """
        hexgate audit verify nowhere
        """,
        means="There is no directory of this name, or it may not be read.",
        remedy="Name the directory that the agent was given, which is in HEXGATE_AUDIT_DIR or where `hexgate doctor` says.",
    ),
)
