"""What the tests of `hexgate.core.testing` share: a small policy and suites about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hexgate.core.testing import Results, run_suites, suites_from_text

POLICY = """\
roles:
  staff:
    is_mixin: true
    tools:
      view: {mode: allow}
      wire: {mode: approval_required, approvers: {role: finance}}
  support:
    inherits: [staff]
    tools:
      refund:
        mode: allow
        reason: finance limit
        constraints:
          - args.amount <= 100
          - args.currency in ["USD", "EUR"]
      mcp-*: {mode: deny}
    default_policy: {mode: allow, constraints: ['exists(args.why)']}
  billing:
    inherits: [staff]
    tools:
      refund: {mode: allow, constraints: [args.amount <= 500], file_scope: {allowed_paths: ["src/**"]}}
"""


def suite(*cases: str, name: str = "s", policy: str = POLICY) -> str:
    """A file with one suite; each case is what stands in its braces after the name."""
    indented = policy.replace("\n", "\n        ")
    listed = "".join(f"      - {{name: case {number}, {case}}}\n" for number, case in enumerate(cases, 1))
    return f"suites:\n  - name: {name}\n    policy:\n      text: |\n        {indented}\n    cases:\n{listed}"


@pytest.fixture
def run() -> Callable[..., Results]:
    """Runs the cases of one suite."""

    def run_cases(*cases: str, policy: str = POLICY) -> Results:
        return run_suites([suites_from_text(suite(*cases, policy=policy), "s.yaml")])

    return run_cases
