"""What a shipper hands over, and what it wants to hear. Who carries it is the business of the transport.

# INVARIANT: a batch may come twice: its records are the same by stream and number, and the receiver keeps one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

__all__ = ["Batch", "Receipt", "Reply", "Transport"]


class Receipt(StrEnum):
    """What a receiver makes of a batch."""

    ACCEPTED = "accepted"
    LATER = "later"
    TOO_LARGE = "too large"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `seconds` is how long the receiver wants to be left alone, `reason` is for the log."""

    receipt: Receipt
    reason: str = ""
    seconds: float | None = None

    @classmethod
    def accepted(cls) -> Reply:
        """The receiver has every record of the batch, and will not forget it."""
        return cls(Receipt.ACCEPTED)

    @classmethod
    def later(cls, reason: str = "", seconds: float | None = None) -> Reply:
        """The receiver is busy, broken, out of reach, or does not know us: all the same batch, another time."""
        return cls(Receipt.LATER, reason, seconds)

    @classmethod
    def too_large(cls, reason: str = "") -> Reply:
        """Fewer records at once."""
        return cls(Receipt.TOO_LARGE, reason)

    @classmethod
    def refused(cls, reason: str = "") -> Reply:
        """There is a record in the batch that the receiver will never take."""
        return cls(Receipt.REFUSED, reason)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one stream, as they stand on the disk: lines of JSON, compressed by gzip."""

    stream: str
    first: int
    last: int
    count: int
    body: bytes

    @property
    def key(self) -> str:
        """The same for the same records, for receivers that remember what they have seen."""
        return f"{self.stream}:{self.first}-{self.last}"


class Transport(Protocol):
    """Carries batches to a receiver."""

    def send(self, batch: Batch) -> Reply:
        """Hands a batch over. It has a time limit of its own; what it raises counts as `later`.

        Credentials that are not accepted are `later`, too: they can be mended, while a record that is refused is put aside.
        """
        ...
