"""`hexgate policy test`: one call under a policy, or suites of cases; which of them, `--tool` says."""

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
from hexgate.cli.commands.policy.suites import SuiteOptions, run_paths
from hexgate.cli.inputs import glimpse
from hexgate.cli.loading import new_app
from hexgate.cli.output import CommandError, Output
from hexgate.core.errors import PolicyError
from hexgate.core.testing.reader import looks_like_suites

__all__ = ["app"]

app = new_app()
HELP = """\
Decide one call under a policy, or run suites of cases.

\b
One call (--tool says so):
  hexgate policy test policy.yaml --role billing --tool refund_order --args '{"amount": 400}'
  hexgate policy test policies/ --roles support,billing --tool refund_order --args @call.json
  hexgate policy test - --role support --tool refund_order < policy.yaml

\b
Suites (files with `suites:` at their top level, and folders of them):
  hexgate policy test tests/refunds.yaml
  hexgate policy test tests/ --coverage --fail-under 90 --junit report.xml
  hexgate policy test tests/ -k refund --policy next/policy.yaml

A suite is written like this; `hexgate policy schema --suite` says everything about it:

\b
  suites:
    - name: refunds by role
      policy: policy.yaml
      cases:
        - name: support cannot refund 400 dollars
          role: support
          tool: refund_order
          args: {amount: 400}
          expect: {outcome: deny, violations: ["args.amount <= 100"]}

Exit codes: 0 allowed or all passed, 1 denied or a case failed, 2 usage, 3 approval required.
"""


@app.command("test", help=HELP)
def decide_or_run(  # noqa: PLR0913, PLR0917 -- the options of a command are its parameters
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="With --tool one policy, else suites.")],
    tool: Tool = None,
    args: Args = None,
    role: Role = None,
    roles: Roles = None,
    ctx: Ctx = None,
    user: UserId = None,
    session: Session = None,
    policy: Annotated[str | None, typer.Option(metavar="PATH", help="Suites: run them under this policy.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Suites: write JUnit's XML.")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Suites: say what no case has seen.")] = False,
    fail_under: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Suites: the coverage that is needed.")
    ] = None,
    only: Annotated[
        str | None, typer.Option("-k", metavar="TEXT", help="Suites: only cases whose names hold it.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Suites: warnings about names fail their cases.")] = False,
    as_json: AsJson = False,
) -> int:
    """One call or many cases in, what came of them out."""
    output = Output(as_json=as_json)
    question = Question(tool, args, role, roles, ctx, user, session)
    options = SuiteOptions(policy, junit, coverage, fail_under, only, strict)
    if tool is None:
        if question.given:
            help = "add --tool for one call, or leave it out to run suites"
            raise CommandError("HX623", f"{question.given[0]} describes a call, and no --tool is given", help=help)
        refuse_percentage(fail_under)
        return run_paths(paths, options, output)
    if options.given:
        raise CommandError(
            "HX623", f"{options.given[0]} is for suites, and --tool asks for one call", help="leave one of them out"
        )
    if len(paths) > 1:
        raise CommandError(
            "HX623",
            f"one call is decided under one policy, not {len(paths)}",
            help="a directory of role files is one policy",
        )
    return decide_one(paths[0], question, output)


def refuse_percentage(given: float | None) -> None:
    """Refuses a coverage that nothing can have, or that everything has, as `nan` would be."""
    if given is not None and not 0 <= given <= 100:
        raise CommandError("HX620", f"--fail-under cannot be `{given}`", help="write a number from 0 to 100")


def decide_one(path: Path, question: Question, output: Output) -> int:
    """Decides one call."""
    try:
        found = asked(path, question)
    except PolicyError:
        refuse_suites(path)
        raise
    decision = found.decide()
    output.document(decision.as_dict())
    show_decision(output, found, decision)
    return exit_code(decision)


def refuse_suites(path: Path) -> None:
    """Refuses suites where a policy is wanted, in words that say what to do."""
    if looks_like_suites(glimpse(path)):
        help = "leave --tool out to run them, or name the policy"
        raise CommandError("HX627", f"`{path}` is a file of suites, not a policy", help=help)
