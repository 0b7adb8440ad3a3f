"""Organizations: nobody touches somebody above them, and there is always an owner."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.platform.people import Clock, Desk, Person
from tests.platform.projects import told

NewPerson = Callable[[str], Person]


@pytest.fixture
def olga(person: NewPerson) -> Person:
    """The owner of an organization."""
    somebody = person("olga@example.com")
    somebody.post("/v1/organizations", {"name": "Shop"})
    return somebody


@pytest.fixture
def shop(olga: Person) -> str:
    """Where the organization is."""
    [organization] = olga.get("/v1/organizations").json()["organizations"]
    assert organization == {"id": organization["id"], "name": "Shop", "rank": "owner"}
    return f"/v1/organizations/{organization['id']}"


@pytest.fixture
def join(olga: Person, shop: str, person: NewPerson, desk: Desk) -> Callable[[str, str], Person]:
    """Somebody who becomes a member by an invitation."""

    def joined(email: str, rank: str) -> Person:
        somebody = person(email)
        assert olga.post(f"{shop}/invitations", {"email": email, "rank": rank}).status_code == 201
        accepted = somebody.post("/v1/invitations/accept", {"token": desk.tokens(email)[-1]})
        assert (accepted.status_code, accepted.json()["rank"]) == (200, rank)
        return somebody

    return joined


def id_of(somebody: Person) -> str:
    return str(somebody.get("/v1/account").json()["account"]["id"])


Join = Callable[[str, str], Person]


def test_who_is_invited_becomes_a_member(olga: Person, shop: str, join: Join) -> None:
    join("adam@example.com", "admin")
    join("mia@example.com", "member")

    members = olga.get(f"{shop}/members").json()["members"]
    assert [(member["email"], member["rank"]) for member in members] == [
        ("olga@example.com", "owner"),
        ("adam@example.com", "admin"),
        ("mia@example.com", "member"),
    ]
    assert olga.get(f"{shop}/invitations").json() == {"invitations": []}


def test_who_has_not_confirmed_an_address_accepts_nothing(api: TestClient, olga: Person, shop: str, desk: Desk) -> None:
    olga.post(f"{shop}/invitations", {"email": "mia@example.com"})
    impostor = Person(api, "mia@example.com")
    impostor.register()
    impostor.sign_in()
    invitation, _ = desk.tokens("mia@example.com")

    assert told(impostor.post("/v1/invitations/accept", {"token": invitation})) == (403, "HX1107")
    assert told(impostor.post("/v1/organizations", {"name": "Mine"})) == (403, "HX1107")


def test_an_invitation_is_for_one_address(olga: Person, shop: str, person: NewPerson, desk: Desk) -> None:
    olga.post(f"{shop}/invitations", {"email": "mia@example.com"})
    mallory = person("mallory@example.com")
    accept = {"token": desk.tokens("mia@example.com")[0]}

    assert told(mallory.post("/v1/invitations/accept", accept)) == (403, "HX1203")
    assert person("mia@example.com").post("/v1/invitations/accept", accept).status_code == 200


def test_an_invitation_is_accepted_once(shop: str, join: Join, desk: Desk) -> None:
    mia = join("mia@example.com", "member")

    used = {"token": desk.tokens("mia@example.com")[-1]}
    assert told(mia.post("/v1/invitations/accept", used)) == (400, "HX1106")


def test_an_invitation_is_over_after_a_week(
    olga: Person, shop: str, person: NewPerson, desk: Desk, clock: Clock
) -> None:
    olga.post(f"{shop}/invitations", {"email": "mia@example.com"})
    mia = person("mia@example.com")
    token = desk.tokens("mia@example.com")[0]
    clock.move(days=7)

    assert told(mia.post("/v1/invitations/accept", {"token": token})) == (400, "HX1106")


def test_an_invitation_can_be_taken_back(olga: Person, shop: str, person: NewPerson, desk: Desk) -> None:
    invitation = olga.post(f"{shop}/invitations", {"email": "mia@example.com"}).json()
    assert olga.delete(f"{shop}/invitations/{invitation['id']}").status_code == 204
    assert told(olga.delete(f"{shop}/invitations/{invitation['id']}")) == (404, "HX1004")

    mia = person("mia@example.com")
    assert told(mia.post("/v1/invitations/accept", {"token": desk.tokens(mia.email)[0]})) == (400, "HX1106")


def test_a_newer_invitation_ends_the_older_one(olga: Person, shop: str, person: NewPerson, desk: Desk) -> None:
    for rank in ("owner", "member"):
        olga.post(f"{shop}/invitations", {"email": "mia@example.com", "rank": rank})
    mia = person("mia@example.com")
    as_owner, as_member, _ = desk.tokens(mia.email)

    assert told(mia.post("/v1/invitations/accept", {"token": as_owner})) == (400, "HX1106")
    assert mia.post("/v1/invitations/accept", {"token": as_member}).json()["rank"] == "member"


def test_a_member_is_not_invited_again(olga: Person, shop: str, join: Join) -> None:
    join("mia@example.com", "member")

    assert told(olga.post(f"{shop}/invitations", {"email": "mia@example.com"})) == (409, "HX1204")


def test_nobody_invites_somebody_to_be_more_than_they_are(shop: str, join: Join) -> None:
    adam = join("adam@example.com", "admin")

    assert told(adam.post(f"{shop}/invitations", {"email": "x@example.com", "rank": "owner"})) == (403, "HX1201")


def test_an_admin_cannot_touch_an_owner(olga: Person, shop: str, join: Join) -> None:
    adam = join("adam@example.com", "admin")

    assert told(adam.delete(f"{shop}/members/{id_of(olga)}")) == (403, "HX1201")
    assert told(adam.put(f"{shop}/members/{id_of(olga)}", {"rank": "member"})) == (403, "HX1201")
    assert told(adam.put(f"{shop}/members/{id_of(adam)}", {"rank": "owner"})) == (403, "HX1201")


def test_a_member_removes_nobody_but_may_leave(shop: str, join: Join) -> None:
    mia, mark = join("mia@example.com", "member"), join("mark@example.com", "member")

    assert told(mia.delete(f"{shop}/members/{id_of(mark)}")) == (403, "HX1201")
    assert mia.delete(f"{shop}/members/{id_of(mia)}").status_code == 204
    assert told(mia.get(shop)) == (404, "HX1004")


def test_the_last_owner_stays(olga: Person, shop: str, join: Join) -> None:
    adam = join("adam@example.com", "admin")

    assert told(olga.delete(f"{shop}/members/{id_of(olga)}")) == (409, "HX1202")
    assert told(olga.put(f"{shop}/members/{id_of(olga)}", {"rank": "admin"})) == (409, "HX1202")
    assert olga.put(f"{shop}/members/{id_of(adam)}", {"rank": "owner"}).status_code == 204
    assert olga.delete(f"{shop}/members/{id_of(olga)}").status_code == 204
    assert told(adam.delete(f"{shop}/members/{id_of(adam)}")) == (409, "HX1202")


def test_a_stranger_is_told_that_there_is_nothing(shop: str, person: NewPerson, olga: Person) -> None:
    mallory = person("mallory@example.com")

    there, nowhere = mallory.get(shop), mallory.get("/v1/organizations/org_00000000000000000000")
    same = [{**answer.json(), "request_id": ""} for answer in (there, nowhere)]
    assert told(there) == (404, "HX1004")
    assert same[0] == same[1]
    assert told(mallory.delete(f"{shop}/members/{id_of(olga)}")) == (404, "HX1004")


def test_a_project_belongs_to_its_organization(olga: Person, shop: str, person: NewPerson, join: Join) -> None:
    made = olga.post(f"{shop}/projects", {"id": "returns"}).json()
    assert (made["id"], made["title"]) == ("returns", "returns")

    seen = {
        somebody.email: [project["id"] for project in somebody.get("/v1/projects").json()["projects"]]
        for somebody in (olga, join("mia@example.com", "member"), person("mallory@example.com"))
    }
    assert seen == {"olga@example.com": ["returns"], "mia@example.com": ["returns"], "mallory@example.com": []}


def test_two_projects_never_share_a_name(olga: Person, shop: str, person: NewPerson) -> None:
    other = person("otto@example.com")
    elsewhere = f"/v1/organizations/{other.post('/v1/organizations', {'name': 'Other'}).json()['id']}"
    olga.post(f"{shop}/projects", {"id": "returns"})

    assert told(other.post(f"{elsewhere}/projects", {"id": "returns"})) == (409, "HX1206")


@pytest.mark.parametrize("id", ["", "-a", "a-", "A", "a_b", "a/b", "x" * 41, "ä"])
def test_the_name_of_a_project_fits_into_a_token(olga: Person, shop: str, id: str) -> None:
    assert told(olga.post(f"{shop}/projects", {"id": id})) == (422, "HX1001")


def test_there_is_a_limit_to_organizations(olga: Person) -> None:
    answers = [olga.post("/v1/organizations", {"name": str(number)}) for number in range(20)]

    assert [answer.status_code for answer in answers] == [201] * 19 + [409]
    assert told(answers[-1]) == (409, "HX1205")
