"""What a policy says about tools and arguments that the agent does not have. These rules are quiet without a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.expr import syntax
from hexgate.core.expr.parser import placed as part_of
from hexgate.core.expr.printer import show_operand
from hexgate.core.expr.syntax import Path, children_of
from hexgate.core.policy.lint.findings import Remark
from hexgate.core.policy.lint.survey import Placed, Survey, found
from hexgate.core.text import nearest, suggestion

__all__ = ["shadowed_prefix", "tools_of", "unknown_argument", "unknown_tool"]

Step = str | int
Steps = tuple[Step, ...]
# A schema with one of these says more than its `properties`.
JOINING = (
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "patternProperties",
    "dependentSchemas",
    "prefixItems",
    "$dynamicRef",
)
MOST_REFERENCES = 20


def tools_of(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tools of a manifest by name, with the JSON schemas of their arguments."""
    tools = manifest.get("tools")
    if not isinstance(tools, list | tuple):
        raise unreadable("the manifest has no list `tools`", "tools")
    known: dict[str, Any] = {}
    for position, tool in enumerate(tools):
        if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str):
            raise unreadable("a tool of the manifest has no `name`", f"tools[{position}]")
        known[tool["name"]] = tool.get("input_schema")
    return known


def unreadable(message: str, path: str) -> PolicyError:
    """The error of a manifest that is none."""
    help = 'write it as `{"tools": [{"name": …, "input_schema": …}]}` is written'
    return PolicyError([Mistake("HX202", message, help, None, path)])


def matching(tools: Mapping[str, Any], placed: Placed) -> list[str]:
    """The tools of the manifest that a rule could be for."""
    if placed.is_prefix:
        return [name for name in tools if name.startswith(placed.tool[:-1])]
    return [placed.tool] if placed.listed and placed.tool in tools else []


def unknown_tool(survey: Survey) -> Iterator[Remark]:
    """A rule for a tool that the agent does not have."""
    tools = survey.tools
    for placed in survey.rules if tools is not None else ():
        if placed.listed and not matching(tools or {}, placed):
            what = f"with the prefix `{placed.tool[:-1]}`" if placed.is_prefix else f"`{placed.tool}`"
            help = suggestion(placed.tool, tools or {}) or "correct the name, or delete the rule"
            yield Remark(f"the manifest has no tool {what}", help, placed.rule.span, placed.path)


def shadowed_prefix(survey: Survey) -> Iterator[Remark]:
    """A prefix each of whose tools has a rule that comes before it."""
    for placed in survey.rules if survey.tools is not None else ():
        names = matching(survey.tools or {}, placed) if placed.is_prefix else []
        if (
            names
            and placed.roles
            and all(found(role, name) is not placed.rule for role in placed.roles for name in names)
        ):
            yield Remark(
                f"{placed.name} decides nothing: every tool that it is for has a more exact rule",
                "delete it, or keep it for tools that are still to come",
                placed.rule.span,
                placed.path,
            )


def unknown_argument(survey: Survey) -> Iterator[Remark]:
    """A constraint that reads an argument which none of the rule's tools declares."""
    for placed in survey.rules if survey.tools is not None else ():
        tools = survey.tools or {}
        names = matching(tools, placed)
        schemas = [tools[name] for name in names]
        if not schemas:
            continue
        for _, constraint, path in placed.constraints():
            for steps, fact in arguments_in(constraint.expression, None):
                if not any(declares(schema, steps) for schema in schemas):
                    span = part_of(constraint.span, constraint.text, fact.at)
                    yield undeclared(placed, show_operand(fact), helpful(schemas, steps), span, path)
        scope = placed.rule.file_scope
        arguments = () if scope is None else (scope.argument,) if scope.argument is not None else ("file_path", "path")
        if arguments and not any(declares(schema, (name,)) for schema in schemas for name in arguments):
            shown = " or ".join(f"args.{name}" for name in arguments)
            help = helpful(schemas, arguments[:1])
            yield undeclared(placed, shown, help, placed.rule.span, f"{placed.path}.file_scope")


def undeclared(placed: Placed, fact: str, help: str, span: Any, path: str) -> Remark:
    """The remark about an argument that no tool declares."""
    if placed.is_prefix:
        return Remark(f"no tool with the prefix `{placed.tool[:-1]}` declares `{fact}`", help, span, path)
    return Remark(f"the tool `{placed.tool}` does not declare `{fact}`", help, span, path)


def helpful(schemas: list[Any], steps: Steps) -> str:
    """The argument that was probably meant."""
    first = steps[0]
    properties = [schema.get("properties") for schema in schemas if isinstance(schema, Mapping)]
    known = [name for names in properties if isinstance(names, Mapping) for name in names]
    near = nearest(first, known) if isinstance(first, str) and first not in known else None
    return f"did you mean `args.{near}`?" if near else "correct the name, or declare it in the tool's schema"


def arguments_in(tree: object, element: Steps | None) -> Iterator[tuple[Steps, Path]]:
    """The arguments that a tree reads, as steps from the arguments on. The element of a list counts as its first one."""
    if isinstance(tree, Path):
        steps = steps_of(tree, element)
        if steps:
            yield steps, tree
    elif isinstance(tree, syntax.Quantified):
        yield from arguments_in(tree.path, element)
        steps = steps_of(tree.path, element)
        yield from arguments_in(tree.body, None if steps is None else (*steps, 0))
    else:
        for child in children_of(tree):
            yield from arguments_in(child, element)


def steps_of(path: Path, element: Steps | None) -> Steps | None:
    """The steps from the arguments to a fact, None when it is none of them."""
    if path.root == "item":
        return None if element is None else (*element, *path.steps)
    return path.steps if path.root == "args" else None


def declares(schema: Any, steps: Steps) -> bool:
    """Whether a schema knows a field; what cannot be told for sure counts as known."""
    inner = schema
    for step in steps:
        inner = below(resolved(inner, schema), step)
    return inner is not False


def below(schema: Any, step: Step) -> Any:
    """The schema of a field, True where anything may be, False where nothing is declared."""
    if not isinstance(schema, Mapping):
        return schema is not False
    if any(key in schema for key in JOINING):
        return True
    if isinstance(step, int):
        return schema.get("items", True)
    properties = schema.get("properties")
    return properties.get(step, schema.get("additionalProperties", False)) if isinstance(properties, Mapping) else True


def resolved(schema: Any, root: Any) -> Any:
    """The schema that a reference names; True when it is not in this schema."""
    for _ in range(MOST_REFERENCES):
        if not isinstance(schema, Mapping) or "$ref" not in schema:
            return schema
        place = str(schema["$ref"])
        schema = root
        for name in place.removeprefix("#/").split("/"):
            schema = schema.get(name, True) if isinstance(schema, Mapping) and place.startswith("#/") else True
    return True
