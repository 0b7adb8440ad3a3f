"""Every mistake of an author has a code, its place and a help."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.expr import parse
from hexgate.core.text import Source, Span

Find = Callable[[str], list[Mistake]]

# The constraint, the code, the part of it that is shown to be wrong, and a part of the help.
MISTAKES = [
    ("", "HX301", "", "args.amount <= 100"),
    ("  ", "HX301", "", "args.amount <= 100"),
    ("args.x", "HX301", "args.x", "`args.x == true`"),
    ("(args.x) == 1", "HX301", "args.x", "`args.x == true`"),
    ("args.x and args.y == 1", "HX301", "args.x", "`args.x == true`"),
    ("args.a && args.b", "HX301", "args.a", "`args.a == true`"),
    ("args.x == ", "HX301", "", "complete"),
    ("args.x == and", "HX301", "and", "a value before it"),
    ("== 1", "HX301", "==", "a value before it"),
    ("args.x in in [1]", "HX301", "in", "a value before it"),
    ("args.x == not 1", "HX301", "not", "`not args.x == 1`"),
    ("args.x == (1)", "HX301", "(", "remove the parentheses"),
    ("args.x == [1,]", "HX301", "]", "remove the comma"),
    ("args.x == [,1]", "HX301", ",", "a value before it"),
    ("args.x == [1", "HX301", "[", "add `]`"),
    ("args.x == [1 2]", "HX301", "2", "close the `[`"),
    ('args.x == [1"a"]', "HX301", '"a"', "close the `[`"),
    ("args.x == [1 ~]", "HX301", "~", "close the `["),
    ("args.x == [1 §]", "HX301", "§", "remove it"),
    ("(args.x == 1", "HX301", "(", "add `)`"),
    ("args.x == 1)", "HX301", ")", "add the `(`"),
    ("args.x == 1]", "HX301", "]", "add the `[`"),
    ("(args.x == 1]", "HX301", "]", "add the `[`"),
    ("not (not (args.x == 1)", "HX301", "(", "add `)`"),
    ("count(args.x == 1", "HX301", "==", "close the `(`"),
    ("startswith(lower(args.x) args.y)", "HX301", "args.y", "close the `(`"),
    ("startswith(args.x", "HX301", "(", "add `)`"),
    ("every(args.x, . == 1", "HX301", "(", "add `)`"),
    ("args.x == 1 args.y == 2", "HX301", "args.y", "`and` or `or`"),
    ('args.x == "a" "b"', "HX301", '"b"', "`and` or `or`"),
    ("1 2", "HX301", "2", "`not in`"),
    ("args.x = 1", "HX301", "=", "`==`"),
    ("args.x === 1", "HX301", "===", "`==`"),
    ("args.x <> 1", "HX301", "<>", "`!=`"),
    ("args.x => 1", "HX301", "=>", "`>=`"),
    ("args.x ≤ 1", "HX301", "≤", "`<=`"),
    ("args.x is null", "HX301", "is", "`==`"),
    ("args.x is not null", "HX301", "is not", "`!=`"),
    ("args.x IN [1]", "HX301", "IN", "`in`"),
    ("args.x contains 'a'", "HX301", "contains", "`contains(args.x, …)`"),
    ("args.x startwith 'a'", "HX301", "startwith", "`startswith(args.x, …)`"),
    ("1 < args.x < 5", "HX301", "<", "`… and args.x < …`"),
    ("args.a == 1 and 1 < args.x in [5]", "HX301", "in", "`… and args.x in …`"),
    ("any(args.x, 1 < .a < 5)", "HX301", "<", "`… and .a < …`"),
    ("args.x in [1] == true", "HX301", "==", "`and` or `or`"),
    ("args.a == 1 AND args.b == 1", "HX301", "AND", "`and`"),
    ("args.a == 1 && args.b == 1", "HX301", "&&", "`and`"),
    ("(args.a == 1 || args.b == 1)", "HX301", "||", "`or`"),
    ("!args.x == 1", "HX301", "!", "`not`"),
    ("!(args.x == 1)", "HX301", "!", "`not`"),
    ("args.x == “a”", "HX301", "“", '`"`'),
    ("args.x == ‘a’", "HX301", "‘", "`'`"),
    ("args.x + 1 == 2", "HX301", "+", "do not compute"),
    ("args.x == {}", "HX301", "{", "objects cannot be written"),
    ("args.x == 1 # why", "HX301", "#", "comment"),
    ("args.x == 1; args.y == 1", "HX301", ";", "each line"),
    ("args.x == 1\u00a0", "HX301", "\u00a0", "by a space"),
    ("args.x\u200f == 1", "HX301", "\u200f", "invisible"),
    ("args.x == \x00", "HX301", "\x00", "invisible"),
    ("\ud800", "HX301", "\ud800", "invisible"),
    ("args.x == true-ish", "HX301", "-", "do not compute"),
    ('args.x == "a"§', "HX301", "§", "in quotes"),
    ("args.x == 😀", "HX301", "😀", "in quotes"),
    ("args", "HX301", "args", "`.name`"),
    ("args == 1", "HX301", "args", "`.name`"),
    ("args.5 == 1", "HX301", "args", "`.name`"),
    ("args..x == 1", "HX301", ".", "`.name`"),
    ("args. == 1", "HX301", ".", "`.name`"),
    ("args.x. ? == 1", "HX301", "?", "no choice"),
    ("user == 'a'", "HX301", "user", "`user.id`"),
    ("consts == 1", "HX301", "consts", "the name of a constant"),
    ("consts.a.b == 1", "HX301", "consts.a.b", "one name"),
    ("consts['a'] == 1", "HX301", "consts['a']", "one name"),
    ("args.user-id == 1", "HX301", "args.user-id", '`args["user-id"]`'),
    ("args.größe == 1", "HX301", "args.größe", '`args["größe"]`'),
    ("args.émile == 1", "HX301", "args.émile", '`args["émile"]`'),
    ("args[0].é == 1", "HX301", ".é", '["é"]'),
    ("any(args.x, .é == 1)", "HX301", ".é", '`["é"]`'),
    ("args.x.5 == 1", "HX301", "args.x.5", '`args.x["5"]`'),
    ("args[x] == 1", "HX302", "x", "quotes"),
    ("args[args.x] == 1", "HX301", "args.x", "`[0]`"),
    ("args[0 == 1", "HX301", "==", "close the `[`"),
    ("args[0", "HX301", "[", "add `]`"),
    ("args.x in ('a')", "HX301", "(", "in brackets"),
    ("args.x in 'abc'", "HX301", "'abc'", "contains"),
    ("args.x in count(args.y)", "HX301", "count(args.y)", "a list"),
    ("[args.x] == 1", "HX301", "args.x", "`or`"),
    ("args.x in [consts.a]", "HX301", "consts.a", "`or`"),
    ("args.x == startswith(args.y, 'a')", "HX301", "startswith", "`and` or `or`"),
    ("count('a') == 1", "HX301", "'a'", "`count(path)`"),
    ("every(lower(args.x), . == 1)", "HX301", "lower(args.x)", "`every(path, constraint)`"),
    ("matches(args.x, args.y)", "HX301", "args.y", "is written"),
    ("within(args.x, 5)", "HX301", "5", "is written"),
    ("url_host_in(args.x, args.y)", "HX301", "args.y", "`consts`"),
    ("args.x == prod", "HX302", "prod", '`"prod"`'),
    ("args.x == us-east-1", "HX302", "us-east-1", '`"us-east-1"`'),
    ("args.x == bob@example.com", "HX302", "bob@example.com", '`"bob@example.com"`'),
    ("args.x == ärger", "HX302", "ärger", '`"ärger"`'),
    ("args.x == roel", "HX302", "roel", "`role`"),
    ("args.x == None", "HX302", "None", "`null`"),
    ("args.x == True", "HX302", "True", "`true`"),
    ("args.x in [USD, EUR]", "HX302", "USD", '`"USD"`'),
    ("args.x == count", "HX302", "count", '`"count"`'),
    ("matches(args.x, abc)", "HX302", "abc", '`"abc"`'),
    ('args.x == "abc', "HX303", '"abc', 'close it with `"`'),
    (r"args.x == 'abc\'", "HX303", r"'abc\'", "close it with `'`"),
    (r'args.x == "a\qb"', "HX303", r"\q", r"`\\`"),
    (r'args.x == "a\u12"', "HX303", r"\u", "four"),
    ('args.x == "a\\\nb"', "HX303", "\\\n", r"`\\`"),
    (r'args.x == "a\ud800"', "HX303", r"\ud800", "both halves"),
    (r'args.x == "\udc00\ud800"', "HX303", r"\udc00", "both halves"),
    ('args.x == "a\tb"', "HX303", "\t", r"`\u0009`"),
    ('args.x == "a\x7fb"', "HX303", "\x7f", r"`\u007f`"),
    ('args.x == "a\ud800b"', "HX303", "\ud800", "remove it"),
    ("args.x == 007", "HX304", "007", "`7`"),
    ("args.x == -007", "HX304", "-007", "`-7`"),
    ("args.x == +1", "HX304", "+1", "`1`"),
    ("args.x == .5", "HX304", ".5", "`0.5`"),
    ("args.x == 5.", "HX304", "5.", "`5`"),
    ("args.x == 1_000", "HX304", "1_000", "`1000`"),
    ("args.x == 0x1f", "HX304", "0x1f", "decimal digits"),
    ("args.x == 10k", "HX304", "10k", "decimal digits"),
    ("args.x == 5%", "HX304", "5%", "decimal digits"),
    ("args.x == 2026-01-31", "HX304", "2026-01-31", "quotes"),
    ("5% == args.x", "HX304", "5%", "decimal digits"),
    ("args.x == 1e1000001", "HX304", "1e1000001", "1,000,000"),
    ("args.x == 1e-99999999", "HX304", "1e-99999999", "1,000,000"),
    ("args.x[-1] == 1", "HX304", "-1", "count from 0"),
    ("args.x[01] == 1", "HX304", "01", "count from 0"),
    ("args.x[1.0] == 1", "HX304", "1.0", "count from 0"),
    ("startwith(args.x, 'a')", "HX305", "startwith", "`startswith`"),
    ("starts_with(args.x, 'a')", "HX305", "starts_with", "`startswith`"),
    ("len(args.x) == 1", "HX305", "len", "`count`"),
    ("NOT (args.x == 1)", "HX305", "NOT", "`not`"),
    ("is_defined(args.x)", "HX305", "is_defined", "`exists`"),
    ("frobnicate(args.x)", "HX305", "frobnicate", "`startswith`, `endswith`"),
    ("args.x.startswith('a')", "HX305", "args.x.startswith", "`startswith(args.x, …)`"),
    ("any(args.x, .name.frobnicate('a'))", "HX305", ".name.frobnicate", "`contains(.name, …)`"),
    ("re.search(args.x, 'a')", "HX305", "re.search", "`matches(args.x, …)`"),
    ("re.match('a', args.x)", "HX305", "re.match", "`matches(args.x, …)`"),
    ("re.frobnicate('a')", "HX305", "re.frobnicate", "`matches(…, …)`"),
    ("re.match('a'", "HX305", "re.match", "`matches(…, …)`"),
    ("any(args.l, regex.match('a', .x))", "HX305", "regex.match", "`matches(.x, …)`"),
    ("match(args.x, 'a')", "HX305", "match", "did you mean `matches`?"),
    ("args.x ~ 'a'", "HX301", "~", "write `matches(args.x, …)`"),
    ("args.x =~ 'a'", "HX301", "=~", "write `matches(args.x, …)`"),
    ("args.x !~ 'a'", "HX301", "!~", "write `not matches(args.x, …)`"),
    ("args.x ~ 1", "HX301", "args.x", "`args.x == true`"),
    ("args.x == 'a' or 'b'", "HX301", "'b'", "a value alone is no constraint; write `args.x in ['a', 'b']`"),
    ("args.x == 1 or 2 or 3 or args.y == 1", "HX301", "2", "write `args.x in [1, 2, 3]`"),
    ("(args.x != 'a' and 'b')", "HX301", "'b'", "write `args.x not in ['a', 'b']`"),
    ("args.x != 'a' or 'b'", "HX301", "'b'", "a value alone is no constraint: compare it, as in `args.x == 'b'`"),
    ("args.x['y'].z == args.y or 'b'", "HX301", "'b'", "`args.x == 'b'`"),
    ("lower(args.x) == 'a' or 'b'", "HX301", "'b'", "`args.x == 'b'`"),
    ("'b' or args.x == 1", "HX301", "'b'", "`args.x == 'b'`"),
    ("args.x <= 1,000", "HX301", ",", "write `1000`"),
    ("args.x <= -1,000,000.5", "HX301", ",", "write `-1000000.5`"),
    ("args.x <= 1,00", "HX301", ",", "`and` or `or`"),
    ("args.x == 'a', 000", "HX301", ",", "`and` or `or`"),
    ("NOT args.x == 1", "HX302", "NOT", "write `not`"),
    ("args.x <= max_refund", "HX302", "max_refund", 'in quotes it is a text: `"max_refund"`'),
    ("args.x <= max_refund", "HX302", "max_refund", "did you mean `args.max_refund` or `consts.max_refund`?"),
    ("amount <= 5", "HX302", "amount", 'did you mean `args.amount`? A text stands in quotes: `"amount"`'),
    ("amount not in [5]", "HX302", "amount", "did you mean `args.amount`?"),
    ("contains(name, 'a')", "HX302", "name", "did you mean `args.name`?"),
    ("any(args.x, (. == 1) and not (price == 5))", "HX302", "price", "did you mean `.price` or `args.price`?"),
    ("every(items, . == 1)", "HX302", "items", "did you mean `args.items`?"),
    ("user_id == 'a'", "HX302", "user_id", "did you mean `user.id`?"),
    ("sessionId == 'a'", "HX302", "sessionId", "did you mean `session.id`?"),
    ("args.x in currencies", "HX302", "currencies", "did you mean `consts.currencies` or `args.currencies`?"),
    ("args.x == us-east-1", "HX302", "us-east-1", "put a text in quotes"),
    ("args.x in [USD]", "HX302", "USD", 'put a text in quotes: `"USD"`'),
    ("matches(args.x, abc) and args.y == 1", "HX302", "abc", 'put a text in quotes: `"abc"`'),
    ("matches(args.x, '(?=a)')", "HX309", "'(?=a)'", "look-around"),
    (r"matches(args.x, '(a)\\1')", "HX309", r"'(a)\\1'", "back references"),
    ("matches(args.x, 'a{2000}')", "HX309", "'a{2000}'", "large repeats"),
    (r"matches(args.x, '\\C')", "HX309", r"'\\C'", "RE2"),
    ("arg.x == 1", "HX313", "arg.x", "`args.x`"),
    ("Args['a'].b == 1", "HX313", "Args['a'].b", "`args['a'].b`"),
    ("context.region == 1", "HX313", "context.region", "`ctx.region`"),
    ("constants . x == 1", "HX313", "constants . x", "consts"),
    ("example.com == args.x", "HX313", "example.com", '`"example.com"`'),
    ("user.name == 1", "HX313", "user.name", "`ctx`"),
    ("user.id.x == 1", "HX313", "user.id.x", "`user.id`"),
    ("session [0] == 1", "HX313", "session [0]", "`session.id`"),
    ("role.name == 1", "HX313", "role.name", "no fields"),
    ("tool[0] == 1", "HX313", "tool[0]", "no fields"),
    ("any(args.x, item.price == 1)", "HX313", "item.price", "`.price`"),
    (". == 1", "HX314", ".", "`every(path, …)`"),
    ("any(.x, . == 1)", "HX314", ".x", "`every(path, …)`"),
    ("any(args.x, . == 1) and .y == 1", "HX314", ".y", "`every(path, …)`"),
    ("url_host_in(args.x, ['a.b', 'https://a.b'])", "HX315", "'https://a.b'", "`*.example.com`"[1:-1]),
    ("url_host_in(args.x, [1, 'a:b'])", "HX315", "1", "is written"),
    ("within(args.x, 'a', '../b')", "HX316", "'../b'", "segments"),
    ("within(args.x, 'a/')", "HX316", "'a/'", "segments"),
    ("startswith()", "HX317", ")", "`startswith(text, beginning)`"),
    ("startswith(args.x)", "HX317", ")", "`startswith(text, beginning)`"),
    ("startswith(args.x, 'a', 'b')", "HX317", ",", "`startswith(text, beginning)`"),
    ("count(args.x, 1) == 1", "HX317", ",", "`count(path)`"),
    ("within(args.x)", "HX317", ")", "`within("),
    ("every(args.x)", "HX317", ")", "`every(path, constraint)`"),
    ("every(args.x, . == 1, . == 2)", "HX317", ",", "`every(path, constraint)`"),
]


@pytest.mark.parametrize(("text", "code", "place", "help"), MISTAKES)
def test_a_mistake_has_a_code_a_place_and_a_help(text: str, code: str, place: str, help: str, mistakes: Find) -> None:
    (mistake,) = mistakes(text)
    assert mistake.code == code
    assert mistake.help is not None
    assert help in mistake.help
    assert mistake.path == "tools.t.constraints[0]"
    assert mistake.message[0] == "`" or mistake.message[0].islower() or mistake.message.startswith("…")
    span = mistake.span
    assert span is not None
    if "\n" not in text:
        assert text[span.column - 1 : span.end_column - 1] == place
    mistake.render().encode()


def test_what_can_be_read_is_reported_together(mistakes: Find) -> None:
    found = mistakes("arg.x == 1 and matches(args.x, '(?=a)') and within(args.p, '../x') and .y == nope")
    assert [mistake.code for mistake in found] == ["HX313", "HX309", "HX316", "HX314", "HX302"]


def test_every_bad_host_is_reported(mistakes: Find) -> None:
    found = mistakes("url_host_in(args.x, ['a b', 'ok.example', 'a/b', ['x'], 'c d'])")
    assert [mistake.span.column for mistake in found if mistake.span] == [22, 43, 50]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("args.x == 1".ljust(4097), "HX306"),
        ("(" * 65 + "args.x == 1" + ")" * 65, "HX307"),
        ("not " * 65 + "args.x == 1", "HX307"),
        ("args.x == " + "[" * 65 + "]" * 65, "HX307"),
        ("lower(" * 65 + "args.x" + ")" * 65 + " == 1", "HX307"),
        ("any(args.x, " * 65 + ". == 1" + ")" * 65, "HX307"),
        ("not (" * 32 + "count(args.x) in [[1]]" + ")" * 32, "HX307"),
        (f"args.x in [{','.join('1' * 1001)}]", "HX308"),
        (f"matches(args.x, '{'a' * 1025}')", "HX310"),
    ],
)
def test_what_passes_a_limit_is_a_mistake(text: str, code: str, mistakes: Find) -> None:
    assert [mistake.code for mistake in mistakes(text)] == [code]


def test_a_pattern_may_have_1024_characters() -> None:
    parse(f"matches(args.x, '{'a' * 1024}')")


def test_long_words_of_an_author_are_cut(mistakes: Find) -> None:
    (mistake,) = mistakes(f"args.x == {'a' * 500}")
    assert len(mistake.message) < 120
    assert "…" in mistake.message


def spans(shown: str, text: str) -> tuple[int, int]:
    line = f"  - {shown}"
    span = Span(Source("test.yaml", f"first:\n{line}\n"), 2, 5, 2, len(line) + 1)
    with pytest.raises(PolicyError) as caught:
        parse(text, span=span)
    found = caught.value.span
    assert found is not None
    assert found.line == 2
    return found.column, found.end_column


def test_the_place_is_inside_of_the_document_when_the_text_stands_there_as_it_is() -> None:
    assert spans("args.x == prod", "args.x == prod") == (15, 19)
    assert spans('"args.x == prod"', "args.x == prod") == (16, 20)
    assert spans("'args.x == prod'", "args.x == prod") == (16, 20)


def test_the_place_is_all_of_the_constraint_when_the_text_was_written_otherwise() -> None:
    assert spans(r'"args.x\x20== prod"', "args.x == prod") == (5, 24)
    assert spans("(args.x == prod)", "args.x == prod") == (5, 21)
    source = Source("test.yaml", "- args.x\n  == prod\n")
    span = Span(source, 1, 3, 2, 10)
    with pytest.raises(PolicyError) as caught:
        parse("args.x == prod", span=span)
    assert caught.value.span == span


def test_a_constraint_without_a_document_has_mistakes_without_a_place() -> None:
    with pytest.raises(PolicyError) as caught:
        parse("args.x == prod")
    assert caught.value.span is None
    assert caught.value.code == "HX302"


def test_a_number_beyond_every_measure_is_refused_without_computing_it(mistakes: Find) -> None:
    (mistake,) = mistakes(f"args.x == 1e{'9' * 4000}")
    assert mistake.code == "HX304"
    assert parse("args.x == 1e1000000") == parse(f"args.x == 1{'0' * 3}e999997")
    assert Decimal("1E+1000000") == Decimal("1000E+999997")
