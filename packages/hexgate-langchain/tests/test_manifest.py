"""The manifest of an agent is what a model would be told about it, through the door that the entry point names."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from langchain.agents import create_agent as create_ungated
from langchain_core.messages import SystemMessage
from langchain_core.tools import tool
from langgraph.prebuilt import InjectedState

from hexgate.core.adapters import DoorError, acreate_manifest, create_manifest, door_of
from hexgate.langchain import create_agent, wrap_langchain_agent
from hexgate.langchain.manifest import DOOR, model_name

pytestmark = pytest.mark.anyio


@tool
def lookup(order: str, state: Annotated[dict[str, Any], InjectedState]) -> str:
    """Looks an order up."""
    return order


@pytest.mark.parametrize("prompt", ["Be kind.", SystemMessage("Be kind.")])
def test_an_agent_is_known_by_its_name_model_prompt_and_tools_with_their_whole_schemas(shop: Any, prompt: Any) -> None:
    agent, _ = create_agent(shop.model(), [shop.refund, lookup], prompt, policy=shop.policy, name="shop")
    found = create_manifest(agent)
    assert (found.name, found.framework, found.model, found.system_prompt) == (
        "shop",
        "langchain",
        "Scripted",
        "Be kind.",
    )
    assert [(item.name, item.description) for item in found.tools] == [
        ("refund", "Refunds an order."),
        ("lookup", "Looks an order up."),
    ]
    schema = found.tools[0].input_schema
    assert (schema["properties"]["amount"]["type"], schema["required"]) == ("integer", ["amount"])
    assert list(found.tools[1].input_schema["properties"]) == ["order"]


async def test_of_a_ready_made_graph_the_tools_are_known_before_and_after_it_is_wrapped(shop: Any) -> None:
    graph = create_ungated(shop.model(), [shop.refund, lookup], name="shop", system_prompt="Be kind.")
    before = create_manifest(graph)
    after = await acreate_manifest(wrap_langchain_agent(agent=graph, policy=shop.policy))
    assert before == after
    assert (before.name, before.model, before.system_prompt, len(before.tools)) == ("shop", None, None, 2)


def test_a_model_is_called_as_its_provider_knows_it() -> None:
    class Named:
        def __init__(self, **fields: Any) -> None:
            self.fields = fields

        def model_dump(self, include: Any) -> dict[str, Any]:
            return {name: value for name, value in self.fields.items() if name in include}

    for model, name in ((Named(model_name="gpt-5"), "gpt-5"), (Named(model="claude"), "claude"), (Named(), "Named")):
        found: Any = model
        assert model_name(found) == name
    assert model_name("openai:gpt-5") == "openai:gpt-5"


def test_the_entry_point_leads_to_this_door(shop: Any) -> None:
    assert door_of(create_ungated(shop.model())) is DOOR
    with pytest.raises(DoorError, match="HX951"):
        door_of(object())
