"""Accounts: who may have one, who signs in, and what a letter is good for."""

from collections.abc import Callable

import httpx
import pytest
from fastapi.testclient import TestClient

from hexgate.platform.features.accounts.service import Accounts
from hexgate.platform.kit.database import Database
from tests.platform.people import Clock, Desk, Person, the
from tests.platform.projects import told

NewPerson = Callable[[str], Person]


def test_who_registers_confirms_the_address_and_signs_in(api: TestClient, desk: Desk) -> None:
    alice = Person(api, "alice@example.com")

    assert alice.register().status_code == 202
    assert alice.sign_in().json()["account"]["is_verified"] is False
    assert alice.confirm(desk).status_code == 204
    assert alice.get("/v1/account").json()["account"] == {
        "id": alice.get("/v1/account").json()["account"]["id"],
        "email": "alice@example.com",
        "name": "",
        "is_verified": True,
        "must_change_password": False,
    }


def test_an_address_in_capitals_is_the_same_account(api: TestClient, person: NewPerson, desk: Desk) -> None:
    person("alice@example.com")
    other = Person(api, " ALICE@Example.com")

    assert other.register().status_code == 202
    assert [letter.subject for letter in desk.letters] == ["Confirm your address", "You have an account already"]
    assert other.sign_in().json()["account"]["email"] == "alice@example.com"


def test_no_answer_says_whether_an_address_has_an_account(api: TestClient, person: NewPerson) -> None:
    alice = person("alice@example.com")
    stranger = Person(api, "nobody@example.com", password="not her password")
    guessing = Person(api, alice.email, password="not her password")

    def answers(somebody: Person) -> list[tuple[int, str]]:
        said = [
            somebody.sign_in(),
            somebody.post("/v1/auth/request-password-reset", {"email": somebody.email}),
            somebody.register(),
        ]
        return [(answer.status_code, answer.json()["detail"]) for answer in said]

    assert answers(guessing) == answers(stranger)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "abababababab", "alice@example.com", "x" * 257])
def test_a_password_that_is_guessed_first_is_refused(api: TestClient, password: str) -> None:
    answer = Person(api, "alice@example.com", password=password).register()

    assert told(answer) in {(422, "HX1105"), (422, "HX1001")}
    assert password not in answer.text


@pytest.mark.parametrize("email", ["alice", "a@b@c", "a b@c.d", "a@", "@b.c", "a@b.c\nBcc: x@y.z", "<a@b.c>", "a@-b.c"])
def test_what_is_no_address_has_no_account(api: TestClient, desk: Desk, email: str) -> None:
    assert told(Person(api, email).register()) == (422, "HX1001")
    assert desk.letters == []


def test_a_letter_can_be_used_once(api: TestClient, desk: Desk) -> None:
    alice = Person(api, "alice@example.com")
    alice.register()

    assert alice.confirm(desk).status_code == 204
    assert told(alice.confirm(desk)) == (400, "HX1106")


def test_a_letter_is_over_after_its_time(api: TestClient, desk: Desk, clock: Clock) -> None:
    alice = Person(api, "alice@example.com")
    alice.register()
    clock.move(days=2)

    assert told(alice.confirm(desk)) == (400, "HX1106")


def test_a_newer_letter_ends_the_older_one(api: TestClient, desk: Desk) -> None:
    alice = Person(api, "alice@example.com")
    alice.register()
    alice.sign_in()
    assert alice.post("/v1/auth/request-verification").status_code == 202
    old, new = desk.tokens(alice.email)

    assert told(alice.post("/v1/auth/verify-email", {"token": old})) == (400, "HX1106")
    assert alice.post("/v1/auth/verify-email", {"token": new}).status_code == 204


def test_the_letter_of_a_reset_confirms_no_address_by_the_other_way(person: NewPerson, desk: Desk) -> None:
    alice = person("alice@example.com")
    alice.post("/v1/auth/request-password-reset", {"email": alice.email})
    reset = desk.tokens(alice.email)[-1]

    assert told(alice.post("/v1/auth/verify-email", {"token": reset})) == (400, "HX1106")


def test_a_reset_sets_the_password_and_ends_every_session(api: TestClient, person: NewPerson, desk: Desk) -> None:
    alice = person("alice@example.com")
    elsewhere = Person(api, alice.email)
    elsewhere.sign_in()
    alice.post("/v1/auth/request-password-reset", {"email": alice.email})
    reset = {"token": desk.tokens(alice.email)[-1], "password": "another good one"}

    assert elsewhere.post("/v1/auth/reset-password", reset).status_code == 204
    assert told(alice.get("/v1/account")) == (401, "HX1101")
    assert told(elsewhere.get("/v1/account")) == (401, "HX1101")
    assert told(alice.sign_in()) == (401, "HX1102")
    assert alice.sign_in("another good one").status_code == 200


def test_another_password_ends_every_other_session(api: TestClient, person: NewPerson) -> None:
    alice = person("alice@example.com")
    elsewhere = Person(api, alice.email)
    elsewhere.sign_in()

    wrong = alice.put("/v1/account/password", {"password": "not the password", "new_password": "another good one"})
    right = alice.put("/v1/account/password", {"password": alice.password, "new_password": "another good one"})

    assert (told(wrong), right.status_code) == ((401, "HX1102"), 204)
    assert alice.get("/v1/account").status_code == 200
    assert told(elsewhere.get("/v1/account")) == (401, "HX1101")


