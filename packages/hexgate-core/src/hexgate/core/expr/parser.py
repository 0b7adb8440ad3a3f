"""The text of one constraint in, its tree out; what is wrong with it is raised, with its place.

What cannot be read ends the reading, as nothing sure can be said about the rest. What can be read but means nothing (an unknown
fact, a bad pattern, host or directory) is collected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal as OneOf
from typing import cast

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.expr import syntax
from hexgate.core.expr.clean import directory_mistake, host_mistake
from hexgate.core.expr.lexer import END
from hexgate.core.expr.mistakes import ConstraintError, chained, join_expected, operator_expected, quoted
from hexgate.core.expr.operands import Operands
from hexgate.core.expr.patterns import MOST_CHARACTERS as LONGEST_PATTERN
from hexgate.core.expr.patterns import pattern_mistake
from hexgate.core.expr.syntax import Expression, Operand
from hexgate.core.text import Span

__all__ = ["parse", "placed"]

MOST_CHARACTERS = 4096

COMPARISONS: Mapping[str, syntax.ComparisonOperator] = {
    "==": "==",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
Test = OneOf["startswith", "endswith", "contains"]


def parse(text: str, *, span: Span | None = None, path: str = "") -> Expression:
    """The tree of a constraint. `span` is where it stands in its document, `path` how one gets there by keys."""
    errors: list[ConstraintError]
    if len(text) > MOST_CHARACTERS:
        help = "split it into several constraints, or move a list to `consts`"
        errors = [ConstraintError("HX306", "a constraint of more than 4,096 characters", help, (0, len(text)))]
    else:
        parser = Parser(text)
        try:
            expression = parser.constraint()
            if not parser.errors:
                return expression
            errors = parser.errors
        except ConstraintError as error:
            errors = [*parser.errors, error]
    raise PolicyError(Mistake(it.code, it.message, it.help, placed(span, text, it.at), path) for it in errors)


def placed(span: Span | None, text: str, at: tuple[int, int]) -> Span | None:
    """The part of the span that is meant when the constraint stands in the document as it is, else all of it."""
    if span is None or span.line != span.end_line:
        return span
    shown = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    if shown == text:
        return span.inside(*at)
    # In YAML's quotes it stands there as it is too, if nothing in it had to be escaped.
    if shown[1:-1] == text and shown[:1] in ("'", '"'):
        return span.inside(at[0] + 1, at[1] + 1)
    return span


class Parser(Operands):
    """Reads one constraint from left to right."""

    __slots__ = ()

    def constraint(self) -> Expression:
        """All of the text."""
        if self.kinds[0] == END:
            help = "write a comparison such as `args.amount <= 100`"
            raise ConstraintError("HX301", "the constraint is empty", help, self.tokens.at(0))
        expression = self.either()
        if self.kinds[self.index] != END:
            raise self.stray(expression)
        return expression

    # What joins constraints

    def either(self) -> Expression:
        """Constraints joined by `or`."""
        start = self.starts[self.index]
        first = self.both()
        if self.words[self.index] != "or":
            return first
        items = parts(first, syntax.Or)
        while self.words[self.index] == "or":
            self.index += 1
            items += parts(self.both(), syntax.Or)
        return syntax.Or(tuple(items), (start, self.end()))

    def both(self) -> Expression:
        """Constraints joined by `and`."""
        start = self.starts[self.index]
        first = self.negation()
        if self.words[self.index] != "and":
            return first
        items = parts(first, syntax.And)
        while self.words[self.index] == "and":
            self.index += 1
            items += parts(self.negation(), syntax.And)
        return syntax.And(tuple(items), (start, self.end()))

    def negation(self) -> Expression:
        """A constraint that may have `not` before it."""
        word = self.words[self.index]
        if word == "not":
            start = self.enter(1)
            inner = self.negation()
            self.depth -= 1
            return syntax.Not(inner, (start, self.end()))
        if word == "(":
            return self.group()
        reader = PREDICATES.get(word)
        if reader is not None and self.words[self.index + 1] == "(":
            return reader(self)
        return self.comparison()

    def group(self) -> Expression:
        """A constraint in parentheses."""
        opening = self.index
        self.enter(1)
        inner = self.either()
        if self.words[self.index] != ")":
            if self.kinds[self.index] == END:
                self.unfinished(opening)
            raise self.stray(inner)
        self.index += 1
        self.depth -= 1
        return inner

    def stray(self, expression: Expression) -> ConstraintError:
        """What stands after a constraint that is complete."""
        word = self.words[self.index]
        last = expression
        while isinstance(last, (syntax.And, syntax.Or)):
            last = last.items[-1]
        if isinstance(last, syntax.Comparison) and (word in COMPARISONS or word == "in"):
            return chained(self.tokens, self.index, self.tokens.text[slice(*last.right.at)])
        return join_expected(self.tokens, self.index)

    # Comparisons

    def comparison(self) -> Expression:
        """Two values with an operator between them."""
        start = self.starts[self.index]
        left = self.operand()
        operator = COMPARISONS.get(self.words[self.index])
        if operator is None:
            return self.membership(left, start)
        self.index += 1
        right = self.operand()
        return syntax.Comparison(operator, left, right, (start, self.end()))

    def membership(self, operand: Operand, start: int) -> Expression:
        """`in set` or `not in set` after an operand."""
        negated = self.words[self.index] == "not" and self.words[self.index + 1] == "in"
        self.index += negated
        if self.words[self.index] != "in":
            raise operator_expected(self.tokens, self.index, start)
        self.index += 1
        members = self.members()
        at = (start, self.end())
        leaf = syntax.Membership(operand, members, at)
        return syntax.Not(leaf, at) if negated else leaf

    def members(self) -> syntax.Literal | syntax.Const | syntax.Path:
        """What stands after `in`."""
        index = self.index
        if self.words[index] == "(":
            help = 'a list stands in brackets: `["a", "b"]`'
            raise ConstraintError("HX301", "unexpected `(` after `in`", help, self.tokens.at(index))
        members = self.operand()
        if isinstance(members, (syntax.Const, syntax.Path)):
            return members
        if isinstance(members, syntax.Literal) and isinstance(members.value, tuple):
            return members
        at = (self.starts[index], self.end())
        help = "write a list such as `[1, 2]`, a path or a constant; `contains(text, part)` looks into a text"
        raise ConstraintError("HX301", f"{quoted(self.tokens.text[at[0] : at[1]])} after `in` is no list", help, at)

    # Functions that are constraints

    def text_test(self) -> Expression:
        """`startswith`, `endswith` or `contains`."""
        name = cast(Test, self.words[self.index])
        start = self.open(name)
        text = self.operand()
        self.comma(name)
        part = self.operand()
        self.close(name)
        return syntax.TextTest(name, text, part, (start, self.end()))

    def matches(self) -> Expression:
        """`matches(operand, "pattern")`."""
        start = self.open("matches")
        text = self.operand()
        self.comma("matches")
        index = self.index
        pattern = self.string("the pattern of `matches` is a text in quotes", 'write it as `"^[a-z]+$"` is written')
        at = self.tokens.at(index)
        if len(pattern) > LONGEST_PATTERN:
            error = ConstraintError(
                "HX310", "a pattern of more than 1,024 characters", "shorten it, or ask in two constraints", at
            )
            self.errors.append(error)
        elif mistake := pattern_mistake(pattern):
            reason, help = mistake
            self.errors.append(ConstraintError("HX309", f"bad pattern {quoted(pattern)}: {reason}", help, at))
        self.close("matches")
        return syntax.Matches(text, pattern, (start, self.end()))

    def within(self) -> Expression:
        """`within(operand, "directory", …)`."""
        start = self.open("within")
        path = self.operand()
        self.comma("within")
        directories = [self.directory()]
        while self.words[self.index] == ",":
            self.index += 1
            directories.append(self.directory())
        self.close("within")
        return syntax.Within(path, tuple(directories), (start, self.end()))

    def directory(self) -> str:
        """A directory of `within`."""
        index = self.index
        text = self.string("a directory of `within` is a text in quotes", 'write it as `"/srv/data"` is written')
        if reason := directory_mistake(text):
            help = "write its segments joined by `/`, without `.` and `..` and without a `/` at the end"
            self.errors.append(
                ConstraintError("HX316", f"bad directory {quoted(text)}: {reason}", help, self.tokens.at(index))
            )
        return text

    def url_host_in(self) -> Expression:
        """`url_host_in(operand, hosts)`."""
        start = self.open("url_host_in")
        url = self.operand()
        self.comma("url_host_in")
        index = self.index
        hosts = self.members()
        if isinstance(hosts, syntax.Path):
            help = "write the hosts down, or put them into `consts`"
            raise ConstraintError(
                "HX301", "the hosts of `url_host_in` cannot be a fact", help, (self.starts[index], self.end())
            )
        if isinstance(hosts, syntax.Literal):
            self.check_hosts(cast("tuple[syntax.Value, ...]", hosts.value), index + 1)
        self.close("url_host_in")
        return syntax.UrlHostIn(url, hosts, (start, self.end()))

    def check_hosts(self, hosts: tuple[syntax.Value, ...], index: int) -> None:
        """Every one of the hosts, of which the first is the token at `index`."""
        for host in hosts:
            at = self.tokens.at(index)
            if not isinstance(host, str):
                self.errors.append(
                    ConstraintError("HX315", "a host is a text", 'write it as `"example.com"` is written', at)
                )
                # One that is a list has tokens of its own, so the places of those that follow are not known.
                return
            if reason := host_mistake(host):
                help = 'write `"example.com"`, or `"*.example.com"` for what lies under it'
                self.errors.append(ConstraintError("HX315", f"bad host {quoted(host)}: {reason}", help, at))
            index += 2

    def exists(self) -> Expression:
        """`exists(path)`."""
        start = self.open("exists")
        path = self.path("exists")
        self.close("exists")
        return syntax.Exists(path, (start, self.end()))

    def quantified(self) -> Expression:
        """`every(path, constraint)` or `any(path, constraint)`."""
        kind = cast(OneOf["every", "any"], self.words[self.index])
        start = self.open(kind)
        path = self.path(kind)
        self.comma(kind)
        self.elements += 1
        body = self.either()
        self.elements -= 1
        if self.words[self.index] not in (")", ",", ""):
            raise self.stray(body)
        self.close(kind)
        return syntax.Quantified(kind, path, body, (start, self.end()))


def parts(expression: Expression, join: type[syntax.And | syntax.Or]) -> list[Expression]:
    """What `expression` joins if it joins by `join`: the parentheses in `(a and b) and c` mean nothing."""
    return [*expression.items] if isinstance(expression, join) else [expression]


PREDICATES: Mapping[str, Callable[[Parser], Expression]] = {
    **dict.fromkeys(("startswith", "endswith", "contains"), Parser.text_test),
    **dict.fromkeys(("every", "any"), Parser.quantified),
    "matches": Parser.matches,
    "within": Parser.within,
    "url_host_in": Parser.url_host_in,
    "exists": Parser.exists,
}
