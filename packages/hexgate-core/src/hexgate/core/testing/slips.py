"""A call and the program that it is asked of in, words about names that the policy does not know out.

A mistyped role or tool is denied, so a case that wants a denial passes for the wrong reason. A case that says so is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hexgate.core.program import Program
from hexgate.core.testing.suite import Case
from hexgate.core.text import suggestion
from hexgate.core.text.render import shown

__all__ = ["slips", "unknown_role", "unknown_tool"]


def slips(program: Program, case: Case) -> Iterator[str]:
    """What a case may have mistyped, with what to do about it."""
    wanted = case.wanted
    if wanted.get("code") != "no_role" and wanted.get("deciding_role") != "default":
        for role in dict.fromkeys(case.user.roles):
            yield from doubtful_role(program, role, stated="deciding_role" in wanted)
    if wanted.get("outcome") == "deny" and not any(wanted.get(key) for key in ("code", "line", "violations")):
        text = unknown_tool(program, [role for role in case.user.roles if role in program.roles], case.tool)
        if text:
            yield advised(text, "say `code: default_denied` if that is meant")


def doubtful_role(program: Program, role: str, *, stated: bool) -> Iterator[str]:
    """A role that is near to another one is doubted always; else not where `default` or the stated role speaks for it."""
    text = unknown_role(program, role)
    certain = "; did you mean" not in (text or "") and (stated or "default" in program.roles)
    if text and not certain:
        yield advised(text, "say `code: no_role` if that is meant")


def advised(text: str, advice: str) -> str:
    """The words with what to do, unless they suggest something already."""
    return text if "; did you mean" in text else f"{text}; {advice}"


def unknown_role(program: Program, role: str) -> str | None:
    """The words about a role that nobody can have, or None."""
    return None if role in program.roles else meant(f"the policy has no role `{shown(role)}`", role, program.roles)


def unknown_tool(program: Program, roles: Sequence[str], tool: str) -> str | None:
    """The words about a tool that no rule names, in any role; the rules of these roles are offered first."""
    if any(tool in role.exact or any(map(tool.startswith, role.prefixes)) for role in program.roles.values()):
        return None
    first = [program.roles[name] for name in roles]
    known = dict.fromkeys(name for role in (*first, *program.roles.values()) for name in role.exact)
    return meant(f"no rule names the tool `{shown(tool)}`", tool, known)


def meant(text: str, word: str, known: Iterable[str]) -> str:
    """The words, with the nearest name when there is one."""
    near = suggestion(word, known)
    return f"{text}; {near}" if near else text
