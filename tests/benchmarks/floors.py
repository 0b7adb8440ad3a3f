"""What the same work costs when it is written by hand for one policy: closures, a context variable, a ten-field answer.

A floor decides nothing that it would not have to: no identity to check, no refusals, no several roles, no fault to catch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

__all__ = ["Answer", "caller", "floor_decide", "large_table", "small_table"]

Check = Callable[[dict[str, Any]], bool]
Table = dict[str, dict[str, tuple[str, tuple[tuple[Check, str], ...]]]]
caller: ContextVar[str] = ContextVar("caller")


class Answer:
    """Ten fields, in slots."""

    __slots__ = ("agent", "code", "engine", "monitor", "outcome", "policy", "role", "roles", "tool", "violations")

    def __init__(
        self,
        outcome: str,
        code: str,
        tool: str,
        agent: str,
        roles: Any,
        role: str,
        violations: Any,
        monitor: bool,
        policy: str,
        engine: str,
    ) -> None:
        self.outcome = outcome
        self.code = code
        self.tool = tool
        self.agent = agent
        self.roles = roles
        self.role = role
        self.violations = violations
        self.monitor = monitor
        self.policy = policy
        self.engine = engine


def at_most(name: str, bound: int) -> Check:
    def check(args: dict[str, Any]) -> bool:
        value: Any = args.get(name)
        return type(value) in (int, float) and value <= bound

    return check


def below(name: str, bound: int) -> Check:
    def check(args: dict[str, Any]) -> bool:
        value: Any = args.get(name)
        return type(value) in (int, float) and value < bound

    return check


def one_of(name: str, members: list[str]) -> Check:
    known = frozenset(members)

    def check(args: dict[str, Any]) -> bool:
        value: Any = args.get(name)
        return type(value) is str and value in known

    return check


def begins(name: str, part: str) -> Check:
    def check(args: dict[str, Any]) -> bool:
        value: Any = args.get(name)
        return type(value) is str and value.startswith(part)

    return check


def small_table() -> Table:
    """The small policy by hand."""
    refund = (
        (at_most("amount", 500), "amount"),
        (one_of("currency", ["USD", "EUR"]), "currency"),
        (begins("order_id", "ord-"), "order_id"),
    )
    return {
        "default": {
            "view_orders": ("allow", ((begins("customer", "cus-"), "customer"),)),
            "refund_order": ("allow", refund),
            "wire_transfer": (
                "approval_required",
                ((below("amount", 10000), "amount"), (begins("iban", "DE"), "iban")),
            ),
            "drop_database": ("deny", ()),
        }
    }


def large_table(roles: int, tools: int) -> Table:
    """The large policy by hand."""
    return {
        f"role_{role}": {
            f"tool_{tool}": (
                "allow",
                (
                    (at_most("amount", role * 1000 + tool), "amount"),
                    (one_of("currency", ["USD", f"C{tool}"]), "currency"),
                    (begins("note", f"r{role}-{tool % 20}"), "note"),
                ),
            )
            for tool in range(tools)
        }
        for role in range(roles)
    }


def floor_decide(table: Table, tool: str, args: dict[str, Any]) -> Answer:
    """The decision by hand."""
    role = caller.get()
    mode, checks = table[role].get(tool, ("deny", ()))
    failed = []
    for check, text in checks:
        if not check(args):
            failed.append(text)
    outcome = "deny" if failed else mode
    return Answer(
        outcome,
        "constraint_failed" if failed else "allowed",
        tool,
        "agent",
        (role,),
        role,
        failed,
        False,
        "sha256:0",
        "floor",
    )
