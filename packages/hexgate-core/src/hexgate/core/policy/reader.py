"""The nodes of a policy in one of its three forms in, a `Document` out, or every mistake that is in them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hexgate.core.errors import Mistake
from hexgate.core.expr.syntax import Value
from hexgate.core.policy.document import Document, Role, Rule
from hexgate.core.policy.fields import Fields, Table, join, name_mistake, shown
from hexgate.core.policy.nodes import MappingNode, Node, ScalarNode
from hexgate.core.policy.rules import RuleReader
from hexgate.core.text import Span

__all__ = ["read_document", "read_roles"]

BODY_KEYS = ("is_mixin", "inherits", "default_policy", "tools", "consts", "enforce", "until")
DOCUMENT_KEYS = ("version", "consts", "roles", "enforce", "until")
CONST_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def read_document(node: Node) -> tuple[Document, list[Mistake]]:
    """A flat file or one with inline roles, and what is wrong with it."""
    reader = Reader()
    if isinstance(node, MappingNode) and any(key.value == "roles" for key, _ in node.pairs):
        return reader.inline(node), reader.fields.mistakes
    role = reader.role("default", node, "", ("version", *BODY_KEYS))
    return Document({"default": role}, form="flat"), reader.fields.mistakes


def read_roles(bodies: Sequence[tuple[str, Node]]) -> tuple[Document, list[Mistake]]:
    """A directory: one role body a file, named after the file."""
    reader = Reader()
    roles: dict[str, Role] = {}
    for name, node in bodies:
        reader.name(name, "role", node, "")
        roles[name] = reader.role(name, node, "", ("version", *BODY_KEYS))
    return Document(roles, form="directory"), reader.fields.mistakes


class Reader:
    """Reads one document, role by role."""

    def __init__(self) -> None:
        self.fields = Fields()
        self.rules = RuleReader(self.fields)

    def inline(self, node: MappingNode) -> Document:
        """A document with `roles` at its top."""
        stray = set(BODY_KEYS).difference(DOCUMENT_KEYS)
        for key in [key for key, _ in node.pairs if key.value in stray]:
            self.fields.note(
                "HX212",
                f"`{key.value}` stands beside `roles`",
                key,
                str(key.value),
                help=f"move it into a role: below `roles:`, `NAME:`, `{key.value}:`",
            )
        kept = MappingNode(
            [pair for pair in node.pairs if pair[0].value not in stray], node.span, node.weight, open=False
        )
        table = self.fields.table(kept, "", DOCUMENT_KEYS, "the document") or {}
        self.version(table, "")
        roles: dict[str, Role] = {}
        for name, (key, body) in (self.fields.mapping(table["roles"][1], "roles") or {}).items():
            self.name(name, "role", key, "roles")
            roles[name] = self.role(name, body, join("roles", name), BODY_KEYS)
        if not roles and not self.fields.mistakes:
            self.fields.note(
                "HX210",
                "the document has no role",
                table["roles"][1],
                "roles",
                help="write at least one role below `roles:`",
            )
        return Document(roles, self.consts(table, ""), self.rules.monitor(table, ""), "inline")

    def version(self, table: Table, path: str) -> None:
        """`version: 1`, the only one there is."""
        if "version" not in table:
            return
        node = table["version"][1]
        value = self.fields.plain_value(node) if isinstance(node, ScalarNode) else None
        if value != 1 or isinstance(value, bool):
            self.fields.note(
                "HX201",
                "this version of the policy language is not known",
                node,
                join(path, "version"),
                help="write `version: 1`, the only one there is",
            )

    def name(self, name: str, what: str, node: Node, path: str) -> None:
        """Refuses a name that people could not see or tell apart."""
        wrong = name_mistake(name)
        if wrong is not None:
            self.fields.note(
                "HX207", f"the {what} name `{shown(name)}` {wrong}", node, path, help="use a short visible name"
            )
        elif what == "role" and "*" in name:
            self.fields.note(
                "HX207",
                f"the role name `{shown(name)}` holds a `*`",
                node,
                path,
                help="a role stands for itself: there are no prefixes of roles",
            )

    def role(self, name: str, node: Node, path: str, keys: Sequence[str]) -> Role:
        """One role's body."""
        fields = self.fields
        table = fields.table(node, path, keys, f"role `{shown(name)}`")
        if table is None:
            return Role(name, span=node.span)
        self.version(table, path)
        parents = self.inherits(table, path)
        return Role(
            name,
            is_mixin=bool(fields.flag(table["is_mixin"][1], join(path, "is_mixin"))) if "is_mixin" in table else False,
            inherits=tuple(parent for parent, _ in parents),
            default_policy=self.default_policy(table, path),
            tools=self.tools(table, path),
            consts=self.consts(table, path),
            monitor=self.rules.monitor(table, path),
            span=node.span,
            parents_at=tuple(span for _, span in parents),
        )

    def inherits(self, table: Table, path: str) -> list[tuple[str, Span | None]]:
        """The names of the parents, and where each of them stands."""
        if "inherits" not in table:
            return []
        path = join(path, "inherits")
        nodes = self.fields.items(table["inherits"][1], path) or []
        named = [(self.fields.text(node, f"{path}[{position}]"), node.span) for position, node in enumerate(nodes)]
        return [(name, span) for name, span in named if name is not None]

    def default_policy(self, table: Table, path: str) -> Rule | None:
        """The rule for tools that are not listed."""
        if "default_policy" not in table:
            return None
        return self.rules.rule("default_policy", *table["default_policy"], join(path, "default_policy"), listed=False)

    def tools(self, table: Table, path: str) -> Mapping[str, Rule]:
        """The rules by tool name or prefix."""
        if "tools" not in table:
            return {}
        path = join(path, "tools")
        rules: dict[str, Rule] = {}
        for name, (key, node) in (self.fields.mapping(table["tools"][1], path) or {}).items():
            self.tool_name(name, key, path)
            rule = self.rules.rule(shown(name), key, node, join(path, name))
            if rule is not None:
                rules[name] = rule
        return rules

    def tool_name(self, name: str, key: Node, path: str) -> None:
        """A tool, or a prefix of tools with a `*` at its end."""
        if name == "*":
            help = "write `default_policy:` for the tools that are not listed"
            self.fields.note("HX207", "`*` alone is no prefix", key, path, help=help)
        elif "*" in name[:-1]:
            help = "one `*` at the end makes a prefix, such as `mcp-github-*`"
            self.fields.note("HX207", f"the tool name `{shown(name)}` holds a `*` before its end", key, path, help=help)
        else:
            self.name(name, "tool", key, path)

    def consts(self, table: Table, path: str) -> Mapping[str, Value]:
        """The constants by name."""
        if "consts" not in table:
            return {}
        path = join(path, "consts")
        consts: dict[str, Value] = {}
        for name, (key, node) in (self.fields.mapping(table["consts"][1], path) or {}).items():
            if not CONST_NAME.match(name):
                self.fields.note(
                    "HX207",
                    f"the constant name `{shown(name)}` is no name",
                    key,
                    path,
                    help="use letters, digits and `_`, and begin with no digit",
                )
            consts[name] = self.fields.constant(node, join(path, name))
        return consts
