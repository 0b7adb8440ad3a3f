"""What the rest of the house knows of a door: whose agents it takes, and what their manifests are.

A door is found by its entry point in the group `hexgate.doors`, whose value is an object of this shape.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from hexgate.core.adapters.manifest import AgentManifest

__all__ = ["Door"]


@runtime_checkable
class Door(Protocol):
    """A framework's part of Hexgate."""

    @property
    def framework(self) -> str:
        """The framework's name, as manifests carry it."""
        ...

    def takes(self, agent: object) -> bool:
        """Whether an object is an agent of this framework."""
        ...

    async def manifest(self, agent: Any) -> AgentManifest:
        """The manifest of an agent of this framework, by what the framework publishes about it."""
        ...
