"""The options that describe one call in, the policy, the call and the caller out: what `test` and `explain` share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.inputs import file_of, json_object, json_text, one_reader
from hexgate.cli.output import CommandError, Output, visible
from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, Outcome
from hexgate.core.engine import Explanation, NativeEngine, explain
from hexgate.core.identity import User
from hexgate.core.policy import Policy
from hexgate.core.program import Program, compile_policy

__all__ = [
    "Args",
    "AsJson",
    "Asked",
    "Ctx",
    "Question",
    "Role",
    "Roles",
    "Session",
    "Tool",
    "UserId",
    "asked",
    "exit_code",
    "show_decision",
]

Tool = Annotated[str | None, typer.Option("--tool", metavar="NAME", help="The tool that is called.")]
Args = Annotated[
    str | None, typer.Option("--args", metavar="JSON", help="Its arguments: JSON, @FILE, or - for standard input.")
]
Role = Annotated[str | None, typer.Option("--role", metavar="NAME", help="The caller's role.")]
Roles = Annotated[
    str | None, typer.Option("--roles", metavar="A,B", help="The caller's roles, with commas between them.")
]
Ctx = Annotated[str | None, typer.Option("--ctx", metavar="JSON", help="The caller's attributes: JSON, @FILE, or -.")]
UserId = Annotated[str | None, typer.Option("--user", metavar="ID", help="The caller's id (default: user).")]
Session = Annotated[str | None, typer.Option("--session", metavar="ID", help="The caller's session.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]

EXIT_CODES = {Outcome.ALLOW: 0, Outcome.DENY: 1, Outcome.APPROVAL_REQUIRED: 3}
VERDICTS = {
    Outcome.ALLOW: ("✓ ALLOW", "green"),
    Outcome.DENY: ("✗ DENY", "red"),
    Outcome.APPROVAL_REQUIRED: ("? APPROVAL REQUIRED", "yellow"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """The options of one call, as they were given."""

    tool: str | None
    args: str | None
    role: str | None
    roles: str | None
    ctx: str | None
    user: str | None
    session: str | None

    @property
    def given(self) -> list[str]:
        """The options that describe a call, of those that were given."""
        return [f"--{name}" for name in self.__slots__ if getattr(self, name) is not None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is decided about.

    By the engine itself: nothing runs, so there is no gate, for which a command would wait as long as for all else.
    """

    program: Program
    call: ToolCall
    user: User

    def decide(self) -> Decision:
        """The answer."""
        return NativeEngine(self.program).decide(self.call, self.user)

    def explain(self) -> Explanation:
        """The answer and the way to it."""
        return explain(self.program, self.decide(), call=self.call, user=self.user)


def asked(path: Path, question: Question) -> Asked:
    """The policy, the call and the caller; what is wrong with any of them stops the command."""
    if question.role is not None and question.roles is not None:
        raise CommandError("HX623", "--role and --roles do not go together", help="write `--roles a,b` for several")
    if not question.tool:
        raise CommandError("HX623", "a call needs the name of its tool", help="add --tool NAME")
    one_reader(PATH=str(path), **{"--args": file_of(question.args), "--ctx": file_of(question.ctx)})
    arguments = "{}" if question.args is None else json_text(question.args, "--args")
    attributes = {} if question.ctx is None else json_object(question.ctx, "--ctx")
    roles = tuple(name.strip() for name in (question.roles or "").split(",") if name.strip())
    user_id = "user" if question.user is None else question.user
    user = User(user_id, question.role, question.session, roles=roles, attributes=attributes)
    program = compile_policy(Policy.load(path))
    refuse_list(question.role, program)
    return Asked(program, ToolCall(question.tool, arguments), user)


def refuse_list(role: str | None, program: Program) -> None:
    """Refuses several roles where one is wanted; a role whose name has a comma is one."""
    if role is not None and "," in role and role not in program.roles:
        raise CommandError("HX623", f"--role takes one role, not `{role}`", help=f"write `--roles {role}`")


def exit_code(decision: Decision) -> int:
    """0 yes, 1 no, 3 a human decides."""
    return EXIT_CODES[decision.outcome]


def show_decision(output: Output, asked: Asked, decision: Decision) -> None:
    """The answer for people: who, what, why, and where the rule stands."""
    verdict, colour = VERDICTS[decision.outcome]
    who = ", ".join(map(visible, decision.roles)) or "(no role)"
    # The arguments of a refused call are not known: it has none to show.
    refused = asked.call.refusal is not None
    arguments = "…" if refused else output.cut(json.dumps(asked.call.arguments, ensure_ascii=False), len(who) + 30)
    what = f"{visible(decision.tool)}({arguments})"
    output.line(f"{output.paint(verdict, colour, 'bold')} · {who} → {what}")
    output.line(f"  reason: {visible(decision.reason)}")
    if decision.violations:
        output.line("  violations:")
        for violation in decision.violations:
            output.line(f"    • {visible(violation)}")
    for name, text in notes(decision):
        output.line(f"  {name}: {visible(text)}")


def notes(decision: Decision) -> list[tuple[str, str]]:
    """What else there is to say about a decision; what goes without saying is left out."""
    rule = decision.rule
    found: list[tuple[str, str | None]] = [
        ("note", decision.note),
        ("rule", f"{rule.tool} at {rule.place}" if rule else None),
        ("decided by", decision.deciding_role if decision.roles != (decision.deciding_role,) else None),
        ("approvers", approvers_text(decision)),
        ("monitor", monitor_text(decision)),
    ]
    return [(name, text) for name, text in found if text]


def approvers_text(decision: Decision) -> str | None:
    """Who may approve, in words."""
    if not decision.approvers:
        return None
    who = f"somebody with the role `{decision.approvers['role']}`" if "role" in decision.approvers else "somebody"
    return f"{who} other than the caller" if "not" in decision.approvers else who


def monitor_text(decision: Decision) -> str | None:
    """What monitoring makes of a refusal, in words."""
    if not decision.monitor:
        return None
    until = f" until {decision.monitor}" if isinstance(decision.monitor, str) else ""
    return f"this is only noted{until}; the tool runs"
