"""The payload of one block in, its facts and its checks out, with every name and text in the place of its number.

The library prints blocks as text, but does not escape what stands in quotes: the user `alice"); role("admin` would read as two
facts. So nothing is ever read from that text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hexgate.core.errors import TokenError
from hexgate.core.identity.tokens.wire import Kind, Message, message, unreadable

__all__ = ["Block", "Predicate", "Term", "blocks_of", "only", "predicate", "term"]

SYMBOLS, CONTEXT, VERSION, FACTS, RULES, CHECKS, SCOPES, KEYS = range(1, 9)
BLOCK: dict[int, Kind] = {
    SYMBOLS: "many",
    CONTEXT: "one",
    VERSION: "number",
    FACTS: "many",
    RULES: "many",
    CHECKS: "many",
    SCOPES: "many",
    KEYS: "many",
}
FACT: dict[int, Kind] = {1: "one"}
NAME, TERMS = 1, 2
PREDICATE: dict[int, Kind] = {NAME: "number", TERMS: "many"}
VARIABLE, INTEGER, TEXT, DATE, BYTES, BOOL, SET, NULL, ARRAY, MAP = range(1, 11)
TERM: dict[int, Kind] = {
    VARIABLE: "number",
    INTEGER: "number",
    TEXT: "number",
    DATE: "number",
    BYTES: "one",
    BOOL: "number",
    SET: "one",
    NULL: "one",
    ARRAY: "one",
    MAP: "one",
}
# The names that every biscuit knows, from 0 on; those that its blocks bring along are numbered from 1,024 on.
KNOWN = (
    *(
        "read",
        "write",
        "resource",
        "operation",
        "right",
        "time",
        "role",
        "owner",
        "tenant",
        "namespace",
        "user",
        "team",
    ),
    *("service", "admin", "email", "group", "member", "ip_address", "client", "client_ip", "domain", "path", "version"),
    *("cluster", "node", "hostname", "nonce", "query"),
)
FIRST_OWN = 1024


@dataclass(frozen=True, slots=True)
class Term:
    """A text, a moment in seconds, or a variable by its number. Anything else has the kind `other`, for nobody asks what it is."""

    kind: str
    value: str | int = 0


@dataclass(frozen=True, slots=True)
class Predicate:
    """A name with its terms, which are read when the name matters."""

    name: str
    terms: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The facts and the checks of one block, and the symbols that it may use."""

    symbols: tuple[str, ...]
    facts: tuple[Predicate, ...]
    checks: tuple[bytes, ...]

    def values(self, name: str) -> list[Term]:
        """The terms of the facts with this name, each of which must have one."""
        return [term(self.symbols, only(fact)) for fact in self.facts if fact.name == name]


def blocks_of(payloads: tuple[bytes, ...]) -> Iterator[Block]:
    """The blocks in their order; each may use the symbols of those before it."""
    symbols: tuple[str, ...] = ()
    for payload in payloads:
        read = message(payload, BLOCK)
        refuse_programs(read)
        symbols = (*symbols, *map(decoded, read.many(SYMBOLS)))
        if len({*symbols, *KNOWN}) != len(symbols) + len(KNOWN):
            # The library might give the second of two equal symbols the number of the first.
            raise unreadable()
        facts = [predicate(symbols, message(fact, FACT).one(1)) for fact in read.many(FACTS)]
        yield Block(symbols, tuple(facts), tuple(read.many(CHECKS)))


def refuse_programs(block: Message) -> None:
    """Rules, and words about whom to trust, would have to be run to know what they restrict."""
    if RULES in block.parts or SCOPES in block.parts or KEYS in block.parts:
        raise TokenError(
            "HX518",
            "a block of the token holds rules or trusts others, and Hexgate runs no program of a token",
            help="narrow tokens with `user.narrowed(…)`, or with checks of the two kinds that Hexgate keeps",
        )


def predicate(symbols: tuple[str, ...], data: bytes) -> Predicate:
    """A name and its terms."""
    read = message(data, PREDICATE)
    if NAME not in read.numbers:
        raise unreadable()
    return Predicate(symbol(symbols, read.numbers[NAME]), tuple(read.many(TERMS)))


def only(predicate: Predicate) -> bytes:
    """The term of a predicate that must have exactly one."""
    if len(predicate.terms) != 1:
        raise unreadable()
    return predicate.terms[0]


def term(symbols: tuple[str, ...], data: bytes) -> Term:
    """One value."""
    numbers, parts = message(data, TERM)
    if len(numbers) + len(parts) != 1:
        raise unreadable()
    if TEXT in numbers:
        return Term("text", symbol(symbols, numbers[TEXT]))
    if DATE in numbers:
        return Term("date", numbers[DATE])
    return Term("variable", numbers[VARIABLE]) if VARIABLE in numbers else Term("other")


def symbol(symbols: tuple[str, ...], number: int) -> str:
    """The name or the text with a number."""
    table, place = (symbols, number - FIRST_OWN) if number >= FIRST_OWN else (KNOWN, number)
    if place >= len(table):
        raise unreadable()
    return table[place]


def decoded(data: bytes) -> str:
    """A text."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise unreadable() from None
