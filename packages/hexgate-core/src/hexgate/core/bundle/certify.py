"""A program and its module in, the certificate that both answer alike out, or an error that shows the call that parts them.

# INVARIANT: nothing is certified that was not asked: every call that is counted was answered by both engines, and every coverage
was measured on the calls that were asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hexgate.core.bundle.calls.coverage import Coverage
from hexgate.core.bundle.calls.covering import VERSION, Progress, covering_calls
from hexgate.core.bundle.calls.question import Question
from hexgate.core.bundle.certificate import Certificate
from hexgate.core.bundle.smallest import smallest
from hexgate.core.decision import Decision
from hexgate.core.engine import NativeEngine
from hexgate.core.errors import CertificateError
from hexgate.core.program import Engine, Program
from hexgate.core.wasm.engine import WasmEngine

__all__ = ["DEFAULT_CALLS", "DEFAULT_SEED", "MOST_CALLS", "answers", "certify", "certify_engine", "repeat"]

DEFAULT_CALLS = 1000
DEFAULT_SEED = "1"
# Of a certificate that is repeated: more would only keep a machine busy.
MOST_CALLS = 10_000_000
# The fields that two engines have to agree on stand first: after them come the digest, which is compared once, the engine's own
# name, and its own words about what went wrong.
COMPARED = Decision._fields.index("policy")
SHOWN = ("outcome", "code", "deciding_role", "violations", "monitor", "approvers", "rule")


def certify(
    program: Program,
    module: bytes,
    *,
    calls: int = DEFAULT_CALLS,
    seed: str = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Certificate:
    """The certificate that a module answers as its program does, on at least so many calls.

    Raises a `CertificateError` on the first call it does not, and a `ModuleError` for what is no module.
    """
    return certify_engine(program, WasmEngine(module, program=program), calls=calls, seed=seed, progress=progress)


def repeat(
    recorded: Mapping[str, Any], program: Program, module: bytes, *, progress: Progress | None = None
) -> Certificate:
    """The certificate that a manifest carries, given anew; raises a `CertificateError` when it does not come out the same.

    Another version of the generator asks other calls: then the engines are compared, and the figures are not.
    """
    calls, seed, generator = recorded.get("calls"), recorded.get("seed"), recorded.get("generator")
    if type(calls) is not int or not 0 < calls <= MOST_CALLS or type(seed) is not str or type(generator) is not str:
        raise CertificateError(
            "HX709",
            "the certificate does not say which calls were asked",
            help="build the bundle anew; a certificate has `calls`, `generator` and `seed`",
        )
    again = certify(program, module, calls=calls, seed=seed, progress=progress)
    if generator == VERSION and again.as_dict() != recorded:
        raise CertificateError(
            "HX708",
            "the certificate says something else than its repetition",
            details=[f"certificate: {shown(dict(recorded))}", f"repetition: {shown(again.as_dict())}"],
            help="do not trust the bundle; build it anew from its source",
        )
    return again


def certify_engine(
    program: Program,
    other: Engine,
    *,
    calls: int = DEFAULT_CALLS,
    seed: str = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Certificate:
    """The certificate that an engine answers as the native one does; raises `CertificateError` on the first call it does not."""
    native = NativeEngine(program)
    coverage = Coverage(program)
    asked = 0
    for question in covering_calls(coverage, calls=calls, seed=seed, progress=progress):
        asked += 1
        if answers(native, question) != answers(other, question):
            raise difference(native, other, question)
    return Certificate.of(coverage, calls=asked, generator=VERSION, seed=seed)


def answers(engine: Engine, question: Question) -> tuple[object, ...]:
    """What an engine says, as far as engines have to agree."""
    return engine.decide(question.call, question.user)[:COMPARED]


def difference(native: Engine, other: Engine, question: Question) -> CertificateError:
    """The error that shows the smallest call found on which two engines differ."""
    small = smallest(question, lambda asked: answers(native, asked) != answers(other, asked))
    said, other_said = (engine.decide(small.call, small.user) for engine in (native, other))
    other_name = "other" if other_said.engine == said.engine else other_said.engine
    return CertificateError(
        "HX707",
        "the engines do not answer one call alike",
        details=[
            f"call: {shown(small.as_dict())}",
            f"{said.engine}: {shown(part_compared(said))}",
            f"{other_name}: {shown(part_compared(other_said))}",
        ],
        help="do not use this module, and report the policy and this call",
    )


def part_compared(decision: Decision) -> dict[str, Any]:
    """What engines have to agree on, as JSON knows it; whom the call is by is said beside it."""
    return {name: value for name, value in decision.as_dict().items() if name in SHOWN}


def shown(value: object) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, sort_keys=True)
