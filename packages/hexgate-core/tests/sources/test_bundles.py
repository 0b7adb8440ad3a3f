"""A bundle at a path decides by its module, on the terms of the environment; what falls behind them later is not taken."""

from __future__ import annotations

import io
import logging
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from hexgate.core import Hexgate, HexgateError, User
from hexgate.core.bundle import Labels, PolicyText, SigningKey
from hexgate.core.bundle.build import build_bundle
from hexgate.core.bundle.files import LARGEST
from hexgate.core.sources.kinds import is_of_interest, kind_of_directory

Write = Callable[..., Path]
Limit = Callable[[Hexgate], "int | None"]
Patch = pytest.MonkeyPatch
Caplog = pytest.LogCaptureFixture
OURS, THEIRS = SigningKey(b"\1" * 32), SigningKey(b"\2" * 32)
ROLE = b"tools: {refund: {mode: allow, constraints: [args.amount <= LIMIT]}}\n"


@pytest.fixture
def build(tmp_path: Path) -> Write:
    """Builds a bundle with a limit, in the place of the one that may be there."""

    def build(
        limit: int,
        *,
        key: SigningKey | None = OURS,
        revision: int | None = None,
        agent: str | None = None,
        project: str | None = None,
        with_module: bool = True,
        name: str = "bundle",
    ) -> Path:
        text = PolicyText.from_bytes(ROLE.replace(b"LIMIT", b"%d" % limit), "policy")
        built = build_bundle(text, labels=Labels(agent, project, revision), key=key, with_module=with_module)
        return built.write(tmp_path / name)

    return build


@pytest.fixture
def trust(tmp_path: Path, monkeypatch: Patch) -> Callable[..., Path]:
    """Names public keys as trusted, each in a file of its own."""

    def trust(*keys: SigningKey) -> Path:
        paths = [tmp_path / f"{number}.public" for number, _ in enumerate(keys)]
        for path, key in zip(paths, keys, strict=True):
            path.write_text(key.public.text)
        monkeypatch.setenv("HEXGATE_BUNDLE_PUBKEY_PATH", os.pathsep.join(map(str, paths)))
        return paths[0]

    return trust


def told(caplog: Caplog) -> list[str]:
    """What was logged as a warning since the last time."""
    found = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    caplog.clear()
    return found


def test_a_bundle_decides_by_its_module_and_yaml_natively_unless_told_otherwise(
    build: Write, write: Write, limit: Limit
) -> None:
    bundle, yaml = build(3), write(3)
    for path, engine, name in (
        (bundle, None, "wasm"),
        (bundle, "native", "native"),
        (yaml, None, "native"),
        (yaml, "wasm", "wasm"),
        (build(3, with_module=False, name="without"), None, "native"),
        ({"tools": {"refund": {"mode": "allow", "constraints": ["args.amount <= 3"]}}}, "wasm", "wasm"),
    ):
        gate = Hexgate.from_policy(path, engine=engine)  # type: ignore[arg-type]
        assert gate.decide("refund", {"amount": 3}, user=User("alice", "default")).engine == name
        assert limit(gate) == 3


def test_a_program_decides_by_its_module_where_that_is_wanted(write: Write, limit: Limit) -> None:
    gate = Hexgate(Hexgate.from_policy(write(3)).program, engine="wasm")
    assert gate.decide("refund", {"amount": 3}, user=User("alice", "default")).engine == "wasm"
    assert limit(gate) == 3


def test_an_explanation_shows_the_decision_of_the_engine_that_decides(build: Write) -> None:
    by_module, natively = (Hexgate.from_policy(build(3), engine=engine) for engine in (None, "native"))
    user = User("alice", "default")
    shown, other = (gate.explain("refund", {"amount": 5}, user=user) for gate in (by_module, natively))
    assert (shown.decision.engine, other.decision.engine) == ("wasm", "native")
    assert shown.roles == other.roles
    assert shown.decision.violations == ("args.amount <= 3",)


