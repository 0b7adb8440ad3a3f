"""Every text ends in a policy or in mistakes, in bounded time and memory: no traceback, no hang, no bomb."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import Hexgate, Policy, PolicyError, User
from hexgate.core.errors import MOST_MISTAKES, Mistake
from hexgate.core.policy import fields, nodes, roles

RULE = "tools: {t: {mode: allow}}\n"
NAMES = [f"r{number}" for number in range(10_000)]


def mistakes(text: str) -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text(text)
    assert str(caught.value).isprintable() or "\n" in str(caught.value)
    return list(caught.value.mistakes)


def codes(text: str) -> list[str]:
    return [mistake.code for mistake in mistakes(text)]


def places(text: str) -> list[tuple[str, int, int]]:
    return [(found.code, found.span.line, found.span.column) for found in mistakes(text) if found.span]


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The parser in C, which nearly every machine has, and the one that the rest has."""
    name: str = request.param
    monkeypatch.setattr(nodes, "LOADER", getattr(yaml, name))
    return name


def bomb(first: str, row: Callable[[int], str]) -> str:
    return f"a: &a0 {first}\n" + "".join(f"b{level}: &a{level + 1} {row(level)}\n" for level in range(12))


NESTED = {
    "3,000 parentheses": (
        f'tools: {{t: {{mode: allow, constraints: ["{"(" * 3000}args.x == 1{")" * 3000}"]}}}}',
        [("HX306", 1, 41)],
    ),
    "2,000 parentheses": (
        f'tools: {{t: {{mode: allow, constraints: ["{"(" * 2000}args.x == 1{")" * 2000}"]}}}}',
        [("HX307", 1, 105)],
    ),
    "a constraint of a megabyte": (
        f"tools: {{t: {{mode: allow, constraints: ['args.x in [{'1,' * 500_000}1]']}}}}",
        [("HX306", 1, 41)],
    ),
    "100,000 brackets": ("[" * 100_000, [("HX104", 1, 65)]),
    "100,000 braces": ("{a: " * 100_000, [("HX104", 1, 257)]),
    "100,000 dashes": ("- " * 100_000, [("HX104", 1, 129)]),
    "100,000 question marks": ("? " * 100_000, [("HX202", 1, 3)]),
    "laughs in lists": (bomb(f"[{'x,' * 10}]", lambda level: f"[{f'*a{level},' * 10}]"), [("HX106", 6, 5)]),
    "laughs in mappings": (
        bomb("{x: 1}", lambda level: "{" + ",".join(f"k{n}: *a{level}" for n in range(10)) + "}"),
        [("HX106", 7, 5)],
    ),
    "a list that holds itself": ("a: &a [*a]", [("HX106", 1, 8)]),
    "a mapping that holds itself far below": ("a: &a\n  b: &b\n    - c: *a", [("HX106", 3, 10)]),
    "an anchor that is written anew inside of itself": ("a: &a 1\nb: &a [*a]", [("HX106", 2, 8)]),
    "an alias of nothing": ("a: *b", [("HX101", 1, 4)]),
    "a tag": ("a: !!python/object:os.system x", [("HX107", 1, 4)]),
    "a tag on a list": ("a:\n - !!set [b]", [("HX107", 2, 4)]),
    "a merge key": ("a: &a {mode: allow}\ntools: {t: {<<: *a, mode: deny}}", [("HX203", 1, 1), ("HX203", 2, 13)]),
    "a key that is a list": ("[a, b]: 1", [("HX202", 1, 1)]),
    "a key that is an alias of a list": ("a: &a [1]\n? *a\n: 2", [("HX202", 1, 4)]),
    "a second document": (f"{RULE}---\n{RULE}", [("HX105", 2, 1)]),
}


@pytest.mark.parametrize("name", NESTED)
def test_nesting_aliases_and_tags_end_in_a_mistake_with_its_place(name: str, loader: str) -> None:
    text, wanted = NESTED[name]
    assert places(text) == wanted


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"], ids=ascii)
def test_every_line_end_of_yaml_counts_as_one_line(end: str, loader: str) -> None:
    assert places(end.join(["tools:", "  a:", "    mod: allow", ""])) == [("HX204", 2, 3), ("HX203", 3, 5)]


