"""The checks of blocks in, the moment and the tools at which they end out, and back.

Two kinds of checks are kept, and both are enforced where a decision is made, not only where the token is read:

    check if time($time), $time < 2026-12-01T12:00:00Z          `<=` as well
    check if tool("refund_order") or tool($tool), $tool.starts_with("mcp-github-")

# INVARIANT: a check of any other kind refuses the token. To hold once and be forgotten is not to be kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor

from hexgate.core.errors import TokenError
from hexgate.core.identity.tokens.block import Block, Term, predicate, term
from hexgate.core.identity.tokens.claims import LAST_MOMENT
from hexgate.core.identity.tokens.wire import Kind, message
from hexgate.core.identity.tools import Tools
from hexgate.core.identity.user import earlier

__all__ = ["Limits", "Parameter", "checks_of", "limits_of"]

QUERIES, KIND = 1, 2
CHECK: dict[int, Kind] = {QUERIES: "many", KIND: "number"}
HEAD, BODY, EXPRESSIONS, SCOPES = 1, 2, 3, 4
QUERY: dict[int, Kind] = {HEAD: "one", BODY: "many", EXPRESSIONS: "many", SCOPES: "many"}
OPERATIONS = 1
EXPRESSION: dict[int, Kind] = {OPERATIONS: "many"}
VALUE, UNARY, BINARY, CLOSURE = 1, 2, 3, 4
OPERATION: dict[int, Kind] = {VALUE: "one", UNARY: "one", BINARY: "one", CLOSURE: "one"}
OPERATOR = 1
COMPARISON: dict[int, Kind] = {OPERATOR: "number"}
LESS, LESS_OR_EQUAL, STARTS_WITH = 0, 2, 6
Parameter = str | datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when, and with which tools; None is no limit."""

    expires_at: float | None = None
    tools: Tools | None = None

    def and_also(self, other: Limits) -> Limits:
        """What both allow."""
        tools = self.tools if other.tools is None else other.tools.within(self.tools)
        return Limits(earlier(self.expires_at, other.expires_at), tools)


@dataclass(frozen=True, slots=True)
class Query:
    """One way in which a check can hold: `name(term)`, and a comparison of the term with a value where there is one."""

    name: str
    term: Term
    operator: int | None = None
    value: Term | None = None


def limits_of(blocks: Iterable[Block]) -> Limits:
    """What all checks of all blocks allow."""
    limits = Limits()
    for block in blocks:
        for check in block.checks:
            limits = limits.and_also(limit_of(block, check))
    return limits


def limit_of(block: Block, check: bytes) -> Limits:
    """What one check allows."""
    read = message(check, CHECK)
    queries = [query_of(block, query) for query in read.many(QUERIES)]
    names = {query.name for query in queries}
    if not read.numbers.get(KIND):
        if names == {"time"} and len(queries) == 1:
            return Limits(expires_at=moment(queries[0]))
        if names == {"tool"}:
            return Limits(tools=tools_of(queries))
    raise not_kept()


def query_of(block: Block, data: bytes) -> Query:
    """A query with one predicate of one term, and at most one comparison with it."""
    read = message(data, QUERY)
    bodies, expressions = read.many(BODY), read.many(EXPRESSIONS)
    if len(bodies) != 1 or len(expressions) > 1 or SCOPES in read.parts:
        raise not_kept()
    body = predicate(block.symbols, bodies[0])
    if len(body.terms) != 1:
        raise not_kept()
    asked = term(block.symbols, body.terms[0])
    if not expressions:
        return Query(body.name, asked)
    operations = [message(part, OPERATION) for part in message(expressions[0], EXPRESSION).many(OPERATIONS)]
    if [list(operation.parts) for operation in operations] != [[VALUE], [VALUE], [BINARY]]:
        raise not_kept()
    left, right = (term(block.symbols, operation.one(VALUE)) for operation in operations[:2])
    if left != asked or left.kind != "variable":
        raise not_kept()
    return Query(body.name, asked, message(operations[2].one(BINARY), COMPARISON).numbers.get(OPERATOR), right)


def moment(query: Query) -> float:
    """The first second at which the check no longer holds."""
    if query.value is None or query.value.kind != "date" or query.operator not in {LESS, LESS_OR_EQUAL}:
        raise not_kept()
    return float(int(query.value.value) + (query.operator == LESS_OR_EQUAL))


def tools_of(queries: list[Query]) -> Tools:
    """The tools that one of the queries names."""
    names, prefixes = [], []
    for query in queries:
        if query.value is None and query.term.kind == "text":
            names.append(str(query.term.value))
        elif query.value is not None and query.value.kind == "text" and query.operator == STARTS_WITH:
            prefixes.append(str(query.value.value))
        else:
            raise not_kept()
    return Tools.of(names, prefixes)


def checks_of(limits: Limits) -> tuple[list[str], dict[str, Parameter]]:
    """The checks that say the limits, with places for the values, and the values. A token never lives longer than its limits."""
    checks: list[str] = []
    values: dict[str, Parameter] = {}
    if limits.expires_at is not None:
        checks.append("check if time($time), $time < {until}")
        values["until"] = datetime.fromtimestamp(min(floor(limits.expires_at), LAST_MOMENT), UTC)
    if limits.tools is not None:
        names, prefixes = sorted(limits.tools.names), limits.tools.prefixes
        queries = [f"tool({{name{place}}})" for place in range(len(names))]
        queries += [f"tool($tool), $tool.starts_with({{prefix{place}}})" for place in range(len(prefixes))]
        checks.append(f"check if {' or '.join(queries)}")
        values |= {f"name{place}": name for place, name in enumerate(names)}
        values |= {f"prefix{place}": prefix for place, prefix in enumerate(prefixes)}
    return checks, values


def not_kept() -> TokenError:
    """The error of a check that Hexgate would have to forget after it held."""
    return TokenError(
        "HX518",
        "a block of the token holds a check of a kind that Hexgate does not keep",
        help="narrow tokens with `user.narrowed(…)`, or with checks of the two kinds that Hexgate keeps",
    )
