"""The codes of files that cannot be read, and of YAML that is none of ours."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["DOCUMENTS"]

DOCUMENTS: tuple[ErrorCode, ...] = (
    entry(
        "policy",
        "HX101",
        "not valid YAML",
        """
        tools:
          refund_order: {mode: allow
        """,
        means="The text cannot be read as YAML from this place on.",
        remedy="Check the indentation, the brackets and the quotes around the place. Indent with spaces, never with tabs.",
    ),
    entry(
        "python",
        "HX102",
        "not UTF-8",
        r"""
        Path("policy.yaml").write_bytes(b"tools: {caf\xe9: {mode: allow}}")
        Policy.load("policy.yaml")
        """,
        means="The file is text in another encoding, or no text at all.",
        remedy="Save the file as UTF-8.",
    ),
    entry(
        "python",
        "HX103",
        "too large",
        """
        Policy.from_text("#" * (16 * 1024 * 1024 + 1))
        """,
        means="A file may have 16 MiB, a policy a million rules once inheritance is worked out, and its patterns a million steps.",
        remedy="Split the roles into a directory of files, or let fewer roles inherit the large ones.",
    ),
    entry(
        "python",
        "HX104",
        "nested too deep",
        """
        Policy.from_text("[" * 70 + "]" * 70)
        """,
        means="The document has more than 64 levels.",
        remedy="Flatten it: no policy needs more than ten levels.",
    ),
    entry(
        "policy",
        "HX105",
        "a second document",
        """
        tools: {refund_order: {mode: allow}}
        ---
        tools: {refund_order: {mode: deny}}
        """,
        means="A line with `---` begins a second document in the same file.",
        remedy="Delete the `---`, or put the second policy into a file of its own.",
    ),
    entry(
        "policy",
        "HX106",
        "anchors that loop or grow too far",
        """
        tools: &all
          refund_order: *all
        """,
        means="An anchor holds itself, or its aliases make more than a million values when they are written out.",
        remedy="Write the value out where it is needed.",
    ),
    entry(
        "policy",
        "HX107",
        "a tag",
        """
        version: !!int "1"
        """,
        means="A YAML tag would change what a value is.",
        remedy="Delete the tag: a value is what it looks like.",
    ),
    entry(
        "policy",
        "HX108",
        "a key twice",
        """
        tools:
          refund_order: {mode: deny}
          refund_order: {mode: allow}
        """,
        means="The same key is written twice in one mapping, and only one of the two could count.",
        remedy="Keep one of them.",
    ),
    entry(
        "policy",
        "HX109",
        "an empty document",
        """
        # nothing but a comment
        """,
        means="The file holds no policy, so it is probably not the file that was meant.",
        remedy="Write a rule below `tools:`. A policy that denies everything is `tools: {}`.",
    ),
    entry(
        "python",
        "HX110",
        "a path that cannot be read",
        """
        Policy.load("polcy.yaml")
        """,
        means="There is no such file, or this process may not read it.",
        remedy="Check the path and the permissions. A policy's text goes to `Policy.from_text`.",
    ),
    entry(
        "python",
        "HX111",
        "a directory without policies",
        """
        Path("policies").mkdir()
        Policy.load("policies")
        """,
        means="The directory holds no file that ends in `.yaml` or `.yml`.",
        remedy="Write one file a role, such as `default.yaml`.",
    ),
)