ODD_CHARACTERS = {
    "tab": ("tools:\n\ta: {mode: allow}", [("HX101", 2, 1)]),
    "tab after a dash": ("a:\n  -\t- b\n", [("HX101", 2, 4)]),
    "NUL": ("tools:\n  a\0: {mode: allow}", [("HX101", 2, 4)]),
    "escape": ("tools:\r\n  a: \x1b", [("HX101", 2, 6)]),
    "delete": ("tools:\r  \x7f: {}", [("HX101", 2, 3)]),
    "byte order mark inside": ("tools:\n  \ufeffx: {mode: allow}", [("HX101", 2, 3)]),
    "two byte order marks": ("\ufeff\ufeff" + RULE, [("HX101", 1, 1)]),
    "half of a pair": ('tools:\u2028  "a' + chr(0xD800) + '": {mode: allow}', [("HX101", 2, 5)]),
    "no character": ("tools: {a\uffff: {mode: allow}}", [("HX101", 1, 10)]),
}


@pytest.mark.parametrize("name", ODD_CHARACTERS)
def test_a_character_that_yaml_does_not_allow_is_a_mistake_at_its_place(name: str, loader: str) -> None:
    text, wanted = ODD_CHARACTERS[name]
    assert places(text) == wanted


def test_a_byte_order_mark_at_the_beginning_moves_no_place(loader: str) -> None:
    assert Policy.from_text(f"\ufeff{RULE}") == Policy.from_text(RULE)
    assert places("\ufefftools: {a: {mod: allow}}") == places("tools: {a: {mod: allow}}")


def test_names_in_emoji_count_as_the_characters_that_they_are(loader: str) -> None:
    gate = Hexgate.from_policy(Policy.from_text("roles:\n  😀👍🏽:\n    tools: {🔥: {mode: allow}}"))
    assert gate.decide("🔥", user=User("u", "😀👍🏽")).allowed
    assert places('tools:\n  "😀": {mode: allow, mod: 1}\n  😀x: {mod: allow}') == [
        *[("HX203", 2, 22), ("HX204", 3, 3)],
        ("HX203", 3, 8),
    ]


def test_an_escape_of_yaml_cannot_move_the_cursor_of_who_reads_the_mistake(loader: str) -> None:
    for text in ('"a\\e[31m\\nb": x', 'tools: {"\\e]0;": {mode: allow}}', 'roles: {"a\\Nb": {inherits: ["\\0"]}}'):
        for found in mistakes(text):
            assert found.headline.isprintable()


ANYWHERE = st.text("{}[]:,-?&*!|>'\"%@`#\n \t\r\ufeff\x00<ab01~.", max_size=40)


@given(st.one_of(ANYWHERE, st.text(max_size=40)))
def test_no_text_brings_the_reader_down(text: str) -> None:
    found: tuple[Mistake, ...] = ()
    try:
        Policy.from_text(text)
    except PolicyError as error:
        found = error.mistakes
    for mistake in found:
        assert re.fullmatch("HX[123][0-9]{2}", mistake.code)
        assert mistake.headline.isprintable()


@given(ANYWHERE)
def test_both_parsers_find_the_same_in_what_both_can_read(text: str) -> None:
    found = []
    for parser in (yaml.CSafeLoader, yaml.SafeLoader):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nodes, "LOADER", parser)
            try:
                found.append([str(Policy.from_text(text))])
            except PolicyError as error:
                found.append([mistake.headline for mistake in error.mistakes if mistake.code != "HX101"])
    if [] not in found:
        assert found[0] == found[1]


@pytest.mark.parametrize(
    "text",
    ["0" + "e" * 5000 + "!", "0" + ".:" * 5000 + "!", "-.0" + "x_" * 5000 + " ", "0" * 100_000, "0e" + "9" * 100_000],
    ids=range(5),
)
def test_what_looks_like_a_number_is_looked_at_once(text: str) -> None:
    node = nodes.ScalarNode(text, True, None)
    found = fields.Fields()
    found.scalar(node, "")
    assert len(found.mistakes) <= 1


