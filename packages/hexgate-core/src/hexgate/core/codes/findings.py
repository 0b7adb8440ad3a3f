"""The codes of what the linter says about policies that are valid, and hardly what was meant."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["FINDINGS"]

FINDINGS: tuple[ErrorCode, ...] = (
    entry(
        "lint",
        "HX401",
        "never true",
        """
        tools:
          refund_order: {mode: allow, constraints: [args.amount > 100 and args.amount < 50]}
        """,
        means="No call can meet the constraint, so the rule never allows anything.",
        remedy="Correct the constraint, or write `mode: deny`.",
    ),
    entry(
        "lint",
        "HX402",
        "contradicting constraints",
        """
        tools:
          refund_order:
            mode: allow
            constraints:
              - args.currency == "USD"
              - args.currency == "EUR"
        """,
        means="Each constraint can be met, but not all of the rule at once.",
        remedy="Join alternatives by `or` or `in` within one constraint.",
    ),
    entry(
        "lint",
        "HX403",
        "always true",
        """
        tools:
          refund_order: {mode: allow, constraints: [1 < 2]}
        """,
        means="Every call meets the constraint, so it checks nothing.",
        remedy="Delete it, or compare with the fact that was meant.",
    ),
    entry(
        "lint",
        "HX404",
        "an alternative that decides nothing",
        """
        tools:
          refund_order: {mode: allow, constraints: [args.amount <= 100 or args.amount <= 50]}
        """,
        means="One side of an `or` is covered by another, or can never be true.",
        remedy="Delete the side, or correct it.",
    ),
    entry(
        "lint",
        "HX405",
        "an `exists` that widens",
        """
        tools:
          refund_order: {mode: allow, constraints: [not exists(args.approved_by)]}
        """,
        means="Leaving a field out, or giving it any value at all, lets the call pass.",
        remedy="Compare the value instead.",
    ),
    entry(
        "lint",
        "HX406",
        "a denial by shape",
        """
        tools:
          read_file: {mode: allow, constraints: ['not within(args.path, "/etc")']}
        """,
        means="`not within`, `not url_host_in` and `not matches` are passed by every malformed value.",
        remedy="Say what is allowed, not what is forbidden.",
    ),
    entry(
        "lint",
        "HX407",
        "constraints of a denial",
        """
        tools:
          refund_order: {mode: deny, constraints: [args.amount > 100]}
        """,
        means="A rule with `mode: deny` denies whether its constraints hold or not.",
        remedy="To deny some calls only, write `mode: allow` with constraints that those calls do not meet.",
    ),
    entry(
        "lint",
        "HX408",
        "large repeats",
        """
        tools:
          search: {mode: allow, constraints: ['matches(args.query, "^[a-z]{1,600}-[a-z]{1,600}$")']}
        """,
        means="Counted repeats or large classes make a thousand steps or more of the pattern, so long texts are refused.",
        remedy="Shorten the counted repeats, and limit the length apart with `count(args.query) <= 1000`.",
    ),
    entry(
        "lint",
        "HX409",
        "an approval that cannot be asked for",
        """
        tools:
          wire_transfer: {mode: approval_required, constraints: [args.amount > 100 and args.amount < 50]}
        """,
        means="A constraint that fails denies, and these always fail, so nobody is ever asked.",
        remedy="Correct the constraints, or delete them to ask about every call.",
    ),
    entry(
        "lint",
        "HX410",
        "an unused rule",
        """
        roles:
          staff: {is_mixin: true, tools: {refund_order: {mode: approval_required}, view_order: {mode: allow}}}
          support: {inherits: [staff], tools: {refund_order: {mode: deny}}}
        """,
        means="Every role that inherits the rule replaces it.",
        remedy="Delete the rule, or the rules that replace it.",
    ),
    entry(
        "lint",
        "HX411",
        "a rule that widens an inherited one",
        """
        roles:
          support:
            tools:
              view_order: {mode: allow}
              refund_order: {mode: allow, constraints: [args.amount <= 100]}
          billing:
            inherits: [support]
            tools:
              refund_order: {mode: allow, constraints: [args.amount <= 500]}
        """,
        means="A rule replaces an inherited one as a whole and lets more through. Often that is what is meant.",
        remedy="Repeat what should still hold.",
    ),
    entry(
        "lint",
        "HX412",
        "a generous `default`",
        """
        roles:
          default: {tools: {export_orders: {mode: allow}}}
          support: {tools: {view_order: {mode: allow}}}
        """,
        means="Callers without a role may do what no named role may do.",
        remedy="Move the rule to the role that needs it.",
    ),
    entry(
        "lint",
        "HX413",
        "an unused mixin",
        """
        roles:
          read_only: {is_mixin: true, tools: {view_order: {mode: allow}}}
          support: {tools: {refund_order: {mode: allow}}}
        """,
        means="No selectable role inherits the mixin, so nothing in it counts.",
        remedy="Inherit it, or delete it.",
    ),
    entry(
        "lint",
        "HX414",
        "useless inheritance",
        """
        roles:
          support: {tools: {refund_order: {mode: deny}}}
          billing: {inherits: [support], tools: {refund_order: {mode: deny}}}
        """,
        means="The role replaces all that it inherits from this parent.",
        remedy="Delete the parent from `inherits`.",
    ),
    entry(
        "lint",
        "HX415",
        "an unused constant",
        """
        consts: {max_refund: 500}
        tools: {refund_order: {mode: allow, constraints: [args.amount <= 100]}}
        """,
        means="No constraint reads the constant.",
        remedy="Read it, or delete it.",
    ),
    entry(
        "lint",
        "HX416",
        "monitoring has ended",
        """
        tools:
          export_orders: {mode: deny, enforce: false, until: 2026-01-31}
        """,
        means="The day in `until` has passed, so the rule is enforced by now.",
        remedy="Delete `enforce` and `until`, or write a later day.",
    ),
    entry(
        "lint",
        "HX417",
        "an unknown tool",
        """
        tools:
          refund_ordr: {mode: allow}
        """,
        means="The manifest of the agent has no such tool. Looked for only when a manifest is given.",
        remedy="Correct the name, or delete the rule.",
        manifest='{"tools": [{"name": "refund_order"}]}',
    ),
    entry(
        "lint",
        "HX418",
        "an unknown argument",
        """
        tools:
          refund_order: {mode: allow, constraints: [args.amout <= 100]}
        """,
        means="The tool does not declare the argument, so the constraint can never be true. Needs a manifest.",
        remedy="Correct the name, or declare the argument.",
        manifest='{"tools": [{"name": "refund_order", "input_schema": {"properties": {"amount": {"type": "number"}}}}]}',
    ),
    entry(
        "lint",
        "HX419",
        "a shadowed prefix",
        """
        tools:
          mcp-orders-*: {mode: allow}
          mcp-orders-list: {mode: allow}
        """,
        means="Every tool that the prefix is for has a rule of its own. Needs a manifest.",
        remedy="Delete the prefix rule, or keep it for tools that are still to come.",
        manifest='{"tools": [{"name": "mcp-orders-list"}]}',
    ),
    entry(
        "lint",
        "HX420",
        "an unknown approver",
        """
        roles:
          finance: {tools: {view_order: {mode: allow}}}
          support: {tools: {refund_order: {mode: approval_required, approvers: {role: finanse}}}}
        """,
        means="The role of `approvers` is not defined, and its name is nearly that of a role that is.",
        remedy="Correct the name, unless approvers have the role elsewhere.",
    ),
    entry(
        "python",
        "HX421",
        "the linter stopped",
        """
        lists = {f"c{number}": [f"{number}-{item}" for item in range(1000)] for number in range(9)}
        rule = {"mode": "allow", "constraints": [" or ".join(f"args.a in consts.{name}" for name in lists)]}
        print(*lint(Policy.model_validate({"consts": lists, "tools": {"search": rule}})))
        """,
        means="Comparing all constraints would take too much work, so some findings may be missing.",
        remedy="Split long lists of constraints and alternatives, or write them with `in` and `consts`.",
    ),
)
