"""Python's operators in, constraints out: `C.args.amount <= 500` is the constraint of that text.

`C` gives facts, constants and functions their names. Comparing one of them makes a `Claim`; claims are joined by `&`, `|` and `~`.

# INVARIANT: Python drops no part of a constraint in silence. `and`, `or`, `not`, `in` and chained comparisons would, since they ask
for a truth that is known only when a tool is called; so asking raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Literal as OneOf
from typing import NoReturn, cast

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.expr import syntax
from hexgate.core.expr.numbers import read_number
from hexgate.core.expr.printer import show, show_operand
from hexgate.core.expr.syntax import Expression, Operand, Path, Value

__all__ = ["C", "Claim", "Constants", "Fact", "Term", "Vocabulary"]

Elements = frozenset[object]
NONE: Elements = frozenset()


class Claim:
    """A constraint that Python wrote. `&`, `|` and `~` join claims; `str()` shows the text that goes into the policy."""

    __slots__ = ("elements", "tree")

    def __init__(self, tree: Expression, elements: Elements = NONE) -> None:
        self.tree = tree
        # The elements of quantifiers that are still to be closed around this claim.
        self.elements = elements

    def __str__(self) -> str:
        return show(self.tree)

    def __repr__(self) -> str:
        return f"Claim({show(self.tree)!r})"

    def __and__(self, other: Claim) -> Claim:
        if not isinstance(other, Claim):
            return NotImplemented
        items = (*parts(self.tree, syntax.And), *parts(other.tree, syntax.And))
        return Claim(syntax.And(items), self.elements | other.elements)

    def __or__(self, other: Claim) -> Claim:
        if not isinstance(other, Claim):
            return NotImplemented
        items = (*parts(self.tree, syntax.Or), *parts(other.tree, syntax.Or))
        return Claim(syntax.Or(items), self.elements | other.elements)

    def __invert__(self) -> Claim:
        # `not not x` is `x`, for unknown as well.
        tree = self.tree.operand if isinstance(self.tree, syntax.Not) else syntax.Not(self.tree)
        return Claim(tree, self.elements)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"`{self}` is true or false only when a tool is called: join constraints with `&`, `|` and `~` instead of"
            " `and`, `or` and `not`, and write `(0 < x) & (x < 9)` instead of `0 < x < 9`"
        )


def parts(tree: Expression, join: type[syntax.And | syntax.Or]) -> tuple[Expression, ...]:
    """What a tree joins by `join`, so that `a & b & c` is one `and` of three."""
    return tree.items if isinstance(tree, join) else (tree,)


class Term:
    """A value in a constraint: a fact, a constant, a literal, `count` or `lower`. Comparing it makes a claim."""

    __slots__ = ("__elements__", "__operand__")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, operand: Operand, elements: Elements = NONE) -> None:
        self.__operand__ = operand
        self.__elements__ = elements

    def __repr__(self) -> str:
        return f"Term({show_operand(self.__operand__)!r})"

    def __eq__(self, other: object) -> Claim:  # type: ignore[override]
        return compared(self, "==", other)

    def __ne__(self, other: object) -> Claim:  # type: ignore[override]
        return compared(self, "!=", other)

    def __lt__(self, other: object) -> Claim:
        return compared(self, "<", other)

    def __le__(self, other: object) -> Claim:
        return compared(self, "<=", other)

    def __gt__(self, other: object) -> Claim:
        return compared(self, ">", other)

    def __ge__(self, other: object) -> Claim:
        return compared(self, ">=", other)

    def in_(self, members: object) -> Claim:
        """`C.args.currency.in_(["USD", "EUR"])`; a constant or a path may stand for the list."""
        term = term_of(members)
        if not is_list(term.__operand__):
            raise TypeError(f"`in_` wants a list, a constant or a path, not {members!r:.80}")
        leaf = syntax.Membership(self.__operand__, cast(syntax.Path, term.__operand__))
        return Claim(leaf, self.__elements__ | term.__elements__)

    def not_in(self, members: object) -> Claim:
        """`C.args.env.not_in(["prod"])`; like every constraint it does not hold when the fact is missing."""
        return ~self.in_(members)

    def matches(self, pattern: str) -> Claim:
        """`C.args.path.matches("^[a-z]+$")`, with a pattern of RE2."""
        return Claim(syntax.Matches(self.__operand__, pattern), self.__elements__)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"`{show_operand(self.__operand__)}` has no value before a tool is called: compare it, as in `C.args.urgent == True`,"
            " and join constraints with `&`, `|` and `~`"
        )

    def __contains__(self, item: object) -> NoReturn:
        raise TypeError('Python\'s `in` would ask for the answer at once: write `C.value("x").in_(C.args.tags)`')

    def __iter__(self) -> NoReturn:
        raise TypeError("a fact has no elements before a tool is called: write `C.every(path, …)` or `C.any(path, …)`")

    def __and__(self, other: object) -> NoReturn:
        raise TypeError("`&` and `|` bind more than comparisons: write `(C.args.a > 1) & (C.args.b < 2)`")

    __rand__ = __or__ = __ror__ = __and__

    def __invert__(self) -> NoReturn:
        raise TypeError("`~` stands before a comparison: write `~(C.args.a > 1)`")


class Fact(Term):
    """A path: a field of it is a path again, written as an attribute or, whatever its name, in brackets."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Fact:
        # Python looks up dunder names to find out what an object can do (copy, pickle, inspect); no field is meant.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, step: str | int) -> Fact:
        path = path_of(self)
        return Fact(Path(path.root, (*path.steps, step_of(step))), self.__elements__)


