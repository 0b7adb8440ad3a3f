"""The codes of files of suites."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["SUITES"]

SUITES: tuple[ErrorCode, ...] = (
    entry(
        "suites",
        "HX601",
        "no suites",
        """
        suites: []
        """,
        means="A file has no suites, or a suite no cases, so that running it would show nothing.",
        remedy="Write at least one below the key that the message names.",
    ),
    entry(
        "suites",
        "HX602",
        "a name twice",
        """
        suites:
          - name: refunds
            policy: {text: "tools: {}"}
            cases:
              - {name: no rule, tool: refund_order, expect: {outcome: deny}}
              - {name: no rule, tool: view_order, expect: {outcome: deny}}
        """,
        means="Two suites of a file, or two cases of a suite, have the same name and could not be told apart in a report.",
        remedy="Say in each name what it shows.",
    ),
    entry(
        "suites",
        "HX603",
        "keys that exclude one another",
        """
        suites:
          - name: refunds
            policy: {text: "tools: {}"}
            cases:
              - {name: no rule, role: support, roles: [billing], tool: refund_order, expect: {outcome: deny}}
        """,
        means="Two keys say the same thing in two ways, or none of two keys is there.",
        remedy="Keep one of them.",
    ),
    entry(
        "suites",
        "HX604",
        "a caller that cannot be",
        """
        suites:
          - name: refunds
            policy: {text: "tools: {}"}
            cases:
              - {name: no rule, role: "", tool: refund_order, expect: {outcome: deny}}
        """,
        means="The case describes a caller that no `User` could be.",
        remedy="Correct the role, the user, the session or the attributes.",
    ),
)
