"""The record: what was decided about each call, and what then happened. On disk before the tool runs, one stream a process.

Passages of the gate come in; events go out to the spool and to other sinks, and from the spool to a receiver.
"""

from hexgate.core.audit.checking import verify
from hexgate.core.audit.event import Event
from hexgate.core.audit.recorder import Audit
from hexgate.core.audit.redact import Redaction
from hexgate.core.audit.shipper import Shipper, Shipping
from hexgate.core.audit.sinks import CallableSink, JsonLines, Sink
from hexgate.core.audit.spool import Spool
from hexgate.core.audit.tail import Tail
from hexgate.core.audit.thread import ShippingThread
from hexgate.core.audit.transport import Batch, Receipt, Reply, Transport

__all__ = [
    "Audit",
    "Batch",
    "CallableSink",
    "Event",
    "JsonLines",
    "Receipt",
    "Redaction",
    "Reply",
    "Shipper",
    "Shipping",
    "ShippingThread",
    "Sink",
    "Spool",
    "Tail",
    "Transport",
    "verify",
]