class Constants:
    """`C.consts.NAME`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Term:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Term(syntax.Const(name))


class Vocabulary:
    """Everything that a constraint can be made of; there is one, `C`.

    >>> print((C.args.amount <= C.consts.max_refund) & C.args.currency.in_(["USD", "EUR"]))
    args.amount <= consts.max_refund and args.currency in ["USD", "EUR"]
    >>> print(C.every(C.args.items, lambda item: item.price > 0))
    every(args.items, .price > 0)
    """

    __slots__ = ()

    args = Fact(Path("args"))
    ctx = Fact(Path("ctx"))
    user = Fact(Path("user"))
    session = Fact(Path("session"))
    role = Fact(Path("role"))
    tool = Fact(Path("tool"))
    consts = Constants()

    def value(self, value: object) -> Term:
        """A literal where Python needs a term: `C.value("admin").in_(C.ctx.groups)`."""
        return term_of(value)

    def count(self, path: Fact) -> Term:
        """Elements of a list, keys of an object, code points of a text."""
        return Term(syntax.Count(path_of(path)), path.__elements__)

    def lower(self, text: object) -> Term:
        """A text in lower case."""
        term = term_of(text)
        return Term(syntax.Lower(term.__operand__), term.__elements__)

    def startswith(self, text: object, part: object) -> Claim:
        """A text begins with another."""
        return text_test("startswith", text, part)

    def endswith(self, text: object, part: object) -> Claim:
        """A text ends with another."""
        return text_test("endswith", text, part)

    def contains(self, text: object, part: object) -> Claim:
        """A text holds another."""
        return text_test("contains", text, part)

    def within(self, path: object, *directories: str) -> Claim:
        """A clean path is one of the directories or lies below one."""
        term = term_of(path)
        return Claim(syntax.Within(term.__operand__, directories), term.__elements__)

    def url_host_in(self, url: object, hosts: Sequence[str] | Term) -> Claim:
        """The host of an http(s) URL is in the list; `"*.example.com"` stands for all hosts below it."""
        term, listed = term_of(url), term_of(hosts).__operand__
        return Claim(syntax.UrlHostIn(term.__operand__, cast(syntax.Const, listed)), term.__elements__)

    def exists(self, path: Fact) -> Claim:
        """The fact is there, whatever its value."""
        return Claim(syntax.Exists(path_of(path)), path.__elements__)

    def every(self, path: Fact, body: Callable[[Fact], Claim]) -> Claim:
        """The claim holds for all elements of a list: `C.every(C.args.items, lambda item: item.price > 0)`."""
        return quantified("every", path, body)

    def any(self, path: Fact, body: Callable[[Fact], Claim]) -> Claim:
        """The claim holds for at least one element of a list."""
        return quantified("any", path, body)


C = Vocabulary()


def quantified(kind: OneOf["every", "any"], path: Fact, body: Callable[[Fact], Claim]) -> Claim:
    """A quantifier around what `body` says of its element."""
    element = object()
    claim = body(Fact(Path("item"), frozenset((element,))))
    if not isinstance(claim, Claim):
        raise TypeError(f"the function given to `{kind}` must return a comparison of its element, not {claim!r:.80}")
    if claim.elements - {element}:
        message = "an inner `every` or `any` reads the element of an outer one, which no constraint can say"
        help = "compare with a constant or an argument, or split the constraint"
        raise PolicyError([Mistake("HX314", message, help)])
    return Claim(syntax.Quantified(kind, path_of(path), claim.tree), path.__elements__)


def compared(left: Term, operator: syntax.ComparisonOperator, right: object) -> Claim:
    """A comparison of a term with a term or a literal."""
    other = term_of(right)
    leaf = syntax.Comparison(operator, left.__operand__, other.__operand__)
    return Claim(leaf, left.__elements__ | other.__elements__)


def text_test(test: OneOf["startswith", "endswith", "contains"], text: object, part: object) -> Claim:
    """One of the tests of two texts."""
    whole, piece = term_of(text), term_of(part)
    return Claim(syntax.TextTest(test, whole.__operand__, piece.__operand__), whole.__elements__ | piece.__elements__)


def is_list(operand: Operand) -> bool:
    """Whether a value may stand behind `in`."""
    return isinstance(operand, Path | syntax.Const) or (
        isinstance(operand, syntax.Literal) and isinstance(operand.value, tuple)
    )


def step_of(step: object) -> str | int:
    """The name of a field or the place of an element."""
    if isinstance(step, str) or (isinstance(step, int) and not isinstance(step, bool) and step >= 0):
        return step
    raise TypeError(f"a step is a name or an index from 0, not {step!r:.80}")


def path_of(fact: object) -> Path:
    """The path of a fact."""
    if isinstance(fact, Fact) and isinstance(fact.__operand__, Path):
        return fact.__operand__
    raise TypeError(f"a path such as `C.args.items` is wanted here, not {fact!r:.80}")


def term_of(value: object) -> Term:
    """A term as it is, anything else as a literal."""
    return value if isinstance(value, Term) else Term(syntax.Literal(value_of(value)))


def value_of(value: object) -> Value:
    """A value of Python as one of a constraint. A float is the shortest decimal that reads back as it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        # The plain text of a member of an enumeration, too.
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal):
        exact = read_number(repr(float(value)) if isinstance(value, float) else str(value))
        if exact is not None:
            return exact
    if isinstance(value, list | tuple):
        return tuple(value_of(item) for item in value)
    raise TypeError(
        f"{value!r:.80} cannot stand in a constraint: use a number, a text, True, False, None, or a list of those"
    )
