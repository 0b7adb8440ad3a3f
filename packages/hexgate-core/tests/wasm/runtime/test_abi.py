"""A module speaks OPA's ABI 1.3: what it imports, what it exports, and what it does when a host misuses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from wasmtime import FuncType, GlobalType, MemoryType

FUNCTIONS: dict[str, tuple[int, int]] = {
    "builtins": (0, 1),
    "entrypoints": (0, 1),
    "eval": (1, 1),
    "opa_eval": (7, 1),
    "opa_eval_ctx_get_result": (1, 1),
    "opa_eval_ctx_new": (0, 1),
    "opa_eval_ctx_set_data": (2, 0),
    "opa_eval_ctx_set_entrypoint": (2, 0),
    "opa_eval_ctx_set_input": (2, 0),
    "opa_free": (1, 0),
    "opa_heap_blocks_restore": (0, 0),
    "opa_heap_blocks_stash": (0, 0),
    "opa_heap_ptr_get": (0, 1),
    "opa_heap_ptr_set": (1, 0),
    "opa_heap_stash_clear": (0, 0),
    "opa_json_dump": (1, 1),
    "opa_json_parse": (2, 1),
    "opa_malloc": (1, 1),
    "opa_value_add_path": (3, 1),
    "opa_value_dump": (1, 1),
    "opa_value_free": (1, 0),
    "opa_value_parse": (2, 1),
    "opa_value_remove_path": (2, 1),
}
QUESTION = {"tool": "t", "role": "default", "args": {"a": 1}}
YES = (
    '[{"result":{"allow":true,"approvers":null,"deciding_role":"default","explicit_deny":false,"monitor":false,'
    '"requires_approval":false,"violations":[]}}]'
)


def test_exactly_the_functions_of_the_abi_are_exported_with_their_types(anything: Any) -> None:
    found = {each.name: each.type for each in anything.module.exports}
    functions = {name: each for name, each in found.items() if isinstance(each, FuncType)}
    shapes = {name: (len(each.params), len(each.results)) for name, each in functions.items()}
    assert shapes == FUNCTIONS
    words = {str(word) for each in functions.values() for word in [*each.params, *each.results]}
    assert words == {"i32"}
    assert set(found) - set(shapes) == {"memory", "opa_wasm_abi_version", "opa_wasm_abi_minor_version"}


def test_the_version_stands_in_two_globals_that_never_change(anything: Any) -> None:
    types = {each.name: each.type for each in anything.module.exports if isinstance(each.type, GlobalType)}
    assert {name: (str(each.content), each.mutable) for name, each in types.items()} == {
        "opa_wasm_abi_version": ("i32", False),
        "opa_wasm_abi_minor_version": ("i32", False),
    }
    assert [anything.exports[name].value(anything.store) for name in types] == [1, 3]


def test_nothing_is_imported_but_a_memory_of_any_size_and_the_function_that_gives_up(anything: Any) -> None:
    imports = {(each.module, each.name): each.type for each in anything.module.imports}
    assert list(imports) == [("env", "memory"), ("env", "opa_abort")]
    memory = imports["env", "memory"]
    assert isinstance(memory, MemoryType)
    assert memory.limits.min <= 2
    assert memory.limits.max is None
    abort = imports["env", "opa_abort"]
    assert isinstance(abort, FuncType)
    assert (list(map(str, abort.params)), list(abort.results)) == (["i32"], [])


def test_entrypoints_and_builtins_are_objects_that_can_be_dumped(anything: Any) -> None:
    assert (
        anything.text(anything.call("opa_json_dump", anything.call("entrypoints"))) == '{"hexgate/policy/decision":0}'
    )
    assert anything.text(anything.call("opa_json_dump", anything.call("builtins"))) == "{}"


def test_a_decision_is_one_result_in_one_set_with_its_keys_sorted(anything: Any) -> None:
    assert anything.raw(json.dumps(QUESTION).encode()) == YES


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("shift", range(9))
def test_a_host_may_put_the_heap_anywhere_behind_its_input(anything: Any, form: int, shift: int) -> None:
    content = json.dumps(QUESTION).encode()
    address = anything.put(content)
    found = anything.call("opa_eval", 0, 0, 0, address, len(content), address + len(content) + shift, form)
    assert anything.text(found) == YES


def evaluated(host: Any, question: Any, data: Any) -> str:
    """The answer by the way of a context."""
    addresses = []
    for each in (question, data):
        content = json.dumps(each).encode()
        addresses.append(host.call("opa_json_parse", host.put(content), len(content)))
    context = host.call("opa_eval_ctx_new")
    host.call("opa_eval_ctx_set_input", context, addresses[0])
    host.call("opa_eval_ctx_set_data", context, addresses[1])
    host.call("opa_eval_ctx_set_entrypoint", context, 0)
    assert host.call("eval", context) == 0
    found: str = host.text(host.call("opa_json_dump", host.call("opa_eval_ctx_get_result", context)))
    return found


def test_a_context_gives_the_same_text_whatever_the_data(anything: Any) -> None:
    for data in ({}, {"hexgate": {"policy": {"decision": {"allow": False}}}}, [1]):
        assert evaluated(anything, QUESTION, data) == YES
    assert evaluated(anything, {**QUESTION, "args": {"a": '"\\\n\x01é\U0001f600'}}, {}) == anything.raw(
        json.dumps({**QUESTION, "args": {"a": 2}}).encode()
    )


def test_data_that_is_set_between_two_decisions_changes_neither(anything: Any) -> None:
    content = json.dumps(QUESTION).encode()
    assert anything.raw(content) == YES
    data = anything.call("opa_json_parse", anything.put(b'{"x":1}'), 7)
    mark = anything.call("opa_heap_ptr_get")
    address = anything.put(content)
    found = anything.call("opa_eval", 0, 0, data, address, len(content), address + len(content), 0)
    assert anything.text(found) == YES
    anything.call("opa_heap_ptr_set", mark)
    assert anything.text(anything.call("opa_json_dump", data)) == '{"x":1}'


@pytest.mark.parametrize("content", [b"", b"[", b"null", b"[]", b"{}", b'{"tool":1}', b'{"tool":"t"} x'])
def test_what_is_no_question_is_denied_with_a_fault_and_does_not_abort(anything: Any, content: bytes) -> None:
    assert json.loads(anything.raw(content))[0]["result"] == {
        "allow": False,
        "approvers": None,
        "deciding_role": None,
        "explicit_deny": False,
        "fault": "malformed_input",
        "monitor": False,
        "requires_approval": False,
        "violations": ["the input is no question that a policy can answer"],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"args": None},
        {"args": []},
        {"ctx": "x"},
        {"user": None},
        {"user": "alice"},
        {"user": {"id": 5}},
        {"session": {"id": None}},
        {"session": []},
        {"role": None},
        {"role": 1},
        {"roles": ["default"]},
        {"tool": None},
    ],
)
def test_what_has_another_type_than_a_question_has_is_denied_with_a_fault(anything: Any, wrong: Any) -> None:
    assert anything.ask({**QUESTION, **wrong})["fault"] == "malformed_input"


@pytest.mark.parametrize("roles", [None, "default", {"0": "default"}, ["default", 1]])
def test_roles_that_are_no_list_of_texts_are_denied_with_a_fault(anything: Any, roles: Any) -> None:
    assert anything.ask({"tool": "t", "args": {"a": 1}, "roles": roles})["fault"] == "malformed_input"


@pytest.mark.parametrize(
    "asked",
    [
        {"tool": "t", "args": {"a": 1}},
        {"tool": "t", "args": {"a": 1}, "roles": []},
        {"tool": "t", "args": {"a": 1}, "role": "unheard of"},
        {"tool": "t", "args": {"a": 1}, "ctx": {}, "user": {}, "session": {}, "more": 1},
    ],
)
def test_what_is_left_out_is_empty_or_missing(anything: Any, asked: Any) -> None:
    assert anything.ask(asked)["allow"] is True


MISUSES: list[tuple[str, Callable[[Any], Any]]] = [
    ("there is no such entrypoint", lambda host: host.raw(b"{}", 99)),
    (
        "there is no such entrypoint",
        lambda host: host.call("opa_eval_ctx_set_entrypoint", host.call("opa_eval_ctx_new"), 1),
    ),
    ("the first argument of opa_eval must be 0", lambda host: host.call("opa_eval", 1, 0, 0, 0, 0, host.heap, 0)),
    ("the heap pointer lies before the heap", lambda host: host.call("opa_heap_ptr_set", host.heap - 1)),
    ("the heap pointer lies before the heap", lambda host: host.call("opa_eval", 0, 0, 0, 0, 0, 0, 0)),
    ("the text lies outside of the memory", lambda host: host.call("opa_json_parse", -16, 15)),
    ("the text lies outside of the memory", lambda host: host.call("opa_eval", 0, 0, 0, 0, -1, host.heap, 0)),
    ("out of memory", lambda host: host.call("opa_malloc", -1)),
    ("out of memory", lambda host: host.call("opa_malloc", 0x7FFFFFFF)),
]


@pytest.mark.parametrize(("said", "misuse"), MISUSES)
def test_a_host_that_misuses_a_module_is_told_and_the_next_question_is_answered(
    one_rule: Any, aborted: type[Exception], said: str, misuse: Callable[[Any], Any]
) -> None:
    host = one_rule("args.a == 1")
    limited = type(host)(host.content, 2, 4)
    for each in (host, limited) if said != "out of memory" else (limited,):
        with pytest.raises(aborted, match=said):
            misuse(each)
        assert each.raw(json.dumps(QUESTION).encode()) == YES


def test_a_memory_that_cannot_grow_ends_a_decision_and_not_the_module(one_rule: Any, aborted: type[Exception]) -> None:
    host = one_rule("count(args.a) == 100000")
    limited = type(host)(host.content, 2, 40)
    large = {**QUESTION, "args": {"a": [0] * 100_000}}
    assert host.ask(large)["allow"] is True
    with pytest.raises(aborted, match="out of memory"):
        limited.ask(large)
    assert limited.ask(QUESTION)["allow"] is False


def test_three_thousand_decisions_leave_the_memory_as_it_is(anything: Any) -> None:
    content = json.dumps(QUESTION).encode()
    anything.raw(content)
    pages = anything.memory.size(anything.store)
    for _ in range(3_000):
        anything.raw(content)
    assert anything.memory.size(anything.store) == pages


def change(host: Any, base: str, path: Any, added: Any = None, *, remove: bool = False) -> tuple[int, str]:
    """The code of a change of a document and the document after it."""
    addresses = []
    for text in (base, json.dumps(path), json.dumps(added)):
        content = text.encode()
        addresses.append(host.call("opa_json_parse", host.put(content), len(content)))
    name, arguments = ("opa_value_remove_path", addresses[:2]) if remove else ("opa_value_add_path", addresses)
    code = host.call(name, *arguments)
    return code, host.text(host.call("opa_json_dump", addresses[0]))


@pytest.mark.parametrize(
    ("base", "path", "added", "after"),
    [
        ("{}", ["a"], 1, '{"a":1}'),
        ('{"b":1}', ["a"], [2], '{"a":[2],"b":1}'),
        ('{"a":1}', ["b"], None, '{"a":1,"b":null}'),
        ('{"a":1,"c":3}', ["b"], 2, '{"a":1,"b":2,"c":3}'),
        ('{"a":1}', ["a"], {"b": {}}, '{"a":{"b":{}}}'),
        ('{"a":{"b":1}}', ["a", "c"], 2, '{"a":{"b":1,"c":2}}'),
        ('{"x":0}', ["a", "b", "c"], "é", '{"a":{"b":{"c":"é"}},"x":0}'),
        ("{}", ["k"] * 128, 1, '{"k":' * 128 + "1" + "}" * 128),
    ],
)
def test_a_value_is_put_at_a_path_and_the_objects_on_the_way_are_made(
    anything: Any, base: str, path: Any, added: Any, after: str
) -> None:
    assert change(anything, base, path, added) == (0, after)


@pytest.mark.parametrize(
    ("base", "path", "added", "code"),
    [
        ("[]", ["a"], 1, 2),
        ("{}", {}, 1, 2),
        ("{}", "a", 1, 2),
        ("{}", [], 1, 3),
        ("{}", [1], 1, 3),
        ("{}", ["a", None], 1, 3),
        ('{"a":1}', ["a", "b"], 1, 3),
        ('{"a":[]}', ["a", "0"], 1, 3),
        ("{}", ["k"] * 129, 1, 3),
        ("{}", ["k"] * 128, [], 3),
        ("{}", ["k"] * 127, [[]], 3),
    ],
)
def test_a_path_that_cannot_be_gone_is_told_by_its_code_and_changes_nothing(
    anything: Any, base: str, path: Any, added: Any, code: int
) -> None:
    assert change(anything, base, path, added) == (code, base)


@pytest.mark.parametrize(
    ("base", "path", "code", "after"),
    [
        ('{"a":1,"b":2,"c":3}', ["b"], 0, '{"a":1,"c":3}'),
        ('{"a":{"b":1}}', ["a", "b"], 0, '{"a":{}}'),
        ('{"a":1}', ["b"], 0, '{"a":1}'),
        ('{"a":1}', ["b", "c"], 3, '{"a":1}'),
        ('{"a":1}', ["a", "c"], 3, '{"a":1}'),
        ('{"a":1}', [], 3, '{"a":1}'),
        ("[1]", ["a"], 2, "[1]"),
    ],
)
def test_a_value_is_removed_from_a_path(anything: Any, base: str, path: Any, code: int, after: str) -> None:
    assert change(anything, base, path, remove=True) == (code, after)


def test_a_value_that_is_put_into_itself_is_a_copy(anything: Any) -> None:
    base = anything.call("opa_json_parse", anything.put(b'{"a":1}'), 7)
    path = anything.call("opa_json_parse", anything.put(b'["b"]'), 5)
    assert anything.call("opa_value_add_path", base, path, base) == 0
    assert anything.text(anything.call("opa_json_dump", base)) == '{"a":1,"b":{"a":1}}'
    assert anything.call("opa_value_add_path", base, path, 0) == 2


@pytest.mark.parametrize("name", ["opa_free", "opa_value_free"])
def test_what_is_freed_is_still_there_until_the_heap_is_set_back(anything: Any, name: str) -> None:
    found = anything.call("opa_json_parse", anything.put(b"[1]"), 3)
    anything.call(name, found)
    for stub in ("opa_heap_blocks_stash", "opa_heap_blocks_restore", "opa_heap_stash_clear"):
        anything.call(stub)
    assert anything.text(anything.call("opa_value_dump", found)) == "[1]"
