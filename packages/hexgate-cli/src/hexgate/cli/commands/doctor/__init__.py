"""`hexgate doctor`: this machine in, what Hexgate is made of here and what is wrong with it out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated

import typer

from hexgate.cli.commands.doctor.engines import engines
from hexgate.cli.commands.doctor.installation import installation
from hexgate.cli.commands.doctor.policies import policy
from hexgate.cli.commands.doctor.record import record
from hexgate.cli.commands.doctor.report import Finding, Section
from hexgate.cli.commands.doctor.surroundings import environment, keys
from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, counted
from hexgate.core import HexgateError, Mistake
from hexgate.core.sources.settings import Settings
from hexgate.core.sources.terms import Terms

__all__ = ["app"]

app = new_app()
HELP = """\
Show what Hexgate is made of on this machine, what the environment says, and what is wrong with them.

\b
Examples:
  hexgate doctor
  HEXGATE_LOCAL_POLICY=policies/ hexgate doctor --json
  hexgate doctor --agent support-bot --project shop

The policy of HEXGATE_LOCAL_POLICY is loaded as a process would load it, with the keys that the environment names.
Exit codes: 0 all is well, 1 something is wrong (with --strict also warnings), 2 usage.
"""


@app.command(help=HELP)
def doctor(
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="NAME", help="The agent that a bundle is for.")
    ] = None,
    project: Annotated[str | None, typer.Option("--project", metavar="NAME", help="And its project.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """A machine in, how it stands out."""
    sections = list(examined(agent, project))
    # What is wrong with a key is wrong with the policy as well, and told once.
    findings = list(dict.fromkeys(finding for section in sections for finding in section.findings))
    wrong = [finding for finding in findings if strict or finding.severity == "error"]
    output = Output(as_json=as_json)
    output.document(
        {
            "well": not wrong,
            **{section.name: section.data for section in sections},
            "findings": [finding.as_dict() for finding in findings],
        }
    )
    show(output, sections, findings)
    output.line(verdict(output, findings, well=not wrong))
    return int(bool(wrong))


def examined(agent: str | None, project: str | None) -> Iterator[Section]:
    """Every part of the report. Where the environment cannot be understood, nobody knows what keys and policy it means."""
    yield installation()
    yield engines()
    yield record()
    yield environment(os.environ)
    try:
        settings = Settings.from_environment()
    except HexgateError:
        return
    yield keys(settings)
    yield policy(Terms(agent, project, settings))


def show(output: Output, sections: list[Section], findings: list[Finding]) -> None:
    """The facts under the name of their part, then everything that is wrong."""
    width = max(len(label) for section in sections for label, _ in section.facts)
    for section in sections:
        output.line(output.paint(section.name, "bold"))
        for label, text in section.facts:
            output.line(f"  {label:<{width}}  {text}")
    output.line()
    for finding in findings:
        said = finding.mistake
        shown = Mistake(said.code, f"{finding.severity}: {said.message}", said.help, said.span, said.path)
        output.mistake(shown, severity=finding.severity)
        output.line()


def verdict(output: Output, findings: list[Finding], *, well: bool) -> str:
    """One line that says how it stands."""
    mark = output.paint("✓", "green", "bold") if well else output.paint("✗", "red", "bold")
    severities = [finding.severity for finding in findings]
    counts = [counted(severities.count(each), each) for each in ("error", "warning") if each in severities]
    return f"{mark} {' · '.join(counts) or 'nothing is wrong'}"
