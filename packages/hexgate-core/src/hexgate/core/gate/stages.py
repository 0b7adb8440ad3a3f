"""The way of a call through the gate. The tuple is the documentation: each stage reads and writes the passage, and may refuse it.

# INVARIANT: the tool runs in one place, and only there where a decision of the engine, made of the very bytes that the tool is
# given, says yes, a human said yes to it, or its no is only noted.
# INVARIANT: every passage that was decided is reserved before the tool can run, and settled whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import date
from time import perf_counter

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, Outcome
from hexgate.core.gate.approving import approving
from hexgate.core.gate.drivers import Answer, Ask, Flow
from hexgate.core.gate.guards import Halt, Replace
from hexgate.core.gate.passage import Passage, Result, Status
from hexgate.core.gate.setting import Setting
from hexgate.core.gate.trying import attempt, tried

__all__ = ["STAGES", "WITHHELD", "ban", "before_guards", "decide", "passing"]

Asks = Generator[Ask, Answer, None]
# A stage that asks nobody is a plain function.
Stage = Callable[[Setting, Passage], Asks | None]

WITHHELD = "[result_withheld] Tool '{tool}' ran, and its result is withheld: a check of the result failed."


def passing(setting: Setting, passage: Passage) -> Flow[Result]:
    """The whole way: every stage in its order, and the record whatever happens on it."""
    try:
        for _, stage in STAGES:
            asks = stage(setting, passage)
            if asks is not None:
                yield from asks
    except BaseException as error:
        # A cancellation, wherever it came. What was decided is kept in the record with it.
        passage.error = error
        if passage.status is not Status.RAN:
            passage.status = Status.CANCELLED
        if passage.ticket is None and passage.decision is not None:
            passage.ticket, _ = tried(setting.recorder.reserve, passage)
        tried(setting.recorder.settle, passage.ticket, passage)
        raise
    if passage.error is not None:
        raise passage.error
    return Result(
        passage.decided,
        passage.status,
        passage.value,
        passage.call_id,
        passage.approval_id,
        passage.approval,
        passage.replaced_by,
    )


def ban(setting: Setting, passage: Passage) -> None:
    """Nobody who is banned comes further."""
    user_id = None if passage.user is None else passage.user.user_id
    if setting.bans is not None and setting.bans.find(passage.call.agent, user_id) is not None:
        passage.refuse("banned")


def before_guards(setting: Setting, passage: Passage) -> Asks:
    """Guards may rewrite the arguments or halt the call; observers may look."""
    if not passage.open or passage.call.refusal is not None:
        return
    for guard in setting.guards_of("before", passage.call.tool):
        # Each is shown a call of its own: what a guard does to the arguments that it is shown changes nothing.
        answer, fault = yield from attempt(Ask(guard.function, (passage.call.apart(), passage.user)))
        if guard.observe:
            continue
        if isinstance(answer, Halt):
            passage.refuse("guard_halted", answer.reason)
        elif isinstance(answer, Mapping):
            passage.call = ToolCall(passage.call.tool, dict(answer), passage.call.agent).apart()
            passage.rewritten_by = (*passage.rewritten_by, guard.name)
        elif fault is not None or answer is not None:
            passage.refuse("guard_failed")
        if passage.decision is not None:
            return


def decide(setting: Setting, passage: Passage) -> None:
    """The policy's answer about the call as it is now."""
    if passage.decision is None:
        passage.decision = setting.decide(passage.call, passage.user)
        passage.monitored = is_monitored(passage.decision, setting.today)


def approve(setting: Setting, passage: Passage) -> Asks:
    """A human's answer, where the policy asks for one."""
    yield from approving(setting, passage)


def reserve(setting: Setting, passage: Passage) -> None:
    """The decision is in the record before anything runs; where it cannot be, nothing runs."""
    passage.status = Status.WAITING if passage.needs_approval else Status.REFUSED
    passage.ticket, fault = tried(setting.recorder.reserve, passage)
    if fault is not None:
        passage.refuse("not_recorded")


def run(_: Setting, passage: Passage) -> Asks:
    """The tool, with the arguments that were decided about."""
    if not passage.may_run:
        return
    positional, named = passage.spread(passage.call.arguments)
    began = perf_counter()
    passage.value, passage.error = yield from attempt(Ask(passage.tool, positional, named, slow=True), quiet=True)
    passage.status = Status.RAN if passage.error is None else Status.FAILED
    passage.milliseconds = (perf_counter() - began) * 1000


def after_guards(setting: Setting, passage: Passage) -> Asks:
    """Guards may put something in the place of the result; where one fails, nobody gets the result."""
    for guard in setting.guards_of("after", passage.call.tool) if passage.status is Status.RAN else ():
        answer, fault = yield from attempt(Ask(guard.function, (passage.call.apart(), passage.user, passage.value)))
        if guard.observe or (fault is None and answer is None):
            continue
        replaced = isinstance(answer, Replace)
        passage.value = answer.value if replaced else WITHHELD.format(tool=passage.call.tool)
        passage.replaced_by = (*passage.replaced_by, guard.name)
        if not replaced:
            return


def settle(setting: Setting, passage: Passage) -> None:
    """What happened is in the record; a fault of the record takes nothing back that has run."""
    tried(setting.recorder.settle, passage.ticket, passage)


STAGES: tuple[tuple[str, Stage], ...] = (
    ("ban", ban),
    ("before_guards", before_guards),
    ("decide", decide),
    ("approve", approve),
    ("reserve", reserve),
    ("run", run),
    ("after_guards", after_guards),
    ("settle", settle),
)


def is_monitored(decision: Decision, today: Callable[[], date]) -> bool:
    """Whether what the decision says is only noted: always, or until the end of a day."""
    if not decision.monitor or decision.outcome is Outcome.ALLOW:
        return False
    return decision.monitor is True or today().isoformat() <= decision.monitor
