"""The manifest of an agent of the SDK is found by what the SDK publishes, through the door that the entry point names."""

from __future__ import annotations

from typing import Any

import pytest
from agents import Agent, RunContextWrapper, WebSearchTool

from hexgate.core.adapters import DoorError, acreate_manifest, create_manifest, door_of
from hexgate.openai.manifest import DOOR

pytestmark = pytest.mark.anyio


def instructions(context: RunContextWrapper[Any], agent: Agent[Any]) -> str:
    """Instructions that are made for each run."""
    return f"You are {agent.name}."


def test_an_agent_is_known_by_its_name_model_prompt_and_tools_with_their_whole_schemas(shop: Any) -> None:
    agent = Agent(
        name="shop",
        handoff_description="Sells.",
        instructions=instructions,
        model="gpt-5",
        tools=[shop.refund, WebSearchTool()],
    )
    found = create_manifest(agent)
    assert (found.name, found.description, found.framework, found.model) == ("shop", "Sells.", "openai-agents", "gpt-5")
    assert found.system_prompt == "You are shop."
    assert [(tool.name, tool.description) for tool in found.tools] == [
        ("refund", "Refunds an order."),
        ("web_search", None),
    ]
    schema = found.tools[0].input_schema
    assert schema["properties"]["amount"] == {"title": "Amount", "type": "integer"}
    assert schema["required"] == ["amount", "currency"]


async def test_in_an_event_loop_both_ways_say_the_same(shop: Any) -> None:
    agent = shop.agent(shop.refund, says=shop.model())
    assert create_manifest(agent) == await acreate_manifest(agent)
    assert create_manifest(agent).model == "ScriptedModel"


def test_the_entry_point_leads_to_this_door(shop: Any) -> None:
    assert door_of(shop.agent(says=shop.model())) is DOOR
    with pytest.raises(DoorError, match="HX951"):
        door_of(object())
