"""The codes of documents that YAML can read, and whose roles, rules or constants are wrong."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["RULES"]

RULES: tuple[ErrorCode, ...] = (
    entry(
        "policy",
        "HX201",
        "an unknown version",
        """
        version: 2
        tools: {}
        """,
        means="The document says that it is written in a version of the language which this release does not know.",
        remedy="Write `version: 1`, or leave the line out.",
    ),
    entry(
        "policy",
        "HX202",
        "the wrong type",
        """
        tools:
          refund_order:
            mode: allow
            constraints: args.amount <= 100
        """,
        means="A value is a text where a list must stand, a number where a text must stand, or the like.",
        remedy="Write the value as the message says. What YAML versions read differently (`yes`, `010`) goes in quotes.",
    ),
    entry(
        "policy",
        "HX203",
        "an unknown key",
        """
        tools:
          refund_order:
            mode: allow
            constraint: [args.amount <= 100]
        """,
        means="The key has no meaning here; were it passed over, a rule could lose its constraints in silence.",
        remedy="Correct the key; the nearest known one is offered.",
    ),
    entry(
        "policy",
        "HX204",
        "a missing key",
        """
        tools:
          refund_order:
            constraints: [args.amount <= 100]
        """,
        means="Something that has no default value was left out, such as the `mode` of a rule.",
        remedy="Add the key that the message names.",
    ),
    entry(
        "policy",
        "HX205",
        "an empty rule",
        """
        tools:
          refund_order:
        """,
        means="A rule, `approvers` or `allowed_paths` says nothing.",
        remedy="Say at least `mode: deny`, or delete it.",
    ),
    entry(
        "policy",
        "HX206",
        "a value that is none of the choices",
        """
        tools:
          refund_order: {mode: permit}
        """,
        means="The key knows only a few values, or has no meaning beside the others of its rule.",
        remedy="Write one of the values that the message lists.",
    ),
    entry(
        "policy",
        "HX207",
        "a bad name",
        """
        tools:
          "*": {mode: allow}
        """,
        means="A role, a tool, a constant or a case has a name that people could not see or tell apart, or a `*` in a wrong place.",
        remedy="Use a short visible name. For tools that are not listed there is `default_policy`.",
    ),
    entry(
        "policy",
        "HX208",
        "an unknown parent",
        """
        roles:
          support: {tools: {view_order: {mode: allow}}}
          billing: {inherits: [suport]}
        """,
        means="A role inherits a role that the document does not define.",
        remedy="Correct the name, or define the role.",
    ),
    entry(
        "policy",
        "HX209",
        "an inheritance loop",
        """
        roles:
          support: {inherits: [billing]}
          billing: {inherits: [support]}
        """,
        means="A role inherits itself by way of others, or through more than 64 levels.",
        remedy="Delete one of the links that the message shows.",
    ),
    entry(
        "policy",
        "HX210",
        "no selectable role",
        """
        roles:
          read_only: {is_mixin: true}
        """,
        means="No caller could ever have a role of this document.",
        remedy="Add a role that is no mixin.",
    ),
    entry(
        "python",
        "HX211",
        "a role twice",
        """
        Policy.from_files({"billing.yaml": "tools: {}", "billing.yml": "tools: {}"})
        """,
        means="Two files of a directory, or two calls of the builder, begin the same role.",
        remedy="Keep one of the two.",
    ),
    entry(
        "policy",
        "HX212",
        "a key beside `roles`",
        """
        roles:
          support: {tools: {}}
        tools:
          refund_order: {mode: allow}
        """,
        means="`tools`, `default_policy`, `inherits` and `is_mixin` belong to a role, and here stand above all roles.",
        remedy="Move the key into the role that is meant.",
    ),
    entry(
        "policy",
        "HX213",
        "a bad constant",
        """
        consts:
          limits: {refund: 100}
        tools: {}
        """,
        means="A constant is a number, a text, a boolean, or a list of those, and nothing else.",
        remedy="Give each value a name of its own, such as `refund_limit: 100`.",
    ),
    entry(
        "policy",
        "HX214",
        "a bad path pattern",
        """
        tools:
          write_file:
            mode: allow
            file_scope: {allowed_paths: ["../shared/**"]}
        """,
        means="A pattern of `file_scope` is no clean relative path with `*`, `?` and `**`.",
        remedy="Write the pattern from the working folder on, without `..`, `.` and a leading `/`.",
    ),
    entry(
        "python",
        "HX217",
        "a second rule for a tool",
        """
        PolicyBuilder().allow("refund_order").deny("refund_order")
        """,
        means="The builder was given two rules for one tool, or two for `default_policy`, and overwrites nothing in silence.",
        remedy="Join both in one rule.",
    ),
)
