"""The snapshot of a directory of role files in, their policy out."""

from __future__ import annotations

from functools import partial

from hexgate.core.policy import Policy
from hexgate.core.sources.snapshot import Snapshot
from hexgate.core.sources.yaml import text_of

__all__ = ["read_directory"]


def read_directory(taken: Snapshot) -> Policy:
    """The policy of a directory, or the mistakes of all of its files."""
    directory = taken.survey.stamps[0][0]
    return Policy.from_sources({path: partial(text_of, path, content) for path, content in taken.contents}, directory)
