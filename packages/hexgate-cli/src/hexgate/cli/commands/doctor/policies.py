"""The settings in, the policy that they name out: what stands there, whether it loads, and by which engine it decides."""

from __future__ import annotations

from typing import Any

from hexgate.cli.commands.doctor.report import Finding, Section, mistakes_of
from hexgate.cli.output import visible
from hexgate.core.errors import HexgateError
from hexgate.core.sources import Loaded
from hexgate.core.sources.engines import engine_of
from hexgate.core.sources.opening import source_of
from hexgate.core.sources.settings import LOCAL_POLICY
from hexgate.core.sources.snapshot import Survey
from hexgate.core.sources.terms import Terms

__all__ = ["policy"]


def policy(terms: Terms) -> Section:
    """The policy of the environment, loaded as a process would load it."""
    path = terms.settings.local_policy
    if path is None:
        return Section("policy", ((LOCAL_POLICY, "not set; `Hexgate.from_policy` names the policy"),), {"path": None})
    kind = Survey.of(path).kind
    facts, data = [("path", f"{visible(path)} ({kind})")], {"path": path, "kind": kind}
    try:
        loaded = source_of(path, terms).load()
        more = loaded_data(loaded)
    except HexgateError as error:
        return Section("policy", tuple(facts), {**data, "loads": False}, mistakes_of(error))
    facts += [("program", more["program"]), ("engine", more["engine"]), ("signed by", more["signed_by"] or "nobody")]
    facts += [("revision", str(loaded.revision))] if loaded.revision is not None else []
    warnings = tuple(Finding("warning", warning) for warning in loaded.warnings)
    return Section("policy", tuple(facts), {**data, "loads": True, **more}, warnings)


def loaded_data(loaded: Loaded) -> dict[str, Any]:
    """A policy that was loaded, as JSON knows it; its engine is made, so that a module that does not start is noticed here."""
    engine = engine_of(loaded, None)
    return {
        "program": engine.digest,
        "engine": "native" if loaded.module is None else "wasm",
        "signed_by": loaded.signed_by,
        "revision": loaded.revision,
    }