SIGNED_AND_KNOWN, SIGNED_BY_ANOTHER, SIGNED, UNSIGNED = (OURS, OURS), (THEIRS, OURS), (OURS, None), (None, OURS)


@pytest.mark.parametrize(
    ("keys", "required", "comes_to"),
    [
        (SIGNED_AND_KNOWN, False, None),
        (SIGNED_AND_KNOWN, True, None),
        (SIGNED_BY_ANOTHER, False, "HX706"),
        (SIGNED_BY_ANOTHER, True, "HX706"),
        (SIGNED, False, "a warning"),
        (SIGNED, True, "HX713"),
        (UNSIGNED, False, "a warning"),
        (UNSIGNED, True, "HX713"),
    ],
)
def test_signatures_are_verified_as_the_environment_demands(
    keys: tuple[SigningKey | None, SigningKey | None],
    required: bool,
    comes_to: str | None,
    build: Write,
    trust: Callable[..., Path],
    monkeypatch: Patch,
    caplog: Caplog,
) -> None:
    signed_with, trusted = keys
    path = build(3, key=signed_with)
    if trusted is not None:
        trust(trusted)
    if required:
        monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")
    if comes_to is not None and comes_to.startswith("HX"):
        with pytest.raises(HexgateError, match=comes_to):
            Hexgate.from_policy(path)
        return
    gate = Hexgate.from_policy(path)
    warnings = told(caplog)
    assert [f"{path}: " in warning and "[HX713]" in warning for warning in warnings] == [True] * (comes_to is not None)
    assert gate.live.loaded.signed_by == (OURS.public.key_id if comes_to is None else None)
    gate.refresh()
    assert told(caplog) == []


def test_several_keys_are_trusted_while_one_takes_the_place_of_another(
    build: Write, trust: Callable[..., Path]
) -> None:
    trust(OURS, THEIRS)
    gate = Hexgate.from_policy(build(3, key=OURS))
    build(5, key=THEIRS)
    assert gate.refresh()
    assert gate.live.loaded.signed_by == THEIRS.public.key_id


def test_a_key_that_changes_is_noticed_without_a_change_of_the_bundle(
    build: Write, trust: Callable[..., Path], limit: Limit, monkeypatch: Patch, caplog: Caplog
) -> None:
    path = trust(OURS)
    real = time.time_ns
    # The bundle is old enough not to be read again.
    monkeypatch.setattr(time, "time_ns", lambda: real() + 10_000_000_000)
    gate = Hexgate.from_policy(build(3))
    assert gate.kept.source.unchanged()
    path.write_text(THEIRS.public.text)
    assert not gate.refresh()
    assert "which is not trusted [HX706]" in told(caplog)[0]
    assert limit(gate) == 3
    path.write_text(OURS.public.text)
    gate.refresh()
    assert "is good again" in told(caplog)[0]


@pytest.mark.parametrize("other", [{"agent": "other"}, {"project": "other"}])
def test_a_bundle_for_somebody_else_is_refused(other: dict[str, str], build: Write) -> None:
    bound: dict[str, Any] = {"agent": "bot", "project": "shop"}
    assert Hexgate.from_policy(build(3, **bound), **bound).agent == "bot"
    with pytest.raises(HexgateError, match="HX714"):
        Hexgate.from_policy(build(3, **bound), **{**bound, **other})


def test_an_agent_that_nobody_named_is_not_the_one_that_a_bundle_is_for(build: Write) -> None:
    with pytest.raises(HexgateError, match="HX714"):
        Hexgate.from_policy(build(3, agent="bot"))


def test_who_names_no_project_takes_a_bundle_of_any(build: Write, limit: Limit) -> None:
    assert limit(Hexgate.from_policy(build(3, project="shop"))) == 3


