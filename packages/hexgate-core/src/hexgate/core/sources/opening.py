"""Whatever a user names as the policy in, the source that it is out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.policy import Policy
from hexgate.core.program import compile_policy
from hexgate.core.sources.data import DataSource
from hexgate.core.sources.path import PathSource
from hexgate.core.sources.protocol import Loaded, Source
from hexgate.core.sources.settings import LOCAL_POLICY
from hexgate.core.sources.snapshot import Survey
from hexgate.core.sources.terms import Terms
from hexgate.core.sources.vouching import vouched

__all__ = ["PolicySource", "local_source", "source_of"]

PolicySource = str | Path | Mapping[str, Any] | Policy
# Of the platform, which this release does not know.
API_KEY = "HEXGATE_API_KEY"


def source_of(policy: PolicySource, terms: Terms) -> Source:
    """The source of a policy: data, a `Policy`, standard input for `-`, or the path of a file or a directory."""
    if isinstance(policy, Policy):
        return DataSource(Loaded(compile_policy(policy), "<policy>"))
    if isinstance(policy, Mapping):
        return DataSource(Loaded(compile_policy(Policy.model_validate(policy)), "<data>"))
    path = str(Path(policy))
    if path == "-" or Survey.of(path).kind == "stream":
        return DataSource(read_once(path, terms))
    return PathSource(path, terms)


def read_once(path: str, terms: Terms) -> Loaded:
    """The program of what can be read only once. It carries no signature, as no other YAML does."""
    origin = "<stdin>" if path == "-" else path
    key_id, warnings = vouched(origin, terms)
    return Loaded(compile_policy(Policy.load(path)), origin, signed_by=key_id, warnings=warnings)


def local_source(terms: Terms) -> Source:
    """The source that the environment names."""
    path = terms.settings.local_policy
    if path is None:
        message = f"no policy is named: `{LOCAL_POLICY}` is not set"
        help = f"set `{LOCAL_POLICY}` to a YAML file, a directory of role files or a bundle, or pass one: "
        help += "`Hexgate.from_policy(…)`, `policy=`"
        if os.environ.get(API_KEY):
            help += f"; `{API_KEY}` is set, and this release does not read it"
        raise PolicyError([Mistake("HX720", message, help)])
    return source_of(path, terms)
