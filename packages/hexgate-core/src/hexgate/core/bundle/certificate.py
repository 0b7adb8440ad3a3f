"""What a build says of its two engines: how many calls both answered alike, and what these calls covered.

# INVARIANT: the same program and module give the same certificate, byte for byte: no time, no machine, no Python is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from hexgate.core.bundle.calls.coverage import FALSE, TRUE, UNKNOWN, Coverage, Unit
from hexgate.core.bundle.calls.nodes import Node

__all__ = ["Certificate", "Gap"]

MOST_GAPS_WRITTEN = 50
Side = Literal["reached", "true", "false"]


@dataclass(frozen=True, slots=True)
class Gap:
    """What no call covered: a rule that was not reached, or a constraint that was not seen on a side, and why."""

    role: str
    tool: str
    constraint: str | None
    side: Side
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """The gap as JSON knows it."""
        return {
            "role": self.role,
            "tool": self.tool,
            "constraint": self.constraint,
            "side": self.side,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Certificate:
    """`calls` calls were answered alike; of rules and constraints, how many there are and how many were covered."""

    calls: int
    generator: str
    seed: str
    rules: int
    rules_reached: int
    constraints: int
    seen_true: int
    seen_false: int
    seen_unknown: int
    gaps: tuple[Gap, ...]

    def as_dict(self) -> dict[str, Any]:
        """The certificate as a manifest carries it."""
        return {
            "calls": self.calls,
            "generator": self.generator,
            "seed": self.seed,
            "rules": {"total": self.rules, "reached": self.rules_reached},
            "constraints": {
                "total": self.constraints,
                "seen_true": self.seen_true,
                "seen_false": self.seen_false,
                "seen_unknown": self.seen_unknown,
            },
            "not_covered": {
                "total": len(self.gaps),
                "first": [gap.as_dict() for gap in self.gaps[:MOST_GAPS_WRITTEN]],
            },
        }

    @classmethod
    def of(cls, coverage: Coverage, *, calls: int, generator: str, seed: str) -> Certificate:
        """The certificate of what was covered by so many calls."""
        return cls(
            calls=calls,
            generator=generator,
            seed=seed,
            rules=len(coverage.units),
            rules_reached=sum(unit.reached for unit in coverage.units),
            constraints=sum(len(unit.seen) for unit in coverage.units),
            seen_true=coverage.count(TRUE),
            seen_false=coverage.count(FALSE),
            seen_unknown=coverage.count(UNKNOWN),
            gaps=tuple(gap for unit in coverage.units for gap in gaps_of(unit)),
        )


def gaps_of(unit: Unit) -> Iterator[Gap]:
    """What was not seen of one rule."""
    if not unit.reached:
        yield Gap(
            unit.role, unit.rule.tool, None, "reached", "no name of a tool, or of a role, that can be asked leads to it"
        )
        return
    for at in unit.lacks(TRUE):
        node = unit.nodes[at]
        yield Gap(unit.role, unit.rule.tool, unit.rule.checks[at].text, "true", reason(node))
    for at in unit.lacks(FALSE):
        node = unit.nodes[at]
        yield Gap(unit.role, unit.rule.tool, unit.rule.checks[at].text, "false", reason(node.opposite))


def reason(node: Node) -> str:
    """Why no call was found on which a condition holds."""
    return "no call whatever makes it so" if node.impossible else "no call was found"
