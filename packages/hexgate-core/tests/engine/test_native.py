"""Every way to an outcome, by one role or several, monitored or not, refused or at fault, ends in an answer."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from hexgate.core import Decision, Hexgate, Policy, RuleReference, ToolCall, User, compile_policy
from hexgate.core.engine import NativeEngine

POLICY = """\
roles:
  open:
    default_policy: {mode: allow}
    tools: {special: {mode: deny}}
  bound:
    default_policy: {mode: allow, constraints: [args.x == 1, args.y == 1, args.x == 1], reason: two bounds}
  asks:
    default_policy: {mode: approval_required, approvers: {role: boss, not: caller}}
    tools: {careful: {mode: approval_required, constraints: [args.x == 1]}}
  shut: {}
  written: {default_policy: {mode: deny, constraints: [args.z == 1]}}
  hard:
    tools:
      t: {mode: deny, constraints: [args.x == 1]}
      mcp-*: {mode: deny}
      mcp-git-*: {mode: allow}
      mcp-git-push: {mode: approval_required, approvers: {not: caller}}
"""


def engine(text: str = POLICY) -> NativeEngine:
    return NativeEngine(compile_policy(Policy.from_text(text, "p.yaml")))


ENGINE = engine()


def ask(*roles: str, tool: str = "t", arguments: dict[str, Any] | None = None) -> Decision:
    return ENGINE.decide(ToolCall(tool, arguments or {}, "bot"), User("u", roles=roles))


def said(answer: Decision) -> tuple[str, str, str | None, tuple[str, ...]]:
    return str(answer.outcome), answer.code, answer.deciding_role, answer.violations


FAILED = ("args.x == 1", "args.y == 1")


@pytest.mark.parametrize(
    ("roles", "arguments", "wanted"),
    [
        (["open"], {}, ("allow", "allowed", "open", ())),
        (["bound"], {"x": 1, "y": 1}, ("allow", "allowed", "bound", ())),
        (["bound"], {}, ("deny", "constraint_failed", "bound", FAILED)),
        (["bound"], {"x": 1}, ("deny", "constraint_failed", "bound", ("args.y == 1",))),
        (["asks"], {}, ("approval_required", "approval_required", "asks", ())),
        (["shut"], {}, ("deny", "default_denied", "shut", ())),
        (["written"], {"z": 1}, ("deny", "default_denied", "written", ())),
        (["written"], {}, ("deny", "constraint_failed", "written", ("args.z == 1",))),
        (["hard"], {"x": 1}, ("deny", "tool_denied", "hard", ())),
        (["hard"], {}, ("deny", "tool_denied", "hard", ("args.x == 1",))),
        (["ghost"], {}, ("deny", "no_role", None, ())),
        ([], {}, ("deny", "no_role", None, ())),
        (["shut", "open"], {}, ("allow", "allowed", "open", ())),
        (["asks", "bound", "open"], {}, ("allow", "allowed", "open", ())),
        (["bound", "open"], {"x": 1, "y": 1}, ("allow", "allowed", "bound", ())),
        (["bound", "asks", "shut"], {}, ("approval_required", "approval_required", "asks", ())),
        (["open", "hard"], {"x": 1}, ("deny", "tool_denied", "hard", ())),
        (["open", "hard"], {}, ("deny", "tool_denied", "hard", ("args.x == 1",))),
        (["bound", "hard"], {}, ("deny", "tool_denied", "hard", FAILED)),
        (["shut", "bound"], {}, ("deny", "constraint_failed", "shut", FAILED)),
        (["shut", "written"], {"z": 1}, ("deny", "default_denied", "shut", ())),
        (["ghost", "shut"], {}, ("deny", "default_denied", "shut", ())),
        (["ghost", "open"], {}, ("allow", "allowed", "open", ())),
        (["open", "open"], {}, ("allow", "allowed", "open", ())),
    ],
)
def test_the_roles_together_come_to_one_outcome(
    roles: list[str], arguments: dict[str, Any], wanted: tuple[Any, ...]
) -> None:
    assert said(ask(*roles, arguments=arguments)) == wanted


@pytest.mark.parametrize(
    ("tool", "rule"),
    [
        ("mcp-x", "mcp-*"),
        ("mcp-", "mcp-*"),
        ("mcp-git-pull", "mcp-git-*"),
        ("mcp-git-push", "mcp-git-push"),
        ("mcp", ""),
    ],
)
def test_the_exact_rule_comes_before_the_longest_prefix_and_that_before_the_rest(tool: str, rule: str) -> None:
    for roles in (["hard"], ["hard", "shut"]):
        found = ask(*roles, tool=tool)
        assert (found.rule.tool if found.rule else "") == rule


def test_a_failed_constraint_on_an_approval_rule_is_a_deny_never_an_approval() -> None:
    assert said(ask("asks", tool="careful")) == ("deny", "constraint_failed", "asks", ("args.x == 1",))
    assert ask("asks", tool="careful", arguments={"x": 1}).needs_approval


def test_an_answer_says_which_rule_gave_it_and_where_it_stands() -> None:
    assert ask("bound").rule == RuleReference("bound", "default_policy", "p.yaml", 6, "two bounds")
    assert ask("hard", tool="mcp-x").rule == RuleReference("hard", "mcp-*", "p.yaml", 15)
    assert ask("shut").rule is None


def test_an_answer_says_who_asked_for_what_under_which_policy() -> None:
    found = ask("shut", "open")
    assert (found.tool, found.agent, found.roles, found.engine) == ("t", "bot", ("shut", "open"), "native")
    assert found.policy == ENGINE.program.digest


def test_only_an_approval_says_who_may_approve() -> None:
    assert ask("asks").approvers == {"role": "boss", "not": "caller"}
    assert ask("hard", tool="mcp-git-push").approvers == {"not": "caller"}
    assert ask("asks", tool="careful", arguments={"x": 1}).approvers is None
    assert ask("open").approvers is None
    with pytest.raises(TypeError):
        ask("asks").approvers["role"] = "intern"  # type: ignore[index]


def test_default_is_who_has_no_role_or_one_that_nobody_knows() -> None:
    gate = engine(
        "roles: {default: {tools: {t: {mode: allow, constraints: [role == 'default']}}}, mix: {is_mixin: true}}"
    )
    for roles in ([], ["ghost"], ["mix"], ["ghost", "mix"], ["default"]):
        found = gate.decide(ToolCall("t", {}), User("u", roles=roles))
        assert said(found) == ("allow", "allowed", "default", ())
        assert found.roles == tuple(roles)


def test_each_role_is_asked_with_its_own_name_as_a_fact() -> None:
    rule = "{default_policy: {mode: allow, constraints: [\"role == 'b'\"]}}"
    gate = engine(f"roles: {{a: {rule}, b: {rule}}}")
    assert said(gate.decide(ToolCall("t", {}), User("u", roles=["a", "b"]))) == ("allow", "allowed", "b", ())


MONITORED = """\
enforce: false
roles:
  by_document: {}
  until_june: {enforce: false, until: 2027-06-30}
  until_may: {default_policy: {mode: deny, enforce: false, until: 2027-05-31}}
  enforced: {enforce: true}
  rule_enforced: {default_policy: {mode: deny, enforce: true}}
  allows: {tools: {free: {mode: allow}}, default_policy: {mode: allow, constraints: [args.x == 1]}}
  asks: {default_policy: {mode: approval_required}}
