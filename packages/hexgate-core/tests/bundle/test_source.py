"""What a bundle holds of a policy: a file as it is, a directory as one document that means the same."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from hexgate.core.bundle import PolicyText, read_policy_text
from hexgate.core.errors import BundleError, PolicyError
from hexgate.core.policy import Policy
from hexgate.core.program import compile_policy

TEXT = "# who may refund\ntools:\n    refund: {mode: allow, constraints: [args.amount <= 5]}\n"


@pytest.mark.parametrize("data", [TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode()])
def test_a_file_is_taken_byte_for_byte(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "refunds.prod.yml").write_bytes(data)
    text = read_policy_text(tmp_path / "refunds.prod.yml")
    assert (text.stem, text.data) == ("refunds.prod", data)
    assert text.program.digest == compile_policy(Policy.from_text(TEXT)).digest


def test_places_are_named_after_the_part_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "refunds.yaml").write_text(TEXT)
    rule = read_policy_text(tmp_path / "refunds.yaml").program.roles["default"].exact["refund"]
    assert (rule.document, rule.line) == ("refunds.yaml", 3)


def test_a_directory_becomes_one_document_that_means_the_same(tmp_path: Path) -> None:
    roles = tmp_path / "roles"
    roles.mkdir()
    (roles / "staff.yaml").write_text("is_mixin: true\nconsts: {most: 5}\ntools: {view: {mode: allow}}\n")
    (roles / "billing.yml").write_text(
        "inherits: [staff]\ntools: {refund: {mode: allow, constraints: [args.amount <= consts.most]}}\n"
    )
    text = read_policy_text(roles)
    assert text.stem == "roles"
    assert text.data.decode().startswith("version: 1\nroles:\n  billing:\n")
    assert text.program.digest == compile_policy(Policy.load(roles)).digest


def test_standard_input_is_a_file_named_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(TEXT.encode())))
    assert (read_policy_text("-").stem, read_policy_text) == ("policy", read_policy_text)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"tools: {a: {mod: allow}}")))
    with pytest.raises(PolicyError, match="<stdin>:1:"):
        read_policy_text("-")


def test_mistakes_are_told_with_the_path_that_the_author_knows(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("tools: {a: {mod: allow}}")
    with pytest.raises(PolicyError) as caught:
        read_policy_text(tmp_path / "bad.yaml")
    assert str(caught.value).startswith(f"{tmp_path / 'bad.yaml'}:1:")


def test_a_policy_that_is_not_there_is_told_as_everywhere(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"cannot be read: No such file or directory \[HX110\]"):
        read_policy_text(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    "name", ["-x.yaml", "my policy.yaml", "politik\u00e4.yaml", f"{'x' * 101}.yaml", ".yaml", "..b.yaml"]
)
def test_a_name_that_is_no_name_everywhere_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXT)
    with pytest.raises(BundleError, match=r"cannot be named after .* \[HX700\]"):
        read_policy_text(tmp_path / name)


def test_the_folder_in_which_one_stands_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "default.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path / "roles")
    assert read_policy_text(".").stem == "roles"


def test_a_policy_that_would_be_written_as_another_is_not_built() -> None:
    class Forgetful(Policy):
        def to_yaml(self) -> str:
            return "tools: {refund: {mode: allow}}"

    with pytest.raises(BundleError, match=r"cannot be written as one document: it would mean sha256:.* \[HX700\]"):
        PolicyText.from_policy(Forgetful.from_text(TEXT), "policy")
