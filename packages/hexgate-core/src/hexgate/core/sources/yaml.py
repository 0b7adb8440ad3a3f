"""The snapshot of a YAML file in, its policy out."""

from __future__ import annotations

import os
from errno import EINVAL

from hexgate.core.policy import Policy
from hexgate.core.policy.nodes import read_source
from hexgate.core.policy.policy import unreadable
from hexgate.core.sources.snapshot import Snapshot
from hexgate.core.text import Source

__all__ = ["read_yaml", "text_of"]


def read_yaml(taken: Snapshot) -> Policy:
    """The policy of a file, or all of its mistakes."""
    [(path, content)] = taken.contents
    source = text_of(path, content)
    return Policy.from_text(source.text, source.name)


def text_of(path: str, content: bytes | int) -> Source:
    """The text of a file, or the mistake that there is none to be had."""
    if isinstance(content, int):
        why = "it is no regular file" if content == EINVAL else os.strerror(content)
        raise unreadable(path, OSError(content, why))
    return read_source(path, content)
