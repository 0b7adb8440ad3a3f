"""Paths of suites in, what came of their cases out: a summary, the failures, coverage, JUnit's XML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hexgate.cli.inputs import glimpse, is_folder, one_reader
from hexgate.cli.output import CommandError, Output, counted, visible
from hexgate.cli.progress import Progress
from hexgate.core.policy import Policy
from hexgate.core.testing.coverage import Coverage, PolicyCoverage, RuleCoverage, coverage_of
from hexgate.core.testing.junit import to_junit
from hexgate.core.testing.reader import find_suites, looks_like_suites, read_suites
from hexgate.core.testing.run import CaseResult, Results, SuiteResult, run_suites

__all__ = ["SuiteOptions", "run_paths"]


@dataclass(frozen=True, slots=True)
class SuiteOptions:
    """The options of a run of suites, as they were given."""

    policy: str | None = None
    junit: Path | None = None
    coverage: bool = False
    fail_under: float | None = None
    only: str | None = None
    strict: bool = False

    @property
    def given(self) -> list[str]:
        """The options that are about suites, of those that were given."""
        names = {
            "--policy": self.policy,
            "--junit": self.junit,
            "--coverage": self.coverage or None,
            "--fail-under": self.fail_under,
            "-k": self.only,
            "--strict": self.strict or None,
        }
        return [name for name, value in names.items() if value is not None]


def run_paths(paths: list[Path], options: SuiteOptions, output: Output) -> int:
    """Runs all suites; the exit code is 1 when a case failed or too little was covered."""
    one_reader(**{"--policy": options.policy, **{f"PATH {number}": str(path) for number, path in enumerate(paths, 1)}})
    policy = None if options.policy is None else Policy.load(options.policy)
    files = [read_suites(path) for path in suite_files(paths)]
    progress = Progress(output, "cases", sum(len(suite.cases) or 1 for file in files for suite in file.suites))
    results = run_suites(files, policy=policy, only=options.only or "", strict=options.strict, tick=progress.tick)
    progress.end()
    if not results.suites:
        raise CommandError(
            "HX626",
            f"no case's name holds `{options.only}`",
            help="the names of files, suites and cases were looked at",
        )
    if options.junit is not None:
        write_junit(options.junit, results)
    coverage = coverage_of(results) if options.coverage or options.fail_under is not None else None
    short = coverage is not None and options.fail_under is not None and coverage.percent < options.fail_under
    output.document({**results.as_dict(), "coverage": coverage.as_dict() if coverage else None})
    show_results(output, results)
    if coverage is not None:
        show_coverage(output, coverage, options.fail_under if short else None)
    return int(bool(results.failures) or bool(results.errors) or short)


def suite_files(paths: list[Path]) -> Iterator[Path]:
    """The files of suites that are meant: a folder means all below it."""
    for path in paths:
        if is_folder(path):
            found = list(find_suites(path))
            if not found:
                help = "a file of suites has `suites:` at its top level; for one call under a policy add --tool"
                raise CommandError("HX627", f"no file of suites was found below `{path}`", help=help)
            yield from found
        else:
            refuse_policy(path)
            yield path


def refuse_policy(path: Path) -> None:
    """Refuses a policy where suites are wanted, in words that say what to do."""
    text = glimpse(path)
    if text.strip() and not looks_like_suites(text):
        help = "for one call under a policy add --tool; a file of suites has `suites:` at its top level"
        raise CommandError("HX627", f"`{path}` holds no suites", help=help)


def write_junit(path: Path, results: Results) -> None:
    """Puts JUnit's XML where it was asked for."""
    try:
        path.write_text(to_junit(results), encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise CommandError(
            "HX625", f"`{path}` cannot be written: {why}", help="check the path that --junit names"
        ) from None


def show_results(output: Output, results: Results) -> None:
    """What was not run and why, the failures, the warnings, and the summary line."""
    told: set[int] = set()
    for suite in results.errors:
        show_error(output, suite, again=id(suite.mistakes) in told)
        told.add(id(suite.mistakes))
    for suite, case in results.failures:
        show_failure(output, suite, case)
    for suite, case in results.warnings:
        if case.passed:
            show_warnings(output, suite, case)
    failed, errors = len(results.failures), len(results.errors)
    counts = f"{counted(results.total, 'case')} in {counted(len(results.suites), 'suite')}"
    if not failed and not errors:
        output.line(f"{output.paint(f'✓ {results.total} passed', 'green', 'bold')} · {counts}")
        return
    broken = [f"{counted(errors, 'suite')} not run"] if errors else []
    what = ", ".join([*([f"{failed} failed"] if failed else []), *broken])
    output.line(f"{output.paint(f'✗ {what}', 'red', 'bold')}, {results.total - failed} passed · {counts}")


def show_error(output: Output, suite: SuiteResult, *, again: bool) -> None:
    """A suite whose policy cannot be loaded; mistakes that were told are not told again."""
    output.line(f"{output.paint('✗', 'red', 'bold')} {visible(suite.name)}: the policy cannot be loaded")
    output.line(f"  in {visible(suite.file)}: {counted(suite.not_run, 'case')} not run")
    if again:
        output.line("  for the mistakes that are told above")
    for mistake in () if again else suite.mistakes:
        output.mistake(mistake)
    output.line()


def show_failure(output: Output, suite: SuiteResult, case: CaseResult) -> None:
    """One failed case."""
    output.line(f"{output.paint('✗', 'red', 'bold')} {visible(suite.name)} › {visible(case.name)}")
    output.line(f"  at {visible(case.place or suite.file)}")
    for item in case.differences:
        output.line(f"  {item.key}")
        output.line(f"    wanted {output.paint(visible(as_json(item.wanted)), 'green')}")
        output.line(f"    got    {output.paint(visible(as_json(item.got)), 'red')}")
    if case.violations:
        output.line("  violations")
    for violation in case.violations:
        output.line(f"    • {visible(violation)}")
    if case.rule_text:
        output.line(f"  {visible(case.rule_text)}")
    show_slips(output, case)
    output.line()


def show_warnings(output: Output, suite: SuiteResult, case: CaseResult) -> None:
    """A case that passed, and may have for the wrong reason."""
    output.line(f"{output.paint('!', 'yellow', 'bold')} {visible(suite.name)} › {visible(case.name)}")
    output.line(f"  at {visible(case.place or suite.file)}")
    show_slips(output, case)
    output.line()


def show_slips(output: Output, case: CaseResult) -> None:
    """What a case may have mistyped."""
    for warning in case.warnings:
        output.line(f"  {output.paint('warning:', 'yellow')} {visible(warning)}")


def as_json(value: object) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False)