def test_only_a_signature_that_is_required_keeps_the_yaml_of_a_bundle_out_at_a_start(
    build: Write, trust: Callable[..., Path], monkeypatch: Patch, caplog: Caplog
) -> None:
    trust(OURS)
    path = build(3)
    strip(path, ".bundle.json", ".bundle.json.sig", ".rego", ".wasm")
    # Its file is a role now, of the name of the bundle.
    assert set(Hexgate.from_policy(path).program.roles) == {"policy"}
    assert "carries no signature" in told(caplog)[0]
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")
    with pytest.raises(HexgateError, match="HX722"):
        Hexgate.from_policy(path)


def test_an_older_revision_is_not_taken_after_a_newer_one(
    build: Write, write: Write, limit: Limit, caplog: Caplog
) -> None:
    gate = Hexgate.from_policy(build(3, key=None, revision=7))
    for older in (6, None):
        build(1, key=None, revision=older)
        assert not gate.refresh()
    build(5, key=None, revision=8)
    assert gate.refresh()
    build(3, key=None, revision=7)
    assert not gate.refresh()
    assert limit(gate) == 5
    refusals = [message for message in told(caplog) if "[HX714]" in message]
    assert len(refusals) == 3


def test_a_revision_is_not_forgotten_for_what_has_none(build: Write, tmp_path: Path, limit: Limit) -> None:
    path = build(3, key=None, revision=7)
    gate = Hexgate.from_policy(path)
    shutil.rmtree(path)
    path.mkdir()
    (path / "default.yaml").write_bytes(ROLE.replace(b"LIMIT", b"5"))
    assert gate.refresh()
    shutil.rmtree(path)
    build(1, key=None, revision=6)
    assert not gate.refresh()
    assert limit(gate) == 5


