"""Nothing in, the JSON Schema of policy documents out, for editors that complete keys and explain them.

A schema sees shapes, not meanings: what it refuses the reader refuses too, but constraints, inheritance and constants are only
checked by reading.

# INVARIANT: no valid document is refused by the schema.
"""

from __future__ import annotations

from typing import Any

__all__ = ["json_schema"]

Schema = dict[str, Any]

# `$` would let a line end through in some engines; this is the end in all of them.
END = r"(?![\s\S])"
CONTROL = r"\u0000-\u001f\u007f-\u009f"
# Written out, since engines disagree about what `\s` is.
SPACE = r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
# Visible from the first to the last character.
NAME = rf"^(?!{SPACE})(?![\s\S]*{SPACE}{END})[^{CONTROL}\u2028\u2029*]+"
SEGMENT = rf"(?!\.\.?(?:/|{END}))[^/\\\[\]{{}}{CONTROL}]+"
PATTERN = rf"^(?!!)(?![\s\S]*\*\*\*)(?:\./)?(?![A-Za-z]:){SEGMENT}(?:/{SEGMENT})*{END}"

ROLE_NAME: Schema = {"type": "string", "pattern": NAME + END, "maxLength": 256}
TOOL_NAME: Schema = {"type": "string", "pattern": rf"{NAME}\*?{END}", "maxLength": 256}
CONST_NAME: Schema = {"type": "string", "pattern": rf"^[A-Za-z_][A-Za-z0-9_]*{END}"}

MONITOR: Schema = {
    "enforce": {
        "type": "boolean",
        "description": (
            "`false` only monitors: the decision is made and recorded as ever, and the tool runs all the same."
            " The nearest of rule, role and document counts."
        ),
        "default": True,
    },
    "until": {
        "type": "string",
        "format": "date",
        "pattern": rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{END}",
        "description": "The last day of monitoring (UTC), as YYYY-MM-DD, beside `enforce: false`; then it enforces.",
        "examples": ["2027-01-31"],
    },
}
UNTIL_NEEDS_ENFORCE: Schema = {
    "dependentSchemas": {"until": {"properties": {"enforce": {"const": False}}, "required": ["enforce"]}}
}

VERSION: Schema = {"const": 1, "description": "The version of the policy language; 1 is the only one."}

CONST_SCALAR: Schema = {"type": ["number", "string", "boolean"]}
CONSTS: Schema = {
    "type": "object",
    "description": "Values by name, read as `consts.NAME` in constraints. A role's own come before those that it inherits.",
    "propertyNames": {"$ref": "#/$defs/const_name"},
    "additionalProperties": {
        "description": "A number, a text, true or false, or a list of those.",
        "anyOf": [CONST_SCALAR, {"type": "array", "items": CONST_SCALAR, "maxItems": 1000}],
    },
    "examples": [{"max_refund": 500, "currencies": ["USD", "EUR"]}],
}

MODE: Schema = {
    "enum": ["allow", "deny", "approval_required"],
    "description": (
        "What happens when every constraint holds. `allow`: the tool runs. `approval_required`: a person decides."
        " `deny` on a listed tool is final: no other role of the caller can allow it."
    ),
}
CONSTRAINTS: Schema = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 4096},
    "description": (
        "All of them must be true. What is missing or of the wrong type is never true, under `not` either."
        " Facts: `args.*`, `ctx.*`, `user.id`, `session.id`, `role`, `tool`. Operators: `== != < <= > >= in, not in, and, or, not`."
        " Functions: `count lower startswith endswith contains matches within url_host_in exists every any`."
    ),
    "examples": [["args.amount <= consts.max_refund", 'args.currency in ["USD", "EUR"]']],
}
REASON: Schema = {"type": "string", "description": "Why the rule is as it is. People see it, models never do."}
APPROVERS: Schema = {
    "type": "object",
    "description": "Who may approve. What is given must all hold.",
    "properties": {
        "role": {"type": "string", "description": "One of the approver's roles."},
        "not": {"const": "caller", "description": "`caller`: someone other than the user who called."},
    },
    "additionalProperties": False,
    "minProperties": 1,
}
PATHS = "`*` and `?` stay within a segment, `**` crosses `/`. Case counts."
FILE_SCOPE: Schema = {
    "type": "object",
    "description": "Which paths an argument may name. A path that is absolute or not clean (`..`, `//`, a backslash) is denied.",
    "properties": {
        "argument": {
            "type": "string",
            "minLength": 1,
            "description": "The argument that holds the path; without it `file_path`, else `path`.",
        },
        "allowed_paths": {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/$defs/path_pattern"},
            "description": f"Patterns of which one must match. Without this list every clean path is allowed. {PATHS}",
            "examples": [["src/**"]],
        },
        "denied_paths": {
            "type": "array",
            "items": {"$ref": "#/$defs/path_pattern"},
            "description": f"Patterns of which none may match; they win over `allowed_paths`. {PATHS}",
            "examples": [["**/.env"]],
        },
    },
    "additionalProperties": False,
    "anyOf": [{"required": ["allowed_paths"]}, {"required": ["denied_paths"]}],
}


