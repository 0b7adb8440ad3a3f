"""A document is read strictly: every mistake at once, each at its place, none of them an opened door."""

from __future__ import annotations

import pytest

from hexgate.core import Policy, PolicyError
from hexgate.core.errors import Mistake


def mistakes(text: str) -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text(text)
    return list(caught.value.mistakes)


def places(text: str) -> list[tuple[str, int, int]]:
    return [(found.code, found.span.line, found.span.column) for found in mistakes(text) if found.span]


def test_a_flat_file_is_the_role_default() -> None:
    policy = Policy.from_text("version: 1\nconsts: {a: 1}\ntools: {t: {mode: allow}}\n")
    assert list(policy.roles) == ["default"]
    assert policy.form == "flat"
    assert policy.roles["default"].tools["t"].mode == "allow"
    assert policy.roles["default"].consts == {"a": 1}


def test_inline_roles_have_a_document_above_them() -> None:
    policy = Policy.from_text(
        "version: 1\nconsts: {a: 1}\nenforce: false\nroles: {x: {is_mixin: true}, y: {inherits: [x]}}"
    )
    assert list(policy.roles) == ["x", "y"]
    assert (policy.form, policy.consts, policy.monitor) == ("inline", {"a": 1}, True)
    assert policy.roles["x"].is_mixin
    assert policy.roles["y"].inherits == ("x",)


def test_an_empty_mapping_is_a_policy_that_denies_everything() -> None:
    assert Policy.from_text("{}").roles["default"].tools == {}
    assert Policy.from_text("default_policy: {mode: deny}").roles["default"].tools == {}


@pytest.mark.parametrize("version", ["2", "0", "1.5", "true", "'1'", "one", "null", "[1]", "{a: 1}", "yes"])
def test_there_is_one_version(version: str) -> None:
    assert places(f"version: {version}\ntools: {{}}") == [("HX201", 1, 10)]


@pytest.mark.parametrize("version", ["1", "1.0", "1e0"])
def test_the_one_version_may_be_written_as_any_number_that_is_one(version: str) -> None:
    assert Policy.from_text(f"version: {version}\ntools: {{}}") == Policy.from_text("tools: {}")


def test_all_mistakes_of_a_document_are_found_at_once_in_the_order_of_its_text() -> None:
    text = """\
version: 2
tols: {}
consts: {1a: 1, b: null}
roles:
  a:
    inherits: [ghost, 5]
    version: 1
    tools:
      "*": {mode: allow}
      t: {mode: alow, constraint: [], constraints: [args.x =, args.y == red]}
      u: {}
      v: {mode: allow, approvers: {}}
  b c*: 5
"""
    assert places(text) == [
        *[("HX201", 1, 10), ("HX203", 2, 1), ("HX207", 3, 10), ("HX213", 3, 20), ("HX208", 6, 16), ("HX202", 6, 23)],
        *[("HX203", 7, 5), ("HX207", 9, 7), ("HX206", 10, 17), ("HX203", 10, 23), ("HX301", 10, 60), ("HX302", 10, 73)],
        *[("HX205", 11, 7), ("HX206", 12, 24), ("HX205", 12, 35), ("HX207", 13, 3), ("HX202", 13, 9)],
    ]


def test_an_unknown_key_is_told_the_nearest_or_all() -> None:
    [near, far] = mistakes("tols: {}\nzebra: 1\ntools: {}")
    assert near.help == "did you mean `tools`?"
    assert far.help is not None
    assert far.help.startswith("the keys here are `version`, `is_mixin`, `inherits`, `default_policy`, `tools`")
    assert near.path == "tols"


def test_constraint_for_constraints_never_loads() -> None:
    [found] = mistakes("tools: {t: {mode: allow, constraint: [args.x == 1]}}")
    assert (found.code, found.help, found.path) == ("HX203", "did you mean `constraints`?", "tools.t.constraint")


