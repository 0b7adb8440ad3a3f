"""Every address of the OpenAPI document, asked by who may not: no session, no token, another tenant, a rank that is too low.

INVARIANT: the routes come from the document, so one that is added is walked here, or this fails.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.testclient import TestClient

from hexgate.platform.app import platform
from hexgate.platform.features.organizations.access import InOrganization, InProject
from hexgate.platform.features.record.access import ReadsRecord
from hexgate.platform.kit.scopes import Rank
from tests.platform.people import Desk, Person
from tests.platform.projects import POLICY, Project, manifest, told

# What a request needs to get as far as to be refused for who sends it.
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/agents"): {"manifest": manifest("get_order")},
    ("POST", "/v1/audit/decisions"): {"agent": "shop", "tool": "get_order", "outcome": "allow"},
    ("POST", "/v1/audit/events:batch"): None,
    ("POST", "/v1/invitations/accept"): {"token": "x"},
    ("POST", "/v1/organizations"): {"name": "x"},
    ("POST", "/v1/organizations/{organization_id}/invitations"): {"email": "x@example.com"},
    ("PUT", "/v1/organizations/{organization_id}/members/{account_id}"): {"rank": "member"},
    ("POST", "/v1/organizations/{organization_id}/projects"): {"id": "one-more"},
    ("PUT", "/v1/projects/{project_id}/agents/{name}"): {"policy": POLICY},
    ("POST", "/v1/projects/{project_id}/agents/{name}/revisions/{number}/restore"): {},
    ("POST", "/v1/projects/{project_id}/agents/{name}/validate"): {"policy": POLICY},
    ("POST", "/v1/projects/{project_id}/bans"): {"kind": "user", "name": "x"},
    ("POST", "/v1/projects/{project_id}/tokens"): {"name": "x"},
    ("POST", "/v1/user-tokens"): {"user_id": "x"},
    ("PUT", "/v1/account/password"): {"password": "x", "new_password": "another good one"},
}
MODULES = ("accounts", "agents", "bans", "organizations", "record", "tokens")
# Whoever reaches the platform may ask these.
FOR_ANYBODY = {
    ("GET", "/health"),
    ("GET", "/metrics"),
    ("GET", "/ready"),
    ("GET", "/v1/.well-known/keys"),
    ("POST", "/v1/auth/register"),
    ("POST", "/v1/auth/request-password-reset"),
    ("POST", "/v1/auth/reset-password"),
    ("POST", "/v1/auth/sign-in"),
    ("POST", "/v1/auth/verify-email"),
}
DOCUMENT = platform().openapi()
OPERATIONS = {
    (method.upper(), path): operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}


def by(scheme: str) -> list[tuple[str, str]]:
    """The routes that are open to who has this."""
    return [where for where, operation in OPERATIONS.items() if {scheme: []} in operation.get("security", [])]


WITH_SESSION = by("session")
# Of the record, members and tokens may read; without either, the session is what is missing.
WITH_BOTH = [where for where in WITH_SESSION if where in by("token")]
WITH_TOKEN = [where for where in by("token") if where not in WITH_BOTH]
IN_TENANT = [where for where in WITH_SESSION if "{organization_id}" in where[1] or "{project_id}" in where[1]]


def ranks(dependant: Dependant) -> set[Rank]:
    """The ranks that a route asks for."""
    found = {dependant.call.rank} if isinstance(dependant.call, InOrganization | InProject | ReadsRecord) else set()
    return found.union(*(ranks(inner) for inner in dependant.dependencies))


def needed() -> dict[tuple[str, str], Rank]:
    """The rank by route."""
    found = {}
    for module in MODULES:
        router = __import__(f"hexgate.platform.features.{module}.routes", fromlist=["router"]).router
        for route in router.routes:
            for method in route.methods:
                wanted = ranks(route.dependant)
                if wanted:
                    found[method, route.path] = max(wanted)
    return found


NEEDED = needed()


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    """Who may do what does not depend on the database."""
    return f"sqlite:///{tmp_path}/platform.db"


@pytest.fixture
def filled(project: Project) -> dict[str, str]:
    """What stands in the addresses of the project's tenant."""
    owner = project.owner
    project.register("get_order")
    [organization] = owner.get("/v1/organizations").json()["organizations"]
    invitation = owner.post(f"/v1/organizations/{organization['id']}/invitations", {"email": "i@example.com"}).json()
    return {
        "organization_id": organization["id"],
        "project_id": "returns",
        "name": "shop",
        "number": "1",
        "account_id": owner.get("/v1/account").json()["account"]["id"],
        "invitation_id": invitation["id"],
        "token_id": owner.get("/v1/projects/returns/tokens").json()["tokens"][0]["id"],
        "ban_id": owner.post("/v1/projects/returns/bans", {"kind": "user", "name": "x"}).json()["id"],
        "decision_id": "d1",
        "stream": "s1",
        "session_id": owner.get("/v1/account/sessions").json()["sessions"][0]["id"],
    }


def at(path: str, filled: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], path)


def test_every_route_is_for_anybody_or_asks_who_it_is() -> None:
    assert set(OPERATIONS) == FOR_ANYBODY | set(WITH_SESSION) | set(WITH_TOKEN)
    assert FOR_ANYBODY.isdisjoint([*WITH_SESSION, *WITH_TOKEN])