def show_coverage(output: Output, coverage: Coverage, wanted: float | None) -> None:
    """What no case has seen, then the numbers."""
    for policy in coverage.policies:
        show_gaps(output, policy)
    total = coverage.constraints
    seen = f"constraints seen true {coverage.seen_true}/{total}, seen false {coverage.seen_false}/{total}"
    line = f"coverage {coverage.percent} % · rules reached {coverage.reached}/{coverage.rules} · {seen}"
    if wanted is None:
        output.line(line)
    else:
        output.line(output.paint(f"{line} · {wanted:g} % was wanted", "red"))


def show_gaps(output: Output, policy: PolicyCoverage) -> None:
    """The rules and constraints of a policy that are not fully covered."""
    gaps = [(rule, text) for rule in policy.rules for text in gaps_of(rule)]
    if not gaps:
        return
    output.line(output.paint(f"not covered in {visible(policy.name)}", "bold"))
    for rule, text in gaps:
        output.line(f"  {visible(rule.place or '')}  {visible(', '.join(rule.roles))} → {visible(rule.tool)}: {text}")
    output.line()


def gaps_of(rule: RuleCoverage) -> Iterator[str]:
    """What is missing of one rule, in words."""
    if not rule.reached:
        yield "never reached"
        return
    for item in rule.constraints:
        missing = [word for word, seen in (("true", item.seen_true), ("false", item.seen_false)) if not seen]
        if missing:
            yield f"`{visible(item.text)}` never {' nor '.join(missing)}"
