"""A table of a page in, the same table with the answers that the engine gives out.

`decisions` has the columns role, call, answer and because: `refund_order({"amount": 400})` under the policy before the table; the
last column holds the violations, or the code, or nothing. `constraints` has the columns constraint, arguments and is.
"""

import json
import re

from hexgate.core import Decision, Hexgate, Policy, User

__all__ = ["CALLER", "rows_of_constraints", "rows_of_decisions"]

# Who asks in tables of constraints; the pages that have one say so.
CALLER = User("alice", "support", "s-17", attributes={"region": "EU", "groups": ["staff", "finance"]})
CALL = re.compile(r"`([^`(]+)\((.*)\)`")
CELLS = re.compile(r"(?<!\\)\|")


def rows_of_decisions(table: str, policy: str) -> str:
    """The table with the answers of the policy."""
    hexgate = Hexgate.from_policy(Policy.from_text(policy))
    head, rows = parts(table)
    for cells in rows:
        roles = re.findall(r"`([^`]+)`", cells[0])
        call = CALL.fullmatch(cells[1])
        assert call, f"{cells[1]} is no call such as `refund_order({{}})`"
        decision = hexgate.decide(call[1], call[2] or "{}", user=User("alice", roles=roles))
        cells[2:4] = [str(decision.outcome), because(decision, cells[3])]
    return joined(head, rows)


def because(decision: Decision, shown: str) -> str:
    """The violations of a denial, else its code where one is shown."""
    if decision.violations:
        return ", ".join(f"`{violation}`" for violation in decision.violations).replace("|", r"\|")
    return f"`{decision.code}`" if shown else ""


def rows_of_constraints(table: str) -> str:
    """The table with what each constraint is."""
    head, rows = parts(table)
    for cells in rows:
        constraint, arguments = (cell.strip("`").replace("\\|", "|") for cell in cells[:2])
        cells[2] = truth(constraint, arguments)
    return joined(head, rows)


def truth(constraint: str, arguments: str) -> str:
    """True, false or unknown."""
    role = {"tools": {"send_mail": {"mode": "allow", "constraints": [constraint]}}}
    policy = Policy.model_validate({"roles": {"support": role}})
    explanation = Hexgate.from_policy(policy).explain("send_mail", json.dumps(json.loads(arguments)), user=CALLER)
    return explanation.roles[0].checks[0].truth


def parts(table: str) -> tuple[list[str], list[list[str]]]:
    """The two lines of the head, and the cells of each row below it."""
    lines = table.splitlines()
    return lines[:2], [[cell.strip() for cell in CELLS.split(line)[1:-1]] for line in lines[2:]]


def joined(head: list[str], rows: list[list[str]]) -> str:
    """The table as text."""
    return "".join(
        f"{line}\n" for line in [*head, *(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in rows)]
    )
