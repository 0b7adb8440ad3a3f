"""A manifest is a model of an agent; the door that makes it is found by its entry point."""

from __future__ import annotations

import asyncio
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest
from pydantic import ValidationError

from hexgate.core import AgentManifest, create_manifest
from hexgate.core.adapters import Door, DoorError, ToolManifest, acreate_manifest, discovery, door_of, doors
from hexgate.core.adapters.manifest import CUT, LONGEST_PROMPT


class Toy:
    """An agent of a framework that there is not."""

    name = "toy"


class ToyDoor:
    """The door of that framework."""

    framework = "toys"

    def takes(self, agent: object) -> bool:
        return isinstance(agent, Toy)

    async def manifest(self, agent: Toy) -> AgentManifest:
        await asyncio.sleep(0)
        return AgentManifest(name=agent.name, framework=self.framework)


DOOR = ToyDoor()


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The toy's wheel is installed, and no other."""
    point = EntryPoint("toys", f"{__name__}:DOOR", discovery.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: DOOR)
    monkeypatch.setattr(discovery, "entry_points", lambda group: EntryPoints([point]).select(group=group))
    doors.cache_clear()
    yield
    doors.cache_clear()


@pytest.mark.usefixtures("_installed")
def test_the_door_of_an_agent_makes_its_manifest_in_and_out_of_an_event_loop() -> None:
    assert isinstance(DOOR, Door)
    assert door_of(Toy()) is DOOR
    found = create_manifest(Toy())
    assert (found.name, found.framework, found.tools) == ("toy", "toys", ())

    async def main() -> tuple[AgentManifest, AgentManifest]:
        return create_manifest(Toy()), await acreate_manifest(Toy())

    assert asyncio.run(main()) == (found, found)


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize(("agent", "kind"), [("toy", "str"), (ToyDoor(), "ToyDoor")])
def test_an_agent_of_no_framework_is_an_error_that_names_its_class(agent: object, kind: str) -> None:
    with pytest.raises(DoorError, match="HX951") as caught:
        create_manifest(agent)
    assert f"{kind}`" in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        (None, None),
        ("short", "short"),
        ("x" * LONGEST_PROMPT, "x" * LONGEST_PROMPT),
        ("x" * (LONGEST_PROMPT + 1), "x" * (LONGEST_PROMPT - len(CUT)) + CUT),
        ("é" * LONGEST_PROMPT, "é" * ((LONGEST_PROMPT - len(CUT)) // 2) + CUT),
    ],
    ids=["none", "short", "just right", "too long", "too long in bytes"],
)
def test_a_prompt_is_cut_between_characters_with_a_marker(prompt: str | None, kept: str | None) -> None:
    found = AgentManifest(name="bot", framework="toys", system_prompt=prompt).system_prompt
    assert found == kept
    assert found is None or len(found.encode()) <= LONGEST_PROMPT


def test_a_manifest_is_strict_and_does_not_change() -> None:
    tool = ToolManifest(name="view", input_schema={"type": "object"})
    manifest = AgentManifest(name="bot", framework="toys", tools=(tool,))
    assert AgentManifest.model_validate_json(manifest.model_dump_json()) == manifest
    with pytest.raises(ValidationError, match="extra"):
        AgentManifest.model_validate({"name": "bot", "framework": "toys", "tolls": []})
    with pytest.raises(ValidationError, match="frozen"):
        manifest.name = "other"
