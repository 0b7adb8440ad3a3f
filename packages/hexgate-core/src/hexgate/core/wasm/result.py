"""The bytes that a module answered in, the parts of a decision out; what is not exactly such an answer is a fault.

# INVARIANT: only an answer that is whole and does not contradict itself can allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from hexgate.core.decision import Outcome
from hexgate.core.wasm.faults import ModuleFault

__all__ = ["Parts", "Reader", "parts_of"]

DAY = re.compile(r"\d{4}-\d\d-\d\d")
# Most answers are among the few that a policy can give; these are read once. It is no cache of decisions: the module was asked.
MOST_REMEMBERED = 512
LONGEST_REMEMBERED = 4096


class Parts(NamedTuple):
    """What a module said, as a decision carries it."""

    outcome: Outcome
    code: str
    deciding_role: str | None
    violations: tuple[str, ...]
    monitor: bool | str
    approvers: Mapping[str, str] | None


class Reader:
    """Reads results; equal bytes are read once."""

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: dict[bytes, Parts] = {}

    def __call__(self, result: bytes) -> Parts:
        """The parts of a result, or a fault."""
        parts = self.known.get(result)
        if parts is None:
            parts = parts_of(result)
            if len(result) <= LONGEST_REMEMBERED:
                if len(self.known) >= MOST_REMEMBERED:
                    self.known.clear()
                self.known[result] = parts
        return parts


def parts_of(result: bytes) -> Parts:
    """The parts of a result that is exactly one decision. Raises a fault for anything else."""
    answer = answer_in(result)
    fault = answer.pop("fault", None)
    if answer.keys() != CHECKS.keys() or not all(CHECKS[key](value) for key, value in answer.items()):
        raise ModuleFault("its result is no decision")
    passes = answer["allow"] or answer["requires_approval"]
    if (passes and not may_pass(answer, fault)) or not (passes or answer["approvers"] is None):
        raise ModuleFault("its result contradicts itself")
    if fault is not None:
        return unasked(fault)
    outcome, code = meaning_of(answer)
    approvers = answer["approvers"]
    return Parts(
        outcome,
        code,
        answer["deciding_role"],
        tuple(answer["violations"]),
        answer["monitor"],
        None if approvers is None else MappingProxyType(approvers),
    )


def answer_in(result: bytes) -> dict[str, Any]:
    """The one answer in a result set; `[]` is what a module gives that has none."""
    try:
        match orjson.loads(result):
            case [{"result": dict(answer), **rest}] if not rest:
                return answer
            case []:
                raise ModuleFault("it has no result")
    except orjson.JSONDecodeError:
        raise ModuleFault("its result is not JSON") from None
    raise ModuleFault("its result is no decision")


def may_pass(answer: Mapping[str, Any], fault: object) -> bool:
    """Whether nothing in an answer speaks against letting the call pass, now or after an approval."""
    if answer["allow"] and (answer["requires_approval"] or answer["monitor"] is not False or answer["approvers"]):
        return False
    return not (answer["explicit_deny"] or answer["violations"] or answer["deciding_role"] is None or fault)


def meaning_of(answer: Mapping[str, Any]) -> tuple[Outcome, str]:
    """The outcome, and one word for why."""
    if answer["allow"]:
        return Outcome.ALLOW, "allowed"
    if answer["requires_approval"]:
        return Outcome.APPROVAL_REQUIRED, "approval_required"
    if answer["explicit_deny"]:
        return Outcome.DENY, "tool_denied"
    if answer["violations"]:
        return Outcome.DENY, "constraint_failed"
    return Outcome.DENY, "no_role" if answer["deciding_role"] is None else "default_denied"


def unasked(fault: object) -> Parts:
    """The denial of a module of ours that could not ask any rule."""
    if fault == "work_exceeded":
        return Parts(Outcome.DENY, "work_exceeded", None, (), False, None)
    raise ModuleFault("it could not read the question" if fault == "malformed_input" else "its result is no decision")


def is_flag(value: object) -> bool:
    """True or false."""
    return value is True or value is False


def is_monitor(value: object) -> bool:
    """A flag, or a day."""
    return is_flag(value) or (type(value) is str and DAY.fullmatch(value) is not None)


def are_texts(value: object) -> bool:
    """A list of texts."""
    return type(value) is list and all(type(item) is str for item in value)


def are_approvers(value: object) -> bool:
    """Null, or who may approve."""
    if type(value) is not dict:
        return value is None
    return bool(value) and all(
        type(item) is str if key == "role" else (key, item) == ("not", "caller") for key, item in value.items()
    )


CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "allow": is_flag,
    "approvers": are_approvers,
    "deciding_role": lambda value: value is None or type(value) is str,
    "explicit_deny": is_flag,
    "monitor": is_monitor,
    "requires_approval": is_flag,
    "violations": are_texts,
}
