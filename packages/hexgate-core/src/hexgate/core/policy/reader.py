"""The nodes of a policy in one of its three forms in, a `Document` out, or every mistake that is in them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hexgate.core.errors import Mistake
from hexgate.core.expr.syntax import Value
from hexgate.core.policy.document import Document, Role, Rule
from hexgate.core.policy.fields import Fields, Table, join, name_mistake, shown
from hexgate.core.policy.nodes import MappingNode, Node, ScalarNode
from hexgate.core.policy.rules import RULE_KEYS, RuleReader, is_empty
from hexgate.core.text import Span

__all__ = ["read_document", "read_roles"]

BODY_KEYS = ("is_mixin", "inherits", "default_policy", "tools", "consts", "enforce", "until")
DOCUMENT_KEYS = ("version", "consts", "roles", "enforce", "until")
FLAT_HELPS = {
    "roles": "did you mean `roles`?",
    "suites": "this is a file of suites: run it with `hexgate policy test`",
}
FOLDER = "in a folder each file is the body of one role, named after the file: write `tools:` at the top"
TOP_HELPS = {"suites": FLAT_HELPS["suites"]}
FOLDER_HELPS = {"roles": FOLDER, "role": FOLDER, "suites": FLAT_HELPS["suites"]}
CONST_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def read_document(node: Node) -> tuple[Document, list[Mistake]]:
    """A flat file or one with inline roles, and what is wrong with it."""
    reader = Reader()
    if isinstance(node, MappingNode) and any(key.value == "roles" for key, _ in node.pairs):
        return reader.inline(node), reader.fields.mistakes
    role = reader.role("default", node, "", ("version", *BODY_KEYS), what="the document", helps=FLAT_HELPS)
    return Document({"default": role}, form="flat"), reader.fields.mistakes


def read_roles(bodies: Sequence[tuple[str, Node | None]]) -> tuple[Document, list[Mistake]]:
    """A directory: one role body a file, named after the file. None stands for a file that cannot be read."""
    reader = Reader()
    roles: dict[str, Role] = {}
    for name, node in bodies:
        known = name in roles
        body = MappingNode([], None, open=False) if node is None else node
        reader.name(name, "role", body, "")
        role = reader.role(name, body, "", ("version", *BODY_KEYS), helps=FOLDER_HELPS)
        roles[name] = replace(role, whole=role.whole and node is not None and not known)
    return Document(roles, form="directory"), reader.fields.mistakes


class Reader:
    """Reads one document, role by role."""

    def __init__(self) -> None:
        self.fields = Fields()
        self.rules = RuleReader(self.fields)

    def inline(self, node: MappingNode) -> Document:
        """A document with `roles` at its top."""
        table, whole = self.top(node)
        roles: dict[str, Role] = {}
        noted = len(self.fields.mistakes)
        bodies = self.fields.mapping(table["roles"][1], "roles") or {}
        whole = whole and len(self.fields.mistakes) == noted
        for name, (key, body) in bodies.items():
            self.name(name, "role", key, "roles")
            role = self.role(name, body, join("roles", name), BODY_KEYS)
            roles[name] = replace(role, whole=whole and role.whole)
        if not roles and not self.fields.mistakes:
            self.fields.note(
                "HX210",
                "the document has no role",
                table["roles"][1],
                "roles",
                help="write at least one role below `roles:`",
            )
        consts, consts_at, read = self.consts(table, "")
        if not read:
            roles = {name: replace(role, whole=False) for name, role in roles.items()}
        return Document(roles, consts, self.rules.monitor(table, ""), "inline", consts_at)

    def top(self, node: MappingNode) -> tuple[Table, bool]:
        """What stands beside `roles`, and whether nothing is wrong with its keys."""
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
        table = self.fields.table(kept, "", DOCUMENT_KEYS, "the document", helps=TOP_HELPS) or {}
        whole = not self.fields.mistakes
        self.version(table, "")
        return table, whole

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

    def role(
        self,
        name: str,
        node: Node,
        path: str,
        keys: Sequence[str],
        *,
        what: str | None = None,
        helps: Mapping[str, str] | None = None,
    ) -> Role:
        """One role's body."""
        fields = self.fields
        noted = len(fields.mistakes)
        table = fields.table(node, path, keys, what or f"role `{shown(name)}`", helps=helps)
        if table is None:
            return Role(name, span=node.span, whole=False)
        is_mixin = fields.flag(table["is_mixin"][1], join(path, "is_mixin")) if "is_mixin" in table else False
        parents = self.inherits(table, path)
        consts, consts_at, _ = self.consts(table, path)
        # What goes wrong from here on takes no constant and no parent away.
        whole = len(fields.mistakes) == noted
        self.version(table, path)
        return Role(
            name,
            is_mixin=bool(is_mixin),
            inherits=tuple(parent for parent, _ in parents),
            default_policy=self.default_policy(table, path),
            tools=self.tools(table, path),
            consts=consts,
            monitor=self.rules.monitor(table, path),
            span=node.span,
            parents_at=tuple(span for _, span in parents),
            consts_at=consts_at,
            whole=whole,
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
            if is_field(name, node):
                self.astray(name, key, next(reversed(rules), None), path)
                continue
            self.tool_name(name, key, path)
            rules[name] = self.rules.rule(shown(name), key, node, join(path, name))
        return rules

    def astray(self, name: str, key: ScalarNode, tool: str | None, path: str) -> None:
        """Notes a field of a rule among the tools; `tool` is the one before it."""
        help = f"indent it below `{shown(tool)}`" if tool is not None else "indent it below the name of a tool"
        self.fields.note("HX202", f"`{name}` is a key of a rule, not a tool", key, join(path, name), help=help)

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

    def consts(self, table: Table, path: str) -> tuple[Mapping[str, Value], Mapping[str, Span | None], bool]:
        """The constants by name, where each of them stands, and whether nothing is wrong with them."""
        if "consts" not in table:
            return {}, {}, True
        noted = len(self.fields.mistakes)
        path = join(path, "consts")
        found = self.fields.mapping(table["consts"][1], path) or {}
        consts: dict[str, Value] = {}
        for name, (key, node) in found.items():
            if not CONST_NAME.match(name):
                self.fields.note(
                    "HX207",
                    f"the constant name `{shown(name)}` is no name",
                    key,
                    path,
                    help="use letters, digits and `_`, and begin with no digit",
                )
            consts[name] = self.fields.constant(key, node, join(path, name))
        places = {name: key.span for name, (key, _) in found.items()}
        return consts, places, len(self.fields.mistakes) == noted


def is_field(name: str, node: Node) -> bool:
    """Whether what stands as a tool is a field of a rule in truth, with no rule below it."""
    is_rule = isinstance(node, MappingNode) and any(key.value == "mode" for key, _ in node.pairs)
    return name in RULE_KEYS and not is_rule and not is_empty(node)
