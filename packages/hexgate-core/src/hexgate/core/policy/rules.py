"""The node of one rule in, the rule out. Constraints are parsed here, so their mistakes come with the document's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from hexgate.core.errors import MOST_MISTAKES, PolicyError
from hexgate.core.expr.clean import glob_mistake
from hexgate.core.expr.parser import parse
from hexgate.core.expr.patterns import program_size
from hexgate.core.expr.syntax import Expression, Matches, nodes_of
from hexgate.core.policy.document import Approvers, Constraint, FileScope, Mode, Monitor, Rule
from hexgate.core.policy.fields import Fields, Table, join, shown
from hexgate.core.policy.nodes import Node, ScalarNode, SequenceNode

__all__ = ["RULE_KEYS", "RuleReader", "is_empty"]

MODES = ("allow", "deny", "approval_required")
RULE_KEYS = ("mode", "constraints", "reason", "approvers", "enforce", "until", "file_scope")
DEFAULT_KEYS = tuple(key for key in RULE_KEYS if key != "file_scope")
SAY_MODE = "add `mode: allow`, `mode: deny` or `mode: approval_required`"
# Of all patterns of a document together, each counted once.
MOST_STEPS = 1_000_000


class RuleReader:
    """Reads the rules of one document; the same constraint text is parsed once."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.parsed: dict[str, Expression] = {}
        self.weighed: set[str] = set()
        self.steps = 0
        self.refused = 0

    def rule(self, name: str, key: ScalarNode, node: Node, path: str, *, listed: bool = True) -> Rule:
        """A rule of `tools`, or the `default_policy`, which is not listed and knows no file scope. It stands where its key does.

        One that cannot be read is a denial: it stands where it was written, and lets no inherited rule through.
        """
        fields = self.fields
        if is_empty(node):
            fields.note("HX205", f"the rule `{name}` is empty", key, path, help=SAY_MODE)
            return Rule("deny", span=key.span)
        if isinstance(node, ScalarNode) and node.value in MODES:
            fields.wrong_type(node, path, "a mapping", help=f"write `{{mode: {node.value}}}`")
            return Rule("deny", span=key.span)
        table = fields.table(node, path, RULE_KEYS if listed else DEFAULT_KEYS, f"rule `{name}`")
        if table is None:
            return Rule("deny", span=key.span)
        if "mode" not in table:
            fields.note(
                "HX204",
                f"the rule `{name}` does not say its `mode`",
                key,
                path,
                help=SAY_MODE,
            )
        mode = fields.choice(table["mode"][1], join(path, "mode"), MODES) if "mode" in table else None
        return Rule(
            mode=cast(Mode, mode or "deny"),
            constraints=self.constraints(table, path),
            reason=fields.text(table["reason"][1], join(path, "reason")) if "reason" in table else None,
            approvers=self.approvers(table, path, mode),
            monitor=self.monitor(table, path),
            file_scope=self.file_scope(table, path),
            span=key.span,
        )

    def constraints(self, table: Table, path: str) -> tuple[Constraint, ...]:
        """The list of constraints, each of them one text."""
        if "constraints" not in table:
            return ()
        path = join(path, "constraints")
        node = table["constraints"][1]
        if isinstance(node, ScalarNode) and not is_empty(node):
            self.fields.note(
                "HX202",
                "`constraints` must be a list, not a single value",
                node,
                path,
                help="put each constraint behind a `-` on a line of its own",
            )
            return ()
        read = [
            self.constraint(item, f"{path}[{position}]")
            for position, item in enumerate(self.fields.items(node, path) or ())
        ]
        return tuple(constraint for constraint in read if constraint is not None)

    def constraint(self, node: Node, path: str) -> Constraint | None:
        text = self.fields.text(node, path)
        if text is None or not isinstance(node, ScalarNode):
            return None
        expression = self.parsed.get(text)
        if expression is None:
            expression = self.expression(text, node, path)
        return None if expression is None else Constraint(text, expression, node.span)

    def expression(self, text: str, node: ScalarNode, path: str) -> Expression | None:
        """The tree of a text; None when it has a mistake, or patterns would be compiled that nobody wants to be told of."""
        if "matches" in text and (self.steps > MOST_STEPS or self.refused >= MOST_MISTAKES):
            return None
        try:
            expression = parse(text, span=node.span, path=path)
        except PolicyError as error:
            self.refused += sum(mistake.code == "HX309" for mistake in error.mistakes)
            self.fields.mistakes.extend(error.mistakes)
            return None
        self.parsed[text] = expression
        self.weigh(expression, node, path)
        return expression

    def weigh(self, expression: Expression, node: ScalarNode, path: str) -> None:
        """Adds the patterns of a constraint to those of the document, which are bounded together."""
        found = {each.pattern for each in nodes_of(expression) if isinstance(each, Matches)} - self.weighed
        self.weighed |= found
        self.steps += sum(map(program_size, found))
        if found and self.steps > MOST_STEPS:
            message = f"the patterns up to here compile to more than {MOST_STEPS:,} steps together"
            self.fields.note("HX103", message, node, path, help="shorten their counted repeats, or write fewer of them")

    def approvers(self, table: Table, path: str, mode: str | None) -> Approvers | None:
        """Who may approve."""
        if "approvers" not in table:
            return None
        fields, path = self.fields, join(path, "approvers")
        key, node = table["approvers"]
        found = fields.table(node, path, ("role", "not"), "`approvers`")
        if found is None:
            return None
        if mode in ("allow", "deny"):
            fields.note(
                "HX206",
                f"`approvers` has no meaning where the mode is `{mode}`",
                key,
                path,
                help="write `mode: approval_required`, or delete `approvers`",
            )
        if not found:
            fields.note("HX205", "`approvers` is empty", node, path, help="add `role: NAME`, `not: caller`, or both")
        role = self.approver(found["role"][1], join(path, "role")) if "role" in found else None
        barred = fields.choice(found["not"][1], join(path, "not"), ("caller",)) if "not" in found else None
        return Approvers(role, barred == "caller")

    def approver(self, node: Node, path: str) -> str | None:
        """The role that an approver must have."""
        if isinstance(node, ScalarNode):
            return self.fields.text(node, path)
        self.fields.wrong_type(node, path, "a text", help="name one role, and give it to everyone who may approve")
        return None

    def monitor(self, table: Mapping[str, tuple[ScalarNode, Node]], path: str) -> Monitor:
        """`enforce` and `until`, of a document, a role or a rule."""
        fields = self.fields
        enforce = fields.flag(table["enforce"][1], join(path, "enforce")) if "enforce" in table else None
        if "until" not in table:
            return None if enforce is None else not enforce
        if enforce is not False:
            fields.note(
                "HX206",
                "`until` stands without `enforce: false`",
                table["until"][0],
                join(path, "until"),
                help="`until` ends a time of monitoring: add `enforce: false`, or delete it",
            )
        return fields.day(table["until"][1], join(path, "until")) or True

    def file_scope(self, table: Table, path: str) -> FileScope | None:
        """Which paths an argument may name."""
        if "file_scope" not in table:
            return None
        fields, path = self.fields, join(path, "file_scope")
        node = table["file_scope"][1]
        found = fields.table(node, path, ("argument", "allowed_paths", "denied_paths"), "`file_scope`")
        if found is None:
            return None
        if "allowed_paths" not in found and "denied_paths" not in found:
            fields.note(
                "HX204", "`file_scope` names no paths", node, path, help="add `allowed_paths`, `denied_paths`, or both"
            )
        argument = fields.text(found["argument"][1], join(path, "argument")) if "argument" in found else None
        if argument == "":
            fields.note(
                "HX207",
                "`argument` is empty",
                found["argument"][1],
                join(path, "argument"),
                help="name the argument that holds the path",
            )
        allowed = self.patterns(found, "allowed_paths", path)
        if allowed == () and is_empty(found["allowed_paths"][1]):
            fields.note(
                "HX205",
                "`allowed_paths` is empty, which allows no path at all",
                found["allowed_paths"][1],
                path,
                help="list the paths, delete the key to allow every clean path, or write `mode: deny`",
            )
        return FileScope(argument, allowed, self.patterns(found, "denied_paths", path) or ())

    def patterns(self, found: Table, key: str, path: str) -> tuple[str, ...] | None:
        """A list of path patterns."""
        if key not in found:
            return None
        path = join(path, key)
        nodes = self.fields.items(found[key][1], path) or []
        patterns = []
        for position, node in enumerate(nodes):
            place = f"{path}[{position}]"
            pattern = self.fields.text(node, place)
            if pattern is None:
                continue
            wrong = glob_mistake(pattern)
            if wrong is not None:
                self.fields.note(
                    "HX214",
                    f"the path pattern `{shown(pattern)}` is none: {wrong}",
                    node,
                    place,
                    help="a pattern is a clean relative path with `*`, `?` and `**`",
                )
            patterns.append(pattern)
        return tuple(patterns)


def is_empty(node: Node) -> bool:
    """Whether nothing was written: an empty list or mapping, nothing, or null."""
    if isinstance(node, ScalarNode):
        return node.value is None or (node.plain and node.value in ("", "~", "null"))
    return not (node.items if isinstance(node, SequenceNode) else node.pairs)
