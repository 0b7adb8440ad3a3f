"""An agent in the terms that every framework shares: its name, its model, its prompt, and its tools with their whole schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

__all__ = ["CUT", "LONGEST_PROMPT", "AgentManifest", "ToolManifest"]

LONGEST_PROMPT = 64 * 1024
# Stands at the end of a prompt that was cut.
CUT = "\n[cut: the prompt is longer than 64 KiB]"


class ToolManifest(BaseModel):
    """One tool: what the model is told about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str | None = None
    input_schema: dict[str, Any]


class AgentManifest(BaseModel):
    """What an agent is, as policies are written for it and platforms register it.

    A prompt of more than 64 KiB in UTF-8 is cut between two characters, with a marker at its end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str | None = None
    framework: str
    model: str | None = None
    system_prompt: str | None = None
    tools: tuple[ToolManifest, ...] = ()

    @field_validator("system_prompt")
    @classmethod
    def cut(cls, prompt: str | None) -> str | None:
        """The prompt, as much of it as is kept."""
        if prompt is None or len(prompt) * 4 <= LONGEST_PROMPT:
            return prompt
        encoded = prompt.encode(errors="replace")
        if len(encoded) <= LONGEST_PROMPT:
            return prompt
        return encoded[: LONGEST_PROMPT - len(CUT.encode())].decode(errors="ignore") + CUT