def test_a_session_can_be_ended_from_another(api: TestClient, person: NewPerson) -> None:
    alice = person("alice@example.com")
    elsewhere = Person(api, alice.email)
    elsewhere.sign_in()
    sessions = alice.get("/v1/account/sessions").json()["sessions"]
    [other] = [known["id"] for known in sessions if not known["is_this_one"]]

    assert alice.delete(f"/v1/account/sessions/{other}").status_code == 204
    assert told(elsewhere.get("/v1/account")) == (401, "HX1101")
    assert told(alice.delete(f"/v1/account/sessions/{other}")) == (404, "HX1004")


def test_nobody_ends_the_session_of_somebody_else(person: NewPerson) -> None:
    alice, mallory = person("alice@example.com"), person("mallory@example.com")
    [session] = alice.get("/v1/account/sessions").json()["sessions"]

    assert told(mallory.delete(f"/v1/account/sessions/{session['id']}")) == (404, "HX1004")
    assert alice.get("/v1/account").status_code == 200


def test_who_signs_out_is_not_known_any_more(person: NewPerson) -> None:
    alice = person("alice@example.com")
    cookie = alice.api.cookies["hexgate_session"]

    assert alice.post("/v1/auth/sign-out").status_code == 204
    assert "hexgate_session" not in alice.api.cookies
    assert told(alice.get("/v1/account", headers={"Cookie": f"hexgate_session={cookie}"})) == (401, "HX1101")


def test_a_session_is_over_after_two_weeks(person: NewPerson, clock: Clock) -> None:
    alice = person("alice@example.com")
    clock.move(days=13, hours=23)
    assert alice.get("/v1/account").status_code == 200
    clock.move(hours=1)
    assert told(alice.get("/v1/account")) == (401, "HX1101")


@pytest.mark.parametrize("token", ["", "x", "é" * 64])
def test_a_request_without_the_token_of_its_session_changes_nothing(person: NewPerson, token: str) -> None:
    alice = person("alice@example.com")
    headers = {"X-Hexgate-CSRF": token.encode()}

    assert told(alice.post("/v1/auth/sign-out", headers=headers)) == (403, "HX1103")
    assert alice.get("/v1/account").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_signs_nobody_in(person: NewPerson, headers: dict[str, str]) -> None:
    alice = person("alice@example.com")

    body = {"email": alice.email, "password": alice.password}
    assert told(alice.post("/v1/auth/sign-in", body, headers=headers)) == (403, "HX1103")
    assert told(alice.post("/v1/auth/sign-out", headers=headers)) == (403, "HX1103")
    assert alice.get("/v1/account", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["http://testserver", "http://127.0.0.1:8000"])
def test_our_own_pages_may_sign_people_in(person: NewPerson, origin: str) -> None:
    alice = person("alice@example.com")

    body = {"email": alice.email, "password": alice.password}
    assert alice.post("/v1/auth/sign-in", body, headers={"Origin": origin}).status_code == 200


def test_passwords_can_be_tried_only_so_often(api: TestClient, person: NewPerson, clock: Clock) -> None:
    alice = person("alice@example.com")
    guessing = Person(api, alice.email, password="not her password")
    assert [guessing.sign_in().status_code for _ in range(11)] == [401] * 10 + [429]

    refused = alice.sign_in()
    assert told(refused) == (429, "HX1104")
    clock.move(seconds=int(refused.headers["Retry-After"]))
    assert alice.sign_in().status_code == 200


def test_a_right_password_forgives_the_wrong_ones(api: TestClient, person: NewPerson) -> None:
    alice = person("alice@example.com")
    for _ in range(3):
        assert [alice.sign_in("not her password").status_code for _ in range(9)] == [401] * 9
        assert alice.sign_in().status_code == 200


def test_one_address_of_the_network_cannot_try_many_accounts(api: TestClient) -> None:
    answers = [Person(api, f"user{number}@example.com").sign_in().status_code for number in range(51)]

    assert answers == [401] * 50 + [429]


def test_an_address_gets_only_so_many_letters(api: TestClient, desk: Desk) -> None:
    alice = Person(api, "alice@example.com")
    alice.register()
    for _ in range(8):
        assert alice.post("/v1/auth/request-password-reset", {"email": alice.email}).status_code == 202

    assert len(desk.letters) == 6


def test_a_letter_that_cannot_be_sent_fails_no_request(
    api: TestClient, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.fault = httpx.ConnectError("the wire is cut")
    alice = Person(api, "alice@example.com")

    assert alice.register().status_code == 202
    assert alice.sign_in().status_code == 200
    assert "a letter was not sent: ConnectError" in caplog.text


def test_a_platform_by_invitation_takes_no_new_accounts(api: TestClient) -> None:
    service = the(api, Accounts)
    service.settings = service.settings.model_copy(update={"registration": "invited"})

    assert told(Person(api, "alice@example.com").register()) == (403, "HX1108")


def test_the_cookie_is_for_no_script_and_stays_on_tls_where_there_is_tls(person: NewPerson) -> None:
    alice = person("alice@example.com")
    answer = alice.sign_in()

    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert "Secure" not in answer.headers["set-cookie"]


def test_what_is_over_is_forgotten(api: TestClient, person: NewPerson, clock: Clock) -> None:
    person("alice@example.com")
    Person(api, "bob@example.com").register()
    service = the(api, Accounts)
    clock.move(days=15)

    assert api.portal is not None
    api.portal.call(service.forget)
    api.portal.call(service.guesses.forget)
    assert rows(api) == {"account": 3, "session": 0, "errand": 0, "guess": 0}


def rows(api: TestClient) -> dict[str, int]:
    """How many rows each table has."""
    database = the(api, Database)

    async def count() -> dict[str, int]:
        async with database.connection() as connection:
            names = ("account", "session", "errand", "guess")
            return {
                name: (await connection.exec_driver_sql(f"select count(*) from {name}")).scalar_one() for name in names
            }

    assert api.portal is not None
    return api.portal.call(count)
