"""The manifest of an agent is what a model would be told about it, through the door that the entry point names."""

from __future__ import annotations

from typing import Any

import pytest
from google.adk.agents import SequentialAgent  # type: ignore[deprecated]
from google.adk.tools.agent_tool import AgentTool
from google.adk.tools.base_toolset import BaseToolset
from google.adk.tools.function_tool import FunctionTool

from hexgate.core.adapters import DoorError, acreate_manifest, create_manifest, door_of
from hexgate.google.manifest import DOOR

pytestmark = pytest.mark.anyio


def test_an_agent_is_known_by_its_name_model_prompt_and_tools_with_their_whole_schemas(shop: Any) -> None:
    class Later(BaseToolset):
        async def get_tools(self, readonly_context: Any = None) -> list[Any]:
            return [FunctionTool(shop.whoami)]

        async def close(self) -> None: ...

    helper = AgentTool(shop.agent(says=shop.model(), name="helper", description="Helps."))
    agent = shop.agent(
        shop.refund, Later(), helper, says="gemini-2.5-flash", instruction="Be kind.", description="A shop."
    )
    found = create_manifest(agent)
    assert (found.name, found.description, found.framework, found.model) == (
        "shop",
        "A shop.",
        "google-adk",
        "gemini-2.5-flash",
    )
    assert found.system_prompt is not None
    assert found.system_prompt.startswith("Be kind.")
    assert [(tool.name, tool.description) for tool in found.tools] == [
        ("refund", "Refunds an order."),
        ("whoami", "Says who asks."),
        ("helper", "Helps."),
    ]
    schema = found.tools[0].input_schema
    assert (schema["properties"]["amount"]["type"].lower(), schema["required"]) == ("integer", ["amount"])
    assert schema["properties"]["currency"]["default"] == "EUR"
    assert shop.seen == []


async def test_in_an_event_loop_both_ways_say_the_same(shop: Any) -> None:
    agent = shop.agent(shop.refund, says=shop.model(), before_model_callback=lambda **_: None)
    assert create_manifest(agent) == await acreate_manifest(agent)
    assert create_manifest(agent).model == "scripted"


@pytest.mark.filterwarnings("ignore:.*is deprecated in favor of Workflow:DeprecationWarning")
def test_an_agent_of_agents_has_no_tools_of_its_own(shop: Any) -> None:
    found = create_manifest(SequentialAgent(name="all", sub_agents=[shop.agent(says=shop.model())]))
    assert (found.name, found.model, found.system_prompt, found.tools) == ("all", None, None, ())


def test_the_entry_point_leads_to_this_door(shop: Any) -> None:
    assert door_of(shop.agent(says=shop.model())) is DOOR
    with pytest.raises(DoorError, match="HX951"):
        door_of(object())
