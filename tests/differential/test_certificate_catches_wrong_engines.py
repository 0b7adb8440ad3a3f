"""What a certificate means: each of many engines that are wrong in one small way is caught by the calls that are asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from hexgate.core.bundle.calls.coverage import Coverage
from hexgate.core.bundle.calls.covering import covering_calls
from hexgate.core.bundle.certify import DEFAULT_CALLS, DEFAULT_SEED, answers, certify_engine
from hexgate.core.engine import NativeEngine
from hexgate.core.errors import CertificateError
from hexgate.core.policy.policy import Policy
from hexgate.core.program import Program, compile_policy
from tests.differential.alterations import alterations
from tests.differential.wrong_engines import WRONG_ENGINES, WrongEngine

POLICY = Path(__file__).with_name("certified.yaml")
# Readings that are other words for the same: nothing could tell them from the right one.
THE_SAME = {
    # A rule that allows without a constraint denies nothing that could be monitored.
    "default: search: monitor",
    "support: delete: monitor",
    # The other leaf of the constraint reads the same fact.
    "billing: wire: args.amount > 0.1 and args.amount < 1e6: missing passes",
    "billing: wire: args.amount > 0.1 and args.amount < 1e6: unknown passes",
    'billing: wire: not (args.iban == "DE00") and endswith(args.iban, "0"): missing passes',
    # Nothing has five and a half characters, a pattern may be anchored twice, and `!=` is known of whatever is there.
    "billing: mail: every(args.to, endswith(lower(.address), \"@example.com\") and count(.name) <= 5): Decimal('5.5')",
    'billing: mcp-git-*: matches(args.ref, "^[a-z]{1,8}$"): (?:^[a-z]{1,8}$)$',
    'billing: mcp-git-*: matches(args.ref, "^[a-z]{1,8}$"): ^(?:^[a-z]{1,8}$)',
    "billing: mcp-git-*: args.force != true: unknown passes",
}
FEWEST_ALTERATIONS = 400


@pytest.fixture(scope="module")
def program() -> Program:
    return compile_policy(Policy.from_text(POLICY.read_text(encoding="utf-8"), POLICY.name))


def test_every_small_wrong_reading_of_a_program_is_caught(program: Program) -> None:
    questions = list(covering_calls(Coverage(program), calls=DEFAULT_CALLS, seed=DEFAULT_SEED))
    native = NativeEngine(program)
    right = [answers(native, question) for question in questions]
    altered = list(alterations(program))
    assert len(altered) > FEWEST_ALTERATIONS
    missed = []
    for alteration in altered:
        engine = NativeEngine(alteration.program)
        if all(answers(engine, question) == wanted for question, wanted in zip(questions, right, strict=True)):
            missed.append(alteration.what)
    assert [what for what in missed if not any(map(what.startswith, THE_SAME))] == []
    assert [same for same in THE_SAME if not any(what.startswith(same) for what in missed)] == []


@pytest.mark.parametrize("name", WRONG_ENGINES)
def test_an_engine_that_is_wrong_in_one_way_gets_no_certificate(program: Program, name: str) -> None:
    with pytest.raises(CertificateError, match=r"^the engines do not answer one call alike \[HX707\]"):
        certify_engine(program, WrongEngine(program, **WRONG_ENGINES[name]))


def test_an_engine_that_is_right_gets_a_certificate_that_covers_everything(program: Program) -> None:
    certificate = certify_engine(program, WrongEngine(program))
    assert certificate.rules == certificate.rules_reached
    assert certificate.constraints == certificate.seen_true == certificate.seen_false
    assert certificate.gaps == ()
