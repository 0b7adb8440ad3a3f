"""An engine answers as its module says, names the rule when it has the program, and refuses what every engine refuses."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, cast

import pytest
from wasmtime import wat2wasm

from hexgate.core import Decision, ModuleError, Outcome, Policy, RuleReference, ToolCall, User, compile_policy
from hexgate.core.engine import NativeEngine
from hexgate.core.wasm.engine import MOST_LOGGED, WasmEngine
from hexgate.core.wasm.limits import Budget
from hexgate.core.wasm.question import question_of

Module = Callable[..., bytes]
POLICY = """\
roles:
  staff:
    tools:
      view: {mode: allow, reason: everyone may look}
      mcp-*: {mode: deny}
    default_policy: {mode: allow}
  bare:
    tools:
      view: {mode: allow}
"""
PROGRAM = compile_policy(Policy.from_text(POLICY, "p.yaml"))
NATIVE = NativeEngine(PROGRAM)
CALL = ToolCall("view", {"a": 1}, "bot")
STAFF = User("alice", "staff")


def test_a_decision_carries_what_the_module_says(module: Module) -> None:
    wasm = module(answer={"allow": False, "violations": ["args.a == 2"], "monitor": "2027-01-31"})
    engine = WasmEngine(wasm)
    assert engine.decide(CALL, User("alice", roles=["staff", "other"])) == Decision(
        *(Outcome.DENY, "constraint_failed", "view", "bot", ("staff", "other"), "staff", None, ("args.a == 2",)),
        *("2027-01-31", None, engine.digest, "wasm"),
    )
    assert engine.digest.startswith("sha256:")
    assert engine.digest != WasmEngine(module()).digest


def test_with_its_program_it_says_what_the_native_engine_says_and_names_itself(module: Module) -> None:
    engine = WasmEngine(module(), program=PROGRAM)
    for tool in ("view", "view", "other"):
        call = ToolCall(tool, {})
        assert engine.decide(call, STAFF) == NATIVE.decide(call, STAFF)._replace(engine="wasm")
    assert engine.digest == PROGRAM.digest


def test_the_rule_is_found_by_the_role_that_decided(module: Module) -> None:
    engine = WasmEngine(module(answer={"allow": False, "explicit_deny": True}), program=PROGRAM)
    assert engine.decide(ToolCall("mcp-x", {}), STAFF).rule == RuleReference("staff", "mcp-*", "p.yaml", 5, None)
    default = WasmEngine(module(answer={"allow": False, "deciding_role": "bare"}), program=PROGRAM)
    assert default.decide(ToolCall("x", {}), STAFF).rule is None
    assert default.decide(ToolCall("view", {}), STAFF).rule == RuleReference("bare", "view", "p.yaml", 9, None)


def test_without_any_role_there_is_no_rule(module: Module) -> None:
    engine = WasmEngine(module(answer={"allow": False, "deciding_role": None, "monitor": True}), program=PROGRAM)
    decision = engine.decide(CALL, STAFF)
    assert (decision.code, decision.rule, decision.monitor) == ("no_role", None, True)


def test_a_role_that_the_policy_does_not_have_is_no_answer(module: Module) -> None:
    decision = WasmEngine(module(answer={"deciding_role": "root"}), program=PROGRAM).decide(CALL, STAFF)
    assert (decision.outcome, decision.code) == (Outcome.DENY, "module_fault")
    assert decision.reason.endswith("it names a role that the policy does not have")


REFUSED: dict[str, tuple[Any, Any]] = {
    "arguments that are no JSON": (ToolCall("view", "{"), STAFF),
    "nobody": (CALL, None),
    "no user and no call": (None, None),
    "no call": ("view", STAFF),
    "no user": (CALL, "alice"),
    "a user out of another world": (CALL, object()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_native_engine_refuses_is_refused_in_the_same_words(name: str, module: Module) -> None:
    call, user = REFUSED[name]
    found = WasmEngine(module(), program=PROGRAM).decide(call, user)
    assert found == NATIVE.decide(call, user)._replace(engine="wasm")
    assert found.denied


def test_a_user_whose_time_is_over_is_refused(module: Module) -> None:
    engine = WasmEngine(module(), program=PROGRAM)
    user = User("alice", "staff", ttl_seconds=1000)
    assert engine.decide(CALL, user).allowed
    object.__setattr__(user, "expires_at", 1.0)
    assert engine.decide(CALL, user) == NATIVE.decide(CALL, user)._replace(engine="wasm")


def test_a_fault_of_ours_is_a_denial(module: Module, caplog: pytest.LogCaptureFixture) -> None:
    user = User("alice", "staff")
    object.__setattr__(user, "encoded", "no bytes")
    with caplog.at_level(logging.ERROR, "hexgate.engine"):
        assert WasmEngine(module()).decide(CALL, user).code == "engine_fault"
    assert len(caplog.records) == 1


def test_each_kind_of_failure_is_logged_once_and_never_with_the_arguments(
    module: Module, caplog: pytest.LogCaptureFixture
) -> None:
    engine = WasmEngine(module(result=b"nothing"))
    secret = ToolCall("view", {"password": "hunter2"})
    with caplog.at_level(logging.ERROR, "hexgate.engine"):
        details = {engine.decide(secret, STAFF).detail for _ in range(3)}
        assert details == {"its result is not JSON"}
        WasmEngine(module(result=b"nothing")).decide(secret, STAFF)
    assert len(caplog.records) == 2
    assert "hunter2" not in caplog.text


def test_a_log_that_cannot_be_written_changes_no_answer(module: Module) -> None:
    class Broken(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise OSError("no room left")

    broken, log = Broken(), logging.getLogger("hexgate.engine")
    log.addFilter(broken)
    try:
        assert WasmEngine(module(result=b"")).decide(CALL, STAFF).code == "module_fault"
    finally:
        log.removeFilter(broken)


@pytest.mark.parametrize(
    ("user", "wanted"),
    [
        (STAFF, {"role": "staff", "user": {"id": "alice"}}),
        (User(None), {"roles": []}),
        (
            User("a", roles=["x", 'y"'], session_id="s"),
            {"roles": ["x", 'y"'], "user": {"id": "a"}, "session": {"id": "s"}},
        ),
        (User(None, "r", attributes={"ö": [1.5]}), {"role": "r", "ctx": {"ö": [1.5]}}),
    ],
)
def test_a_question_is_one_sorted_object_with_what_is_known(user: User, wanted: dict[str, Any]) -> None:
    text = question_of(ToolCall('to"ol', {"b": {"d": 1, "c": 2**70}, "a": "é"}), user)
    found = json.loads(text)
    assert found == {"args": {"b": {"d": 1, "c": 2**70}, "a": "é"}, "ctx": {}, "tool": 'to"ol', **wanted}
    assert list(found) == sorted(found)
    assert text == json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def test_the_module_is_given_the_question_and_nothing_else(module: Module) -> None:
    # It answers only when the first and the last byte are those of an object, and the length is right.
    wasm = module(
        """(if (i32.ne (i32.load8_u (local.get 3)) (i32.const 123)) (then unreachable))
        (if (i32.ne (i32.load8_u (i32.add (local.get 3) (i32.sub (local.get 4) (i32.const 1)))) (i32.const 125))
          (then unreachable))
        (if (i32.or (local.get 0) (local.get 6)) (then unreachable))
        (if (i32.and (local.get 5) (i32.const 7)) (then unreachable))
        (if (i32.lt_u (local.get 5) (i32.add (local.get 3) (local.get 4))) (then unreachable))
        (i32.const 4096)"""
    )
    engine = WasmEngine(wasm)
    for size in range(40):
        assert engine.decide(ToolCall("view", {"a": "x" * size}), STAFF).allowed


def test_the_entrypoint_is_ours_or_the_one_that_is_named_or_the_only_one(module: Module) -> None:
    by_number = "(if (i32.ne (local.get 1) (i32.const {})) (then unreachable)) (i32.const 4096)"
    several = {"authz/a": 0, "hexgate/policy/decision": 1, "authz/b": 2}
    assert WasmEngine(module(by_number.format(1), entrypoints=several)).decide(CALL, STAFF).allowed
    assert (
        WasmEngine(module(by_number.format(2), entrypoints=several), entrypoint="authz/b").decide(CALL, STAFF).allowed
    )
    assert WasmEngine(module(by_number.format(5), entrypoints={"only": 5})).decide(CALL, STAFF).allowed


@pytest.mark.parametrize(
    ("entrypoints", "named", "said"),
    [
        ({"a": 0, "b": 1}, None, "no entrypoint `hexgate/policy/decision`; it has `a`, `b`"),
        ({"authz/allow": 0}, "authz/alow", "did you mean `authz/allow`?"),
        ({}, None, "it has none"),
        ({"a": 0}, "b", "no entrypoint `b`"),
    ],
)
def test_an_entrypoint_that_is_not_there_is_a_mistake(
    entrypoints: dict[str, int], named: str | None, said: str, module: Module
) -> None:
    with pytest.raises(ModuleError) as caught:
        WasmEngine(module(entrypoints=entrypoints), entrypoint=named)
    assert caught.value.code == "HX733"
    assert said in str(caught.value)


def test_a_budget_of_the_callers_own_is_kept_to(module: Module) -> None:
    loops = "(local $n i32) (loop (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 9000))))"
    wasm = module(f"{loops} (i32.const 4096)")
    assert WasmEngine(wasm, budget=Budget(100_000, 0)).decide(CALL, STAFF).allowed
    assert WasmEngine(wasm, budget=Budget(1_000, 0)).decide(CALL, STAFF).code == "module_fault"
    assert WasmEngine(wasm, budget=Budget(0, 2_000)).decide(CALL, STAFF).allowed


def test_a_function_that_the_host_does_not_have_is_named(module: Module, caplog: pytest.LogCaptureFixture) -> None:
    for arity in range(5):
        values = "i32 " * (arity + 2)
        wasm = module(
            f"(call $f (i32.const {arity}) {'(i32.const 0)' * (arity + 1)})",
            imports=f'(import "env" "opa_builtin{arity}" (func $f (param {values}) (result i32)))',
            builtins={"other": 99, f"http.send{arity}": arity},
        )
        decision = WasmEngine(wasm).decide(CALL, STAFF)
        assert (decision.code, decision.detail) == (
            *("module_fault", f"it needs the host's function `http.send{arity}`, which is not there"),
        )


def test_a_function_without_a_name_is_not_told_by_its_number(module: Module) -> None:
    wasm = module(
        "(call $f (i32.const 7) (i32.const 0))",
        imports='(import "env" "opa_builtin0" (func $f (param i32 i32) (result i32)))',
    )
    said = "it needs a function of the host that it does not name, which is not there"
    assert WasmEngine(wasm).decide(CALL, STAFF).detail == said


def test_the_number_of_a_function_tells_nothing_of_the_arguments_and_fills_no_log(
    module: Module, caplog: pytest.LogCaptureFixture
) -> None:
    # Four bytes of the question as the number.
    engine = WasmEngine(
        module(
            "(call $f (i32.load (i32.add (local.get 3) (i32.const 18))) (i32.const 0))",
            imports='(import "env" "opa_builtin0" (func $f (param i32 i32) (result i32)))',
        )
    )
    with caplog.at_level(logging.ERROR, "hexgate.engine"):
        found = {engine.decide(ToolCall("view", {"a": f"{number:08}"}), STAFF) for number in range(50)}
    assert len({decision.detail for decision in found}) == len(caplog.records) == len(engine.logged) == 1


def test_a_module_with_many_kinds_of_failures_fills_no_log(module: Module, caplog: pytest.LogCaptureFixture) -> None:
    # The number is made of two digits of the question.
    engine = WasmEngine(
        module(
            """(call $f (i32.add (i32.load8_u (i32.add (local.get 3) (i32.const 15)))
                 (i32.mul (i32.const 10) (i32.load8_u (i32.add (local.get 3) (i32.const 14))))) (i32.const 0))""",
            imports='(import "env" "opa_builtin0" (func $f (param i32 i32) (result i32)))',
            builtins={f"f{number}": 48 * 11 + number for number in range(100)},
        )
    )
    with caplog.at_level(logging.ERROR, "hexgate.engine"):
        found = {engine.decide(ToolCall("view", {"a": f"{number:02}"}), STAFF).detail for number in range(100)}
    assert len(found) == 100
    assert len(caplog.records) == len(engine.logged) == MOST_LOGGED


def test_the_name_of_a_function_is_shown_on_one_line_and_not_endless(module: Module) -> None:
    wasm = module(
        "(call $f (i32.const 7) (i32.const 0))",
        imports='(import "env" "opa_builtin0" (func $f (param i32 i32) (result i32)))',
        builtins={"a\n" + "b" * 900: 7},
    )
    assert f"function `a·{'b' * 55}…`" in cast("str", WasmEngine(wasm).decide(CALL, STAFF).detail)


ABORTS = '(import "env" "opa_abort" (func $abort (param i32)))'


@pytest.mark.parametrize(
    ("address", "said"),
    [("(i32.const 2048)", " It says: the rules contradict·"), ("(local.get 3)", ""), ("(i32.const -9)", "")],
)
def test_what_a_module_says_as_it_gives_up_is_logged_unless_it_may_be_of_the_question(
    address: str, said: str, module: Module, caplog: pytest.LogCaptureFixture
) -> None:
    wasm = module(
        f"(call $abort {address}) (i32.const 4096)",
        imports=ABORTS,
        more='(data (i32.const 2048) "the rules contradict\\0a\\00")',
    )
    with caplog.at_level(logging.ERROR, "hexgate.engine"):
        assert WasmEngine(wasm).decide(CALL, STAFF).detail == "it gave up"
    assert caplog.messages == [f"the policy module gave no answer, and the call is denied: it gave up.{said}"]


COPIES = "(memory.copy {into} (i32.add (local.get 3) (i32.const 8)) (i32.const 9)) (call $abort {at}) (i32.const 4096)"


@pytest.mark.parametrize(
    "evaluate",
    [
        COPIES.format(into="(i32.const 1400)", at="(i32.const 1400)"),
        # Before a text of the module's own, and in the middle of one.
        COPIES.format(into="(i32.const 2044)", at="(i32.const 2044)"),
        COPIES.format(into="(i32.const 2052)", at="(i32.const 2048)"),
        # Beyond the memory that an instance has which is asked nothing.
        "(drop (memory.grow (i32.const 1)))" + COPIES.format(into="(i32.const 131072)", at="(i32.const 131072)"),
    ],
)
def test_what_a_module_made_of_the_question_is_not_logged_wherever_it_stands(
    evaluate: str, module: Module, caplog: pytest.LogCaptureFixture
) -> None:
    wasm = module(evaluate, imports=ABORTS, more='(data (i32.const 2048) "the rules contradict\\00")')
    call = ToolCall("view", {"password": "hunter2"})
    with caplog.at_level(logging.ERROR, "hexgate.engine"):
        assert WasmEngine(wasm).decide(call, STAFF).detail == "it gave up"
    assert caplog.messages == ["the policy module gave no answer, and the call is denied: it gave up."]


def test_printing_says_nothing_and_changes_nothing(module: Module, capfd: pytest.CaptureFixture[str]) -> None:
    wasm = module(
        "(call $print (local.get 3)) (i32.const 4096)", imports='(import "env" "opa_println" (func $print (param i32)))'
    )
    assert WasmEngine(wasm).decide(CALL, STAFF).allowed
    assert capfd.readouterr() == ("", "")


# What `opa build -t wasm` writes, in small: it imports its memory of two pages and every function of the host, keeps functions in a
# table that an element segment fills and calls them through it, has a start function, and dumps what its heap holds.
LIKE_OPAS = """(module
  (import "env" "memory" (memory 2))
  (import "env" "opa_builtin0" (func (param i32 i32) (result i32)))
  (import "env" "opa_builtin1" (func $builtin1 (param i32 i32 i32) (result i32)))
  (import "env" "opa_builtin2" (func (param i32 i32 i32 i32) (result i32)))
  (import "env" "opa_builtin3" (func (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "opa_builtin4" (func (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "opa_abort" (func $abort (param i32)))
  (import "env" "opa_println" (func $println (param i32)))
  (type $rule (func (param i32) (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 1) $allows $asks)
  (global $heap (mut i32) (i32.const 70000))
  (global (export "opa_wasm_abi_version") i32 (i32.const 1))
  (global (export "opa_wasm_abi_minor_version") i32 (i32.const 3))
  (export "memory" (memory 0))
  (func $begin (i32.store (i32.const 65000) (i32.const 1)))
  (start $begin)
  (func $allows (param i32) (result i32) (call $println (i32.const 300)) (i32.const 600))
  (func $asks (param i32) (result i32) (call $builtin1 (i32.const 3) (local.get 0) (local.get 0)))
  (func (export "builtins") (result i32) (i32.const 200))
  (func (export "entrypoints") (result i32) (i32.const 100))
  (func (export "opa_heap_ptr_get") (result i32) (global.get $heap))
  (func (export "opa_heap_ptr_set") (param i32) (global.set $heap (local.get 0)))
  (func $malloc (export "opa_malloc") (param i32) (result i32)
    (global.get $heap) (global.set $heap (i32.add (global.get $heap) (local.get 0))))
  (func (export "opa_json_parse") (param i32 i32) (result i32) (call $malloc (i32.const 24)))
  (func (export "opa_json_dump") (param i32) (result i32) (local.get 0))
  (func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32)
    (if (i32.ne (i32.load (i32.const 65000)) (i32.const 1)) (then (call $abort (i32.const 400))))
    (global.set $heap (local.get 5))
    (call_indirect (type $rule) (local.get 3) (i32.add (local.get 1) (i32.const 1))))
  (data (i32.const 100) "{\\22authz/allows\\22:0,\\22authz/asks\\22:1}\\00")
  (data (i32.const 200) "{\\22http.send\\22:3,\\22time.now_ns\\22:4}\\00")
  (data (i32.const 600) "RESULT\\00"))"""


def test_a_module_like_those_that_opa_builds_is_run() -> None:
    answer = {"allow": True, "approvers": None, "deciding_role": "staff", "explicit_deny": False}
    result = json.dumps([{"result": {**answer, "monitor": False, "requires_approval": False, "violations": []}}])
    wasm = bytes(wat2wasm(LIKE_OPAS.replace("RESULT", result.replace('"', "\\22"))))
    allows, asks = (WasmEngine(wasm, entrypoint=name) for name in ("authz/allows", "authz/asks"))
    for _ in range(3):
        assert allows.decide(CALL, STAFF).allowed
        assert asks.decide(CALL, STAFF).detail == "it needs the host's function `http.send`, which is not there"
    assert allows.decide(ToolCall("view", {"text": "x" * 300_000}), STAFF).allowed
    with pytest.raises(ModuleError, match="it has `authz/allows`, `authz/asks`"):
        WasmEngine(wasm)
