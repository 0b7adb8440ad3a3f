"""Secrets are found by the forms that their issuers gave them, and what only looks like one is left alone."""

from __future__ import annotations

import logging

import pytest

from hexgate.core.call import ToolCall
from hexgate.core.gate.guards import Halt, Replace
from hexgate.core.gate.ready import secrets_in_arguments, secrets_in_results
from hexgate.core.gate.secrets import blotted, kinds_in

# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "private_key": [
        "-----BEGIN {}PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE+/=\n-----END {}PRIVATE KEY-----".format(
            "RSA ", "RSA "
        )
    ],
    "jwt": [".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0xyz", "a" * 43])],
    "hexgate_key": ["_".join(["fty", "live", "shop", "En0" * 20])],
    "aws_access_key": ["AKIA" + "Q2EXAMPLE" + "ABCDEFG", "ASIA" + "A" * 16],
    "github_token": ["ghp_" + "a1B2" * 9, "github_pat_" + "A" * 22 + "_" + "b" * 59],
    "gitlab_token": ["glpat-" + "x_9-" * 5],
    "slack_token": ["xoxb-" + "1234567890-" * 2 + "abc"],
    "slack_webhook": ["https://hooks.slack.com/services/" + "T00000000/B00000000/" + "X" * 24],
    "stripe_key": ["sk_live_" + "4e" * 12, "rk_test_" + "4e" * 12],
    "google_api_key": ["AIza" + "Sy-_" * 8 + "abc"],
    "openai_key": ["sk-proj-" + "Ab_-" * 12, "sk-" + "a" * 20 + "T3BlbkFJ" + "b" * 20],
    "anthropic_key": ["sk-ant-api03-" + "Zz_-" * 22],
    "npm_token": ["npm_" + "aB3" * 12],
    "pypi_token": ["pypi-AgEIcHlwaS5vcmc" + "Cd_-" * 15],
    "sendgrid_key": ["SG." + "a" * 22 + "." + "b" * 43],
    "huggingface_token": ["hf_" + "Aa" * 17],
    "password_in_url": ["postgres://app:hunter2@db.internal/shop"],
}
HARMLESS = [
    "",
    "the amount is 400 dollars - refund it_now",
    "https://example.com:8080/path@v2?x=a:b@c",
    "http://localhost:3000/a:b@c",
    "mailto:alice@example.com, ssh://git@example.com/repo",
    "task-project-0123456789012345678901234567890123456789-abc",
    "sk-learn-is-a-library-for-machine-learning-in-python-and-more",
    "b4f5c8a9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "4111 1111 1111 1111",
    "123e4567-e89b-12d3-a456-426614174000",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "AKIAIOSFODNN7 is too short, AKIA-AAAA-AAAA-AAAA has dashes, akiaaaaaaaaaaaaaaaaa is small",
    "ghp_short and gha_" + "a" * 36,
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "eyJhbGciOiJIUzI1NiJ9 alone is no token; eyJ0.eyJ1.x neither",
    "my_npm_package_with_a_very_long_name_that_goes_on_and_on",
    "chf_AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa",
]


@pytest.mark.parametrize(("kind", "secret"), [(kind, secret) for kind, texts in SECRETS.items() for secret in texts])
def test_a_secret_is_found_and_blotted_out_wherever_it_stands(kind: str, secret: str) -> None:
    value = {"é": [f"Zoë: {secret} ende", 1, None], secret: {"deep": secret}}
    assert kinds_in(value) == [kind]
    clean, kinds = blotted(value)
    assert kinds == [kind]
    assert kinds_in(clean) == []
    assert clean["é"][0].startswith(f"Zoë: [secret:{kind}]")
    assert secret not in str(clean)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert kinds_in([text]) == []
    assert blotted((text, 1)) == ([text, 1], [])


def test_many_beginnings_of_keys_take_linear_time() -> None:
    text = "-----BEGIN PRIVATE KEY-----" * 2000
    assert blotted(text)[0] == "[secret:private_key]" * 2000


def test_half_of_a_surrogate_pair_is_no_fault() -> None:
    assert kinds_in("\ud800 a_b") == []


def test_arguments_with_a_secret_halt_the_call_or_are_redacted() -> None:
    call = ToolCall("send", {"text": SECRETS["npm_token"][0]})
    assert secrets_in_arguments()(call, None) == Halt("the arguments hold a secret (npm_token)")
    assert secrets_in_arguments(action="redact")(call, None) == {"text": "[secret:npm_token]"}
    for action in ("halt", "redact"):
        assert secrets_in_arguments(action=action)(ToolCall("send", {"text": "hello"}), None) is None
    assert secrets_in_arguments(tool_names=["send"]).watches("send")
    assert not secrets_in_arguments(tool_names=["send"]).watches("sender")


def test_results_with_a_secret_are_warned_about_or_redacted(caplog: pytest.LogCaptureFixture) -> None:
    call, result = ToolCall("read", {}), {"text": SECRETS["npm_token"][0]}
    assert secrets_in_results().observe
    with caplog.at_level(logging.WARNING, "hexgate.gate"):
        assert secrets_in_results(action="redact")(call, None, result) == Replace({"text": "[secret:npm_token]"})
    assert caplog.messages == ["the result of `read` holds a secret (npm_token)"]
    assert secrets_in_results()(call, None, "nothing") is None