"""


@pytest.mark.parametrize(
    ("roles", "wanted"),
    [
        *[
            (["by_document"], True),
            (["until_june"], "2027-06-30"),
            (["until_may"], "2027-05-31"),
            (["enforced"], False),
        ],
        *[(["rule_enforced"], False), (["allows"], True), (["asks"], True), (["ghost"], True), ([], True)],
        *[(["by_document", "until_june"], "2027-06-30"), (["until_june", "until_may"], "2027-05-31")],
        *[
            (["by_document", "enforced"], False),
            (["until_may", "rule_enforced"], False),
            (["ghost", "enforced"], False),
        ],
        *[
            (["ghost", "until_may"], "2027-05-31"),
            (["allows", "until_june"], "2027-06-30"),
            (["enforced", "asks"], True),
        ],
    ],
)
def test_a_denial_is_monitored_when_all_that_gave_it_are_and_only_as_long(roles: list[str], wanted: bool | str) -> None:
    found = engine(MONITORED).decide(ToolCall("t", {}), User("u", roles=roles))
    assert not found.allowed
    assert found.monitor == wanted
    assert type(found.monitor) is type(wanted)


def test_a_role_that_nobody_knows_is_enforced_where_the_document_is() -> None:
    gate = engine("roles: {a: {enforce: false}}")
    assert gate.decide(ToolCall("t", {}), User("u", "a")).monitor is True
    assert gate.decide(ToolCall("t", {}), User("u", roles=["a", "ghost"])).monitor is False
    assert gate.decide(ToolCall("t", {}), User("u", "ghost")).monitor is False


def test_what_is_allowed_is_not_monitored() -> None:
    assert engine(MONITORED).decide(ToolCall("free", {}), User("u", "allows")).monitor is False


@pytest.mark.parametrize("user", [None, User("u"), User("u", "open"), User("u", roles=["open", "shut"])])
def test_a_refused_call_is_denied_before_any_rule_is_read(user: User | None) -> None:
    found = ENGINE.decide(ToolCall("t", '{"a": 1, "a": 2}'), user)
    assert said(found) == ("deny", "call_refused", None, ())
    assert (found.rule, found.monitor) == (None, False)
    assert found.reason == "the call cannot be decided about: the arguments hold a key twice"
    assert found.roles == (() if user is None else user.roles)


def test_a_call_of_nobody_is_denied() -> None:
    assert said(ENGINE.decide(ToolCall("t", {}), None)) == ("deny", "no_user", None, ())


class Broken:
    """What a prepared check never is."""

    def __call__(self, *_: object) -> bool:
        raise ZeroDivisionError("an engine's own fault")


@pytest.fixture
def broken() -> NativeEngine:
    gate = engine()
    for role in gate.roles.values():
        for rule in [role.rest, *role.exact.values(), *role.prefixes.values()]:
            rule.checks = ((Broken(), "args.x == 1"),)
    return gate


@pytest.mark.parametrize("roles", [["open"], ["open", "asks"], ["asks", "ghost"]])
def test_a_fault_of_the_engine_is_a_deny_and_an_error_in_the_log(
    roles: list[str], broken: NativeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "hexgate.engine"):
        found = broken.decide(ToolCall("t", {"secret": "hunter2"}), User("u", roles=roles))
    assert said(found) == ("deny", "engine_fault", None, ())
    assert (found.roles, found.tool, found.monitor) == (tuple(roles), "t", False)
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert "hunter2" not in caplog.text
    assert "fault" not in found.for_model()


@pytest.mark.parametrize("user", ["alice", {"roles": ["open"]}, 5, object()])
def test_a_user_that_is_no_user_is_nobody_and_no_exception(user: Any) -> None:
    found = ENGINE.decide(ToolCall("t", {}), user)
    assert (said(found), found.roles) == (("deny", "no_user", None, ()), ())


def test_a_log_that_cannot_be_written_does_not_take_the_answer_with_it(broken: NativeEngine) -> None:
    class Full(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError("disk full")

    handler = Full()
    logging.getLogger("hexgate.engine").addHandler(handler)
    try:
        assert broken.decide(ToolCall("t", {}), User("u", "open")).code == "engine_fault"
    finally:
        logging.getLogger("hexgate.engine").removeHandler(handler)


@pytest.mark.parametrize("call", [None, "t", {"tool": "t"}, object()])
def test_a_call_that_is_no_call_is_a_fault_and_no_exception(call: Any, caplog: pytest.LogCaptureFixture) -> None:
    for user in (None, User("u", "open")):
        found = ENGINE.decide(call, user)
        assert found.denied
        assert found.code == "engine_fault"


SECRETS = {"password": "hunter2", "card": ["4111111111111111"]}


@pytest.mark.parametrize("roles", [["bound"], ["bound", "asks"], ["shut"], ["hard"], ["ghost"], ["open"]])
def test_the_model_is_told_no_argument_no_attribute_and_no_role(roles: list[str]) -> None:
    user = User("alice-7", roles=[*roles, "payroll-admin"], session_id="s-991", attributes={"ssn": "078-05-1120"})
    told = ENGINE.decide(ToolCall("t", SECRETS, "bot-name"), user).for_model()
    for secret in (
        "hunter2",
        "4111",
        "078-05",
        "alice-7",
        "s-991",
        "payroll",
        "bound",
        "shut",
        "boss",
        "p.yaml",
        "bot-name",
    ):
        assert secret not in told


def test_an_escape_sequence_in_a_tools_name_reaches_nobody() -> None:
    found = ask("shut", tool="\x1b]0;owned\x07rm\u202e")
    assert found.tool == "\x1b]0;owned\x07rm\u202e"
    assert found.for_model().isprintable()
    assert found.for_operator().isprintable()


def test_rules_that_share_a_check_share_its_closure() -> None:
    rule = "{mode: allow, constraints: [args.x == 1]}"
    gate = engine(f"roles: {{a: {{tools: {{t: {rule}, u: {rule}}}}}, b: {{inherits: [a]}}}}")
    closures = {id(rule.checks[0][0]) for role in gate.roles.values() for rule in role.exact.values()}
    assert len(closures) == 1


def test_an_engine_answers_alike_however_often_it_is_asked() -> None:
    assert len({repr(ask("bound", "asks", "shut", arguments={"x": 1})) for _ in range(20)}) == 1


def test_a_gate_and_its_engine_say_the_same() -> None:
    gate = Hexgate(ENGINE.program, agent="bot")
    assert gate.decide("t", {"x": 1}, user=User("u", "bound")) == ask("bound", arguments={"x": 1})


def test_a_rule_names_its_role_whether_it_is_found_exactly_or_by_a_prefix() -> None:
    tools = {"pay": {"mode": "allow"}, "view-*": {"mode": "allow"}}
    hexgate = Hexgate.from_policy({"roles": {"staff": {"tools": tools}}})
    for tool, rule in (("pay", "pay"), ("view-order", "view-*")):
        for user in (User("alice", "staff"), User("alice", roles=("staff", "staff2"))):
            found = hexgate.decide(tool, user=user).rule
            assert found is not None
            assert (found.role, found.tool) == ("staff", rule)


def test_a_narrowed_user_is_refused_by_the_tool_that_is_called_and_not_by_another() -> None:
    hexgate = Hexgate.from_policy({"roles": {"staff": {"default_policy": {"mode": "allow"}}}})
    narrowed = User("alice", roles=("staff", "more")).narrowed(tools=["pay"])
    assert hexgate.decide("pay", user=narrowed).code == "allowed"
    refused = hexgate.decide("view", user=narrowed)
    assert (refused.outcome, refused.code) == ("deny", narrowed.obstacle("view"))
    assert refused.code != "user_expired"
