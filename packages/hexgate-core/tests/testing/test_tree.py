"""The tree for people: every line in its place, and nothing in it that could move a cursor."""

from __future__ import annotations

from hexgate.core import Hexgate, Policy, User
from hexgate.core.testing import tree_text

POLICY = """\
roles:
  default: {tools: {x: {mode: deny}}}
  support:
    tools:
      refund:
        mode: allow
        constraints:
          - args.a > 1 or args.b > 2
          - every(args.items, .price < 5 and .n > 0)
          - not exists(args.x)
    default_policy: {mode: deny}
"""


def tree(tool: str, arguments: dict[str, object], *roles: str) -> list[str]:
    hexgate = Hexgate.from_policy(Policy.from_text(POLICY, "p.yaml"))
    return tree_text(hexgate.explain(tool, arguments, user=User("u", roles=roles))).splitlines()


def test_constraints_are_drawn_with_their_parts_and_values() -> None:
    lines = tree("refund", {"a": 1, "items": [{"price": 9, "n": 1}]}, "support")
    assert lines[:5] == [
        "role `support`",
        "└─ rule `refund`: allow at p.yaml:5 — the rule has the tool's name",
        "   ├─ ? args.a > 1 or args.b > 2   unknown",
        "   │  ├─ ✗ args.a > 1   args.a = 1",
        "   │  └─ ? args.b > 2   args.b is missing, so unknown",
    ]
    assert lines[-1] == "   └─ ✓ not exists(args.x)   args.x is missing"
    assert any("✗ .price < 5" in line for line in lines)


def test_every_role_has_its_own_branch_and_says_what_it_was_asked_as() -> None:
    lines = tree("other", {}, "support", "gh\x1bost")
    assert lines == [
        "role `support`",
        "└─ rule `default_policy`: deny at p.yaml:11 — no rule names the tool, so `default_policy` holds",
        "role `default` (the policy does not define `gh·ost`)",
        "└─ no rule names the tool and there is no `default_policy`, so it is denied",
    ]


def test_hostile_values_are_made_visible() -> None:
    (line,) = [
        line for line in tree("refund", {"a": "\x1b[31m\u202e"}, "support") if "args.a >" in line and "or" not in line
    ]
    assert "\x1b" not in line
    assert "\u202e" not in line
