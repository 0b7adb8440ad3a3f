"""The codes of the gate: lists of bans, runs that are banned, answers to requests for approvals."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["GATE"]

GATE: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX801",
        "a list of bans that cannot be understood",
        """
        Path("bans.json").write_text('{"bans": [{"kind": "role", "name": "admin"}]}')
        BanGate(FileBans("bans.json"))
        """,
        means="A list of bans of which a part is not understood could let somebody in whom it means to keep out.",
        remedy="Write what the message shows. While a process runs, the last good list stays in force.",
    ),
    entry(
        "python",
        "HX802",
        "a run that is banned",
        """
        Path("bans.json").write_text('{"bans": [{"kind": "user", "name": "mallory"}]}')
        BanGate(FileBans("bans.json")).check("shop-assistant", "mallory")
        """,
        means="The agent or its user is on the list of bans. The message is safe to show to anyone.",
        remedy="Ask the operator of the agent, who knows the reason.",
    ),
    entry(
        "python",
        "HX803",
        "no such request for an approval",
        """
        ApprovalFile("approvals.db").answer("approval-1", yes=True, by="bob", now=0)
        """,
        means="Nobody asked for this approval, or it is long over and was forgotten.",
        remedy="Look at the requests that wait.",
    ),
    entry(
        "python",
        "HX804",
        "a request that does not wait",
        """
        store = ApprovalFile("approvals.db")
        rule = {"mode": "approval_required"}
        hexgate = Hexgate.from_policy({"tools": {"wire": rule}}).using(approvals=store)
        asked = hexgate.call("wire", {"amount": 5}, print, user=User("alice"))
        store.answer(asked.approval_id, yes=False, by="bob", now=1)
        store.answer(asked.approval_id, yes=True, by="bob", now=2)
        """,
        means="The request was answered already, was used, or nobody answered it in time.",
        remedy="Let the call be asked for again; that makes a new request.",
    ),
    entry(
        "python",
        "HX805",
        "an answer from somebody who may not give it",
        """
        store = ApprovalFile("approvals.db")
        rule = {"mode": "approval_required", "approvers": {"role": "finance", "not": "caller"}}
        hexgate = Hexgate.from_policy({"tools": {"wire": rule}}).using(approvals=store)
        asked = hexgate.call("wire", {"amount": 5}, print, user=User("alice"))
        store.answer(asked.approval_id, yes=True, by="alice", roles=["finance"], now=1)
        """,
        means="The rule's `approvers` say who may answer: somebody with a role, somebody other than the caller, or both.",
        remedy="Let somebody else answer, or name the roles of who does.",
    ),
)
