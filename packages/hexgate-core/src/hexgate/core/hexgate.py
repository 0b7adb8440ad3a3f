"""A policy and an agent's name in, decisions about its tool calls out: the one place where the parts are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal, TypeVar

from hexgate.core.audit.place import AuditChoice, recorder_of
from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.engine import Explanation, explain
from hexgate.core.gate.approvals import ANSWER_SECONDS, ApprovalHandler, ApprovalStore, Approver
from hexgate.core.gate.bans import BanGate
from hexgate.core.gate.gate import Gate
from hexgate.core.gate.guards import Guard
from hexgate.core.gate.passage import Result
from hexgate.core.gate.records import Recorder
from hexgate.core.gate.setting import Setting
from hexgate.core.identity import User, current_user
from hexgate.core.identity.user import scope
from hexgate.core.program import Engine, Program
from hexgate.core.sources import Kept, Live, Loaded, PolicySource, Source, source_of
from hexgate.core.sources.data import DataSource
from hexgate.core.sources.engines import EngineName, check_engine, engine_of
from hexgate.core.sources.opening import local_source
from hexgate.core.sources.settings import Settings
from hexgate.core.sources.terms import Terms

__all__ = ["Hexgate", "PolicySource"]

F = TypeVar("F", bound=Callable[..., Any])


class Hexgate:
    """Decides about the tool calls of one agent, and stands in front of its tools.

    >>> hexgate = Hexgate.from_policy("policy.yaml", agent="support-bot")
    >>> with User("alice", "billing").sync_scope():
    ...     hexgate.decide("refund_order", {"amount": 400}).allowed
    ...     hexgate.wrap(refund_order)(amount=400)
    True
    "refunded"
    """

    # INVARIANT: who decides reads `live` once, so that a refresh in another thread changes nothing in the middle of a decision.
    __slots__ = ("agent", "gate", "kept", "live", "project", "recorder")

    live: Live
    gate: Gate

    def __init__(
        self,
        program: Program | Source,
        *,
        agent: str = "agent",
        project: str | None = None,
        engine: EngineName | None = None,
        audit: AuditChoice | None = None,
    ) -> None:
        """`audit` says how the record of calls is kept: `required`, `best_effort`, `off`, or an `Audit` of your own.

        Without it the record is required where HEXGATE_API_KEY is a live key, and best effort elsewhere.
        """
        check_engine(engine)
        source = DataSource(Loaded(program, "<program>")) if isinstance(program, Program) else program
        if not isinstance(source, Source):
            raise TypeError(
                "`Hexgate` takes a Program; for a file, a directory, data or a Policy write `Hexgate.from_policy(…)`"
            )
        self.agent = agent
        self.project = project
        self.recorder = recorder_of(audit, project)
        self.kept = Kept(source, partial(engine_of, name=engine), partial(setattr, self, "live"))
        self.using()

    @classmethod
    def from_policy(
        cls,
        policy: PolicySource,
        *,
        agent: str = "agent",
        project: str | None = None,
        engine: EngineName | None = None,
        audit: AuditChoice | None = None,
    ) -> Hexgate:
        """A gate for the path of a file, directory or bundle, for plain data or a `Policy`. Mistakes are raised all at once."""
        terms = Terms(agent, project, Settings.from_environment())
        return cls(source_of(policy, terms), agent=agent, project=project, engine=engine, audit=audit)

    @classmethod
    def from_env(
        cls,
        *,
        agent: str = "agent",
        project: str | None = None,
        engine: EngineName | None = None,
        audit: AuditChoice | None = None,
    ) -> Hexgate:
        """A gate for the policy that `HEXGATE_LOCAL_POLICY` names. Mistakes are raised all at once."""
        terms = Terms(agent, project, Settings.from_environment())
        return cls(local_source(terms), agent=agent, project=project, engine=engine, audit=audit)

    @property
    def engine(self) -> Engine:
        """What answers now."""
        return self.live.engine

    @property
    def program(self) -> Program:
        """What the engine answers by."""
        return self.live.program

    def refresh(self) -> bool:
        """Takes what the source holds now; whether that is another program. For the start of a run: within one, rules stay.

        Nothing is raised: what is broken is logged once, and the last good program goes on deciding.
        """
        return self.kept.refresh()

    async def arefresh(self) -> bool:
        """`refresh` that keeps no event loop waiting."""
        return await self.kept.arefresh()

    def decide(
        self, tool: str | ToolCall, arguments: Mapping[str, Any] | str | bytes = b"{}", *, user: User | None = None
    ) -> Decision:
        """Whether the user of the scope around, or `user`, may run the tool so. Nothing runs, nothing is raised."""
        call = tool if type(tool) is ToolCall else ToolCall(tool, arguments, self.agent)  # type: ignore[arg-type]
        return self.live.engine.decide(call, scope.get().caller if user is None else user)

    def using(
        self,
        *,
        guards: Iterable[Guard] = (),
        approval_handler: ApprovalHandler | Approver | None = None,
        approvals: ApprovalStore | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        bans: BanGate | None = None,
        recorder: Recorder | None = None,
    ) -> Hexgate:
        """Sets what stands around the policy when tools are called, in place of what was set before; the same `Hexgate`."""
        self.gate = Gate(
            Setting(
                self.asked,
                guards=tuple(guards),
                handler=approval_handler,
                store=approvals,
                answer_seconds=answer_seconds,
                recorder=recorder or self.recorder,
                bans=bans,
                project=self.project,
            ),
            agent=self.agent,
            policy=self.digest,
        )
        return self

    def wrap(
        self,
        function: F,
        *,
        name: str | None = None,
        hidden: Iterable[str] = (),
        on_denied: Literal["raise", "tell"] = "raise",
    ) -> F:
        """The function behind the gate, sync or async as it was, with its signature.

        The policy sees the arguments by the names of the parameters, defaults included; parameters that are `hidden` are passed
        on and not seen. A call that is not allowed raises `NotRunError`, or with `on_denied="tell"` returns what a model may be
        told.
        """
        return self.gate.wrap(function, name=name, hidden=hidden, on_denied=on_denied)

    def call(
        self,
        tool: str,
        arguments: Mapping[str, Any] | str | bytes,
        function: Callable[..., Any],
        *,
        user: User | None = None,
        call_id: str | None = None,
    ) -> Result:
        """Decides, runs the function if it may run, and records. What the function raises is raised; a denial is returned."""
        return self.gate.call(tool, arguments, function, user=user, call_id=call_id)

    async def acall(
        self,
        tool: str,
        arguments: Mapping[str, Any] | str | bytes,
        function: Callable[..., Any],
        *,
        user: User | None = None,
        call_id: str | None = None,
    ) -> Result:
        """`call` in async code. A function that is not async runs in a thread, with the context of the task."""
        return await self.gate.acall(tool, arguments, function, user=user, call_id=call_id)

    def asked(self, call: ToolCall, user: User | None) -> Decision:
        """The answer of the engine that is in force now."""
        return self.live.engine.decide(call, user)

    def digest(self) -> str:
        """The digest of the program that is in force now."""
        return self.live.engine.digest

    def explain(
        self, tool: str | ToolCall, arguments: Mapping[str, Any] | str | bytes = b"{}", *, user: User | None = None
    ) -> Explanation:
        """The decision and the way to it: which rules were found and why, what each constraint read and what it made of that."""
        call = tool if type(tool) is ToolCall else ToolCall(tool, arguments, self.agent)  # type: ignore[arg-type]
        live, caller = self.live, current_user() if user is None else user
        decision = live.engine.decide(call, caller)
        return Explanation(decision, ()) if caller is None else explain(live.program, decision, call=call, user=caller)
