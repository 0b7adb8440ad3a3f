"""A call that may have to wait for a human in, the request that it waits for out, before anything of it has run.

Frameworks that can pause ask about a call before they make it. What is found out here decides nothing: the call that is made
later goes the whole way through the gate, and the gate alone says whether it runs.
"""

from __future__ import annotations

from hexgate.core.gate.approvals import Pending
from hexgate.core.gate.approving import question_of
from hexgate.core.gate.drivers import Flow
from hexgate.core.gate.passage import Passage, Status
from hexgate.core.gate.setting import Setting
from hexgate.core.gate.stages import ban, before_guards, decide
from hexgate.core.gate.trying import tried

__all__ = ["foreseeing"]


def foreseeing(setting: Setting, passage: Passage) -> Flow[Pending | None]:
    """The request that the call waits for, kept and recorded as waiting; None where nobody has to be waited for."""
    ban(setting, passage)
    yield from before_guards(setting, passage)
    decide(setting, passage)
    question = question_of(setting, passage)
    if question is None or setting.store is None:
        return None
    kept = yield from question.keep(setting.store)
    if kept is None or kept.state != "waiting":
        return None
    passage.status = Status.WAITING
    passage.ticket, _ = tried(setting.recorder.reserve, passage)
    tried(setting.recorder.settle, passage.ticket, passage)
    return kept
