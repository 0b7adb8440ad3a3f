"""Two engines are asked generated calls: the certificate says what these covered, and the error shows the call that parted them."""

import json

import pytest

from hexgate.core.bundle.certify import certify_engine
from hexgate.core.engine import NativeEngine
from hexgate.core.errors import CertificateError
from hexgate.core.policy.policy import Policy
from hexgate.core.program import Program, compile_policy

REFUNDS = """
consts: {limit: 500}
roles:
  default: {tools: {view: {mode: allow}}}
  billing:
    tools:
      refund: {mode: allow, constraints: ["args.amount <= consts.limit", "args.currency in ['USD', 'EUR']"]}
      wipe: {mode: deny}
"""


def program_of(text: str) -> Program:
    return compile_policy(Policy.from_text(text, "policy.yaml"))


def test_engines_that_agree_get_a_certificate_with_everything_covered() -> None:
    program = program_of(REFUNDS)
    certificate = certify_engine(program, NativeEngine(program), calls=300, seed="a")
    assert certificate.as_dict() == {
        "calls": certificate.calls,
        "generator": "hexgate.calls/1",
        "seed": "a",
        "rules": {"total": 5, "reached": 5},
        "constraints": {"total": 2, "seen_true": 2, "seen_false": 2, "seen_unknown": 2},
        "not_covered": {"total": 0, "first": []},
    }
    assert certificate.calls >= 300


def test_the_same_program_gives_the_same_certificate_and_calls_wherever_its_roles_stand() -> None:
    program = program_of(REFUNDS)
    turned = Program(dict(list(program.roles.items())[::-1]), program.monitor, program.digest)
    first, second = (certify_engine(each, NativeEngine(each)) for each in (program, turned))
    assert first == second


def test_the_call_that_is_shown_is_small_and_has_both_answers() -> None:
    program, other = program_of(REFUNDS), program_of(REFUNDS.replace("limit: 500", "limit: 499"))
    with pytest.raises(CertificateError) as caught:
        certify_engine(program, NativeEngine(other))
    call, native, wrong = (json.loads(line.split(": ", 1)[1]) for line in caught.value.details)
    assert call == {"args": {"amount": 500}, "ctx": {}, "roles": ["billing"], "tool": "refund"}
    assert native["violations"] == ["args.currency in ['USD', 'EUR']"]
    assert wrong["violations"] == ["args.amount <= consts.limit", "args.currency in ['USD', 'EUR']"]
    said = str(caught.value).splitlines()
    assert said[0] == "the engines do not answer one call alike [HX707]"
    assert said[1].startswith('  call: {"args": {"amount": 500}')
    assert said[-1] == "help: do not use this module, and report the policy and this call"


def test_what_cannot_be_covered_is_said_with_its_reason() -> None:
    program = program_of("tools: {refund: {mode: allow, constraints: ['args.a < 1 and args.a > 2', '1 == 1']}}")
    certificate = certify_engine(program, NativeEngine(program))
    assert [gap.as_dict() for gap in certificate.gaps] == [
        {
            "role": "default",
            "tool": "refund",
            "constraint": "args.a < 1 and args.a > 2",
            "side": "true",
            "reason": "no call whatever makes it so",
        },
        {
            "role": "default",
            "tool": "refund",
            "constraint": "1 == 1",
            "side": "false",
            "reason": "no call whatever makes it so",
        },
    ]
    assert certificate.as_dict()["not_covered"]["total"] == 2


def test_whoever_waits_is_told_how_far_it_is() -> None:
    program = program_of(REFUNDS)
    told: list[tuple[int, int]] = []
    certify_engine(program, NativeEngine(program), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
