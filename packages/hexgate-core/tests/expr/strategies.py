"""Trees of constraints as the parser makes them.

Every `And` and `Or` is flat, every fact known, every pattern, host and directory good.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hexgate.core.expr import syntax
from hexgate.core.expr.syntax import Expression, Leaf, Operand, Path, Value

__all__ = ["decimals", "expressions", "leaves", "literals", "operands", "paths", "texts"]

KEYWORDS = ["and", "or", "not", "in", "every", "count", "args", "true", "null", "role", "_", "x1"]


@cache
def texts(size: int = 8) -> SearchStrategy[str]:
    """Any text that JSON can hold: no half of a surrogate pair."""
    odd = st.text("\"'\\/\n\t\x00\x7f\u200f\u2028ä€😀 \u0301", max_size=size)
    return st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=size), odd)


@cache
def decimals() -> SearchStrategy[int | Decimal]:
    """Numbers as the parser gives them: an int when it is whole and of a size to write out."""

    def number(digits: int, exponent: int) -> int | Decimal:
        kept = str(digits).rstrip("0")
        if not kept:
            return 0
        moved = exponent + len(str(digits)) - len(kept)
        return int(f"{kept}{'0' * moved}") if 0 <= moved <= 400 else Decimal(f"{kept}E{moved}")

    exponents = st.one_of(st.just(0), st.integers(-30, 30), st.integers(-1000, 1000))
    return st.builds(number, st.one_of(st.integers(-999, 999), st.integers()), exponents)


@cache
def literals() -> SearchStrategy[Value]:
    """Any literal, lists of lists too."""
    scalars: SearchStrategy[Value] = st.one_of(st.none(), st.booleans(), decimals(), texts())
    return st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)


@cache
def paths(quantified: bool) -> SearchStrategy[Path]:
    """A path that is known; one that begins with the element only where there is one."""
    names = st.one_of(st.sampled_from(KEYWORDS), texts())
    step: SearchStrategy[str | int] = st.one_of(names, st.integers(0, 10**30))
    steps = st.lists(step, min_size=1, max_size=3).map(tuple)
    known: list[SearchStrategy[Path]] = [
        st.builds(Path, st.sampled_from(["args", "args", "ctx"]), steps),
        st.sampled_from([Path("user", ("id",)), Path("session", ("id",)), Path("role"), Path("tool")]),
    ]
    element = st.builds(Path, st.just("item"), st.one_of(st.just(()), steps))
    return st.one_of(*known, element) if quantified else st.one_of(*known)


@cache
def constants() -> SearchStrategy[syntax.Const]:
    return st.builds(syntax.Const, st.sampled_from(KEYWORDS))


@cache
def operands(quantified: bool) -> SearchStrategy[Operand]:
    """Any value."""
    simple: SearchStrategy[Operand] = st.one_of(
        st.builds(syntax.Literal, literals()),
        constants(),
        paths(quantified),
        st.builds(syntax.Count, paths(quantified)),
    )
    return st.one_of(simple, st.builds(syntax.Lower, st.recursive(simple, lambda it: st.builds(syntax.Lower, it))))


@cache
def leaves(quantified: bool) -> SearchStrategy[Leaf]:
    """Everything that is neither joined nor quantified."""
    value = operands(quantified)
    listed = st.builds(syntax.Literal, st.lists(literals(), max_size=3).map(tuple))
    hosts = st.lists(st.sampled_from(["example.com", "*.example.com", "10.0.0.1", "[::1]"]), max_size=3).map(tuple)
    directories = st.lists(st.sampled_from(["src", "./src/a b", "/", "/srv/ä", "C:/x"]), min_size=1, max_size=3)
    return st.one_of(
        st.builds(syntax.Comparison, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), value, value),
        st.builds(syntax.Membership, value, st.one_of(listed, constants(), paths(quantified))),
        st.builds(syntax.TextTest, st.sampled_from(["startswith", "endswith", "contains"]), value, value),
        st.builds(syntax.Matches, value, st.sampled_from(["", "^a+$", r"\d\"", "ä😀", r"\Q\C\E", "a{3}"])),
        st.builds(syntax.Within, value, directories.map(tuple)),
        st.builds(syntax.UrlHostIn, value, st.one_of(st.builds(syntax.Literal, hosts), constants())),
        st.builds(syntax.Exists, paths(quantified)),
    )


@st.composite
def expressions(draw: st.DrawFn, quantified: bool = False, depth: int = 3) -> Expression:
    """Any constraint of that depth."""
    kind = draw(st.sampled_from(["leaf", "leaf", "not", "and", "or", "quantified"])) if depth else "leaf"
    if kind == "leaf":
        return draw(leaves(quantified))
    if kind == "not":
        return syntax.Not(draw(expressions(quantified, depth - 1)))
    if kind == "quantified":
        body = draw(expressions(True, depth - 1))
        return syntax.Quantified(draw(st.sampled_from(["every", "any"])), draw(paths(quantified)), body)
    join = syntax.And if kind == "and" else syntax.Or
    items = [draw(expressions(quantified, depth - 1)) for _ in range(draw(st.integers(2, 3)))]
    # A join right below the same join has no text of its own.
    return join(tuple(syntax.Not(item) if isinstance(item, join) else item for item in items))
