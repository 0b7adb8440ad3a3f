"""One policy and one refund, asked about twice: run it with `make demo`. It needs hexgate-core and no network."""

import json
import os
import sys
from pathlib import Path
from textwrap import wrap

from hexgate.core import Decision, Hexgate, Policy, User

POLICY = Path(__file__).parent / "policy.yaml"
CALL = ("refund_order", {"amount": 400})
WIDTH = 80
MARKS = {"allow": ("✓", "32"), "deny": ("✗", "31"), "approval_required": ("?", "33")}
COLOURED = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def main() -> None:
    text = POLICY.read_text(encoding="utf-8")
    print(dim("policy.yaml"))
    for number, line in enumerate(text.splitlines(), 1):
        print(f"{dim(f'{number:>4} │')} {line}")

    hexgate = Hexgate.from_policy(Policy.from_text(text, "policy.yaml"), agent="shop-assistant")
    for role in ("support", "billing"):
        print()
        show(hexgate.decide(*CALL, user=User("alice", role)))


def show(decision: Decision) -> None:
    """The answer as people see it, then what the model is told and what the log says."""
    mark, colour = MARKS[decision.outcome]
    tool, arguments = CALL
    headline = f"{mark} {decision.outcome.upper()} · {decision.deciding_role} → {tool}({json.dumps(arguments)})"
    print(painted(headline, f"1;{colour}"))
    say("reason", decision.reason)
    for violation in decision.violations:
        say("violation", violation)
    if decision.rule:
        say("rule", f"{decision.rule.place} ({decision.rule.role}, {decision.rule.tool})")
    say("the model", "runs the tool" if decision.allowed else decision.for_model())
    say("the log", decision.for_operator())


def say(label: str, text: str) -> None:
    """A label and what belongs to it, on as many lines of the terminal as it takes."""
    first, *more = wrap(text, WIDTH - 14, break_long_words=False, break_on_hyphens=False)
    print(f"  {dim(f'{label:<10}')}  {first}")
    for line in more:
        print(f"{'':14}{line}")


def dim(text: str) -> str:
    return painted(text, "2")


def painted(text: str, style: str) -> str:
    """The text in a style, where a terminal shows it and nobody has set NO_COLOR."""
    return f"\x1b[{style}m{text}\x1b[0m" if COLOURED else text


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        # A terminal that cannot show an arrow shows a question mark.
        sys.stdout.reconfigure(errors="replace")
    main()
