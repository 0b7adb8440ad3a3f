"""What a tool answered as the framework has it in, what guards and the record are shown of it out, and the way back."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import ToolMessage
from langgraph.types import Command

from hexgate.core import Result

__all__ = ["HandledError", "content_of", "told_instead"]


class HandledError(Exception):
    """The tool failed, and the framework made a message for the model of that."""


def content_of(raw: Any) -> Any:
    """What guards are shown. Raises HandledError for the message of a tool that failed, so that the record knows of it."""
    match raw:
        case ToolMessage(status="error"):
            raise HandledError
        case ToolMessage(content=content):
            return content
        case Command(update=dict(update)):
            said = [message.content for message in update.get("messages", ()) if isinstance(message, ToolMessage)]
            return said[0] if len(said) == 1 else said
        case list():
            return [content_of(item) for item in raw]
        case _:
            return raw


def told_instead(result: Result, raw: Any, call_id: str | None) -> Any:
    """What a guard put in the place of a tool's answer, and nothing of the answer beside it."""
    if call_id is None and not isinstance(raw, ToolMessage):
        return result.value
    value = result.value
    content = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return ToolMessage(content, name=result.decision.tool, tool_call_id=call_id or "")
