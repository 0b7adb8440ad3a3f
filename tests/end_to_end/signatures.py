"""The name of something public in, its signature as the reference shows it out, taken from the source."""

import ast
import inspect
import re
from collections.abc import Callable
from enum import EnumMeta
from importlib import import_module
from textwrap import dedent
from types import UnionType
from typing import Any

__all__ = ["signature"]

WIDTH = 100
DEFAULT = re.compile("=")


def signature(name: str) -> str:
    """`hexgate.core.Hexgate.decide` as somebody would call it; a type with fields shows them, an enumeration its members."""
    shown, value = found(name)
    if isinstance(value, EnumMeta):
        return f"{shown}: {', '.join(str(member) for member in value)}"  # type: ignore[var-annotated]
    if isinstance(value, UnionType):
        return f"{shown} = {re.sub(r'[a-z_.]+[.](?=[A-Z])', '', str(value))}"
    if isinstance(value, property):
        return f"{shown}{returned(function_of(value.fget))}"
    if not inspect.isclass(value):
        return called(shown, function_of(value))
    if "__init__" in vars(value) and not hasattr(value, "__dataclass_fields__"):
        return called(shown, function_of(value.__init__))
    return laid_out(shown, fields_of(value), "")


def found(name: str) -> tuple[str, Any]:
    """The name without its module, and what it stands for."""
    module, _, rest = name.partition(":")
    value: Any = import_module(module)
    for part in rest.split("."):
        value = inspect.getattr_static(value, part) if inspect.isclass(value) else getattr(value, part)
    return rest, value.__func__ if isinstance(value, classmethod | staticmethod) else value


def function_of(value: Callable[..., Any] | None) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The definition of a function in its source."""
    assert value is not None
    node = ast.parse(dedent(inspect.getsource(inspect.unwrap(value)))).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef), f"{value} is no function"
    return node


def fields_of(kind: type) -> list[str]:
    """The fields of a class that has no `__init__` of its own, with their defaults."""
    node = ast.parse(dedent(inspect.getsource(kind))).body[0]
    assert isinstance(node, ast.ClassDef)
    return [field_of(line) for line in node.body if isinstance(line, ast.AnnAssign)]


def field_of(node: ast.AnnAssign) -> str:
    """One field; `= …` where the default is made anew for each object."""
    default = "" if node.value is None else ast.unparse(node.value)
    if default.startswith("field("):
        found = re.search(r"default=([^,)]+)", default)
        default = found[1] if found else "…" if "default_factory" in default else ""
    return f"{ast.unparse(node.target)}: {ast.unparse(node.annotation)}{f' = {default}' if default else ''}"


def called(name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """A function with its parameters, `self` left out."""
    node.args.args = [argument for argument in node.args.args if argument.arg not in {"self", "cls"}]
    parameters = [DEFAULT.sub(" = ", part, count=1) if ":" in part else part for part in split(ast.unparse(node.args))]
    return laid_out(name, parameters, returned(node))


def returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What a function gives back."""
    given = ast.unparse(node.returns) if node.returns else "None"
    if any(ast.unparse(decorator) == "contextmanager" for decorator in node.decorator_list):
        given = given.replace("Iterator", "AbstractContextManager")
    return "" if given == "None" else f" -> {given}"


def split(text: str) -> list[str]:
    """Parameters at the commas that stand in no bracket."""
    found, depth, last = [], 0, 0
    for place, char in enumerate(text):
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            found.append(text[last:place].strip())
            last = place + 1
    return [*found, *([text[last:].strip()] if text[last:].strip() else [])]


def laid_out(name: str, parts: list[str], end: str) -> str:
    """On one line, or one line a part."""
    line = f"{name}({', '.join(parts)}){end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){end}"])
