"""What the tests of the command line share: a folder with a policy and suites, and a way to run a command in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hexgate.cli.main import app

POLICY = """\
roles:
  staff:
    is_mixin: true
    tools:
      view: {mode: allow}
  support:
    inherits: [staff]
    tools:
      refund_order:
        mode: allow
        reason: finance limit 2026
        constraints:
          - args.amount <= 100
          - args.currency in ["USD", "EUR"] or ctx.vip == true
      wire: {mode: approval_required, approvers: {role: finance, not: caller}}
      page: {mode: approval_required, approvers: {not: caller}}
      scan: {mode: approval_required, approvers: {role: admin}, enforce: false, until: 2099-12-31}
  billing:
    inherits: [staff]
    tools:
      refund_order: {mode: allow, constraints: [args.amount <= 500]}
      old: {mode: deny, enforce: false}
"""

SUITE = """\
suites:
  - name: refunds by role
    policy: policy.yaml
    cases:
      - {name: little, role: support, tool: refund_order, args: {amount: 40, currency: USD}, expect: {outcome: allow}}
      - {name: billing refunds more, role: billing, tool: refund_order, args: {amount: 400}, expect: {outcome: allow, line: 21}}
      - {name: billing has a limit, role: billing, tool: refund_order, args: {amount: 700}, expect: {outcome: deny}}
"""


@dataclass(frozen=True)
class Run:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Hexgate = Callable[..., Run]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy and a file of suites, in which commands are run."""
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "suite.yaml").write_text(SUITE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path / "record"))
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def suite_text(folder: Path) -> str:
    """The text of the suites in the folder."""
    return (folder / "suite.yaml").read_text(encoding="utf-8")


@pytest.fixture
def hexgate(folder: Path) -> Hexgate:
    """Runs `hexgate …` in this process."""

    def run(*arguments: str, stdin: str | bytes | None = None) -> Run:
        result = CliRunner().invoke(app, arguments, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Run(result.exit_code, result.stdout, result.stderr)

    return run
