"""`hexgate policy explain`: one call in, the answer and the way to it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.commands.policy.calls import (
    Args,
    AsJson,
    Ctx,
    Question,
    Role,
    Roles,
    Session,
    Tool,
    UserId,
    asked,
    exit_code,
    show_decision,
)
from hexgate.cli.loading import new_app
from hexgate.cli.output import Output
from hexgate.core.testing.tree import MARKS, TreeLine, tree_lines

__all__ = ["app"]

COLOURS = {"true": "green", "false": "red", "unknown": "yellow"}
app = new_app()
HELP = """\
Show how one call is decided: the rule that was found and why, each constraint and the values that it read.

\b
Examples:
  hexgate policy explain policy.yaml --role support --tool refund_order --args '{"amount": 400}'
  hexgate policy explain policy.yaml --roles support,billing --tool refund_order --args @call.json

✓ is true, ✗ is false, ? is unknown: a fact is missing or of the wrong type, so the constraint does not hold.
Exit codes: 0 allowed, 1 denied, 2 usage, 3 approval required.
"""


@app.command(help=HELP)
def explain(  # noqa: PLR0913, PLR0917 -- the options of a command are its parameters
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A file, a directory of role files, or `-`.")],
    tool: Tool = None,
    args: Args = None,
    role: Role = None,
    roles: Roles = None,
    ctx: Ctx = None,
    user: UserId = None,
    session: Session = None,
    as_json: AsJson = False,
) -> int:
    """One call in, its decision and the way to it out."""
    question = asked(policy, Question(tool, args, role, roles, ctx, user, session))
    explanation = question.explain()
    output = Output(as_json=as_json)
    output.document(explanation.as_dict())
    show_decision(output, question, explanation.decision)
    if explanation.roles:
        output.line()
    for line in tree_lines(explanation):
        output.line(painted(output, line))
    return exit_code(explanation.decision)


def painted(output: Output, line: TreeLine) -> str:
    """A line of the tree with its mark in colour and its values dimmed."""
    if line.truth is None:
        return f"{line.branch}{line.text}"
    values = f"   {output.paint(line.read, 'dim')}" if line.read else ""
    return f"{line.branch}{output.paint(MARKS[line.truth], COLOURS[line.truth])} {line.text}{values}"
