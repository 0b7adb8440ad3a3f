"""`Hexgate` joins the parts: a policy from anywhere, the user of the scope around, an answer or its explanation."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import Hexgate, Policy, PolicyError, ToolCall, User, compile_policy

DATA = {"roles": {"billing": {"tools": {"refund_order": {"mode": "allow", "constraints": ["args.amount <= 500"]}}}}}
BILLING = User("alice", "billing")


def test_a_gate_is_made_of_a_path_of_data_of_a_policy_or_of_a_program(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    policy = Policy.model_validate(DATA)
    path.write_text(policy.to_yaml())
    directory = tmp_path / "roles"
    directory.mkdir()
    (directory / "billing.yaml").write_text(Policy.model_validate(DATA["roles"]["billing"]).to_yaml())
    for source in (path, str(path), DATA, policy, directory):
        gate = Hexgate.from_policy(source, agent="bot")
        assert gate.decide("refund_order", {"amount": 400}, user=BILLING).allowed
        assert gate.agent == "bot"
    assert Hexgate(compile_policy(policy)).decide("refund_order", {"amount": 501}, user=BILLING).denied


def test_the_mistakes_of_a_policy_are_raised_when_the_gate_is_made() -> None:
    with pytest.raises(PolicyError, match="HX203"):
        Hexgate.from_policy({"tols": {}})
    with pytest.raises(PolicyError, match="HX110"):
        Hexgate.from_policy("tools: {t: {mode: allow}}")


def test_the_user_of_the_scope_around_is_the_caller() -> None:
    gate = Hexgate.from_policy(DATA)
    assert gate.decide("refund_order", {"amount": 1}).code == "no_user"
    with BILLING.sync_scope():
        assert gate.decide("refund_order", {"amount": 1}).allowed
    assert gate.decide("refund_order", {"amount": 1}).code == "no_user"


def test_a_user_who_is_given_comes_before_the_scope() -> None:
    gate = Hexgate.from_policy(DATA)
    with BILLING.sync_scope():
        assert gate.decide("refund_order", {"amount": 1}, user=User("bob", "support")).code == "no_role"
        assert gate.explain("refund_order", {"amount": 1}, user=User("bob", "support")).decision.code == "no_role"


def test_tasks_are_answered_for_their_own_users() -> None:
    gate = Hexgate.from_policy(DATA)

    async def task(role: str) -> bool:
        async with User("u", role):
            await asyncio.sleep(0)
            return gate.decide("refund_order", {"amount": 1}).allowed

    async def main() -> list[bool]:
        return await asyncio.gather(*(task("billing" if number % 2 else "support") for number in range(20)))

    assert asyncio.run(main()) == [bool(number % 2) for number in range(20)]


@pytest.mark.parametrize("arguments", [{"amount": 400}, '{"amount": 400}', b'{"amount": 400}'])
def test_arguments_come_as_a_dict_as_text_or_as_bytes(arguments: Any) -> None:
    gate = Hexgate.from_policy(DATA)
    assert gate.decide("refund_order", arguments, user=BILLING).allowed
    assert gate.explain("refund_order", arguments, user=BILLING).decision.allowed


def test_a_call_that_was_made_before_is_decided_as_it_is() -> None:
    gate = Hexgate.from_policy(DATA, agent="bot")
    call = ToolCall("refund_order", {"amount": 400}, "another")
    assert gate.decide(call, user=BILLING).agent == "another"
    assert gate.explain(call, user=BILLING).decision.agent == "another"
    assert gate.decide("refund_order", {"amount": 400}, user=BILLING).agent == "bot"


def test_a_call_without_arguments_has_none() -> None:
    gate = Hexgate.from_policy({"default_policy": {"mode": "allow"}})
    assert gate.decide("t", user=User("u")).allowed


def test_an_explanation_for_nobody_has_only_its_decision() -> None:
    explanation = Hexgate.from_policy(DATA).explain("refund_order")
    assert (explanation.decision.code, explanation.roles) == ("no_user", ())


@pytest.mark.parametrize("arguments", [None, [], "nope", b"\xff", 5, object()])
def test_a_bad_call_is_an_answer_and_no_exception(arguments: Any) -> None:
    gate = Hexgate.from_policy(DATA)
    assert gate.decide("refund_order", arguments, user=BILLING).code == "call_refused"
    assert gate.explain("refund_order", arguments, user=BILLING).roles == ()


def test_what_is_no_user_is_denied_with_that_reason() -> None:
    decision = Hexgate.from_policy({"tools": {"t": {"mode": "allow"}}}).decide("t", {}, user="alice")  # type: ignore[arg-type]
    assert (decision.code, decision.reason) == (
        "no_user",
        "nobody is known to be calling: what was given as the user is no `User`",
    )


def test_a_path_is_no_program_and_the_error_says_what_takes_one() -> None:
    with pytest.raises(TypeError, match="from_policy"):
        Hexgate("policy.yaml")  # type: ignore[arg-type]


def test_a_plain_with_says_how_a_scope_is_written() -> None:
    with pytest.raises(TypeError, match="sync_scope"), User("alice"):
        pass


def test_two_identical_calls_are_decided_twice_and_nothing_is_remembered() -> None:
    hexgate = Hexgate.from_policy({"tools": {"t": {"mode": "allow", "constraints": ['ctx.region == "EU"']}}})
    call = ToolCall("t", {"a": 1})
    answers = [
        hexgate.decide(call, user=User("u", attributes={"region": region})).allowed for region in ("EU", "US", "EU")
    ]
    assert answers == [True, False, True]


def test_a_name_that_no_engine_has_is_refused() -> None:
    with pytest.raises(ValueError, match="'jit'"):
        Hexgate.from_policy(DATA, engine="jit")  # type: ignore[arg-type]


def test_standard_input_is_a_policy_that_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.TextIOWrapper(io.BytesIO(b"tools: {t: {mode: allow}}"))
    monkeypatch.setattr("sys.stdin", text)
    gate = Hexgate.from_policy("-")
    assert gate.decide("t", user=User("u")).rule.document == "<stdin>"  # type: ignore[union-attr]
    assert not gate.refresh()


def test_a_pipe_is_a_policy_that_is_read_once(tmp_path: Path) -> None:
    """As a shell hands one over, for `<(…)`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("tools: {t: {mode: allow}}",))
    writer.start()
    gate = Hexgate.from_policy(pipe)
    writer.join()
    assert gate.decide("t", user=User("u")).allowed
    assert not gate.refresh()


def test_tools_are_called_through_the_gate_in_sync_and_in_async_code() -> None:
    hexgate = Hexgate.from_policy(
        {"tools": {"double": {"mode": "allow", "constraints": ["args.x <= 5"]}}}, agent="maths"
    )
    alice = User("alice")

    async def double(x: int) -> int:
        return 2 * x

    assert asyncio.run(hexgate.acall("double", {"x": 2}, double, user=alice)).value == 4
    assert hexgate.call("double", {"x": 2}, lambda x: 2 * x, user=alice).value == 4
    assert hexgate.using(guards=()).call("double", {"x": 7}, lambda x: 2 * x, user=alice).decision.agent == "maths"
    with alice.sync_scope():
        assert hexgate.wrap(lambda x: 2 * x, name="double")(x=3) == 6
