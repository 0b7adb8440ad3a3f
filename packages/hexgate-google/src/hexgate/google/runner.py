"""The framework's `Runner` with a user: an agent and who is asking in, the framework's own events out, every tool behind the gate.

# INVARIANT: the agent that was given stays as it is; each run carries its user to the tools in a context of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from typing import Any, NoReturn, TypedDict, Unpack

from google.adk.agents import RunConfig
from google.adk.apps import App
from google.adk.events import Event
from google.adk.plugins import BasePlugin
from google.adk.runners import Runner
from google.adk.sessions import BaseSessionService, InMemorySessionService
from google.adk.workflow import BaseNode
from google.genai import types

from hexgate.core import HexgateError, User, current_user
from hexgate.core.adapters import (
    Ending,
    GateOptions,
    Parts,
    Run,
    RunEvent,
    Story,
    apart,
    opened,
    relayed,
    streamed,
    ungated,
)
from hexgate.google.events import told
from hexgate.google.gating import GatePlugin, gated_agent

__all__ = ["HexgateRunner", "RunOptions", "RunnerOptions"]

# Whose sessions those of a run are that nobody is known to ask for.
NOBODY = "nobody"


class RunnerOptions(GateOptions, total=False):
    """What `HexgateRunner` takes beside the agent: what every door takes, and what the framework's `Runner` takes."""

    session_service: BaseSessionService | None
    artifact_service: Any
    memory_service: Any
    credential_service: Any
    plugins: list[BasePlugin]


class RunOptions(TypedDict, total=False):
    """What a run takes beside message and user; it is handed on as it is."""

    invocation_id: str | None
    state_delta: dict[str, Any] | None
    run_config: RunConfig | None


class HexgateRunner:
    """Runs an agent of Google ADK with every tool behind a policy.

    >>> runner = HexgateRunner(agent=agent, app_name="shop", policy="policy.yaml")
    >>> async for event in runner.run_async(new_message=message, user=User("alice", "support")):
    ...     print(event)

    The methods are those of the framework's `Runner`, with `user=` in the place of `user_id=`. The agent that is passed stays as
    it is. An `App` may be passed in the place of agent and name; its plugins come before the gate.
    """

    def __init__(
        self,
        *,
        agent: BaseNode | None = None,
        app_name: str | None = None,
        app: App | None = None,
        **options: Unpack[RunnerOptions],
    ) -> None:
        """Without `session_service` sessions are kept in memory. With `approvals="pause"` a run asks to be confirmed."""
        root = agent if app is None else app.root_agent
        if not isinstance(root, BaseNode):
            raise TypeError(f"`HexgateRunner` runs an agent of `google.adk`, and not a `{type(root).__name__}`")
        parts = Parts.of(options)
        self.agent_name = root.name
        self.hexgate = opened(parts, root.name)
        self.plugin = GatePlugin(pauses=parts.pauses, allow_ungated=parts.allow_ungated)
        before = [*(app.plugins if app is not None else ()), *options.get("plugins", ())]
        own: dict[str, Any] = {"root_agent": gated_agent(root, self.plugin), "plugins": [*before, self.plugin]}
        made = App(name=app_name or root.name, **own) if app is None else app.model_copy(update=own)
        self.runner = Runner(
            app=made,
            app_name=app_name,
            session_service=options.get("session_service") or InMemorySessionService(),
            artifact_service=options.get("artifact_service"),
            memory_service=options.get("memory_service"),
            credential_service=options.get("credential_service"),
            auto_create_session=True,
        )

    def run_async(
        self,
        *,
        new_message: types.Content | str | None = None,
        user: User | None = None,
        session_id: str | None = None,
        **options: Unpack[RunOptions],
    ) -> AsyncGenerator[Event, None]:
        """Runs the agent and gives its events. The user is the one of this call, wherever they are read.

        Without `session_id` the session is that of the user, or a new one.
        """
        caller = current_user() if user is None else user
        return relayed(lambda: self.events_for(caller, new_message, session_id, options))

    def run(
        self,
        *,
        new_message: types.Content | str,
        user: User | None = None,
        session_id: str | None = None,
        **options: Unpack[RunOptions],
    ) -> Generator[Event, None, None]:
        """`run_async` for code without an event loop."""
        caller = current_user() if user is None else user

        def events() -> Generator[Event, None, None]:
            with Run.here(self.hexgate, caller) as run, unwrapped():
                run.begin_here()
                named = self.named(caller, new_message, session_id, options)
                try:
                    yield from self.runner.run(**named)
                finally:
                    # The loop of the run is gone by now, and has cancelled what was open in it.
                    self.plugin.forget(run)

        return apart(events())

    def events(
        self,
        *,
        new_message: types.Content | str | None = None,
        user: User | None = None,
        session_id: str | None = None,
        **options: Unpack[RunOptions],
    ) -> AsyncGenerator[RunEvent, None]:
        """Runs the agent and tells what happens in the common events of all frameworks."""
        caller = current_user() if user is None else user

        async def work(story: Story) -> Ending:
            return await told(self.events_for(caller, new_message, session_id, options, story), story)

        return streamed(self.agent_name, work)

    async def events_for(
        self,
        user: User | None,
        message: types.Content | str | None,
        session_id: str | None,
        options: RunOptions,
        story: Story | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The framework's events of a run for a user."""
        async with Run.of(self.hexgate, user, story=story) as run:
            try:
                with unwrapped():
                    async for event in self.runner.run_async(**self.named(user, message, session_id, options)):
                        yield event
            finally:
                for held in self.plugin.forget(run):
                    await held.cancel()

    def named(
        self, user: User | None, message: types.Content | str | None, session_id: str | None, options: RunOptions
    ) -> dict[str, Any]:
        """The framework's own arguments of a run."""
        config = options.get("run_config")
        if config is not None and config.support_cfc:
            raise ungated("support_cfc", self.agent_name, "lets the provider run calls by itself", "leave it off")
        known = None if user is None else user.session_id
        said = types.Content(role="user", parts=[types.Part(text=message)]) if isinstance(message, str) else message
        return {
            "user_id": NOBODY if user is None or user.user_id is None else user.user_id,
            "session_id": session_id or known or str(uuid.uuid4()),
            "new_message": said,
            **options,
        }

    def run_live(self, **_: Any) -> NoReturn:
        """Refused: a live session offers tools of the provider past the gate."""
        raise ungated("live", self.agent_name, "offers tools of the provider past every check", "use `run_async`")

    async def close(self) -> None:
        """Closes what the agent's toolsets keep open."""
        await self.runner.close()


@contextmanager
def unwrapped() -> Generator[None, None, None]:
    """Raises what the gate raised, and not what the framework makes of an error of a plugin."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error.__cause__, HexgateError):
            raise error.__cause__ from None
        raise
