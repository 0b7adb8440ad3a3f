"""A digest names all that can influence an answer, and nothing else: places, notes and order do not."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

from hexgate.core import Policy, compile_policy


def digest(text: str) -> str:
    return compile_policy(Policy.from_text(text)).digest


RULE = "tools: {t: {mode: allow, constraints: [args.x == 1]}}"
SAME = [
    "\n\n# moved\ntools:\n  t:\n    mode: allow\n    constraints:\n      - args.x == 1\n",
    "tools: {t: {mode: allow, constraints: [args.x == 1], reason: a note for people}}",
    f"version: 1\nenforce: true\n{RULE}",
    f"roles: {{default: {{{RULE}}}}}",
    f"roles: {{base: {{is_mixin: true, {RULE}}}, default: {{inherits: [base]}}}}",
    f"consts: {{unused: 5}}\n{RULE}",
]
DIFFERENT = [
    RULE,
    "{}",
    "default_policy: {mode: deny}",
    "default_policy: {mode: allow}",
    "tools: {default_policy: {mode: deny}}",
    "tools: {t: {mode: allow}}",
    "tools: {t: {mode: deny}}",
    "tools: {t*: {mode: deny}}",
    "tools: {t: {mode: approval_required}}",
    "tools: {t: {mode: approval_required, approvers: {role: a}}}",
    "tools: {t: {mode: approval_required, approvers: {not: caller}}}",
    "tools: {t: {mode: approval_required, approvers: {role: a, not: caller}}}",
    "tools: {t: {mode: deny, enforce: false}}",
    "tools: {t: {mode: deny, enforce: false, until: 2027-01-31}}",
    "tools: {t: {mode: deny}}\nenforce: false",
    "roles: {a: {tools: {t: {mode: deny}}}}",
    "roles: {a: {tools: {t: {mode: deny}}}, b: {}}",
    "roles: {a: {tools: {t: {mode: deny, enforce: true}}}}\nenforce: false",
    "tools: {t: {mode: allow, constraints: [args.x  ==  1]}}",
    "tools: {t: {mode: allow, constraints: [args.x == 1, args.x == 1]}}",
    "tools: {t: {mode: allow, constraints: [args.x == 1, args.y == 1]}}",
    "tools: {t: {mode: allow, constraints: [args.y == 1, args.x == 1]}}",
    *[
        f"consts: {{a: {value}}}\ntools: {{t: {{mode: allow, constraints: ['args.x {sign} consts.a']}}}}"
        for sign, value in [
            ("==", "1"),
            ("==", "true"),
            ("==", "'1'"),
            ("==", "[1]"),
            ("in", "[1]"),
            ("in", "['1']"),
            ("in", "[]"),
        ]
    ],
    *[
        f"consts: {{a: [x]}}\ntools: {{t: {{mode: allow, constraints: ['{text}']}}}}"
        for text in ("any(args.l, . in consts.a)", "every(args.l, . in consts.a)", "not any(args.l, . in consts.a)")
    ],
    *[
        f"tools: {{t: {{mode: allow, file_scope: {{{scope}}}}}}}"
        for scope in (
            *(
                "allowed_paths: [a]",
                "allowed_paths: [a, b]",
                "denied_paths: [a]",
                "allowed_paths: [a], denied_paths: [b]",
            ),
            *(
                "argument: path, allowed_paths: [a]",
                "argument: file_path, allowed_paths: [a]",
                "allowed_paths: ['a,b']",
            ),
        )
    ],
]


@pytest.mark.parametrize("text", SAME)
def test_what_changes_no_answer_changes_no_digest(text: str) -> None:
    assert digest(text) == digest(RULE)


def test_the_order_of_roles_and_rules_changes_no_digest() -> None:
    rules = ["a: {mode: allow}", "b*: {mode: deny}", "c: {mode: deny}", "bb*: {mode: allow}"]
    digests = {digest(f"tools: {{{', '.join(order)}}}") for order in itertools.permutations(rules)}
    assert len(digests) == 1
    assert digest("roles: {a: {}, b: {tools: {t: {mode: allow}}}}") == digest(
        "roles: {b: {tools: {t: {mode: allow}}}, a: {}}"
    )


def test_what_can_change_an_answer_changes_the_digest() -> None:
    digests = [digest(text) for text in DIFFERENT]
    twins = [(left, right) for left, right in itertools.combinations(DIFFERENT, 2) if digest(left) == digest(right)]
    assert twins == []
    assert all(found.startswith("sha256:") and len(found) == 71 for found in digests)


def test_another_process_comes_to_the_same_digest() -> None:
    script = f"from hexgate.core import *; print(compile_policy(Policy.from_text({DIFFERENT[-1]!r})).digest)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == digest(DIFFERENT[-1])
