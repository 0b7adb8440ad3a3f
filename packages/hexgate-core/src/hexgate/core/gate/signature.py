"""The parameters of a function in; a call's arguments as one JSON object by name, and the way back to positions, out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Signature", "Spread"]

Spread = Callable[[dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]]
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function takes its arguments, and which of them the policy does not see."""

    parameters: Mapping[str, inspect.Parameter]
    signature: inspect.Signature
    hidden: frozenset[str]

    @classmethod
    def of(cls, function: Callable[..., Any], hidden: frozenset[str]) -> Signature:
        """The signature of a function that can be gated. Raises TypeError for one that cannot."""
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"`{function.__name__}` is a generator, which runs while it is read: wrap a function that returns its result"
            )
        signature = inspect.signature(function)
        unknown = hidden - signature.parameters.keys()
        if unknown:
            raise TypeError(f"`hidden` names `{min(unknown)}`, which is no parameter of `{function.__name__}`")
        return cls(signature.parameters, signature, hidden)

    def bind(self, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[dict[str, Any], Spread]:
        """The arguments as the policy sees them, and the way from them back to the call. Raises TypeError as the function would."""
        bound = self.signature.bind(*given, **named)
        bound.apply_defaults()
        seen: dict[str, Any] = {}
        unseen: dict[str, Any] = {}
        for name, value in bound.arguments.items():
            kind = self.parameters[name].kind
            if name in self.hidden:
                unseen[name] = value
            elif kind is inspect.Parameter.VAR_KEYWORD:
                # INVARIANT: a keyword that has the name of a positional-only parameter must not stand in for it.
                seen.update(
                    {key if key not in self.parameters else f"{name}.{key}": inner for key, inner in value.items()}
                )
            else:
                seen[name] = list(value) if kind is inspect.Parameter.VAR_POSITIONAL else value
        return seen, lambda arguments: self.spread(arguments, unseen)

    def spread(self, arguments: dict[str, Any], unseen: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positions and names of the arguments, as they are after guards rewrote them, with those that nobody saw."""
        rest = {**arguments, **unseen}
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                named.update({self.keyword(name, key): inner for key, inner in rest.items()})
                rest = {}
            elif name in rest:
                value = rest.pop(name)
                if parameter.kind in POSITIONAL:
                    positional.append(value)
                elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                    positional.extend(value)
                else:
                    named[name] = value
        # What is left was put there by a guard and is nothing that the function takes; the function says so.
        return tuple(positional), {**named, **rest}

    def keyword(self, name: str, key: str) -> str:
        """The keyword behind an argument that was seen as a part of `**name`."""
        bare = key.removeprefix(f"{name}.")
        return bare if bare in self.parameters else key
