"""One generated call with its caller, and how a fact of it is given another value.

# INVARIANT: a question never changes: another value is another question, which shares with the first what is the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.errors import UserError
from hexgate.core.expr.syntax import Path
from hexgate.core.identity import User

__all__ = ["ABSENT", "Question", "is_name", "put"]

# A list that is longer than this is not made only so that something can stand behind its end.
LONGEST_LIST = 2000


class Absent:
    """What is put where nothing shall be."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(slots=True)
class Question:
    """A call and its caller as plain values; the objects that engines take are made once."""

    tool: str
    args: dict[str, Any]
    roles: tuple[str, ...]
    ctx: dict[str, Any]
    user_id: str | None = None
    session_id: str | None = None
    made_call: ToolCall | None = None
    made_user: User | None = None

    @property
    def call(self) -> ToolCall:
        """The call as engines take it."""
        if self.made_call is None:
            self.made_call = ToolCall(self.tool, self.args)
        return self.made_call

    @property
    def user(self) -> User:
        """The caller as engines take it."""
        if self.made_user is None:
            self.made_user = User(self.user_id, session_id=self.session_id, roles=self.roles, attributes=self.ctx)
        return self.made_user

    def with_args(self, args: dict[str, Any]) -> Question:
        """The question with other arguments."""
        return Question(self.tool, args, self.roles, self.ctx, self.user_id, self.session_id, made_user=self.made_user)

    def with_ctx(self, ctx: dict[str, Any]) -> Question:
        """The question by a caller with other attributes."""
        return Question(self.tool, self.args, self.roles, ctx, self.user_id, self.session_id, made_call=self.made_call)

    def with_tool(self, tool: str) -> Question:
        """The question about another tool."""
        return Question(tool, self.args, self.roles, self.ctx, self.user_id, self.session_id, made_user=self.made_user)

    def with_caller(self, roles: tuple[str, ...], user_id: str | None, session_id: str | None) -> Question:
        """The question by another caller with the same attributes."""
        return Question(self.tool, self.args, roles, self.ctx, user_id, session_id, made_call=self.made_call)

    def as_dict(self) -> dict[str, Any]:
        """The question as JSON knows it, in the words of a module's input."""
        asked: dict[str, Any] = {"roles": list(self.roles), "tool": self.tool, "args": self.args, "ctx": self.ctx}
        if self.user_id is not None:
            asked["user"] = {"id": self.user_id}
        if self.session_id is not None:
            asked["session"] = {"id": self.session_id}
        return asked


def put(question: Question, path: Path, value: Any) -> Question | None:
    """The question with a value at a path, and with whatever has to be around it; None where no such question can be."""
    match path.root:
        case "args" | "ctx":
            root = question.args if path.root == "args" else question.ctx
            changed = placed(root, path.steps, 0, value)
            if type(changed) is not dict:
                return None
            return askable(question.with_args(changed) if path.root == "args" else question.with_ctx(changed))
        case "user" | "session":
            named = text_or_none(value)
            if named is ABSENT:
                return None
            if path.root == "user":
                return question.with_caller(question.roles, named, question.session_id)
            return question.with_caller(question.roles, question.user_id, named)
        case "tool":
            return question.with_tool(value) if type(value) is str and is_name(value) else None
        case _:
            return None


def askable(question: Question) -> Question | None:
    """The question, unless its call or its caller would be refused: then no rule would be asked."""
    try:
        return question if question.call.refusal is None and question.user.roles == question.roles else None
    except UserError:
        return None


def text_or_none(value: Any) -> Any:
    """An id, None for none, and `ABSENT` for what no caller can have as one."""
    if value is ABSENT:
        return None
    return value if type(value) is str and is_name(value) else ABSENT


def is_name(text: str) -> bool:
    """Whether a tool, a role or a caller can be called so."""
    return 0 < len(text) <= 1024 and not any("\ud800" <= char <= "\udfff" for char in text)


def placed(container: Any, steps: tuple[str | int, ...], at: int, value: Any) -> Any:
    """A copy of a container in which the value stands below it; `ABSENT` for what cannot be made."""
    if at == len(steps):
        return value
    step = steps[at]
    if isinstance(step, int):
        return placed_in_list(container if type(container) is list else [], step, (steps, at), value)
    copy = dict(container) if type(container) is dict else {}
    inner = placed(copy.get(step), steps, at + 1, value)
    if inner is ABSENT:
        copy.pop(step, None)
    else:
        copy[step] = inner
    return copy


def placed_in_list(items: list[Any], index: int, rest: tuple[tuple[str | int, ...], int], value: Any) -> Any:
    """A copy of a list in which the value stands below one element; a shorter list is filled up with its last one."""
    steps, at = rest
    if index > LONGEST_LIST:
        return ABSENT
    filler = items[-1] if items else None
    copy = [*items, *[filler] * (index + 1 - len(items))]
    copy[index] = placed(copy[index], steps, at + 1, value)
    return copy if copy[index] is not ABSENT else items[:index]
