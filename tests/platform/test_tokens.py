"""Tokens: shown once, kept as a hash, good for what they were made for, and for nothing once they are revoked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hexgate.core import User
from hexgate.core.identity.tokens import Claims, mint, verify
from hexgate.platform.features.tokens.keystore import Keystore
from hexgate.platform.features.tokens.service import Tokens
from hexgate.platform.kit.database import Database
from tests.platform.people import Clock, Person, the
from tests.platform.projects import told

NewPerson = Callable[[str], Person]


@pytest.fixture
def olga(person: NewPerson) -> Person:
    """The owner of the project `returns`."""
    somebody = person("olga@example.com")
    organization = somebody.post("/v1/organizations", {"name": "Shop"}).json()["id"]
    assert somebody.post(f"/v1/organizations/{organization}/projects", {"id": "returns"}).status_code == 201
    return somebody


def made(olga: Person, *scopes: str, **more: Any) -> dict[str, Any]:
    wanted = {"name": "worker", **({"scopes": scopes} if scopes else {}), **more}
    answer = olga.post("/v1/projects/returns/tokens", wanted)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def who(api: TestClient, token: str) -> Any:
    return api.get("/v1/whoami", headers={"Authorization": f"Bearer {token}"})


def test_a_token_says_what_it_is(api: TestClient, olga: Person) -> None:
    token = made(olga, "emit_audit", env="test")

    assert token["token"].startswith("fty_test_returns_")
    assert who(api, token["token"]).json() == {
        "project": "returns",
        "env": "test",
        "name": "worker",
        "token_id": token["details"]["id"],
        "scopes": ["emit_audit"],
        "user_id": None,
        "roles": [],
        "expires_at": None,
    }


def test_a_token_is_shown_once(api: TestClient, olga: Person) -> None:
    token = made(olga)["token"]
    listed = olga.get("/v1/projects/returns/tokens")

    assert token not in listed.text
    [known] = listed.json()["tokens"]
    assert known["masked"] == f"fty_live_returns_…{token[-4:]}"
    assert token not in everything(api)
    assert token[20:60] not in everything(api)


def everything(api: TestClient) -> str:
    """All that the database holds of tokens."""

    async def read() -> str:
        async with the(api, Database).connection() as connection:
            return str((await connection.exec_driver_sql("select * from apitoken")).all())

    assert api.portal is not None
    return str(api.portal.call(read))


def test_a_token_that_was_revoked_opens_nothing(api: TestClient, olga: Person) -> None:
    token = made(olga)
    narrowed = verify(token["token"], keys(api)).for_user(User("alice")).text
    assert who(api, narrowed).status_code == 200

    assert olga.delete(f"/v1/projects/returns/tokens/{token['details']['id']}").status_code == 204
    assert told(who(api, token["token"])) == (401, "HX1301")
    assert told(who(api, narrowed)) == (401, "HX1301")
    assert told(olga.delete(f"/v1/projects/returns/tokens/{token['details']['id']}")) == (404, "HX1004")


def keys(api: TestClient) -> list[str]:
    return [key["x"] for key in api.get("/v1/.well-known/keys").json()["keys"]]


@pytest.mark.parametrize("token", ["", "x", "fty_live_returns_", "fty_live_returns_EpABCg", "é", "fty_" + "A" * 20_000])
def test_what_is_no_token_opens_nothing(api: TestClient, token: str) -> None:
    answer = api.get("/v1/whoami", headers={b"Authorization": f"Bearer {token}".encode()})

    assert told(answer) == (401, "HX1301")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_another_key_opens_nothing(api: TestClient, olga: Person) -> None:
    details = made(olga)["details"]
    forged = mint(b"x" * 32, Claims("returns", "live", details["id"], "worker", frozenset({"emit_audit"})))

    assert told(who(api, forged.text)) == (401, "HX1301")


def test_our_key_without_a_row_opens_nothing(api: TestClient, olga: Person) -> None:
    details = made(olga)["details"]
    key = the(api, Tokens).keystore.current.text
    same = Claims("returns", "live", details["id"], "worker", frozenset({"emit_audit", "read_audit"}))

    assert told(who(api, mint(key, same).text)) == (401, "HX1301")
    assert told(who(api, mint(key, Claims("support-bot", "live", "tok_1", "x")).text)) == (401, "HX1301")


def test_a_token_that_names_a_user_can_do_less(api: TestClient, olga: Person, clock: Clock) -> None:
    token = made(olga, "mint_user_token", "emit_audit")["token"]

    def ask(text: str, **body: Any) -> Any:
        wanted = {"user_id": "alice", **body}
        return api.post("/v1/user-tokens", json=wanted, headers={"Authorization": f"Bearer {text}"})

    answer = ask(token, roles=["billing"], ttl_seconds=60, attributes={"plan": "gold"})
    assert answer.status_code == 201
    alice = answer.json()["token"]
    seen = who(api, alice).json()
    assert (seen["user_id"], seen["roles"], seen["expires_at"]) == ("alice", ["billing"], "2026-11-01T12:01:00Z")
    assert told(ask(alice, user_id="mallory")) == (403, "HX1302")
    clock.move(seconds=60)
    assert told(who(api, alice)) == (401, "HX1301")


@pytest.mark.parametrize(
    "body", [{"user_id": ""}, {"ttl_seconds": 0}, {"ttl_seconds": 86_401}, {"roles": [""] * 2}, {"x": 1}]
)
def test_a_user_that_no_token_can_name_is_refused(api: TestClient, olga: Person, body: dict[str, Any]) -> None:
    token = made(olga, "mint_user_token")["token"]
    wanted = {"user_id": "alice", **body}
    answer = api.post("/v1/user-tokens", json=wanted, headers={"Authorization": f"Bearer {token}"})

    assert told(answer) in {(422, "HX1001"), (422, "HX1303")}


def test_a_token_without_the_scope_is_refused(api: TestClient, olga: Person) -> None:
    token = made(olga, "emit_audit")["token"]
    answer = api.post("/v1/user-tokens", json={"user_id": "a"}, headers={"Authorization": f"Bearer {token}"})

    assert told(answer) == (403, "HX1302")


def test_when_a_token_was_used_is_written_down_later(api: TestClient, olga: Person, clock: Clock) -> None:
    token = made(olga)["token"]
    assert who(api, token).status_code == 200

    def used() -> Any:
        return olga.get("/v1/projects/returns/tokens").json()["tokens"][0]["used_at"]

    assert used() is None
    assert api.portal is not None
    api.portal.call(the(api, Tokens).remember)
    assert used() == "2026-11-01T12:00:00Z"


def test_a_project_has_only_so_many_tokens(olga: Person) -> None:
    answers = [olga.post("/v1/projects/returns/tokens", {"name": str(n)}).status_code for n in range(101)]

    assert answers == [201] * 100 + [409]


def test_after_a_rotation_old_tokens_are_good_until_their_key_retires(api: TestClient, olga: Person) -> None:
    old, keystore = made(olga)["token"], the(api, Tokens).keystore
    keystore.rotate()
    new = made(olga)["token"]
    assert len(keys(api)) == 2
    assert [who(api, token).status_code for token in (old, new)] == [200, 200]

    keystore.retire(keystore.trusted[0].public.key_id)
    assert len(keys(api)) == 1
    assert [who(api, token).status_code for token in (old, new)] == [401, 200]


def test_the_private_key_is_for_the_platform_alone(tmp_path: Path) -> None:
    keystore = Keystore(tmp_path / "keys")
    keystore.open()
    first = keystore.current.text

    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys/0001.private").stat().st_mode & 0o777 == 0o600
    again = Keystore(tmp_path / "keys")
    again.open()
    assert again.current.text == first


def test_what_one_process_rotates_another_one_sees(tmp_path: Path) -> None:
    here, there = Keystore(tmp_path), Keystore(tmp_path)
    here.open()
    there.open()
    added = there.rotate()

    assert here.current.public.key_id == added.public.key_id
    assert [known.number for known in here.trusted] == [1, 2]


def test_the_key_that_signs_cannot_retire(tmp_path: Path) -> None:
    keystore = Keystore(tmp_path)
    keystore.open()

    with pytest.raises(Exception, match="there is no old key with this id"):
        keystore.retire(keystore.current.public.key_id)
