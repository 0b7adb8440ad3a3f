"""The manifest of an agent is what a model would be told about it, through the door that the entry point names."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic_ai import Agent, RunContext
from pydantic_ai.toolsets import FunctionToolset

from hexgate.core.adapters import DoorError, acreate_manifest, create_manifest, door_of
from hexgate.pydantic_ai import wrap_pydantic_agent
from hexgate.pydantic_ai.manifest import DOOR

pytestmark = pytest.mark.anyio


def test_an_agent_is_known_by_its_name_model_prompt_and_tools_with_their_whole_schemas(shop: Any) -> None:
    agent = Agent("test", name="shop", instructions="Be kind.", tools=[shop.refund])

    @agent.instructions
    def more(context: RunContext[Any]) -> str:
        return "Sell lamps."

    @agent.toolset
    def others(context: RunContext[Any]) -> FunctionToolset[Any]:
        return FunctionToolset([shop.whoami])

    for found in (create_manifest(agent), create_manifest(wrap_pydantic_agent(agent=agent, policy=shop.policy))):
        assert (found.name, found.framework, found.model) == ("shop", "pydantic-ai", "test")
        assert found.system_prompt == "Be kind.\n\nSell lamps."
        assert [(tool.name, tool.description) for tool in found.tools] == [
            ("refund", "Refunds an order."),
            ("whoami", "Says who asks."),
        ]
        schema = found.tools[0].input_schema
        assert (schema["properties"]["amount"], schema["required"]) == ({"type": "integer"}, ["amount"])
    assert shop.seen == []


async def test_in_an_event_loop_both_ways_say_the_same(shop: Any) -> None:
    agent = shop.agent(shop.refund, says=shop.model(), name=None)
    assert create_manifest(agent) == await acreate_manifest(agent)
    assert (create_manifest(agent).name, create_manifest(agent).system_prompt) == ("agent", None)


def test_the_entry_point_leads_to_this_door(shop: Any) -> None:
    assert door_of(shop.agent(says=shop.model())) is DOOR
    with pytest.raises(DoorError, match="HX951"):
        door_of(object())
