"""`hexgate policy validate`: policies in, their mistakes, the linter's findings and a summary out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from hexgate.cli.inputs import json_object, one_reader
from hexgate.cli.loading import new_app
from hexgate.cli.output import MOST_IN_JSON, CommandError, Output, counted, first_of, visible
from hexgate.core import __version__
from hexgate.core.errors import MOST_MISTAKES, Mistake, PolicyError
from hexgate.core.policy import Policy
from hexgate.core.policy.lint import Finding, lint, sarif
from hexgate.core.policy.nodes import LARGEST_DOCUMENT
from hexgate.core.program import compile_policy

__all__ = ["app"]

FORMATS = ("text", "json", "sarif")
UNREADABLE = {"HX110", "HX111"}
app = new_app()
HELP = """\
Say everything that is wrong with policies, with its place and what to do about it.

\b
Examples:
  hexgate policy validate policy.yaml
  hexgate policy validate policies/ --strict
  hexgate policy validate policy.yaml --manifest agent.json
  hexgate policy validate policy.yaml --format sarif > hexgate.sarif

Exit codes: 0 valid, 1 mistakes (with --strict also warnings), 2 usage.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say about one path."""

    path: str
    mistakes: tuple[Mistake, ...] = ()
    findings: tuple[Finding, ...] = ()
    summary: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON knows it."""
        return {
            "path": self.path,
            "valid": not self.mistakes,
            "summary": self.summary,
            **first_of("mistake", self.mistakes),
            **first_of("finding", self.findings),
        }


@app.command(help=HELP)
def validate(  # noqa: PLR0917 -- the options of a command are its parameters
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="A file, a directory of role files, or `-`.")],
    with_lint: Annotated[
        bool, typer.Option("--lint/--no-lint", help="Look for what is valid and hardly meant.")
    ] = True,
    manifest: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The agent's manifest (JSON): tools and arguments are looked at too."),
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json or sarif.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings of the linter count as mistakes.")] = False,
) -> int:
    """Policies in, everything that is wrong with them out."""
    if as_json and form == "sarif":
        raise CommandError(
            "HX623", "--json and --format sarif do not go together", help="SARIF is JSON: leave --json out"
        )
    form = "json" if as_json else form
    if form not in FORMATS:
        raise CommandError("HX623", f"--format cannot be `{form}`", help=f"write one of {', '.join(FORMATS)}")
    one_reader(**{"--manifest": manifest, **{f"PATH {number}": str(path) for number, path in enumerate(paths, 1)}})
    tools = None if manifest is None else json_object(f"@{manifest}", "--manifest", LARGEST_DOCUMENT)
    reports = [report(path, tools, with_lint=with_lint) for path in paths]
    show(Output(as_json=form != "text"), form, reports)
    return verdict(reports, strict=strict)


def report(path: Path, tools: Mapping[str, Any] | None, *, with_lint: bool) -> Report:
    """What there is to say about the policy at a path."""
    try:
        policy = Policy.load(path)
    except PolicyError as error:
        return Report(str(path), error.mistakes)
    return Report(str(path), (), tuple(lint(policy, tools)) if with_lint else (), summary_of(policy))


def summary_of(policy: Policy) -> dict[str, Any]:
    """How much was written, and the digest of what it means."""
    rules = [rule for role in policy.roles.values() for rule in (*role.tools.values(), role.default_policy) if rule]
    return {
        "roles": len(policy.roles),
        "rules": len(rules),
        "constraints": sum(len(rule.constraints) + (rule.file_scope is not None) for rule in rules),
        "digest": compile_policy(policy).digest,
    }


def verdict(reports: Sequence[Report], *, strict: bool) -> int:
    """The exit code."""
    codes = {mistake.code for report in reports for mistake in report.mistakes}
    if codes:
        return 2 if codes <= UNREADABLE else 1
    found = {finding.severity for report in reports for finding in report.findings}
    return int("error" in found or (strict and "warning" in found))


def show(output: Output, form: str, reports: Sequence[Report]) -> None:
    """All reports, as text or as one document."""
    if form == "sarif":
        output.document(as_sarif(reports))
        return
    output.document(
        {"valid": not any(report.mistakes for report in reports), "policies": [report.as_dict() for report in reports]}
    )
    for report in reports:
        show_report(output, report)


def show_report(output: Output, report: Report) -> None:
    """One report for people: mistakes or findings, then the summary line."""
    for mistake in report.mistakes[:MOST_MISTAKES]:
        output.mistake(mistake)
        output.line()
    output.more(len(report.mistakes))
    for finding in report.findings[:MOST_MISTAKES]:
        said = Mistake(finding.code, f"{finding.severity}: {finding.message}", finding.help, finding.span, finding.path)
        output.mistake(said, severity=finding.severity)
        output.line()
    output.more(len(report.findings))
    output.line(summary_line(output, report))


def summary_line(output: Output, report: Report) -> str:
    """One line that says how it stands."""
    path = "<stdin>" if report.path == "-" else visible(report.path)
    if report.summary is None:
        return f"{output.paint('✗', 'red', 'bold')} {path}: {counted(len(report.mistakes), 'mistake')}"
    summary = report.summary
    counts = ", ".join(counted(summary[f"{word}s"], word) for word in ("role", "rule", "constraint"))
    found = f" · {counted(len(report.findings), 'finding')}" if report.findings else ""
    return f"{output.paint('✓', 'green', 'bold')} {path}: {counts}{found} · {output.paint(summary['digest'], 'dim')}"


def as_sarif(reports: Sequence[Report]) -> dict[str, Any]:
    """One SARIF document: the linter's findings, and the mistakes as results of the same run."""
    mistakes = [mistake for report in reports for mistake in report.mistakes]
    findings = [finding for report in reports for finding in report.findings]
    room = max(0, MOST_IN_JSON - len(mistakes))
    document = sarif(findings[:room], version=__version__)
    run = document["runs"][0]
    run["results"][:0] = [mistake_result(mistake) for mistake in mistakes[:MOST_IN_JSON]]
    if len(mistakes) + len(findings) > MOST_IN_JSON:
        run["properties"] = {"result_count": len(mistakes) + len(findings)}
    return document


def mistake_result(mistake: Mistake) -> dict[str, Any]:
    """A mistake as a result. It has the place of a finding, so the linter's own words for places are used."""
    placed = Finding("HX401", "error", mistake.message, mistake.help or "", mistake.span, mistake.path)
    result: dict[str, Any] = dict(sarif([placed], version=__version__)["runs"][0]["results"][0])
    del result["ruleIndex"]
    return {**result, "ruleId": mistake.code, "level": "error"}
