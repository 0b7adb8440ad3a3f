"""What an agent wants to run: a tool, its arguments, the agent. Decoded and checked once; what is decided is what is executed.

A call that JSON does not know is refused here, before any rule is read. The refusal is a value of the call, not an exception:
a refused call has no arguments, and every engine denies it with the reason.

# INVARIANT: `arguments` and `encoded` of a call say the same. Nothing decodes the arguments a second time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

import orjson

__all__ = ["DEEPEST_ARGUMENTS", "LARGEST_ARGUMENTS", "ToolCall", "json_copy"]

DEEPEST_ARGUMENTS = 64
LARGEST_ARGUMENTS = 1024 * 1024
LONGEST_TOOL_NAME = 1024
# Values that need no look inside. A float that is no number shows in the encoded text, where it is the word `null`.
ATOMS = frozenset((str, int, float, bool, type(None)))
# Beyond 64 bits the fast encoder and decoder know no integers, so those numbers take the slower way.
SMALLEST_WORD, LARGEST_WORD = -(2**63), 2**64 - 1
# Python refuses to read or write integers of more digits.
LARGEST_INTEGER = 10**4300

STRICT = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
)

dumps = orjson.dumps


class RefusalError(Exception):
    """Why arguments cannot be decided about; it never leaves this module."""


class ToolCall:
    """One call of a tool, decoded and checked."""

    __slots__ = ("agent", "arguments", "call_id", "encoded", "refusal", "tool")

    tool: str
    arguments: dict[str, Any]
    encoded: bytes
    agent: str
    call_id: str | None
    refusal: str | None

    def __init__(
        self, tool: str, arguments: Mapping[str, Any] | str | bytes, agent: str = "agent", *, call_id: str | None = None
    ) -> None:
        """The call of `tool` with arguments as a dict or as JSON text. It never raises: a bad call comes out refused."""
        self.agent = agent
        self.call_id = call_id
        self.refusal = None
        try:
            if type(tool) is not str or not 0 < len(tool) <= LONGEST_TOOL_NAME or not tool.isascii():
                tool = usable(tool)
            if type(arguments) is not dict:
                arguments = decoded(arguments)
            self.encoded = encoded(arguments)
            self.arguments = arguments
            self.tool = tool
        except RefusalError as error:
            self.encoded = b"{}"
            self.arguments = {}
            self.tool = printable(tool)
            self.refusal = str(error)

    def __repr__(self) -> str:
        """The call without its arguments: they may hold secrets."""
        return f"ToolCall(tool={self.tool!r}, agent={self.agent!r}, refusal={self.refusal!r})"


def json_copy(value: dict[str, Any]) -> dict[str, Any]:
    """A copy of a JSON object that shares nothing with it. Raises ValueError when it holds what JSON does not know."""
    try:
        return decoded(encoded(value))
    except RefusalError as error:
        raise ValueError(str(error)) from None


def usable(tool: Any) -> str:
    """The tool's name, if anyone could write it down."""
    if type(tool) is not str or not 0 < len(tool) <= LONGEST_TOOL_NAME:
        raise RefusalError("the tool has no usable name")
    if printable(tool) != tool:
        raise RefusalError("the tool's name holds half of a surrogate pair")
    return tool


def printable(tool: Any) -> str:
    """A name that can be put into a record, whatever came as one."""
    return str(tool)[:LONGEST_TOOL_NAME].encode(errors="replace").decode()


def encoded(value: dict[str, Any]) -> bytes:
    """The canonical bytes of an object that is JSON through and through."""
    for item in value.values():
        if type(item) not in ATOMS:
            check(value, 1)
            break
    try:
        text = dumps(value, None, STRICT)
    except TypeError as error:
        text = encoded_slowly(value, error)
    if b"null" in text:
        check_floats(value)
    if len(text) > LARGEST_ARGUMENTS:
        raise RefusalError(f"the arguments are larger than {LARGEST_ARGUMENTS:,} bytes")
    return text


