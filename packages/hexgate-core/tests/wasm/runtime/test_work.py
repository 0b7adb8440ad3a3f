"""What a call may cost a module: the bounds of the native engine, counted alike, and no more than linear work below them."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Any

import pytest

from hexgate.core.call import ToolCall
from hexgate.core.engine.native import NativeEngine
from hexgate.core.identity import User
from hexgate.core.wasm.assemble import assemble

CALLER = User(None, "default", attributes={"allowed": [2] * 999 + [1]})
MANY = list(range(500))


def answered(host: Any, call: ToolCall) -> tuple[bool, str | None]:
    """Whether a module allows a call, and its fault."""
    content = b'{"args":%s,"ctx":%s,"role":"default","tool":"t"}' % (call.encoded, CALLER.encoded)
    found = json.loads(host.raw(content))[0]["result"]
    return found["allow"], found.get("fault")


@pytest.mark.unwatched
@pytest.mark.parametrize(
    ("constraint", "arguments"),
    [
        ("every(args.a, . in args.b)", {"a": [1] * 100_000, "b": [2] * 100_000}),
        ("every(args.a, not contains(args.text, .))", {"a": ["zq"] * 10_000, "text": "y" * 300_000}),
        ("every(args.a, any(args.b, . == 7))", {"a": [1] * 5_000, "b": [2] * 4_999 + [7]}),
        ("any(args.a, any(.b, lower(args.text) == .))", {"a": [{"b": ["x"] * 5_000}] * 5, "text": "Y" * 20_000}),
        ("every(args.a, any(ctx.allowed, . == 1))", {"a": [1] * 200_000}),
        (" or ".join(f". == {n}" for n in range(300)).join(("every(args.a, ", ")")), {"a": [299] * 20_000}),
        ('matches(args.text, "[ab].{900}Q")', {"text": "é" * 400_000}),
        ("every(args.a, . in args.b)", {"a": [1] * 900, "b": [1] * 7_000}),
        ("every(args.a, any(args.b, . == 7))", {"a": [1] * 200, "b": [2] * 1_000 + [7]}),
        ("every(args.a, any(.b, . == 1))", {"a": [{"b": [0, 1]}] * 40_000}),
        (f"every(args.a, . in {MANY} and . not in ['x', true, null, 7.5])", {"a": [499] * 100_000}),
    ],
)
def test_a_module_gives_up_on_the_calls_on_which_the_native_engine_gives_up(
    compiled: Any, load: Any, constraint: str, arguments: dict[str, Any]
) -> None:
    program = compiled({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}})
    call = ToolCall("t", arguments)
    native = NativeEngine(program).decide(call, CALLER)
    fault = "work_exceeded" if native.code == "work_exceeded" else None
    assert answered(load(assemble(program)), call) == (native.allowed, fault)


@pytest.mark.parametrize(
    "constraint", ["every(args.a, . in args.b)", "every(args.a, any(args.b, . == 1 or . == ctx.allowed))"]
)
def test_the_bound_is_the_same_to_the_element(compiled: Any, load: Any, constraint: str) -> None:
    program = compiled({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}})
    engine, host = NativeEngine(program), load(assemble(program))

    def call(length: int) -> ToolCall:
        return ToolCall("t", {"a": [1] * length, "b": [1] * 68})

    first = bisect_left(
        range(50_000), True, key=lambda length: engine.decide(call(length), CALLER).code == "work_exceeded"
    )
    assert 20 < first < 50_000
    for length in range(first - 3, first + 3):
        assert answered(host, call(length)) == ((True, None) if length < first else (False, "work_exceeded"))


@pytest.mark.parametrize(
    ("constraint", "value"),
    [
        (f"every(args.a, . in {MANY})", [499] * 100_000),
        (f"every(args.a, . not in {[f'key-{n:04}' for n in range(300)]})", ["key-9999"] * 50_000),
        ("contains(args.a, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", "a" * 500_000),
        ("endswith(args.a, 'x') or count(args.a) == 7", "é" * 250_000),
        ("lower(args.a) == 'x'", "İ" * 250_000),
        ("within(args.a, 'src', '/srv', 'a/a/a')", "a/" * 250_000 + "a"),
        ("url_host_in(args.a, ['*.example.com', 'a.a'])", "https://" + "a." * 250_000 + "a"),
        ("matches(args.a, '(x+x+)+y')", "x" * 100_000),
        ("args.a == args.b", "a" * 500_000),
        ("every(args.a, .k == 1 and .z == 2 and .m == 3)", [{"k": 1, "m": 3, "z": 2}] * 20_000),
    ],
)
def test_a_large_argument_takes_no_more_than_a_little_work_a_byte(meter: Any, constraint: str, value: Any) -> None:
    content = json.dumps(
        {"tool": "t", "role": "default", "args": {"a": value, "b": value}}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    assert meter("opa_eval", content, constraint) < 1_500 * len(content)
