"""The codes of constraints that cannot be read, or cannot mean anything."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["CONSTRAINTS"]

CONSTRAINTS: tuple[ErrorCode, ...] = (
    entry(
        "constraint",
        "HX301",
        "something unexpected",
        "args.amount =< 100",
        means="A sign or a word cannot stand where it stands.",
        remedy="Write what the message offers. Habits of other languages (`&&`, `===`, `x.contains(y)`) are recognised.",
    ),
    entry(
        "constraint",
        "HX302",
        "a bare word",
        "args.currency == USD",
        means="A word without quotes stands where a value must stand.",
        remedy="Put the text in quotes.",
    ),
    entry(
        "constraint",
        "HX303",
        "a bad text",
        "args.currency == 'USD",
        means="A text in quotes is never closed, or holds an escape that JSON does not know.",
        remedy="Close the quotes. A backslash in a text is written `\\\\`.",
    ),
    entry(
        "constraint",
        "HX304",
        "a bad number",
        "args.amount <= 1_000",
        means="Numbers are written as in JSON, and this is another way, or a number beyond every measure.",
        remedy="Write it in plain decimal digits.",
    ),
    entry(
        "constraint",
        "HX305",
        "an unknown function",
        "len(args.items) <= 10",
        means="The language has eleven functions, and this is none of them.",
        remedy="Write the function that the message offers. Functions are never called on a value with a dot.",
    ),
    entry(
        "python",
        "HX306",
        "a constraint too long",
        """
        Policy.model_validate({"tools": {"search": {"mode": "allow", "constraints": ["args.a == 1 or " * 300]}}})
        """,
        means="A constraint may have 4,096 characters.",
        remedy="Split it into several constraints, all of which must hold, or move a list to `consts`.",
    ),
    entry(
        "python",
        "HX307",
        "a constraint nested too deep",
        """
        Policy.model_validate({"tools": {"search": {"mode": "allow", "constraints": ["(" * 65 + "args.a == 1" + ")" * 65]}}})
        """,
        means="A constraint may have 64 levels of parentheses, `not`, functions and lists.",
        remedy="Split it into several constraints.",
    ),
    entry(
        "python",
        "HX308",
        "a list too long",
        """
        Policy.model_validate({"consts": {"customers": list(range(1001))}, "tools": {}})
        """,
        means="A list may have 1,000 items, in a constraint and in `consts`.",
        remedy="Group the values by a rule, such as a prefix, or pass what is looked up in `ctx`.",
    ),
    entry(
        "constraint",
        "HX309",
        "a bad pattern",
        'matches(args.code, "(?=A).*")',
        means="The pattern is none of RE2, which has no look-around and no back references, so that matching takes linear time.",
        remedy="Rewrite the pattern, or ask in two constraints.",
    ),
    entry(
        "python",
        "HX310",
        "a pattern too long",
        """
        PolicyBuilder().allow("search", C.args.code.matches("a" * 1025))
        """,
        means="A pattern may have 1,024 characters.",
        remedy="Shorten it, or ask in two constraints.",
    ),
    entry(
        "constraint",
        "HX311",
        "an unknown constant",
        "args.amount <= consts.max_refund",
        means="Neither the document, nor the role, nor a parent defines the constant.",
        remedy="Define it below `consts:`, or correct the name.",
    ),
    entry(
        "policy",
        "HX312",
        "a constant of the wrong type",
        """
        consts: {currencies: USD}
        tools:
          refund_order:
            mode: allow
            constraints: [args.currency in consts.currencies]
        """,
        means="The constant is there, and is no list or no text where one is needed.",
        remedy="Give the constant a value of that type.",
    ),
    entry(
        "constraint",
        "HX313",
        "an unknown fact",
        "user.region == 'EU'",
        means="A constraint can read `args`, `ctx`, `user.id`, `session.id`, `role` and `tool`, and this begins with none of them.",
        remedy="Write `args.` before an argument, and pass what else is known of the caller in `ctx`.",
    ),
    entry(
        "constraint",
        "HX314",
        "an element outside of a quantifier",
        ".price > 0",
        means="A dot alone is the element of `every` or `any`, and here is neither of them.",
        remedy="Write `args` before the dot, or put the comparison into `every(args.items, …)`.",
    ),
    entry(
        "constraint",
        "HX315",
        "a bad host",
        'url_host_in(args.url, ["https://example.com/"])',
        means="An entry of the list is no host name, no `*.` before one, and no IP address.",
        remedy="Write the host alone, without scheme, port and path.",
    ),
    entry(
        "constraint",
        "HX316",
        "a bad directory",
        'within(args.path, "/srv/../etc")',
        means="A directory of `within` is no clean path, so that no path could ever lie in it.",
        remedy="Write its segments joined by `/`, without `.`, `..` and a `/` at the end.",
    ),
    entry(
        "constraint",
        "HX317",
        "the wrong number of arguments",
        'contains(args.subject, "a", "b")',
        means="The function takes more or fewer arguments.",
        remedy="Write the form that the message shows.",
    ),
)
