"""Assertions about policies for the tests of their authors. What fails shows the answer and the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from hexgate.core.call import ToolCall
from hexgate.core.engine import Explanation
from hexgate.core.hexgate import Hexgate, PolicySource
from hexgate.core.identity import User, current_user
from hexgate.core.testing.reader import find_suites, read_suites
from hexgate.core.testing.run import Results, answered, run_suites
from hexgate.core.testing.slips import unknown_role
from hexgate.core.testing.tree import tree_text

__all__ = ["Wanted", "assert_allows", "assert_denies", "assert_needs_approval", "run_cases"]

Arguments = Mapping[str, Any] | str | bytes
MOST_FAILURES = 20


class Wanted(TypedDict, total=False):
    """What else is wanted of an answer; only what is given is compared."""

    code: str
    violations: Sequence[str]
    deciding_role: str | None
    monitor: bool | str
    approvers: Mapping[str, str] | None
    line: int


def assert_allows(
    policy: Hexgate | PolicySource,
    tool: str,
    arguments: Arguments | None = None,
    *,
    role: str | None = None,
    user: User | None = None,
    **wanted: Unpack[Wanted],
) -> None:
    """The call is allowed: `assert_allows("policy.yaml", "refund_order", {"amount": 40}, role="support")`."""
    check(explained(policy, tool, arguments, caller(role, user)), "allow", wanted)


def assert_denies(
    policy: Hexgate | PolicySource,
    tool: str,
    arguments: Arguments | None = None,
    *,
    role: str | None = None,
    user: User | None = None,
    **wanted: Unpack[Wanted],
) -> None:
    """The call is denied, and for the wanted reason: `violations=["args.amount <= 100"]`, `code="tool_denied"`.

    A role that the policy does not know is denied everything: that is no success without `code="no_role"`.
    """
    hexgate = gate(policy)
    explanation = explained(hexgate, tool, arguments, caller(role, user))
    if "code" not in wanted:
        refuse_slip(hexgate, explanation)
    check(explanation, "deny", wanted)


def assert_needs_approval(
    policy: Hexgate | PolicySource,
    tool: str,
    arguments: Arguments | None = None,
    *,
    role: str | None = None,
    user: User | None = None,
    **wanted: Unpack[Wanted],
) -> None:
    """The call waits for a person: `approvers={"role": "finance", "not": "caller"}`."""
    check(explained(policy, tool, arguments, caller(role, user)), "approval_required", wanted)


def run_cases(path: str | Path, *, strict: bool = False) -> Results:
    """Runs the suites of a file, or of every one below a folder, and raises when a case fails; `strict`: also on a warning."""
    files = list(find_suites(Path(path))) if Path(path).is_dir() else [Path(path)]
    if not files:
        raise AssertionError(
            f"no file of suites was found below {path}: a file of suites has `suites:` at its top level"
        )
    results = run_suites(map(read_suites, files), strict=strict)
    if results.failures or results.errors:
        raise AssertionError(failure_text(results))
    return results


def caller(role: str | None, user: User | None) -> User:
    """Who calls: the user that is given, or one with the role, or the one of the scope around, or somebody without a role."""
    if role is not None and user is not None:
        raise ValueError("give `role=` or `user=`, not both")
    if role is not None:
        return User("user", role)
    return user or current_user() or User("user")


def gate(policy: Hexgate | PolicySource) -> Hexgate:
    """What decides by the policy."""
    return policy if isinstance(policy, Hexgate) else Hexgate.from_policy(policy)


def refuse_slip(hexgate: Hexgate, explanation: Explanation) -> None:
    """Raises when the call was denied for no more than that the policy knows none of the caller's roles."""
    __tracebackhide__ = True
    decision = explanation.decision
    if decision.code == "no_role" and decision.roles:
        told = [unknown_role(hexgate.program, role) for role in decision.roles]
        how = 'if it is meant that nobody knows the role, give `code="no_role"`'
        raise AssertionError("\n".join([decision.for_operator(), *(f"  {text}" for text in told), f"  {how}"]))


def explained(policy: Hexgate | PolicySource, tool: str, arguments: Arguments | None, user: User) -> Explanation:
    """The answer and the way to it."""
    hexgate = gate(policy)
    return hexgate.explain(ToolCall(tool, {} if arguments is None else arguments, hexgate.agent), user=user)


def check(explanation: Explanation, outcome: str, wanted: Wanted) -> None:
    """Raises when the answer is another one."""
    __tracebackhide__ = True
    got = answered(explanation.decision)
    lists = {"violations": list(wanted["violations"])} if "violations" in wanted else {}
    every: dict[str, Any] = {"outcome": outcome, **wanted, **lists}
    unknown = [key for key in every if key not in got]
    if unknown:
        raise TypeError(f"an answer has no `{unknown[0]}`; it has {', '.join(got)}")
    differing = [f"  {key}: wanted {value!r}, got {got[key]!r}" for key, value in every.items() if got[key] != value]
    if differing:
        tree = tree_text(explanation)
        raise AssertionError("\n".join([explanation.decision.for_operator(), *differing, *([tree] if tree else [])]))


def failure_text(results: Results) -> str:
    """The suites that were not run, each with the mistakes of its policy, and the failed cases, each with what differs."""
    lines = [f"{len(results.failures)} of {results.total} cases failed"]
    for broken in results.errors:
        lines.append(f"{broken.file}: {broken.name}: the policy cannot be loaded, {broken.not_run} cases not run")
        lines.extend(mistake.render() for mistake in broken.mistakes)
    for suite, case in results.failures[:MOST_FAILURES]:
        lines.append(f"{case.place or suite.file}: {suite.name} / {case.name}")
        lines.extend(f"  {item.key}: wanted {item.wanted!r}, got {item.got!r}" for item in case.differences)
        lines.extend(f"  violations: {violation}" for violation in case.violations)
        lines.extend(f"  warning: {warning}" for warning in case.warnings)
    hidden = len(results.failures) - MOST_FAILURES
    return "\n".join([*lines, *([f"… and {hidden} more"] if hidden > 0 else [])])
