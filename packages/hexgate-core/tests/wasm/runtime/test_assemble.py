"""A program becomes one module: the same bytes everywhere, small or large, and any host can run it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hexgate.core.call import ToolCall
from hexgate.core.engine.native import NativeEngine
from hexgate.core.expr import syntax
from hexgate.core.identity import User
from hexgate.core.program import Program
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.binary import DATA, taken_apart
from hexgate.core.wasm.blob import Blob
from hexgate.core.wasm.link import SECTION
from hexgate.core.wasm.values import operand

Compiled = Callable[[dict[str, Any]], Program]

MIXED: dict[str, Any] = {
    "consts": {"limit": 500, "hosts": ["*.example.com", "Example.org"]},
    "roles": {
        "default": {"tools": {"t": {"mode": "deny"}}},
        "billing": {
            "default_policy": {"mode": "allow", "constraints": ["args.n in [3, 1, 2, 'x', null, [1, 2]]"]},
            "tools": {
                "refund": {"mode": "allow", "constraints": ["args.amount <= consts.limit", "lower(args.c) == 'eur'"]},
                "mcp-*": {"mode": "approval_required", "approvers": {"role": "finance", "not": "caller"}},
                "mcp-git-*": {"mode": "deny", "enforce": False, "until": "2027-01-31"},
                "get": {
                    "mode": "allow",
                    "constraints": ["url_host_in(args.url, consts.hosts)", "matches(args.q, '^a+$')"],
                },
                "write": {"mode": "allow", "file_scope": {"allowed_paths": ["src/**"], "denied_paths": ["**/.env"]}},
            },
        },
    },
}
TOOLS = "a aa ab abc abca abce abcd0 abd abz b ba0 ba- ba-w ba-xx é éz"
BUILD = """
import hashlib, json, sys
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from hexgate.core.wasm.assemble import assemble
print(hashlib.sha256(assemble(compile_policy(Policy.model_validate(json.load(sys.stdin))))).hexdigest())
"""


def large(roles: int, tools: int) -> dict[str, Any]:
    """A policy of so many roles with so many tools each, three constraints a tool, none of them like another."""
    return {
        "roles": {
            f"role-{role}": {
                "tools": {
                    f"tool-{tool}": {
                        "mode": "allow",
                        "constraints": [
                            f"args.amount <= {role * tools + tool}",
                            f'args.currency in ["USD", "EUR", "C{tool}"]',
                            f"startswith(args.name, 'r{role}-{tool}')",
                        ],
                    }
                    for tool in range(tools)
                }
            }
            for role in range(roles)
        }
    }


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_in_another_folder_with_another_hash_seed_makes_the_same_bytes(
    compiled: Compiled, tmp_path: Path, seed: str
) -> None:
    made = subprocess.run(
        [sys.executable, "-c", BUILD],
        input=json.dumps(MIXED),
        env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Tokyo"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.strip() == hashlib.sha256(assemble(compiled(MIXED))).hexdigest()


def test_the_order_in_which_roles_and_tools_were_written_changes_no_byte(compiled: Compiled) -> None:
    def turned(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: turned(each) for key, each in reversed(value.items())}

    assert assemble(compiled(turned(MIXED))) == assemble(compiled(MIXED))


def test_a_module_says_which_program_which_language_and_which_runtime_it_is(compiled: Compiled) -> None:
    program = compiled(MIXED)
    module = assemble(program)
    stamp = json.loads(module[module.rindex(SECTION.encode()) + len(SECTION) :])
    carried = files("hexgate.core.wasm").joinpath("runtime.wasm").read_bytes()
    digest = f"sha256:{hashlib.sha256(carried).hexdigest()}"
    assert stamp == {"language": 1, "runtime": digest, "source": program.digest}
    assert list(stamp) == sorted(stamp)


def test_the_runtime_is_smaller_than_a_page() -> None:
    assert len(files("hexgate.core.wasm").joinpath("runtime.wasm").read_bytes()) < 65536


@pytest.mark.parametrize("policy", [{"tools": {}}, {"roles": {"a": {"tools": {}}}}])
def test_an_empty_policy_denies_everything(compiled: Compiled, load: Any, policy: dict[str, Any]) -> None:
    host = load(assemble(compiled(policy)))
    found = host.ask({"tool": "t", "role": "default", "args": {}})
    assert (found["allow"], found["explicit_deny"], found["requires_approval"]) == (False, False, False)
    assert found["deciding_role"] == ("default" if "tools" in policy else None)


@pytest.mark.parametrize(("roles", "tools", "pages"), [(2, 30, 0), (10, 60, 2), (50, 200, 5)])
def test_a_large_policy_runs_in_the_memory_that_each_host_brings(
    compiled: Compiled, load: Any, roles: int, tools: int, pages: int
) -> None:
    module = assemble(compiled(large(roles, tools)))
    assert len(taken_apart(module)[DATA]) > pages * 65536
    for host in (load(module), load(module, 5), load(module, 64, 5120)):
        for role, tool in ((0, 0), (roles - 1, tools - 1), (roles // 2, 7)):
            asked = {
                "tool": f"tool-{tool}",
                "role": f"role-{role}",
                "args": {"amount": role * tools + tool, "currency": f"C{tool}", "name": f"r{role}-{tool}!"},
            }
            assert host.ask(asked)["allow"] is True
            asked["args"] = {"amount": role * tools + tool + 1, "currency": "CHF", "name": ""}
            assert host.ask(asked)["violations"] == [
                f"args.amount <= {role * tools + tool}",
                f'args.currency in ["USD", "EUR", "C{tool}"]',
                f"startswith(args.name, 'r{role}-{tool}')",
            ]


def test_a_module_that_finds_no_memory_for_its_policy_is_not_loaded(compiled: Compiled, load: Any) -> None:
    module = assemble(compiled(large(10, 40)))
    with pytest.raises(Exception, match="out of bounds memory access"):
        load(module, 2, 2)


def test_what_rules_share_is_written_once(compiled: Compiled) -> None:
    shared = {"mode": "allow", "constraints": ["matches(args.q, '^[a-z]{1,80}$')", "args.q in ['a', 'b']"]}
    one = len(assemble(compiled({"tools": {"t0": shared}})))
    ten = len(assemble(compiled({"tools": {f"t{number}": shared for number in range(10)}})))
    assert ten - one < 10 * 32


def test_the_table_of_lower_case_is_there_only_for_who_asks_for_it(compiled: Compiled) -> None:
    sizes = [
        len(assemble(compiled({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}})))
        for constraint in ("args.a == 'x'", "lower(args.a) == 'x'", "any(args.a, lower(.) == 'x')")
    ]
    assert sizes[1] - sizes[0] > 2_000
    assert sizes[2] - sizes[0] > 2_000


def test_a_constant_that_was_not_put_in_is_no_operand() -> None:
    with pytest.raises(KeyError, match="the constant limit was not put in"):
        operand(Blob(0, 0), syntax.Const("limit"))


ALL_LEAVES = """
exists(args.a) | not exists(args.a) | args.a == null | args.a != [1, [true, "x"]] | 5 < args.n | not (args.n >= 7.5)
args.a in ctx.list | args.a not in ctx.list | args.a not in [] | startswith(args.a, ctx.p) | not endswith(args.a, "z")
contains(lower(args.a), "Y") | not matches(args.a, "^x+$") | within(args.a, "./src", "/", "C:/x") | not within(args.a, "src")
url_host_in(args.a, ["*.example.com", "[::1]"]) | not url_host_in(args.a, ["a"]) | user.id == session.id | role == tool
every(args.list, any(., . == args.n)) | any(args.list, .k in [1] and .z != 2 and count(.) > 1)
args["odd \\"key"][99999999999] == 1
"""


def test_every_kind_of_leaf_is_written_and_asked(compiled: Compiled, load: Any) -> None:
    constraints = [each.strip() for line in ALL_LEAVES.strip().splitlines() for each in line.split(" | ")]
    policy = {"roles": {"default": {"tools": {"t": {"mode": "allow", "constraints": constraints}}}}}
    program = compiled(policy)
    host, engine = load(assemble(program)), NativeEngine(program)
    values: list[Any] = [
        None,
        "x",
        "X" * 3,
        "src/a",
        "./src",
        "/etc",
        "C:/x/y",
        "https://API.example.com:1/",
        5,
        [1, [True, "x"]],
        {},
    ]
    for value in values:
        for number, members in ((5, [[5], [4, 5.0]]), (8, [{"k": 1, "z": 1}, {}]), ("7", "x")):
            arguments = {"a": value, "n": number, "list": members}
            ctx = {"list": values, "p": "s"}
            question = {
                "tool": "t",
                "role": "default",
                "args": arguments,
                "ctx": ctx,
                "user": {"id": "u"},
            }
            caller = User("u", "default", attributes=ctx)
            wanted = engine.decide(ToolCall("t", arguments), caller).violations
            assert host.ask(question)["violations"] == list(wanted)


def test_the_longest_prefix_that_fits_is_found_among_many(compiled: Compiled, load: Any) -> None:
    names = ["a", "ab", "abc", "abd", "b", "ba-", "ba-x", "é", "éa"]
    tools: dict[str, Any] = {f"{name}*": {"mode": "allow", "constraints": [f"args.n == '{name}'"]} for name in names}
    tools |= {"abcd": {"mode": "deny"}, "ba": {"mode": "deny"}}
    host = load(assemble(compiled({"tools": tools})))
    for tool in [
        *["a", "aa", "ab", "abc", "abca", "abce", "abcd0", "abd", "abz", "b", "ba0", "ba-", "ba-w", "ba-xx", "é", "éz"],
        "éa\U0001f600",
    ]:
        wanted = max((name for name in names if tool.startswith(name)), key=len)
        assert host.ask({"tool": tool, "role": "default", "args": {}})["violations"] == [f"args.n == '{wanted}'"]
    for tool in ("", "c", "z", "A", "\U0001f600", "è"):
        assert host.ask({"tool": tool, "role": "default", "args": {}})["violations"] == []
    assert host.ask({"tool": "abcd", "role": "default", "args": {}})["explicit_deny"] is True