def strip(path: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        (path / f"policy{suffix}").unlink()


@pytest.mark.parametrize(
    "taken_away",
    [
        [".bundle.json.sig"],
        [".bundle.json", ".bundle.json.sig"],
        [".bundle.json", ".bundle.json.sig", ".wasm"],
        [".bundle.json", ".bundle.json.sig", ".rego"],
        [".wasm"],
        [".rego"],
        [".yaml"],
        [".yaml", ".rego", ".wasm", ".bundle.json"],
    ],
)
def test_a_bundle_from_which_something_was_taken_away_is_never_taken_for_anything_else(
    taken_away: list[str], build: Write, limit: Limit, caplog: Caplog
) -> None:
    path = build(3)
    gate = Hexgate.from_policy(path)
    told(caplog)
    strip(path, *taken_away)
    assert not gate.refresh()
    [message] = told(caplog)
    assert "[HX702]" in message or "[HX706]" in message
    assert limit(gate) == 3
    with pytest.raises(HexgateError, match=r"HX70[26]"):
        Hexgate.from_policy(path)


def test_nothing_unsigned_is_taken_after_what_was_verified(
    build: Write, trust: Callable[..., Path], limit: Limit, caplog: Caplog
) -> None:
    trust(OURS)
    path = build(3)
    gate = Hexgate.from_policy(path)
    strip(path, ".bundle.json", ".bundle.json.sig", ".rego", ".wasm")
    (path / "policy.yaml").write_bytes(ROLE.replace(b"LIMIT", b"9"))
    assert not gate.refresh()
    assert "carries no signature, and what decides now is signed [HX722]" in told(caplog)[0]
    shutil.rmtree(path)
    build(9, key=None)
    assert not gate.refresh()
    assert "[HX713]" in told(caplog)[0]
    assert limit(gate) == 3


def test_a_changed_byte_is_not_taken(build: Write, trust: Callable[..., Path], limit: Limit, caplog: Caplog) -> None:
    trust(OURS)
    path = build(3)
    gate = Hexgate.from_policy(path)
    told(caplog)
    for suffix in LARGEST:
        file = path / f"policy{suffix}"
        good = file.read_bytes()
        file.write_bytes(bytes([good[0] ^ 1]) + good[1:])
        assert not gate.refresh()
        assert "[HX70" in told(caplog)[0]
        file.write_bytes(good)
        gate.refresh()
        assert "is good again" in told(caplog)[0]
    assert limit(gate) == 3


def test_yaml_gives_way_to_a_bundle(write: Write, build: Write, limit: Limit) -> None:
    path = write(3, "bundle/default.yaml").parent
    gate = Hexgate.from_policy(path)
    shutil.rmtree(path)
    build(5)
    assert gate.refresh()
    assert (limit(gate), gate.decide("refund", {"amount": 1}, user=User("u")).engine) == (5, "wasm")


def test_what_tells_a_bundle_from_a_directory_of_roles_is_what_the_reader_of_bundles_knows() -> None:
    for suffix in LARGEST:
        assert is_of_interest(f"policy{suffix}")
        assert kind_of_directory(["other.yaml", f"policy{suffix}"]) == ("directory" if suffix == ".yaml" else "bundle")


@pytest.mark.unwatched
def test_bundles_are_swapped_under_many_threads(build: Write) -> None:
    gate = Hexgate.from_policy(build(1))
    one = gate.program.digest
    build(5)
    gate.refresh()
    allowed = {one: False, gate.program.digest: True}
    over = Event()

    def decide() -> set[str]:
        seen: set[str] = set()
        while not over.is_set():
            decision = gate.decide("refund", {"amount": 3}, user=User("u", "default"))
            assert allowed[decision.policy] is decision.allowed
            seen.add(decision.policy)
        return seen

    with ThreadPoolExecutor(8) as pool:
        every = [pool.submit(decide) for _ in range(8)]
        for number in range(6):
            build(5 if number % 2 else 1)
            assert gate.refresh()
        over.set()
    assert set[str]().union(*(future.result() for future in every)) <= set(allowed)


@pytest.fixture
def sign(tmp_path: Path, monkeypatch: Patch) -> None:
    """Names a private key, under which this process compiles YAML."""
    path = tmp_path / "ours.private"
    path.write_text(OURS.text)
    path.chmod(0o600)
    monkeypatch.setenv("HEXGATE_BUNDLE_SIGN_KEY_PATH", str(path))


def test_yaml_is_signed_here_where_a_private_key_is_named(
    sign: None, write: Write, trust: Callable[..., Path], limit: Limit, monkeypatch: Patch, caplog: Caplog
) -> None:
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")
    assert limit(Hexgate.from_policy(write(3))) == 3
    trust(THEIRS, OURS)
    gate = Hexgate.from_policy(write(3))
    assert gate.live.loaded.signed_by == OURS.public.key_id
    write(5)
    assert gate.refresh()
    assert (limit(gate), told(caplog)) == (5, [])


def test_standard_input_is_vouched_for_as_a_file_is(
    sign: None, write: Write, trust: Callable[..., Path], monkeypatch: Patch, caplog: Caplog
) -> None:
    data = write(3).read_bytes()

    def gate() -> Hexgate:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        return Hexgate.from_policy("-")

    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")
    trust(OURS)
    assert gate().live.loaded.signed_by == OURS.public.key_id
    trust(THEIRS)
    with pytest.raises(HexgateError, match=r"`<stdin>` would be signed by the key .*HX722"):
        gate()
    monkeypatch.delenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE")
    monkeypatch.delenv("HEXGATE_BUNDLE_SIGN_KEY_PATH")
    assert gate().live.loaded.signed_by is None
    assert "`<stdin>` carries no signature, so the keys" in told(caplog)[0]


def test_a_private_key_that_nobody_trusts_signs_nothing(sign: None, write: Write, trust: Callable[..., Path]) -> None:
    trust(THEIRS)
    with pytest.raises(HexgateError, match=r"would be signed by the key `.*`, which is not among .*HX722"):
        Hexgate.from_policy(write(3))


def test_yaml_beside_trusted_keys_is_taken_with_a_warning(
    write: Write, trust: Callable[..., Path], limit: Limit, caplog: Caplog
) -> None:
    trust(OURS)
    assert limit(Hexgate.from_policy(write(3))) == 3
    assert "carries no signature, so the keys of `HEXGATE_BUNDLE_PUBKEY_PATH` say nothing about it" in told(caplog)[0]
