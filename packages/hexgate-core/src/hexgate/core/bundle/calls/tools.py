"""A role in, tools out: one that leads to a given rule, and the names around it that lead elsewhere."""

from __future__ import annotations

from hexgate.core.bundle.calls.coverage import Unit

__all__ = ["STRANGE_TOOLS", "beside", "stem_of", "tool_for"]

LONGEST_NAME = 1024
ENDINGS = ("", "x", "0", "_", "-~", "unlisted", "\u00e9", "zz9")
STRANGE_TOOLS = ("no such tool", "*", "default_policy", "\U0001f4a3", 'x"} or true', "a" * LONGEST_NAME)


def tool_for(unit: Unit) -> str | None:
    """A tool that a role answers by a rule; None where every name that was tried leads elsewhere."""
    stem = stem_of(unit)
    for ending in ENDINGS:
        tool = f"{stem}{ending}"
        if 0 < len(tool) <= LONGEST_NAME and unit.reaches(tool):
            return tool
    return None


def stem_of(unit: Unit) -> str:
    """What the name of a tool that leads to a rule begins with."""
    if unit.rule is unit.index.rest:
        return "no such tool"
    return unit.rule.tool.removesuffix("*") if unit.rule.tool not in unit.index.exact else unit.rule.tool


def beside(unit: Unit) -> list[str]:
    """Names that nearly lead to a rule, or lead to it by a longer way."""
    if unit.rule is unit.index.rest:
        return list(STRANGE_TOOLS)
    stem = stem_of(unit)
    found = [
        f"{stem}x",
        stem[:-1],
        stem,
        f"{stem}*",
        stem.swapcase(),
        f" {stem}",
        f"{stem}\u00e9",
        f"{stem}-x-y",
        f"x{stem}",
    ]
    return [tool for tool in dict.fromkeys(found) if 0 < len(tool) <= LONGEST_NAME]
