"""Nothing in, the JSON schema of suite files out, for editors and for whoever generates suites."""

from __future__ import annotations

from typing import Any

from hexgate.core.testing.suite import CODES

__all__ = ["suite_schema"]

Schema = dict[str, Any]
# A key that is drawn from this file's own definitions.
TEXT: Schema = {"type": "string"}
SENTENCE: Schema = {"type": "string", "pattern": r"\S"}
DAY: Schema = {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\s\S])"}
COUNT: Schema = {"type": "integer", "minimum": 1}

POLICY: Schema = {
    "description": (
        "The policy: a path relative to this file (a file or a directory of role files), or the text itself."
        " At least one of its roles must be selectable, that is no mixin."
    ),
    "oneOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {
                "text": {"type": "string", "description": "The policy as YAML."},
                "files": {"type": "object", "additionalProperties": TEXT, "description": "Role files by their names."},
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    ],
}

EXPECT: Schema = {
    "type": "object",
    "description": "What is wanted of the answer; only the keys that are given are compared.",
    "properties": {
        "outcome": {"enum": ["allow", "deny", "approval_required"]},
        "code": {"enum": list(CODES), "description": "Why, as a stable code."},
        "violations": {
            "type": "array",
            "items": TEXT,
            "description": "The constraints that do not hold, verbatim and in order.",
        },
        "deciding_role": {"type": ["string", "null"]},
        "monitor": {
            "description": "Whether the refusal is only noted: false, true, or the last day on which it is.",
            "anyOf": [{"type": "boolean"}, DAY],
        },
        "approvers": {
            "type": ["object", "null"],
            "properties": {"role": TEXT, "not": TEXT},
            "additionalProperties": False,
        },
        "line": {**COUNT, "description": "The line of the deciding rule in its document."},
    },
    "required": ["outcome"],
    "additionalProperties": False,
}

CASE: Schema = {
    "type": "object",
    "properties": {
        "name": {**SENTENCE, "description": "A sentence of what the case shows, unique within the suite."},
        "role": {**TEXT, "description": "The caller's only role."},
        "roles": {
            "type": "array",
            "items": TEXT,
            "description": "The caller's roles; neither `role` nor `roles`: none.",
        },
        "user": {"type": ["string", "null"], "default": "user", "description": "The caller's id."},
        "session": {"type": ["string", "null"]},
        "ctx": {"type": "object", "description": "The caller's attributes, which constraints read as `ctx.*`."},
        "tool": {**TEXT, "description": "The tool that is called."},
        "args": {"type": "object", "description": "The arguments of the call."},
        "args_json": {**TEXT, "description": "The arguments as raw JSON text, for calls that no YAML can write."},
        "expect": {"$ref": "#/$defs/expect"},
    },
    "required": ["name", "tool", "expect"],
    "allOf": [{"not": {"required": ["role", "roles"]}}, {"not": {"required": ["args", "args_json"]}}],
    "additionalProperties": False,
}

MISTAKE: Schema = {
    "type": "object",
    "properties": {
        "code": {**TEXT, "description": "The code of the mistake, such as HX203."},
        "line": COUNT,
        "column": COUNT,
        "suggest": {**TEXT, "description": "The word that the help suggests."},
    },
    "required": ["code"],
    "additionalProperties": False,
}

SUITE: Schema = {
    "type": "object",
    "properties": {
        "name": {**SENTENCE, "description": "A sentence of what the suite is about, unique within the file."},
        "policy": {"$ref": "#/$defs/policy"},
        "cases": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/case"}},
        "mistakes": {
            "type": "array",
            "items": {"$ref": "#/$defs/mistake"},
            "description": "Instead of cases: all mistakes that the policy must be refused for, in order; none: it must load.",
        },
    },
    "required": ["name", "policy"],
    "oneOf": [{"required": ["cases"]}, {"required": ["mistakes"]}],
    "additionalProperties": False,
}


def suite_schema() -> Schema:
    """The schema, in the draft of 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hexgate suite file",
        "description": "Suites of policy cases, run by `hexgate policy test`.",
        "type": "object",
        "properties": {"suites": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/suite"}}},
        "required": ["suites"],
        "additionalProperties": False,
        "$defs": {"policy": POLICY, "expect": EXPECT, "case": CASE, "mistake": MISTAKE, "suite": SUITE},
    }