def encoded_slowly(value: Any, error: TypeError) -> bytes:
    """The same bytes for a value with integers of more than 64 bits."""
    try:
        return orjson.dumps(written_out(value), option=STRICT)
    except (TypeError, UnicodeEncodeError):
        raise RefusalError(reason(error)) from None


def reason(error: TypeError) -> str:
    """What the encoder did not like, in our words."""
    text = str(error)
    if "UTF-8" in text:
        return "the arguments hold half of a surrogate pair"
    return "the arguments hold a key that is not a text" if "key" in text else "the arguments are not JSON"


def check(value: Any, depth: int) -> int:
    """Refuses what JSON does not know; counts the values, so that shared parts cannot be walked for ever."""
    if depth > DEEPEST_ARGUMENTS:
        raise RefusalError(f"the arguments are nested more than {DEEPEST_ARGUMENTS} levels deep")
    values = value.values() if type(value) is dict else value
    count = len(values)
    for item in values:
        kind = type(item)
        if kind in ATOMS:
            continue
        if kind is not dict and kind is not list:
            raise RefusalError(f"the arguments hold a `{kind.__name__:.60}`, which is nothing that JSON knows")
        count += check(item, depth + 1)
    if count > LARGEST_ARGUMENTS:
        raise RefusalError(f"the arguments are larger than {LARGEST_ARGUMENTS:,} bytes")
    return count


def check_floats(value: Any) -> None:
    """Refuses what is no number, which the encoder writes as `null`."""
    for item in value.values() if type(value) is dict else value:
        if type(item) is float and not isfinite(item):
            raise RefusalError("the arguments hold a number that is not finite")
        if type(item) is dict or type(item) is list:
            check_floats(item)


def written_out(value: Any) -> Any:
    """A copy in which large integers are digits already."""
    if type(value) is dict:
        return {key: written_out(item) for key, item in value.items()}
    if type(value) is list:
        return [written_out(item) for item in value]
    if type(value) is not int or SMALLEST_WORD <= value <= LARGEST_WORD:
        return value
    if not -LARGEST_INTEGER < value < LARGEST_INTEGER:
        raise RefusalError("the arguments hold an integer of more than 4,300 digits")
    return orjson.Fragment(str(value))


def decoded(text: Any) -> dict[str, Any]:
    """The object that a JSON text writes, read once, with no key twice and every integer exact."""
    if isinstance(text, str):
        try:
            text = text.encode()
        except UnicodeEncodeError:
            raise RefusalError("the arguments hold half of a surrogate pair") from None
    if not isinstance(text, bytes):
        raise RefusalError("the arguments are not a JSON object")
    if len(text) > LARGEST_ARGUMENTS:
        raise RefusalError(f"the arguments are larger than {LARGEST_ARGUMENTS:,} bytes")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RefusalError(f"the arguments are not JSON: {error}") from None
    if type(value) is not dict:
        raise RefusalError("the arguments are not a JSON object")
    return value if faithful(text, value) else decoded_slowly(text)


def faithful(text: bytes, value: Any) -> bool:
    """Whether nothing was lost: no repeated key was dropped and no integer was rounded. A doubt counts as a no.

    Without escapes each colon of the text is one of a key or of a string, and both must still be there when the value is written
    again; a rounded integer is then written with an exponent.
    """
    again = orjson.dumps(value)
    return b"\\" not in text and text.count(b":") == again.count(b":") and b"e+" not in again


def decoded_slowly(text: bytes) -> dict[str, Any]:
    """The same with every pair looked at and every digit read."""
    try:
        value: dict[str, Any] = json.loads(text.decode(), object_pairs_hook=unique)
    except RecursionError:
        raise RefusalError(f"the arguments are nested more than {DEEPEST_ARGUMENTS} levels deep") from None
    except ValueError:
        raise RefusalError("the arguments hold an integer of more than 4,300 digits") from None
    return value


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a key stands in it twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RefusalError("the arguments hold a key twice")
    return found
