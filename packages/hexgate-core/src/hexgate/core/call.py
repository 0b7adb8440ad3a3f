"""What an agent wants to run: a tool, its arguments, the agent. Decoded and checked once; what is decided is what is executed.

A call that JSON does not know is refused here, before any rule is read. The refusal is a value of the call, not an exception:
a refused call has no arguments, and every engine denies it with the reason.

# INVARIANT: `arguments` and `encoded` of a call say the same. Nothing decodes the arguments a second time, and nothing copies them:
# a dict that was given is the call's from then on, and whoever goes on changing it changes what was decided about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["DEEPEST_ARGUMENTS", "LARGEST_ARGUMENTS", "ToolCall", "json_copy"]

DEEPEST_ARGUMENTS = 64
LARGEST_ARGUMENTS = 1024 * 1024
LONGEST_TOOL_NAME = 1024
TOO_DEEP = f"the arguments are nested more than {DEEPEST_ARGUMENTS} levels deep"
TOO_LARGE = f"the arguments are larger than {LARGEST_ARGUMENTS:,} bytes"
TOO_MANY_DIGITS = "the arguments hold an integer of more digits than Python reads and writes"
BROKEN_TEXT = "the arguments hold half of a surrogate pair"
# Values that need no second look; a float may be no number.
ATOMS = frozenset((str, int, bool, type(None)))
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

# So few values are written at once; of more it is asked first how long their texts are together.
MANY = 256
dumps = orjson.dumps
# How the encoder writes that a number has too many digits: `e+`, or in its older releases `e`; where it had no such mark, every
# text would be read the slow way.
EXPONENT = dumps(1e25).strip(b"0123456789.")
# The name of a type without asking the type, whose metaclass may be anyone's.
name_of = type.__dict__["__name__"].__get__


class RefusalError(Exception):
    """Why arguments cannot be decided about; it never leaves this module."""


class ToolCall:
    """One call of a tool, decoded and checked."""

    __slots__ = ("agent", "arguments", "encoded", "refusal", "tool")

    tool: str
    arguments: dict[str, Any]
    encoded: bytes
    agent: str
    refusal: str | None

    def __init__(
        self,
        tool: str,
        arguments: Mapping[str, Any] | str | bytes,
        agent: str = "agent",
    ) -> None:
        """The call of `tool` with arguments as a dict or as JSON text. It never raises: a bad call comes out refused."""
        refusal = None
        try:
            if type(tool) is not str or not tool.isascii() or not 0 < len(tool) <= LONGEST_TOOL_NAME:
                tool = usable(tool)
            if type(arguments) is not dict:
                arguments = decoded(arguments)
            if len(arguments) > MANY:
                check(arguments)
            # Most calls are flat: the walk is only for those that are not. What is not finite leaves no zero behind.
            for item in arguments.values():
                if type(item) not in ATOMS and (type(item) is not float or item - item):
                    check(arguments)
                    break
            encoded = dumps(arguments, None, STRICT)
            if len(encoded) > LARGEST_ARGUMENTS:
                raise RefusalError(TOO_LARGE)
        except (RefusalError, TypeError) as error:
            tool, arguments, encoded, refusal = recovered(tool, arguments, error)
        self.tool = tool
        self.arguments = arguments
        self.encoded = encoded
        self.agent = agent
        self.refusal = refusal

    def apart(self) -> ToolCall:
        """The same call, its arguments read anew from the bytes: it shares nothing with this one. A refused call stays refused."""
        return self if self.refusal is not None else ToolCall(self.tool, self.encoded, self.agent)

    def __repr__(self) -> str:
        """The call without its arguments: they may hold secrets."""
        return f"ToolCall(tool={self.tool!r}, agent={self.agent!r}, refusal={self.refusal!r})"


def json_copy(value: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """A copy of a JSON object that shares nothing with it, and its canonical bytes. Raises ValueError for what is not JSON."""
    call = ToolCall("json_copy", value)
    if call.refusal is not None:
        raise ValueError(call.refusal)
    return decoded(call.encoded), call.encoded


def recovered(tool: Any, arguments: Any, error: Exception) -> tuple[str, dict[str, Any], bytes, str | None]:
    """The parts of a call that did not go the short way: encoded slowly, or refused, with no arguments."""
    try:
        if isinstance(error, TypeError):
            return tool, arguments, encoded_slowly(arguments), None
    except RefusalError as slow_error:
        error = slow_error
    return printable(tool), {}, b"{}", str(error)


def usable(tool: Any) -> str:
    """The tool's name, if anyone could write it down."""
    if type(tool) is not str or not 0 < len(tool) <= LONGEST_TOOL_NAME:
        raise RefusalError("the tool has no usable name")
    if printable(tool) != tool:
        raise RefusalError("the tool's name holds half of a surrogate pair")
    return tool


