"""The numbers of runtime/layout.h, which says what stands where: this page and that one change together.

Plain numbers, since those of an `IntEnum` are found in a dictionary by code of Python, and thousands are looked up for a policy.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "HEADER_SIZE",
    "LARGEST_INDEX",
    "MAGIC",
    "MODES",
    "ROOTS",
    "SIGNS",
    "ConditionKind",
    "Kind",
    "OperandKind",
    "Toll",
]

MAGIC = 0x31475848
HEADER_SIZE = 36
# No list is as long: an index that does not fit into a word finds nothing either way.
LARGEST_INDEX = 0xFFFFFFFF


class Kind:
    """What a value is."""

    NULL = 1
    FALSE = 2
    TRUE = 3
    NUMBER = 4
    STRING = 5
    LIST = 6


class OperandKind:
    """What stands on one side of a leaf, unless it is a value."""

    PATH = 16
    COUNT_OF = 17
    LOWER_OF = 18


class ConditionKind:
    """What a condition asks."""

    ALL = 0
    ANY_OF = 1
    EVERY = 2
    ANY = 3
    COMPARE = 4
    IN_VALUE = 5
    IN_CONSTANTS = 6
    STARTS = 7
    ENDS = 8
    CONTAINS = 9
    MATCHES = 10
    WITHIN = 11
    HOST_IN = 12
    EXISTS = 13
    IN_SCOPE = 14


class Toll:
    """How a loop counts its work."""

    COUNTS = 1
    INSIDE = 2
    WHOLE_CALL = 4


ROOTS: Mapping[str, int] = {"args": 0, "ctx": 1, "user": 2, "session": 3, "role": 4, "tool": 5, "item": 6}
SIGNS: Mapping[str, int] = {"==": 0, "!=": 1, "<": 2, "<=": 3, ">": 4, ">=": 5}
MODES: Mapping[str, int] = {"deny": 0, "allow": 1, "approval_required": 2}
