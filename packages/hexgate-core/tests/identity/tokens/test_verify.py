"""What a token says is what its signed facts say, and a token that says too little or too much is refused."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from biscuit_auth import BiscuitBuilder, BlockBuilder, PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import Hexgate, TokenError, User, current_user, verify_caller
from hexgate.core.identity import user as module
from hexgate.core.identity.tokens import Claims, Token, mint, verify

Refused = Callable[[Callable[[], object]], TokenError]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
JSON = st.dictionaries(
    TEXTS, st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=3), max_size=4
)
FACTS = 'project("shop"); token_id("t1"); name("n"); env("live"); issued_at(2026-11-01T00:00:00Z)'
GATE = Hexgate.from_policy({"roles": {"billing": {"default_policy": {"mode": "allow"}}}})


class Clock:
    """A time that passes only when it is told to."""

    now = 1_800_000_000.25

    def time(self) -> float:
        return self.now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def biscuit(private: bytes, facts: str, *blocks: str) -> str:
    """A token as another library would make it."""
    token = BiscuitBuilder(facts).build(PrivateKey(f"ed25519-private/{private.hex()}"))
    for block in blocks:
        token = token.append(BlockBuilder(block))
    return token.to_base64()


def test_a_key_says_what_it_was_minted_with(key: Token, public: str) -> None:
    token = verify(key.text, public)

    assert key.text.startswith("fty_live_support-bot_")
    for told in (key, token):
        assert (told.project, told.env, told.token_id, told.name) == ("support-bot", "live", "tok_1", "CI")
        assert told.issued_at == datetime(2026, 11, 1, 12, 30, 45, tzinfo=UTC)
        assert told.scopes == {"decide", "audit"}
        assert (told.expires_at, told.tools, told.caller) == (None, None, None)
    assert token.key_id == key.key_id
    assert token.revocation_ids == key.revocation_ids
    assert len(token.revocation_ids) == 1


def test_a_caller_is_who_was_named(key: Token, public: str) -> None:
    named = User("alice", "billing", "s-17", roles=["support", "audit"], attributes={"region": "EU", "n": 10**30})
    user = verify_caller(key.for_user(named).text, public)

    assert (user.user_id, user.role, user.roles) == ("alice", "billing", ("billing", "support", "audit"))
    assert (user.session_id, user.attributes) == ("s-17", {"region": "EU", "n": 10**30})
    assert (user.expires_at, user.tools, user.expired) == (None, None, False)
    assert user.token is not None
    assert (user.token.project, user.token.env, user.token.token_id) == ("support-bot", "live", "tok_1")
    assert user.token.scopes == {"decide", "audit"}


@given(TEXTS, st.lists(TEXTS, max_size=4), st.none() | TEXTS, JSON)
def test_any_user_comes_out_as_it_went_in(
    key: Token, public: str, name: str, roles: list[str], session: str | None, attributes: dict[str, Any]
) -> None:
    named = User(name, None, session, roles=roles, attributes=attributes)
    made = key.for_user(named)
    read = verify_caller(made.text, public)

    for user in (made.user, read):
        assert (user.user_id, user.roles, user.session_id) == (name, named.roles, session)
        assert (user.attributes, user.encoded) == (named.attributes, named.encoded)


@pytest.mark.parametrize(
    "name", ['alice"); role("admin', 'a";\nrole("admin");//', "\\", "{user}", "$x", "'", "\0", "é💚"]
)
def test_a_name_is_never_read_as_a_program(name: str, key: Token, public: str) -> None:
    user = verify_caller(key.for_user(User(name, name, name)).text, public)

    assert (user.user_id, user.roles, user.session_id) == (name, (name,), name)


def test_a_biscuit_of_another_library_is_read_alike(private: bytes, public: str) -> None:
    text = biscuit(
        private, FACTS + '; scope("a")', 'role("billing"); user("alice"); check if time($t), $t <= 2099-01-01T00:00:00Z'
    )
    user = verify_caller(text, public, project="shop", env="live", scope="a")

    assert (user.user_id, user.roles) == ("alice", ("billing",))
    assert user.expires_at == datetime(2099, 1, 1, 0, 0, 1, tzinfo=UTC).timestamp()
    assert text.endswith("=") or len(text) % 4 == 0


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (FACTS.replace('project("shop"); ', ""), "0 facts `project`"),
        (FACTS + '; project("bank")', "2 facts `project`"),
        (FACTS.replace('env("live")', 'env("prod")'), "`env` must be"),
        (FACTS.replace('"shop"', '"my_shop"'), "`project` must have"),
        (FACTS.replace('"shop"', "7"), "something else than a text"),
        (FACTS.replace('"t1"', '""'), "must be a text of 1 to 256"),
        (FACTS.replace("2026-11-01T00:00:00Z", '"today"'), "something else than a moment"),
        (FACTS.replace("2026-11-01T00:00:00Z", "1730000000"), "something else than a moment"),
        (FACTS + "; scope(7)", "something else than a text"),
        (FACTS + "; scope(true)", "something else than a text"),
        ("; ".join([FACTS, *(f'scope("s{number}")' for number in range(65))]), "at most 64 scopes"),
    ],
)
def test_a_first_block_that_says_too_little_or_too_much_is_refused(
    facts: str, why: str, private: bytes, public: str, refused: Refused
) -> None:
    error = refused(lambda: verify(biscuit(private, facts), public))

    assert error.code == "HX513"
    assert why in error.message


def test_a_fact_with_another_number_of_terms_is_refused(private: bytes, public: str, refused: Refused) -> None:
    assert refused(lambda: verify(biscuit(private, f'{FACTS}; project("shop", "bank")'), public)).code == "HX511"


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ('user("alice"); user("bob")', "2 facts `user`"),
        ("user(7)", "something else than texts"),
        ('user("alice"); role(7)', "something else than texts"),
        ('user("")', "none that a `User` can be"),
        ('user("alice"); role("")', "none that a `User` can be"),
        ('user("alice"); session("a"); session("b")', "2 facts `session`"),
        ('user("alice"); attributes("[1]")', "no JSON object"),
        ('user("alice"); attributes("{")', "no JSON object"),
        ('user("alice"); attributes(7)', "something else than texts"),
        ("; ".join(['user("alice")', *(f'role("r{number}")' for number in range(33))]), "more than 32 roles"),
        (f'user("{"a" * 1025}")', "none that a `User` can be"),
    ],
)
def test_a_block_1_that_names_no_caller_clearly_is_refused(
    block: str, why: str, private: bytes, public: str, refused: Refused
) -> None:
    error = refused(lambda: verify(biscuit(private, FACTS, block), public))

    assert error.code == "HX513"
    assert why in error.message


def test_facts_that_nobody_knows_have_no_meaning(private: bytes, public: str) -> None:
    facts = FACTS + '; user("root"); role("admin"); org("acme"); right("a", 7, [1, true])'
    user = verify_caller(
        biscuit(private, facts, 'user("alice"); rolle("admin"); project("bank"); scope("all")'), public
    )

    assert (user.user_id, user.roles) == ("alice", ())
    assert user.token is not None
    assert (user.token.project, user.token.scopes) == ("shop", frozenset())


def test_a_key_names_nobody(key: Token, public: str, refused: Refused) -> None:
    assert refused(lambda: verify_caller(key.text, public)).code == "HX516"
    narrowed = key.narrowed(tools=None, expires_at=4_000_000_000)
    assert refused(lambda: verify_caller(narrowed.text, public)).code == "HX516"


@pytest.mark.parametrize("env", ["live", "test"])
@pytest.mark.parametrize("project", ["support-bot", "shop"])
def test_an_envelope_says_what_the_token_says(
    env: str, project: str, alice: Token, public: str, refused: Refused
) -> None:
    text = alice.text.replace("fty_live_support-bot_", f"fty_{env}_{project}_")
    if (env, project) == ("live", "support-bot"):
        assert verify_caller(text, public).user_id == "alice"
    else:
        assert refused(lambda: verify_caller(text, public)).code == "HX514"


def test_a_service_says_for_whom_it_works(alice: Token, public: str, refused: Refused) -> None:
    assert verify_caller(alice.text, public, project="support-bot", env="live", scope="decide").user_id == "alice"
    demands: list[dict[str, str]] = [{"project": "shop"}, {"env": "test"}, {"scope": "admin"}, {"project": ""}]
    for demand in demands:
        error = refused(lambda demand=demand: verify_caller(alice.text, public, **demand))  # type: ignore[misc]
        assert error.code == "HX517"
        assert "support-bot" not in str(error)


def test_a_token_ends_when_its_check_says_so(private: bytes, public: str, clock: Clock, refused: Refused) -> None:
    end = 1_800_000_060
    until = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for operator, last in (("<", end), ("<=", end + 1)):
        text = biscuit(private, FACTS, 'user("alice"); role("billing")', f"check if time($x), $x {operator} {until}")
        clock.now = last - 0.001
        user = verify(text, public, clock=clock).user
        assert GATE.decide("t", user=user).allowed
        clock.now = float(last)
        answer = GATE.decide("t", user=user)
        assert (answer.outcome, answer.code, answer.roles) == ("deny", "user_expired", ("billing",))
        assert refused(lambda text=text: verify(text, public, clock=clock)).code == "HX515"  # type: ignore[misc]


def test_a_scope_renews_no_time_of_a_token(key: Token, public: str, clock: Clock) -> None:
    user = verify(key.for_user(User("alice", "billing"), ttl_seconds=60).text, public, clock=clock).user
    clock.now += 50
    with user.sync_scope() as inside:
        assert inside is user is current_user()
        assert GATE.decide("t").allowed
        clock.now += 10
        assert GATE.decide("t").code == "user_expired"


def test_a_token_lives_no_longer_than_the_user_it_was_made_for(key: Token, public: str, clock: Clock) -> None:
    made = key.for_user(User("alice", "billing", ttl_seconds=30.5), ttl_seconds=60)

    assert made.expires_at == clock.now + 30.5
    assert verify(made.text, public, clock=clock).expires_at == 1_800_000_030


def test_a_time_of_a_token_may_lie_further_than_calendars_go(key: Token, public: str) -> None:
    user = verify_caller(key.for_user(User("alice"), ttl_seconds=1e12).text, public)

    assert user.expires_at == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()


def test_a_token_names_one_caller_with_an_id(key: Token, alice: Token, refused: Refused) -> None:
    assert refused(lambda: alice.for_user(User("bob"))).code == "HX522"
    assert refused(lambda: key.narrowed(tools=None, expires_at=4e9).for_user(User("bob"))).code == "HX522"
    assert refused(lambda: key.for_user(User(None, "billing"))).code == "HX522"
    assert refused(lambda: key.for_user(User("a", attributes={"text": "x" * 17_000}))).code == "HX523"


def test_a_user_of_a_token_is_copied_as_itself_and_never_pickled(alice: Token, public: str) -> None:
    user = verify_caller(alice.text, public)

    for thing in (user, user.token, alice, User("bob")):
        assert copy.copy(thing) is copy.deepcopy(thing) is thing
        assert copy.deepcopy({"deep": [thing]})["deep"][0] is thing
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="is not pickled"):
                pickle.dumps(thing, protocol)


def test_a_user_of_a_token_without_limits_goes_the_short_way(alice: Token, public: str) -> None:
    user = verify_caller(alice.text, public)

    assert user.direct_role == "billing"
    assert GATE.decide("t", user=user).allowed
    assert verify(alice.text, public, clock=time.time).user.roles == ("billing",)


def test_minted_keys_are_checked_before_they_are_made(private: bytes, refused: Refused) -> None:
    sound: dict[str, Any] = {"project": "shop", "env": "live", "token_id": "t", "name": "n"}
    faults: list[dict[str, Any]] = [
        *({"project": "a_b"}, {"project": ""}, {"project": 7}, {"env": "prod"}, {"token_id": ""}, {"name": "x" * 257}),
        *({"name": "\ud800"}, {"name": None}, {"scopes": "all"}, {"scopes": 7}, {"scopes": [7]}, {"scopes": [""]}),
        *({"issued_at": datetime(2026, 1, 1)}, {"issued_at": "today"}, {"issued_at": datetime(1969, 1, 1, tzinfo=UTC)}),  # noqa: DTZ001
    ]
    for fault in faults:
        error = refused(lambda fault=fault: mint(private, Claims(**{**sound, **fault})))  # type: ignore[misc]
        assert error.code == "HX520"
    assert refused(lambda: mint("no key", Claims(**sound))).code == "HX519"


def test_a_key_is_dated_by_the_second_at_which_it_was_made(private: bytes, public: str) -> None:
    before = int(time.time())
    key = mint(private, Claims("shop", "test", "t", "n"))

    assert before <= key.issued_at.timestamp() <= time.time()
    assert verify(key.text, public).claims == key.claims
    assert (
        Claims("shop", "test", "t", "n", issued_at=datetime(2026, 1, 1, 0, 0, 0, 999, UTC)).issued_at.microsecond == 0
    )
