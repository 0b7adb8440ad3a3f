"""`hexgate approvals`: what waits for a human, and a human's answers to it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hexgate.cli.loading import new_app
from hexgate.cli.output import CommandError, Output, counted, visible
from hexgate.core.gate.approval_file import ApprovalError, ApprovalFile
from hexgate.core.gate.approvals import Pending

__all__ = ["app"]

app = new_app(no_args_is_help=True)
HELP = """\
Look at calls that wait for a human, and answer them.

\b
Examples:
  hexgate approvals list
  hexgate approvals show approval-6f1c…
  hexgate approvals approve approval-6f1c… --as bob --roles finance
  hexgate approvals deny approval-6f1c… --as bob

A yes counts once, for this very call: the same user, tool and arguments under the same policy. A beginning of the id that fits one
request is enough.
"""
COLOURS = {"waiting": "yellow", "approved": "green", "denied": "red"}

File = Annotated[Path, typer.Option("--file", metavar="FILE", help="The file in which the agent keeps its requests.")]
DEFAULT = Path(".hexgate/approvals.db")
Id = Annotated[str, typer.Argument(metavar="ID", help="The request, or the beginning of its id.")]
As = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who you are, for the record and the rule's `approvers`.")
]
Roles = Annotated[str, typer.Option("--roles", metavar="A,B", help="Your roles, with commas between them.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]


@app.callback(help=HELP)
def approvals() -> None:
    """The group itself does nothing."""


@app.command("list", help="Show the requests that wait; with --all those that were answered, too.")
def list_requests(
    file: File = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Also what was answered, used, or has expired.")] = False,
    as_json: AsJson = False,
) -> int:
    """The requests of a file, a line each."""
    output = Output(as_json=as_json)
    found = [pending for pending in opened(file).every(time.time()) if every or pending.state == "waiting"]
    output.document({"requests": [as_dict(pending) for pending in found]})
    for pending in found:
        state = output.paint(f"{pending.state:8}", COLOURS.get(pending.state, "dim"))
        who = f"{visible(pending.binding.user_id or '(nobody)')} → {visible(pending.binding.tool)}"
        call = f"{who}({json.dumps(pending.arguments, ensure_ascii=False)})"
        output.line(f"{pending.id}  {state}  {output.cut(call, len(pending.id) + 12)}")
    if not found:
        output.line("nothing waits" if not every else "there are no requests")
    return 0


@app.command(help="Show one request whole: who asks, for what, and who may answer.")
def show(id: Id, file: File = DEFAULT, as_json: AsJson = False) -> int:
    """One request."""
    output = Output(as_json=as_json)
    tell(output, one(opened(file), id))
    return 0


@app.command(help="Say yes: the call may run once, if the policy still asks for an approval then.")
def approve(id: Id, by: As, roles: Roles = "", file: File = DEFAULT, as_json: AsJson = False) -> int:
    """A yes."""
    return answer(Output(as_json=as_json), opened(file), id, by=by, roles=roles, yes=True)


@app.command(help="Say no: the call is denied as long as the request lasts.")
def deny(id: Id, by: As, roles: Roles = "", file: File = DEFAULT, as_json: AsJson = False) -> int:
    """A no."""
    return answer(Output(as_json=as_json), opened(file), id, by=by, roles=roles, yes=False)


def answer(output: Output, store: ApprovalFile, id: str, *, by: str, roles: str, yes: bool) -> int:
    """Gives an answer and shows what became of the request."""
    names = [name.strip() for name in roles.split(",") if name.strip()]
    pending = one(store, id)
    try:
        tell(output, store.answer(pending.id, yes=yes, by=by, roles=names, now=time.time()))
    except ApprovalError as error:
        raise CommandError(error.code, error.message, help=error.help, exit_code=1) from None
    return 0


def opened(file: Path) -> ApprovalFile:
    """The store in a file that is there: looking at a file must not make one."""
    if not file.is_file():
        help = "name the file that the agent was given: `--file PATH`"
        raise CommandError("HX622", f"there is no file `{file}`", help=help)
    return ApprovalFile(file)


def one(store: ApprovalFile, id: str) -> Pending:
    """The request that an id, or its beginning, names."""
    found = [pending for pending in store.every(time.time()) if pending.id.startswith(id)]
    exact = [pending for pending in found if pending.id == id]
    if len(exact or found) == 1:
        return (exact or found)[0]
    message = f"`{id}` is the beginning of {counted(len(found), 'request')}" if found else f"there is no request `{id}`"
    raise CommandError("HX803", message, help="`hexgate approvals list --all` shows all of them", exit_code=1)


def tell(output: Output, pending: Pending) -> None:
    """A request for people or for machines."""
    output.document(as_dict(pending))
    output.line(output.paint(f"{pending.id} · {pending.state}", "bold"))
    for name, text in facts(pending):
        output.line(f"  {name:9} {visible(text)}")


def facts(pending: Pending) -> list[tuple[str, str]]:
    """What a person has to know before an answer."""
    wanted = dict(pending.approvers or {})
    role = [f"the role {wanted['role']}"] if "role" in wanted else []
    approvers = " and ".join([*role, *(["not the caller"] if "not" in wanted else [])])
    found: list[tuple[str, str | None]] = [
        ("tool", pending.binding.tool),
        ("arguments", json.dumps(pending.arguments, ensure_ascii=False)),
        ("user", pending.binding.user_id),
        ("roles", ", ".join(pending.roles)),
        ("agent", pending.binding.agent),
        ("reason", pending.reason),
        ("approvers", approvers),
        ("asked", when(pending.asked_at)),
        ("expires", when(pending.expires_at)),
        (
            "answered",
            f"{pending.answered_by}, {when(pending.answered_at)}" if pending.answered_at is not None else None,
        ),
    ]
    return [(name, text) for name, text in found if text]


def when(seconds: float) -> str:
    """A time as people read it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def as_dict(pending: Pending) -> dict[str, Any]:
    """A request as JSON knows it."""
    binding = pending.binding
    return {
        "id": pending.id,
        "state": pending.state,
        "tool": binding.tool,
        "arguments": dict(pending.arguments),
        "agent": binding.agent,
        "project": binding.project,
        "user_id": binding.user_id,
        "session_id": binding.session_id,
        "roles": list(pending.roles),
        "call_id": binding.call_id,
        "policy": binding.policy,
        "reason": pending.reason,
        "approvers": dict(pending.approvers) if pending.approvers else None,
        "asked_at": pending.asked_at,
        "expires_at": pending.expires_at,
        "answered_by": pending.answered_by,
        "answered_at": pending.answered_at,
    }
