"""The policies and calls that are measured."""

from __future__ import annotations

import random
from typing import Any

__all__ = ["LARGE_ROLES", "LARGE_TOOLS", "SMALL", "large_yaml", "nested_arguments", "random_pairs", "small_calls"]

LARGE_ROLES, LARGE_TOOLS = 50, 200

SMALL = """
version: 1
consts: {max_refund: 500}
roles:
  default:
    tools:
      view_orders:
        mode: allow
        constraints: ['startswith(args.customer, "cus-")']
      refund_order:
        mode: allow
        constraints:
          - args.amount <= consts.max_refund
          - args.currency in ["USD", "EUR"]
          - startswith(args.order_id, "ord-")
      wire_transfer:
        mode: approval_required
        constraints: [args.amount < 10000, 'startswith(args.iban, "DE")']
      drop_database: {mode: deny}
"""


def small_calls() -> list[tuple[str, dict[str, Any]]]:
    """Calls of the small policy whose outcomes are mixed: allowed, denied by a constraint, by a rule, by default, asked."""
    return [
        ("refund_order", {"amount": 400, "currency": "USD", "order_id": "ord-12345"}),
        ("view_orders", {"customer": "cus-77"}),
        ("refund_order", {"amount": 700, "currency": "USD", "order_id": "ord-12345"}),
        ("wire_transfer", {"amount": 5000, "iban": "DE00 0000 0000"}),
        ("refund_order", {"amount": 20, "currency": "EUR", "order_id": "ord-9"}),
        ("drop_database", {}),
        ("unknown_tool", {"x": 1}),
        ("refund_order", {"amount": 499.5, "currency": "EUR", "order_id": "ord-1"}),
    ]


def large_yaml() -> str:
    """50 roles × 200 tools × 3 constraints, most of them different from one another."""
    lines = ["version: 1", "roles:"]
    for role in range(LARGE_ROLES):
        lines += [f"  role_{role}:", "    tools:"]
        for tool in range(LARGE_TOOLS):
            lines += [
                f"      tool_{tool}:",
                "        mode: allow",
                "        constraints:",
                f"          - args.amount <= {role * 1000 + tool}",
                f'          - args.currency in ["USD", "C{tool}"]',
                f'          - startswith(args.note, "r{role}-{tool % 20}")',
            ]
    return "\n".join(lines) + "\n"


def random_pairs(count: int = 20_000) -> list[tuple[str, str, dict[str, Any]]]:
    """Random roles and tools with arguments that pass about half of the time."""
    rng = random.Random(7)
    pairs = []
    for _ in range(count):
        role, tool = rng.randrange(LARGE_ROLES), rng.randrange(LARGE_TOOLS)
        amount = role * 1000 + tool + rng.choice((-1, 0, 0, 1))
        pairs.append(
            (f"role_{role}", f"tool_{tool}", {"amount": amount, "currency": "USD", "note": f"r{role}-{tool % 20} note"})
        )
    return pairs


def nested_arguments() -> dict[str, Any]:
    """About 4 KB of nested arguments that the refund rule of the small policy passes."""
    note = "what the customer wrote about this item, in the words of the form"
    items = [
        {"sku": f"SKU-{n:05}", "quantity": n, "price": 12.5 + n, "note": note, "gift": n % 2 == 0} for n in range(29)
    ]
    return {"amount": 400, "currency": "USD", "items": items}
