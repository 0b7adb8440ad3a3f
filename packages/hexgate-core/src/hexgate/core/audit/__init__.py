"""The record: what was decided about each call, and what then happened. On disk before the tool runs, one stream a process.

Decided or settled passages come in; events go out to the spool and to other sinks. Below stands the gate, which says when.
"""

from hexgate.core.audit.event import Event
from hexgate.core.audit.recorder import Audit
from hexgate.core.audit.redact import Redaction
from hexgate.core.audit.sinks import CallableSink, JsonLines, Sink
from hexgate.core.audit.spool import Spool
from hexgate.core.audit.tail import Tail
from hexgate.core.audit.verify import verify

__all__ = ["Audit", "CallableSink", "Event", "JsonLines", "Redaction", "Sink", "Spool", "Tail", "verify"]