@pytest.mark.parametrize("key", ["tools", "default_policy", "inherits", "is_mixin"])
def test_a_key_of_a_role_beside_roles_is_told_where_it_belongs(key: str) -> None:
    [found] = mistakes(f"roles: {{a: {{}}}}\n{key}: {{}}")
    assert (found.code, found.help) == ("HX212", f"move it into a role: below `roles:`, `NAME:`, `{key}:`")
    assert found.span is not None
    assert found.span.line == 2


def test_roles_written_twice_are_a_mistake() -> None:
    assert places("roles: {a: {}}\nroles: {b: {}}") == [("HX108", 2, 1)]
    assert places("roles:\n  a: {}\n  a: {}") == [("HX108", 3, 3)]


def test_a_document_without_roles_is_a_mistake() -> None:
    assert places("roles: {}") == [("HX210", 1, 8)]
    assert places("roles: []") == [("HX202", 1, 8)]
    assert places("roles:") == [("HX202", 1, 7)]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("'*'", "alone is no prefix"), ("a*b", "holds a `*` before its end"), ("'**'", "holds a `*` before its end")],
)
def test_a_star_stands_only_at_the_end_of_a_longer_tool_name(name: str, wanted: str) -> None:
    [found] = mistakes(f"tools: {{{name}: {{mode: allow}}}}")
    assert found.code == "HX207"
    assert wanted in found.message


@pytest.mark.parametrize("name", ["''", "' a'", '"a\\n"', "x" * 257, '"\\u2028a"'])
def test_a_name_that_nobody_could_see_or_tell_apart_is_a_mistake(name: str) -> None:
    assert [found.code for found in mistakes(f"tools: {{? {name} : {{mode: allow}}}}")] == ["HX207"]
    assert [found.code for found in mistakes(f"roles: {{? {name} : {{}}}}")] == ["HX207"]


def test_a_role_holds_no_star() -> None:
    assert [found.code for found in mistakes("roles: {'admin*': {}}")] == ["HX207"]


def test_a_prefix_is_kept_with_its_star() -> None:
    assert list(Policy.from_text("tools: {mcp-*: {mode: allow}}").roles["default"].tools) == ["mcp-*"]


@pytest.mark.parametrize("name", ["1a", "a-b", "a b", "ä", "''", "a.b", '"a\\n"'])
def test_a_constant_has_a_name_that_a_constraint_can_write(name: str) -> None:
    assert [found.code for found in mistakes(f"consts: {{{name}: 1}}")] == ["HX207"]


@pytest.mark.parametrize(
    ("text", "monitor"), [("enforce: true", False), ("enforce: false", True), ("is_mixin: false", None)]
)
def test_monitoring_is_what_was_written_and_none_where_nothing_was(text: str, monitor: bool | None) -> None:
    assert Policy.from_text(text).roles["default"].monitor is monitor


def test_a_role_whose_body_is_no_mapping_does_not_hide_the_mistakes_of_the_others() -> None:
    assert places("roles:\n  a: 5\n  b: {inherits: [a], tols: {}}") == [("HX202", 2, 6), ("HX203", 3, 22)]


def test_a_directory_names_its_roles_after_its_files() -> None:
    policy = Policy.from_files({"billing.yaml": "inherits: [base]", "base.yml": "is_mixin: true", "notes.txt": "["})
    assert list(policy.roles) == ["base", "billing"]
    assert policy.form == "directory"


@pytest.mark.parametrize("stem", [" a", "a*", "a\x1b", "a" * 300, f"a{chr(0xDC80)}"])
def test_a_role_file_needs_a_name_that_a_role_may_have(stem: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_files({f"{stem}.yaml": "tools: {t: {mode: allow}}"})
    assert [found.code for found in caught.value.mistakes] == ["HX207"]
    str(caught.value).encode()


def test_roles_in_a_file_of_a_directory_are_unknown_keys() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_files({"a.yaml": "roles: {b: {}}"})
    assert [found.code for found in caught.value.mistakes] == ["HX203"]