def test_only_mistakes_that_are_shown_get_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(fields, "suggestion", lambda word, known: asked.append(word))
    monkeypatch.setattr(roles, "suggestion", lambda word, known: asked.append(word))
    assert len(mistakes("".join(f"constrain{number}: 1\n" for number in range(500)))) == 500
    assert len(asked) == MOST_MISTAKES
    assert len(mistakes(f"roles: {{a: {{inherits: [{','.join(NAMES[:500])}]}}}}")) == 500
    assert len(asked) == 2 * MOST_MISTAKES


@pytest.mark.unwatched
def test_ten_thousand_roles_are_a_policy() -> None:
    policy = Policy.from_text("roles:\n" + "".join(f"  {name}: {{{RULE.strip()}}}\n" for name in NAMES))
    assert Hexgate.from_policy(policy).decide("t", user=User("u", "r9999")).deciding_role == "r9999"


@pytest.mark.unwatched
def test_ten_thousand_roles_in_a_chain_are_a_mistake() -> None:
    chain = "".join(f"  r{number}: {{inherits: [r{number - 1}]}}\n" for number in range(1, 10_000))
    assert places(f"roles:\n  r0: {{}}\n{chain}") == [("HX209", 66, 8)]


@pytest.mark.unwatched
def test_ten_thousand_roles_in_one_loop_are_one_mistake_with_a_readable_chain() -> None:
    chain = "".join(f"  r{number}: {{inherits: [r{number - 1}]}}\n" for number in range(1, 10_000))
    found = mistakes(f"roles:\n  r0: {{inherits: [r9999]}}\n{chain}")
    assert [mistake.code for mistake in found] == ["HX209"]
    assert len(found[0].message) < 200


@pytest.mark.unwatched
def test_roles_that_all_inherit_one_another_are_as_many_mistakes_as_are_shown() -> None:
    all_names = ",".join(NAMES[:300])
    assert codes("roles:\n" + "".join(f"  {name}: {{inherits: [{all_names}]}}\n" for name in NAMES[:300])) == (
        ["HX209"] * MOST_MISTAKES
    )


def test_each_link_between_roles_is_followed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def noted(name: str) -> str:
        looked_at.append(name)
        return name

    def counted(names: Iterable[str], seen: set[str]) -> Iterator[str]:
        return unseen(map(noted, names), seen)

    unseen = roles.unseen
    monkeypatch.setattr(roles, "unseen", counted)
    names = NAMES[:120]
    below = "".join(f"  {name}: {{inherits: [{','.join(names[at + 1 :])}]}}\n" for at, name in enumerate(names))
    assert codes(f"roles:\n{below}") == ["HX209"]
    assert len(looked_at) == 120 + 120 * 119 // 2


@pytest.mark.unwatched
def test_a_role_with_ten_thousand_parents_is_a_policy() -> None:
    parents = "".join(f"  {name}: {{tools: {{{name}: {{mode: allow}}}}}}\n" for name in NAMES)
    policy = Policy.from_text(f"roles:\n  all: {{inherits: [{','.join(NAMES)}]}}\n{parents}")
    assert Hexgate.from_policy(policy).decide("r7", user=User("u", "all")).allowed


CONSTS = "{" + ",".join(f"c{number}: 1" for number in range(10_000)) + "}"
ROLES = "".join(f"  {name}: {{inherits: [base], tools: {{t: {{mode: deny}}}}}}\n" for name in NAMES)
HEAVY = {
    "rules": "tools: {" + ",".join(f"t{number}: {{mode: allow}}" for number in range(2000)) + "}",
    "constraints": "tools: {x: {mode: allow, constraints: [" + "args.x == 1," * 5000 + "]}}",
    "constraints with constants": "tools: {x: {mode: allow, constraints: ["
    + ",".join(f"'args.x == consts.a{' or args.y == 1' * 200}'" for _ in range(5))
    + "]}}",
    "constants": f"consts: {CONSTS}",
}


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[] if what == "constants" else pytest.mark.unwatched) for what in HEAVY]
)
def test_what_inheritance_would_multiply_beyond_measure_is_a_mistake(what: str) -> None:
    text = f"consts: {{a: 1}}\nroles:\n  base:\n    is_mixin: true\n    {HEAVY[what]}\n{ROLES}"
    assert codes(text) == ["HX103"]


