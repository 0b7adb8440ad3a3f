"""A tidied policy looks even and means the same: comments, quotes and order stay where they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexgate.core.errors import PolicyError
from hexgate.core.policy import Policy
from hexgate.core.policy.tidy import format_text

# A dot stands for a space at the end of a line.
UNTIDY = """\


# top


version: 1···
roles:
    # support people
    support:   # inline
        inherits:
        - base
        -   other
        # tail of inherits
        tools:
            "refund": {mode: allow,
                       constraints: [args.a == 1,
              # in flow
              'args.b == 1']}···

            send:
                mode: allow


                constraints:
                -   args.a == 1   # why
                # last

                -   # noted
                  "args.b ==
                    2"
                - |
                    args.a
                      == 3

                - >-
                  args.b == 1

                  or args.a == 2
        # end of support
    base: {is_mixin: true}
    other:
        is_mixin:
            true
        tools:
            x:
              &rule
                mode: deny
            y: *rule
# end

""".replace("·", " ")

TIDY = """\
# top

version: 1
roles:
  # support people
  support:   # inline
    inherits:
      - base
      - other
    # tail of inherits
    tools:
      "refund": {mode: allow,
                 constraints: [args.a == 1,
        # in flow
        'args.b == 1']}

      send:
        mode: allow

        constraints:
          - args.a == 1   # why
          # last

          -   # noted
            "args.b ==
              2"
          - |
              args.a
                == 3

          - >-
            args.b == 1

            or args.a == 2
    # end of support
  base: {is_mixin: true}
  other:
    is_mixin:
      true
    tools:
      x:
        &rule
        mode: deny
      y: *rule
# end
"""


def test_an_untidy_policy_becomes_a_tidy_one() -> None:
    assert format_text(UNTIDY) == TIDY
    assert Policy.from_text(TIDY) == Policy.from_text(UNTIDY)


def test_a_tidy_policy_stays_as_it_is() -> None:
    assert format_text(TIDY) == TIDY


SMALL = [
    ("tools:\n      a: {mode: deny}", "tools:\n  a: {mode: deny}\n"),
    ("\ufefftools: {}\r\n", "tools: {}\n"),
    ("---\ntools:\n    a:\n        mode: deny\n...\n", "---\ntools:\n  a:\n    mode: deny\n...\n"),
    ("%YAML 1.2\n---  \ntools: {}\n", "%YAML 1.2\n---\ntools: {}\n"),
    ("{\n   tools: {\n }\n}\n", "{\n   tools: {\n }\n}\n"),
    (
        "tools:\n    a:\n        mode: deny\n        reason: |+\n          x\n\n\n",
        "tools:\n  a:\n    mode: deny\n    reason: |+\n      x\n\n\n",
    ),
    (
        "tools:\n    a:\n        mode: deny\n        reason: |2+\n            x \n",
        "tools:\n  a:\n    mode: deny\n    reason: |2+\n        x \n",
    ),
    (
        "tools:\n a:\n  mode: deny\n  reason: |\n   x\n    y\n  # c\n",
        "tools:\n  a:\n    mode: deny\n    reason: |\n     x\n      y\n    # c\n",
    ),
    ("tools:\n a:\n  mode: allow\n  constraints: [\n]\n", "tools:\n  a:\n    mode: allow\n    constraints: [\n  ]\n"),
    ("inherits:\n-\n  a\nis_mixin: true\n", "inherits:\n  -\n    a\nis_mixin: true\n"),
    (
        "tools:\n    a:\n        mode: deny\n        reason: 'x \n\n          y'\n",
        "tools:\n  a:\n    mode: deny\n    reason: 'x \n\n      y'\n",
    ),
    (
        "tools:\n    a:\n        mode: deny\n  # between\n    b: {mode: deny}\n",
        "tools:\n  a:\n    mode: deny\n  # between\n  b: {mode: deny}\n",
    ),
    (
        "tools:\n    a:\n        mode: deny\n        # of a\n\n# of all\n",
        "tools:\n  a:\n    mode: deny\n    # of a\n\n# of all\n",
    ),
    ("version:\n  1\n", "version:\n  1\n"),
]


@pytest.mark.parametrize(("text", "tidied"), SMALL)
def test_only_white_space_moves(text: str, tidied: str) -> None:
    assert format_text(text) == tidied
    assert format_text(tidied) == tidied


UNTOUCHED = [
    "tools:\n    ? a\n    : {mode: deny}\n",  # a key of its own line
    "tools:\n    a:\n        mode: deny\n        reason: |\n          x",  # a line end would become part of the text
    "tools:\n    a:\n        mode: deny\n        reason: 'a\u2028b'\n",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_cannot_be_tidied_safely_comes_back_as_it_was(text: str) -> None:
    assert format_text(text) == text


def test_the_mistakes_of_a_policy_are_raised_with_their_places() -> None:
    with pytest.raises(PolicyError, match=r"refunds.yaml:1:18: .*HX203"):
        format_text("tools: {refund: {mod: allow}}", "refunds.yaml")
    with pytest.raises(PolicyError, match="HX101"):
        format_text("tools: [")


def test_a_file_of_a_directory_is_tidied_without_the_files_beside_it() -> None:
    assert format_text("inherits:\n- somewhere_else\n") == "inherits:\n  - somewhere_else\n"


@given(data=st.data())
@settings(deadline=None)
def test_comments_anywhere_stay_and_change_nothing(data: st.DataObject) -> None:
    lines = [
        "version: 1",
        "roles:",
        "   a:",
        "      inherits:",
        "      - b",
        "      -   c",
        "      tools:",
        "           x:",
    ]
    lines += [
        "              mode: allow",
        "              constraints:",
        "              - 'args.a == 1'",
        "              -   args.b == 2",
    ]
    lines += ["           y: {mode: deny}", "   b: {is_mixin: true}", "   c:", "     is_mixin: true"]
    text = ""
    for number, line in enumerate(lines):
        for _ in range(data.draw(st.integers(0, 2))):
            gap = data.draw(st.sampled_from(["", "\n", "\n\n\n", "  \n"]))
            text += f"{gap}{' ' * data.draw(st.integers(0, 16))}# {number} {data.draw(st.sampled_from(['a: b', '- c', '']))}\n"
        text += line + data.draw(st.sampled_from(["", "  ", "\t", "   # behind", " #"])) + "\n"
    tidied = format_text(text)
    assert Policy.from_text(tidied) == Policy.from_text(text)
    assert format_text(tidied) == tidied
    assert [line.split() for line in tidied.splitlines() if line] == [
        line.split() for line in text.splitlines() if line.strip()
    ]
    assert not any(line != line.rstrip() for line in tidied.splitlines())
