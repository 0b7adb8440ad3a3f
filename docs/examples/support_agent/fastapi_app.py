"""The support agent behind HTTP: who asks is known from a key, and the answer is streamed as it comes.

.venv/bin/python docs/examples/support_agent/fastapi_app.py                          scripted, offline, at port 8000
curl -N -H 'Authorization: Bearer alice-key' localhost:8000/chat -d 'my lamp broke'
"""

import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel
from pydantic_ai_agent import scripted
from shop import INSTRUCTIONS, give_credit, lookup_order, refund_order

from hexgate.core import User
from hexgate.pydantic_ai import wrap_pydantic_agent

# A service looks these up where its users are.
KEYS = {"alice-key": User("alice", "support"), "bob-key": User("bob", "billing")}
app = FastAPI()
agent = Agent(FunctionModel(stream_function=scripted), name="support-bot", instructions=INSTRUCTIONS)
for tool in (lookup_order, refund_order, give_credit):
    agent.tool_plain(tool)
gated = wrap_pydantic_agent(agent=agent, policy=Path(__file__).with_name("support.yaml"))


def who(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> User:
    """The user whose key was sent."""
    for key, user in KEYS.items():
        if secrets.compare_digest(key.encode(), sent.credentials.encode()):
            return user
    raise HTTPException(401, "unknown key")


@app.post("/chat")
async def chat(request: Request, user: Annotated[User, Depends(who)]) -> StreamingResponse:
    """Answers a question, an event a line."""
    question = (await request.body()).decode()
    return StreamingResponse(lines(question, user), media_type="application/x-ndjson")


async def lines(question: str, user: User) -> AsyncIterator[str]:
    """The answer, inside of the user's scope: it is read when the function that made the response is long over."""
    async with user:
        async for event in gated.events(question):
            yield json.dumps(event.as_dict(), default=str) + "\n"


if __name__ == "__main__":
    uvicorn.run(app, port=8000)