@pytest.mark.unwatched
def test_constants_of_the_document_are_not_copied_for_each_role() -> None:
    policy = Policy.from_text(f"consts: {CONSTS}\nroles:\n" + "".join(f"  {name}: {{}}\n" for name in NAMES))
    assert all(role.consts is policy.consts for role in roles.flatten(policy).values())


@pytest.mark.unwatched
def test_constants_of_the_document_and_of_many_roles_are_counted() -> None:
    own = "".join(f"  {name}: {{consts: {{x: 1}}}}\n" for name in NAMES)
    assert codes(f"consts: {CONSTS}\nroles:\n{own}") == ["HX103"]


# Each in a process of its own, with a bound on its memory that the operating system keeps.
LARGE = {
    "16 MiB of comment": ('"#" * (2**24 - 40) + "\\n" + RULE', ""),
    "16 MiB of one text": ("'consts: {a: \"' + 'x' * (2**24 - 60) + '\"}\\n' + RULE", ""),
    "16 MiB of one unknown key's value": ("'a: \"' + 'x' * (2**24 - 60) + '\"'", "HX203"),
    "more than 16 MiB": ('"#" * (2**24 + 1)', "HX103"),
    "16 MiB of list items": ('"- a\\n" * 2**22', "HX106"),
    "16 MiB of anchors": ('"".join(f"a{n}: &a{n} b\\n" for n in range(600_000))', "HX106"),
    "16 MiB of quotes": ("'\"' * 2**24", "HX101"),
    "16 MiB of brackets": ('"[" * 2**24', "HX104"),
    "16 MiB of blanks": ('" " * 2**24', "HX109"),
    "16 MiB of lines": ('"\\n" * 2**24', "HX109"),
    "100,000 keys of one name": ('"tools:\\n" + "  a: {mode: allow}\\n" * 100_001', "HX108 100000"),
    "100,000 keys beside roles": ('"roles: {a: {}}\\n" + "tools: {}\\n" * 100_000', "HX212 100000"),
    "100,000 unknown keys": ('"".join(f"constrain{n}: 1\\n" for n in range(100_000))', "HX203 100000"),
    "laughs": (repr(NESTED["laughs in lists"][0]), "HX106"),
}
IN_BOUNDS = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1200 << 20, 1200 << 20))
from hexgate.core import Policy, PolicyError
RULE = "tools: {{t: {{mode: allow}}}}\\n"
try:
    Policy.from_text({text})
except PolicyError as error:
    print(error.code, len(error.mistakes))
"""


@pytest.mark.unwatched
@pytest.mark.parametrize("name", LARGE)
def test_a_large_document_is_read_or_refused_within_bounded_memory(name: str) -> None:
    text, wanted = LARGE[name]
    command = [sys.executable, "-c", IN_BOUNDS.format(text=text)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stderr == ""
    assert found.stdout.strip() == (wanted if " " in wanted or not wanted else f"{wanted} 1")


def patterned(patterns: list[str]) -> str:
    rules = "".join(
        f"  t{number}: {{mode: allow, constraints: ['matches(args.a, \"{each}\")']}}\n"
        for number, each in enumerate(patterns)
    )
    return f"tools:\n{rules}"


def test_the_patterns_of_a_document_are_bounded_together() -> None:
    large = [f"[^a]{{1000}}{number}" for number in range(130)]
    assert codes(patterned(large)) == ["HX103"]
    assert len(Policy.from_text(patterned(large[:120])).roles) == 1
    assert len(Policy.from_text(patterned([large[0]] * 500)).roles) == 1


def test_no_more_patterns_are_compiled_once_as_many_were_refused_as_are_shown() -> None:
    assert codes(patterned([f"[^a]{{1000}}[^b]{{300}}{number}" for number in range(300)])) == ["HX309"] * MOST_MISTAKES
