"""Generated policies get a certificate: their modules answer as they do, every rule is reached, and few sides are not found."""

from __future__ import annotations

import os
import time

import pytest

from hexgate.core.bundle.certificate import Certificate
from hexgate.core.bundle.certify import certify
from hexgate.core.errors import CertificateError
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from hexgate.core.wasm.assemble import assemble
from tests.differential.choices import RandomChoices
from tests.differential.strategies import document

SHARDS, POLICIES = 2, 10
FUZZ_SHARDS, FUZZ_POLICIES = 20, int(os.environ.get("HEXGATE_FUZZ_POLICIES", "1000"))
# What the search has to find of what may be found. The rest is constraints that nobody would write, most of which never hold.
FEWEST_SEEN_PERCENT = 90


def certificate_of(seed: str) -> Certificate:
    """The certificate of one generated policy; where there is none, the seed and the call are told."""
    program = compile_policy(Policy.model_validate(document(RandomChoices(seed))))
    try:
        return certify(program, assemble(program), calls=1, seed=seed)
    except CertificateError as error:
        raise AssertionError(f"the policy of the seed {seed!r}: {error}") from error


def judge(certificates: list[Certificate]) -> None:
    """Whether the certificates say what they should."""
    for certificate in certificates:
        assert certificate.rules == certificate.rules_reached
        assert all(gap.side in ("true", "false") for gap in certificate.gaps)
    sides = sum(2 * certificate.constraints for certificate in certificates)
    seen = sum(certificate.seen_true + certificate.seen_false for certificate in certificates)
    gaps = [gap for certificate in certificates for gap in certificate.gaps]
    impossible = sum(gap.reason == "no call whatever makes it so" for gap in gaps)
    assert seen + len(gaps) == sides
    assert seen * 100 >= (sides - impossible) * FEWEST_SEEN_PERCENT


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_modules_of_generated_policies_are_certified(shard: int) -> None:
    judge([certificate_of(f"certified/{shard}/{number}") for number in range(POLICIES)])


@pytest.mark.fuzz
@pytest.mark.parametrize("shard", range(FUZZ_SHARDS))
def test_the_modules_of_a_thousand_generated_policies_are_certified(shard: int) -> None:
    # A seed that no run had before, unless one is given; a failure names it.
    seed = os.environ.get("HEXGATE_FUZZ_SEED") or f"{time.time_ns():x}"
    judge([certificate_of(f"{seed}/{shard}/{number}") for number in range(max(FUZZ_POLICIES // FUZZ_SHARDS, 1))])