def json_schema() -> Schema:
    """The schema of a policy in any of its forms: with `roles`, or one role's body as a flat file or a file of a directory."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hexgate policy",
        "description": (
            "Which roles may run which tools, with which arguments: all roles below `roles`, or the body of one."
            " At least one role must be selectable, that is no mixin."
        ),
        "type": "object",
        "if": {"required": ["roles"]},
        "then": {"$ref": "#/$defs/document"},
        "else": {"$ref": "#/$defs/role_file"},
        "$defs": {
            "document": document(),
            "role_file": role({"version": VERSION}),
            "role": role({}),
            "rule": rule(
                {"file_scope": FILE_SCOPE}, "What a role says about a tool, or about every tool with a prefix."
            ),
            "default_rule": rule({}, "What a role says about tools that it does not list; they are denied without it."),
            "consts": CONSTS,
            "role_name": ROLE_NAME,
            "tool_name": TOOL_NAME,
            "const_name": CONST_NAME,
            "path_pattern": {"type": "string", "pattern": PATTERN, "maxLength": 1024},
        },
    }


def document() -> Schema:
    """A document with roles."""
    roles = {
        "type": "object",
        "description": "Roles by name. `default` is for callers without a role and for roles that are not defined here.",
        "propertyNames": {"$ref": "#/$defs/role_name"},
        "additionalProperties": {"$ref": "#/$defs/role"},
        "minProperties": 1,
    }
    properties = {"version": VERSION, "consts": {"$ref": "#/$defs/consts"}, "roles": roles, **MONITOR}
    return {"type": "object", "properties": properties, "additionalProperties": False, **UNTIL_NEEDS_ENFORCE}


def role(more: Schema) -> Schema:
    """One role's body."""
    properties = {
        **more,
        "is_mixin": {
            "type": "boolean",
            "default": False,
            "description": "`true`: no caller can have this role; it is there to be inherited.",
        },
        "inherits": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Roles below this one, from left to right. A rule replaces the inherited rule for its tool as a whole.",
        },
        "consts": {"$ref": "#/$defs/consts"},
        "default_policy": {"$ref": "#/$defs/default_rule"},
        "tools": {
            "type": "object",
            "description": "Rules by tool name; one that ends in `*` is a prefix. The exact name counts, else the longest prefix.",
            "propertyNames": {"$ref": "#/$defs/tool_name"},
            "additionalProperties": {"$ref": "#/$defs/rule"},
        },
        **MONITOR,
    }
    return {"type": "object", "properties": properties, "additionalProperties": False, **UNTIL_NEEDS_ENFORCE}


def rule(more: Schema, description: str) -> Schema:
    """A rule."""
    return {
        "type": "object",
        "description": description,
        "properties": {
            "mode": MODE,
            "constraints": CONSTRAINTS,
            **more,
            "reason": REASON,
            "approvers": APPROVERS,
            **MONITOR,
        },
        "required": ["mode"],
        "additionalProperties": False,
        # An editor that says nothing here would let an approver stand where nobody is ever asked.
        "if": {"properties": {"mode": {"enum": ["allow", "deny"]}}, "required": ["mode"]},
        "then": {"properties": {"approvers": False}},
        **UNTIL_NEEDS_ENFORCE,
    }
