"""Agents: registered once, their policies saved by people with every revision kept, and served signed."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import Hexgate, Policy, ToolCall, User, compile_policy
from hexgate.core.engine import NativeEngine
from hexgate.core.errors import BundleError, CertificateError, PolicyError
from hexgate.platform.features.agents import building
from hexgate.platform.features.agents.building import Built
from hexgate.platform.features.agents.service import Agents
from hexgate.platform.features.agents.starter import Kind, kind_of, starter_policy
from hexgate.platform.features.tokens.service import Tokens
from hexgate.platform.kit.scopes import ProjectScope
from tests.platform.people import Clock, Person, the
from tests.platform.projects import Project, manifest, told

REFUNDS = "tools:\n  refund_order:\n    mode: allow\n    constraints: [args.amount <= 100]\n"


def test_an_agent_that_was_never_here_gets_a_policy_to_begin_with(project: Project) -> None:
    answer = project.register("lookup_order", "refund_order", "frobnicate")

    assert (answer.status_code, answer.json()) == (
        201,
        {"name": "shop", "project": "returns", "state": "created", "manifest_version": 1, "revision": 1},
    )
    policy = Policy.from_text(project.owner.get(f"{project.path}/agents/shop").json()["policy"])
    assert list(policy.roles) == ["read_only", "default", "member", "admin"]
    engine = NativeEngine(compile_policy(policy))

    def outcome(tool: str, role: str | None) -> str:
        return str(engine.decide(ToolCall(tool, {}), User("alice", role)).outcome)

    assert [outcome(tool, "admin") for tool in ("lookup_order", "refund_order", "frobnicate", "other")] == [
        "allow",
        "allow",
        "approval_required",
        "deny",
    ]
    assert [outcome(tool, "member") for tool in ("lookup_order", "refund_order", "frobnicate")] == [
        "allow",
        "approval_required",
        "approval_required",
    ]
    assert [outcome("lookup_order", role) for role in (None, "read_only")] == ["deny", "deny"]


def test_the_same_manifest_changes_nothing_and_another_one_is_kept(project: Project) -> None:
    project.register("lookup_order")
    again, other = project.register("lookup_order"), project.register("lookup_order", "refund_order")

    assert [(answer.status_code, answer.json()["state"]) for answer in (again, other)] == [
        (200, "unchanged"),
        (200, "changed"),
    ]
    assert other.json()["manifest_version"] == 2
    seen = project.owner.get(f"{project.path}/agents/shop").json()
    assert [tool["name"] for tool in seen["manifest"]["tools"]] == ["lookup_order", "refund_order"]


def test_registering_again_never_touches_a_policy_that_was_edited(project: Project) -> None:
    project.register("lookup_order")
    project.save(REFUNDS)
    project.register("lookup_order", "delete_order")

    seen = project.owner.get(f"{project.path}/agents/shop").json()
    assert (seen["policy"], seen["revision"]) == (REFUNDS, 2)


@pytest.mark.parametrize(
    "sent",
    [
        manifest("a", "a"),
        manifest("x" * 300),
        manifest("a\nb"),
        manifest(name=""),
        manifest(name="a/b"),
        manifest(name="a\u202eb"),
        manifest(name="x" * 101),
        manifest(*map(str, range(1001))),
    ],
    ids=["twice", "long", "control", "nameless", "slash", "invisible", "long name", "too many"],
)
def test_an_agent_that_no_policy_can_be_written_for_is_refused(project: Project, sent: dict[str, Any]) -> None:
    assert told(project.ask("POST", "/v1/agents", {"manifest": sent})) == (422, "HX1504")


@given(st.lists(st.sampled_from(["get", "list", "delete", "order", "thing", "refund"]), min_size=1, max_size=4))
def test_only_a_name_that_says_nothing_but_reading_is_allowed_at_once(words: list[str]) -> None:
    kind = kind_of("_".join(words))

    changes = bool({"delete", "refund"} & set(words)) or words[0] == "order"
    reads = bool({"get", "list"} & set(words))
    assert kind is {
        (True, False): Kind.READS,
        (False, True): Kind.CHANGES,
    }.get((reads, changes), Kind.UNCLEAR)
    assert kind_of("".join(word.title() for word in words)) is kind


@given(st.text(min_size=1, max_size=20))
def test_a_name_of_a_tool_says_nothing_but_its_name(name: str) -> None:
    hostile = f"{name}: {{mode: allow}}\n  '*': {{mode: allow}} #"
    try:
        policy = starter_policy([f"get {hostile}"])
    except PolicyError:
        # A name that no tool can have.
        return
    assert yaml.safe_load(policy.to_yaml())["roles"]["read_only"]["tools"] == {f"get {hostile}": {"mode": "allow"}}


def test_what_is_served_is_signed_and_says_what_was_saved(project: Project) -> None:
    project.register("refund_order")
    saved = project.save(REFUNDS).json()
    served = project.serve().json()

    bundle = project.bundle(served)
    assert (bundle.signed_by, bundle.manifest.labels.revision) == (project.keys()[-1].key_id, 2)
    assert (bundle.digest, bundle.program.digest) == (saved["digest"], compile_policy(Policy.from_text(REFUNDS)).digest)
    assert base64.b64decode(served["files"]["policy.yaml"]).decode() == REFUNDS


def test_a_bundle_with_another_byte_is_refused(project: Project) -> None:
    project.register("refund_order")
    served = project.serve().json()
    served["files"]["policy.yaml"] = base64.b64encode(REFUNDS.encode()).decode()

    with pytest.raises(BundleError):
        project.bundle(served)


def test_nothing_is_sent_again_until_something_changes(project: Project) -> None:
    project.register("refund_order")
    etag = project.serve().headers["ETag"]
    same = project.serve(etag=f'W/"x", {etag}')
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", etag)

    project.save(REFUNDS)
    changed = project.serve(etag=etag)
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)


def test_a_ban_is_served_with_the_bundle_and_can_be_lifted(project: Project, clock: Clock) -> None:
    project.register("refund_order")
    etag = project.serve().headers["ETag"]
    ban = project.owner.post(f"{project.path}/bans", {"kind": "user", "name": "mallory", "reason": "fraud"}).json()

    banned = project.serve(etag=etag)
    assert banned.json()["bans"] == [{"kind": "user", "name": "mallory", "reason": "fraud"}]
    clock.move(hours=1)
    assert project.owner.delete(f"{project.path}/bans/{ban['id']}").status_code == 204
    assert project.serve(etag=banned.headers["ETag"]).json()["bans"] == []
    assert told(project.owner.delete(f"{project.path}/bans/{ban['id']}")) == (404, "HX1004")
    [trail] = project.owner.get(f"{project.path}/bans").json()["bans"]
    assert (trail["banned_by"], trail["lifted_by"]) == ("olga@example.com", "olga@example.com")
    assert (trail["banned_at"], trail["lifted_at"]) == ("2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z")


def test_a_policy_with_mistakes_is_refused_with_every_place_and_nothing_is_saved(project: Project) -> None:
    project.register("refund_order")
    answer = project.save("tools:\n  refund_order: {mode: alow}\n  x: {mode: allow, constraint: [1]}\n")

    assert told(answer) == (422, "HX1501")
    assert [(mistake["code"], mistake["file"], mistake["line"]) for mistake in answer.json()["mistakes"]] == [
        ("HX206", "policy.yaml", 2),
        ("HX203", "policy.yaml", 3),
    ]
    assert project.owner.get(f"{project.path}/agents/shop").json()["revision"] == 1


@pytest.mark.parametrize("text", ["", "\0", "roles: [", "a: &a [*a]", "x" * 1_000_001, "(" * 3000])
def test_a_hostile_policy_is_a_problem_and_no_failure(project: Project, text: str) -> None:
    project.register("refund_order")

    answer = project.save(text)
    assert answer.status_code == 422, answer.text


def test_a_policy_on_which_the_engines_differ_is_not_saved(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.register("refund_order")

    def differ(*_: Any, **__: Any) -> None:
        raise CertificateError("HX707", "the engines do not answer one call alike", details=["call: refund_order({})"])

    monkeypatch.setattr(building, "build_bundle", differ)
    answer = project.save(REFUNDS)
    assert told(answer) == (422, "HX1503")
    assert "refund_order({})" in answer.json()["detail"]


def test_an_agent_that_two_saved_at_once_has_the_policy_of_one(api: TestClient, project: Project) -> None:
    project.register("refund_order")
    agents = the(api, Agents)
    build = agents.builder.build

    async def overtaken(*given: Any) -> Built:
        agents.builder.build = build  # type: ignore[method-assign]
        scope = ProjectScope("", "returns")
        await agents.save(scope, "mia", "shop", policy="tools: {}\n", message="", expected=None)
        return await build(*given)

    agents.builder.build = overtaken  # type: ignore[method-assign, assignment]
    assert told(project.save(REFUNDS)) == (409, "HX1007")
    assert project.owner.get(f"{project.path}/agents/shop").json()["policy"] == "tools: {}\n"


def test_nobody_overwrites_what_they_have_not_seen(project: Project) -> None:
    project.register("refund_order")
    first = project.owner.get(f"{project.path}/agents/shop").headers["ETag"]

    assert project.save(REFUNDS, **{"If-Match": first}).status_code == 200
    assert told(project.save("tools: {}\n", **{"If-Match": first})) == (412, "HX1502")
    assert project.save("tools: {}\n", **{"If-Match": '"2"'}).headers["ETag"] == '"3"'


def test_every_revision_is_kept_with_who_and_why(project: Project) -> None:
    project.register("refund_order")
    path = f"{project.path}/agents/shop"
    project.owner.put(path, {"policy": REFUNDS, "message": "limit refunds"})
    project.owner.put(path, {"policy": REFUNDS.replace("100", "50"), "message": "lower"})

    found = project.owner.get(f"{path}/revisions").json()
    assert [(entry["number"], entry["author"], entry["message"]) for entry in found["revisions"]] == [
        (3, "olga@example.com", "lower"),
        (2, "olga@example.com", "limit refunds"),
        (1, "token worker", "the policy to begin with"),
    ]
    assert found["next"] is None
    third = project.owner.get(f"{path}/revisions/3").json()
    assert [line for line in third["diff"].splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}] == [
        "-    constraints: [args.amount <= 100]",
        "+    constraints: [args.amount <= 50]",
    ]
    assert project.owner.get(f"{path}/revisions/3?against=3").json()["diff"] == ""
    assert told(project.owner.get(f"{path}/revisions/4")) == (404, "HX1004")


def test_an_older_policy_counts_again_as_a_new_revision(project: Project) -> None:
    project.register("refund_order")
    project.save(REFUNDS)
    project.save("tools: {}\n")
    restored = project.owner.post(f"{project.path}/agents/shop/revisions/2/restore", {"message": "too strict"})

    assert restored.json()["revision"] == 4
    seen = project.owner.get(f"{project.path}/agents/shop").json()
    assert seen["policy"] == REFUNDS
    [newest, *_] = project.owner.get(f"{project.path}/agents/shop/revisions").json()["revisions"]
    assert newest["message"] == "restores revision 2: too strict"


def test_revisions_come_in_pages(project: Project) -> None:
    project.register("refund_order")
    for number in range(54):
        assert project.save(f"# {number}\ntools: {{}}\n").status_code == 200

    path = f"{project.path}/agents/shop/revisions"
    first = project.owner.get(path).json()
    second = project.owner.get(f"{path}?before={first['next']}").json()
    numbers = [entry["number"] for page in (first, second) for entry in page["revisions"]]
    assert numbers == list(range(55, 0, -1))
    assert second["next"] is None


def test_a_policy_can_be_looked_at_without_saving_it(project: Project) -> None:
    project.register("refund_order")
    path = f"{project.path}/agents/shop/validate"
    good = project.owner.post(path, {"policy": REFUNDS}).json()
    odd = project.owner.post(path, {"policy": "tools:\n  refund_oder: {mode: allow}\n"}).json()
    bad = project.owner.post(path, {"policy": "tools: []\n"}).json()

    assert (good["valid"], good["findings"], good["certificate"]["rules"]) == (True, [], {"total": 2, "reached": 2})
    assert [finding["code"] for finding in odd["findings"]] == ["HX417"]
    assert (bad["valid"], bad["certificate"], len(bad["mistakes"])) == (False, None, 1)
    assert project.owner.get(f"{project.path}/agents/shop").json()["revision"] == 1


def test_after_the_key_retires_the_bundle_is_signed_with_the_new_one(api: TestClient, project: Project) -> None:
    project.register("refund_order")
    keystore = the(api, Tokens).keystore
    old = project.bundle(project.serve().json()).signed_by
    keystore.rotate()
    project.token = project.owner.post(f"{project.path}/tokens", {"name": "new"}).json()["token"]
    keystore.retire(str(old))

    bundle = project.bundle(project.serve().json())
    assert bundle.signed_by == keystore.current.public.key_id != old


def test_programs_see_the_agents_of_their_own_project_only(project: Project, api: TestClient, person: Any) -> None:
    project.register("refund_order")
    otto: Person = person("otto@example.com")
    other = otto.post("/v1/organizations", {"name": "Other"}).json()["id"]
    otto.post(f"/v1/organizations/{other}/projects", {"id": "other"})
    token = otto.post("/v1/projects/other/tokens", {"name": "x"}).json()["token"]

    answer = api.get("/v1/agents/shop", headers={"Authorization": f"Bearer {token}"})
    assert told(answer) == (404, "HX1004")


def test_a_policy_from_the_platform_decides_as_it_says(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.register("refund_order")
    project.save(REFUNDS)
    served = project.serve().json()
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, data in served["files"].items():
        (folder / name).write_bytes(base64.b64decode(data))

    (tmp_path / "platform.public").write_text(project.keys()[0].text)
    monkeypatch.setenv("HEXGATE_BUNDLE_PUBKEY_PATH", str(tmp_path / "platform.public"))
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")

    hexgate = Hexgate.from_policy(folder, agent="shop", project="returns")
    with User("alice").sync_scope():
        assert [hexgate.decide("refund_order", {"amount": amount}).outcome for amount in (100, 101)] == [
            "allow",
            "deny",
        ]
