"""A module is certified against its program, and a certificate is repeated."""

from typing import Any

import pytest

from hexgate.core.bundle.certify import certify, repeat
from hexgate.core.errors import CertificateError
from hexgate.core.policy.policy import Policy
from hexgate.core.program import Program, compile_policy
from hexgate.core.wasm.assemble import assemble

POLICY = "tools: {refund: {mode: allow, constraints: ['args.amount <= {limit}']}, wipe: {mode: deny}}"


def program_of(limit: int = 500) -> Program:
    return compile_policy(Policy.from_text(POLICY.replace("{limit}", str(limit)), "policy.yaml"))


def test_a_module_of_the_program_gets_a_certificate() -> None:
    program = program_of()
    certificate = certify(program, assemble(program), calls=150)
    assert (certificate.rules_reached, certificate.seen_true, certificate.seen_false) == (3, 1, 1)
    assert certificate.calls >= 150


def test_a_module_of_another_program_gets_none() -> None:
    with pytest.raises(CertificateError, match=r"wasm: .*args.amount <= 400"):
        certify(program_of(), assemble(program_of(400)))


def test_a_certificate_comes_out_the_same_when_it_is_repeated() -> None:
    program = program_of()
    module = assemble(program)
    certificate = certify(program, module, calls=150, seed="another seed")
    assert repeat(certificate.as_dict(), program, module) == certificate


@pytest.mark.parametrize("change", [{"rules": {"total": 9, "reached": 9}}, {"calls": 5}])
def test_a_certificate_that_was_changed_is_noticed(change: dict[str, Any]) -> None:
    program = program_of()
    module = assemble(program)
    recorded = {**certify(program, module, calls=300).as_dict(), **change}
    with pytest.raises(CertificateError, match=r"\[HX708\]"):
        repeat(recorded, program, module)


def test_a_certificate_of_another_generator_is_given_anew() -> None:
    program = program_of()
    module = assemble(program)
    recorded = {"calls": 150, "seed": "1", "generator": "hexgate.calls/0", "rules": {}}
    assert repeat(recorded, program, module) == certify(program, module, calls=150)


@pytest.mark.parametrize(
    "recorded",
    [
        {},
        {"calls": 0, "seed": "1", "generator": "x"},
        {"calls": True, "seed": "1", "generator": "x"},
        {"calls": 10**9, "seed": "1", "generator": "x"},
        {"calls": 100, "seed": 1, "generator": "x"},
        {"calls": 100, "seed": "1", "generator": None},
    ],
)
def test_a_certificate_that_does_not_say_what_was_asked_cannot_be_repeated(recorded: dict[str, Any]) -> None:
    program = program_of()
    with pytest.raises(CertificateError, match=r"\[HX709\]"):
        repeat(recorded, program, assemble(program))
