"""The environment in, where the record lies and how strictly it is kept out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Literal

from hexgate.core.audit.recorder import Audit, Mode
from hexgate.core.audit.spool import Spool
from hexgate.core.errors import AuditError
from hexgate.core.gate.records import NoRecord, Recorder
from hexgate.core.text.render import shown

__all__ = ["API_KEY", "AUDIT_DIR", "AuditChoice", "default_directory", "recorder_of"]

AUDIT_DIR = "HEXGATE_AUDIT_DIR"
API_KEY = "HEXGATE_API_KEY"
LIVE_KEY = "fty_live_"
OFF = "off"
AuditChoice = Mode | Literal["off"] | Audit
lock = Lock()
spools: dict[Path, Spool] = {}


def default_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Where the record lies: in HEXGATE_AUDIT_DIR, else where programs of this system keep what they must not lose."""
    said = os.environ if environment is None else environment
    named = said.get(AUDIT_DIR)
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/hexgate/audit"
    state = Path(said.get("XDG_STATE_HOME") or "")
    return (state if state.is_absolute() else Path.home() / ".local/state") / "hexgate/audit"


def recorder_of(
    choice: AuditChoice | None, project: str | None, environment: Mapping[str, str] | None = None
) -> Recorder:
    """What keeps the record of a gate.

    Without a choice it is required where a live key says that this is production, and best effort elsewhere.
    """
    said = os.environ if environment is None else environment
    if isinstance(choice, Audit):
        return choice
    if choice == OFF:
        return NoRecord()
    if choice not in ("required", "best_effort", None):
        message = f"`audit` is `required`, `best_effort`, `off` or an `Audit`, not `{shown(str(choice))}`"
        raise AuditError("HX903", message)
    standard: Mode = "required" if said.get(API_KEY, "").startswith(LIVE_KEY) else "best_effort"
    return Audit(spool_of(default_directory(said)), mode=choice or standard, project=project)


def spool_of(directory: Path) -> Spool:
    """The spool of this process for a directory: all gates of a process write one stream."""
    path = directory.absolute()
    with lock:
        if path not in spools:
            spools[path] = Spool(path)
        return spools[path]