def test_every_route_with_a_body_is_sent_one_here() -> None:
    with_body = {where for where, operation in OPERATIONS.items() if "requestBody" in operation} - FOR_ANYBODY
    assert with_body == set(BODIES)


def test_every_route_of_a_tenant_asks_for_a_rank() -> None:
    assert set(NEEDED) == set(IN_TENANT)


def test_nobody_gets_in_without_a_session(api: TestClient, filled: dict[str, str]) -> None:
    api.cookies.clear()
    answers = {
        (method, path): told(api.request(method, at(path, filled), json=BODIES.get((method, path))))
        for method, path in WITH_SESSION
    }
    assert set(answers.values()) == {(401, "HX1101")}, answers


def test_nobody_gets_in_without_a_token(api: TestClient, filled: dict[str, str]) -> None:
    answers = {
        (method, path): told(api.request(method, at(path, filled), json=BODIES.get((method, path))))
        for method, path in WITH_TOKEN
    }
    assert set(answers.values()) == {(401, "HX1301")}, answers


def test_another_tenant_finds_nothing_anywhere(filled: dict[str, str], person: Callable[[str], Person]) -> None:
    stranger = person("stranger@example.com")
    stranger.post("/v1/organizations", {"name": "Elsewhere"})
    answers = {
        (method, path): told(stranger.ask(method, at(path, filled), BODIES.get((method, path))))
        for method, path in IN_TENANT
    }
    assert set(answers.values()) == {(404, "HX1004")}, answers


def test_the_things_of_another_tenant_are_not_in_ones_own(
    filled: dict[str, str], person: Callable[[str], Person]
) -> None:
    stranger = person("stranger@example.com")
    organization = stranger.post("/v1/organizations", {"name": "Elsewhere"}).json()["id"]
    stranger.post(f"/v1/organizations/{organization}/projects", {"id": "elsewhere"})
    own = {**filled, "organization_id": organization, "project_id": "elsewhere"}
    deep = [where for where in IN_TENANT if where[1].count("{") > 1]
    answers = {
        (method, path): told(stranger.ask(method, at(path, own), BODIES.get((method, path)))) for method, path in deep
    }
    assert set(answers.values()) == {(404, "HX1004")}, answers


def test_a_rank_that_is_too_low_is_refused(
    project: Project, filled: dict[str, str], person: Callable[[str], Person], desk: Desk
) -> None:
    member = person("member@example.com")
    path = f"/v1/organizations/{filled['organization_id']}/invitations"
    project.owner.post(path, {"email": member.email})
    member.post("/v1/invitations/accept", {"token": desk.tokens(member.email)[-1]})
    high = [where for where, rank in NEEDED.items() if rank > Rank.MEMBER]
    answers = {
        (method, path): told(member.ask(method, at(path, filled), BODIES.get((method, path)))) for method, path in high
    }

    assert len(high) >= 9
    assert set(answers.values()) == {(403, "HX1201")}, answers


def test_a_token_that_may_not_read_the_record_is_refused(project: Project, filled: dict[str, str]) -> None:
    answers = {path: told(project.ask(method, at(path, filled))) for method, path in WITH_BOTH}

    assert len(answers) == 8
    assert set(answers.values()) == {(403, "HX1302")}, answers


def test_a_token_of_another_project_reads_no_record(
    project: Project, filled: dict[str, str], person: Callable[[str], Person]
) -> None:
    stranger = person("stranger@example.com")
    organization = stranger.post("/v1/organizations", {"name": "Elsewhere"}).json()["id"]
    stranger.post(f"/v1/organizations/{organization}/projects", {"id": "elsewhere"})
    made = stranger.post("/v1/projects/elsewhere/tokens", {"name": "x", "scopes": ["read_audit"]}).json()
    project.token = made["token"]
    answers = {path: told(project.ask(method, at(path, filled))) for method, path in WITH_BOTH}

    assert set(answers.values()) == {(404, "HX1004")}, answers


def test_a_token_without_the_scope_is_refused(project: Project, filled: dict[str, str]) -> None:
    made = project.owner.post("/v1/projects/returns/tokens", {"name": "x", "scopes": ["read_audit"]}).json()
    project.token = made["token"]
    answers = {
        (method, path): project.ask(method, at(path, filled), BODIES.get((method, path))) for method, path in WITH_TOKEN
    }
    assert {where: told(answer) for where, answer in answers.items() if answer.status_code != 200} == {
        where: (403, "HX1302") for where in WITH_TOKEN if where != ("GET", "/v1/whoami")
    }


def test_every_method_of_a_store_takes_a_scope_first() -> None:
    wrong = []
    for module in MODULES:
        store = __import__(f"hexgate.platform.features.{module}.store", fromlist=["__all__"])
        for kind in (value for name, value in vars(store).items() if name.endswith("Store")):
            for name, method in vars(kind).items():
                if not name.startswith("__") and callable(method):
                    first = next(iter(method.__annotations__.values()))
                    wrong += [] if str(first).endswith("Scope") else [f"{kind.__name__}.{name}: {first}"]
    assert wrong == []