def printable(tool: Any) -> str:
    """A name that can be put into a record, whatever came as one."""
    return tool[:LONGEST_TOOL_NAME].encode(errors="replace").decode() if type(tool) is str else "(no name)"


def encoded_slowly(value: Any) -> bytes:
    """The same bytes for a value with integers of more than 64 bits."""
    try:
        text = dumps(written_out(value), None, STRICT)
    except TypeError as error:
        raise RefusalError(reason(error)) from None
    except ValueError:
        # Python can be told to write fewer digits than 4,300.
        raise RefusalError(TOO_MANY_DIGITS) from None
    if len(text) > LARGEST_ARGUMENTS:
        raise RefusalError(TOO_LARGE)
    return text


def reason(error: TypeError) -> str:
    """What the encoder did not like, in our words."""
    text = str(error)
    if "UTF-8" in text:
        return BROKEN_TEXT
    return "the arguments hold a key that is not a text" if "key" in text else "the arguments are not JSON"


def check(value: Any) -> None:
    """Refuses what JSON does not know, and more than a call may hold."""
    if walk(value) > MANY:
        weigh(value)


def walk(value: Any) -> int:
    """Counts the values, level by level and before looking at them, so that shared parts cannot be walked for ever."""
    level, depth, count = [value], 0, 0
    while level:
        depth += 1
        count += sum(map(len, level))
        if depth > DEEPEST_ARGUMENTS or count > LARGEST_ARGUMENTS:
            raise RefusalError(TOO_DEEP if depth > DEEPEST_ARGUMENTS else TOO_LARGE)
        below: list[Any] = []
        for container in level:
            for item in container.values() if type(container) is dict else container:
                kind = type(item)
                if kind in ATOMS:
                    continue
                if kind is dict or kind is list:
                    below.append(item)
                elif kind is not float or item - item:
                    raise RefusalError(unknown_to_json(item))
        level = below
    return count


def weigh(value: Any) -> None:
    """Refuses many values whose texts are too long together: one text may stand in thousands of places and yet take no room."""
    level, size = [value], 0
    while level:
        below: list[Any] = []
        for container in level:
            values = container.values() if type(container) is dict else container
            size += sum(len(item) for item in values if type(item) is str)
            below.extend(item for item in values if type(item) is dict or type(item) is list)
        if size > LARGEST_ARGUMENTS:
            raise RefusalError(TOO_LARGE)
        level = below


def unknown_to_json(item: Any) -> str:
    """Why a value cannot be decided about."""
    if type(item) is float:
        return "the arguments hold a number that is not finite"
    return f"the arguments hold a `{name_of(type(item)):.60}`, which is nothing that JSON knows"


def written_out(value: Any) -> Any:
    """A copy in which large integers are digits already."""
    if type(value) is dict:
        return {key: written_out(item) for key, item in value.items()}
    if type(value) is list:
        return [written_out(item) for item in value]
    if type(value) is not int or SMALLEST_WORD <= value <= LARGEST_WORD:
        return value
    if not -LARGEST_INTEGER < value < LARGEST_INTEGER:
        raise RefusalError(TOO_MANY_DIGITS)
    return orjson.Fragment(str(value))


def decoded(text: Any) -> dict[str, Any]:
    """The object that a JSON text writes: no key twice, every integer exact."""
    if type(text) is str:
        try:
            text = text.encode()
        except UnicodeEncodeError:
            raise RefusalError(BROKEN_TEXT) from None
    if type(text) is not bytes:
        raise RefusalError("the arguments are not a JSON object")
    if len(text) > LARGEST_ARGUMENTS:
        raise RefusalError(TOO_LARGE)
    try:
        value = orjson.loads(text)
        if not faithful(text, dumps(value)):
            value = decoded_slowly(text)
    except (orjson.JSONDecodeError, TypeError):
        # An integer that no float holds, and a text deeper than the fast way goes, may be JSON all the same.
        value = decoded_slowly(text)
    if type(value) is not dict:
        raise RefusalError("the arguments are not a JSON object")
    return value


def faithful(text: bytes, again: bytes) -> bool:
    """Whether nothing was lost in reading: no repeated key was dropped, no integer was rounded. A doubt counts as a no.

    Without escapes each colon of the text is one of a key or of a string, and all of them must still be there when the value is
    written again; an integer that was rounded is then written with an exponent.
    """
    return b"\\" not in text and text.count(b":") == again.count(b":") and EXPONENT not in again


def decoded_slowly(text: bytes) -> Any:
    """The same with every pair looked at and every digit read."""
    try:
        return json.loads(text.decode(), object_pairs_hook=unique)
    except RecursionError:
        raise RefusalError(TOO_DEEP) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RefusalError(f"the arguments are not JSON: {error}") from None
    except ValueError:
        raise RefusalError(TOO_MANY_DIGITS) from None


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a key stands in it twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RefusalError("the arguments hold a key twice")
    return found
