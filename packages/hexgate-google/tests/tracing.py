"""A run whose framework makes spans, apart since ADK knows one global provider: prints what the gate told them."""

import json
import sys
from collections.abc import AsyncGenerator

from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai import types
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hexgate.core import User
from hexgate.google import HexgateRunner

POLICY = {"roles": {"boss": {"tools": {"wire": {"mode": "allow"}}}, "clerk": {"tools": {"wire": {"mode": "deny"}}}}}


def wire(amount: int) -> str:
    """Sends money."""
    return f"sent {amount}"


class Wires(BaseLlm):
    """Wires at once, and then says that it is done."""

    model: str = "wires"

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        call = types.FunctionCall(name="wire", args={"amount": 5}, id="w")
        told = llm_request.contents[-1].parts or []
        answered = any(part.function_response for part in told)
        part = types.Part(text="done") if answered else types.Part(function_call=call)
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


def main() -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    runner = HexgateRunner(agent=LlmAgent(name="shop", model=Wires(), tools=[wire]), app_name="shop", policy=POLICY)
    for user in (User("alice", "boss"), User("bob", "clerk")):
        list(runner.run(new_message="go", user=user))
    tools = [span.attributes or {} for span in spans.get_finished_spans() if span.name == "execute_tool wire"]
    wanted = ("enduser.id", "hexgate.outcome", "hexgate.status")
    sys.stdout.write(json.dumps([[facts.get(name) for name in wanted] for facts in tools]))


if __name__ == "__main__":
    main()
