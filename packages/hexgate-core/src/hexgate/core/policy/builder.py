"""Calls of Python in, a `Policy` out: `PolicyBuilder` writes the same document that YAML would, and the same reader checks it.

# INVARIANT: nothing is overwritten in silence: a role, a rule and a constant are said once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Self

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.expr.parser import parse
from hexgate.core.policy.document import Approvers, FileScope, Mode
from hexgate.core.policy.policy import Policy
from hexgate.core.policy.vocabulary import C, Claim
from hexgate.core.policy.writer import approvers_data, file_scope_data

__all__ = ["C", "PolicyBuilder"]


class PolicyBuilder:
    """Builds a policy role by role.

    Rules belong to the role that was begun last; without one, to `default`. Constants belong to the document before the first
    role, and to the role after it. A constraint is made with `C`, or is the text that YAML would hold.

    >>> policy = (
    ...     PolicyBuilder()
    ...     .const("max_refund", 500)
    ...     .mixin("read_only")
    ...     .allow("view_orders")
    ...     .role("billing", inherits=["read_only"])
    ...     .allow("refund_order", C.args.amount <= C.consts.max_refund, reason="finance limit 2026")
    ...     .require_approval("wire_transfer", approvers={"role": "finance", "not": "caller"})
    ...     .deny("export_data", enforce=False, until="2027-01-31")
    ...     .build()
    ... )
    """

    def __init__(self, *, enforce: bool | None = None, until: date | str | None = None) -> None:
        self.head: dict[str, Any] = {"version": 1, **written(enforce=enforce, until=until)}
        self.consts: dict[str, Any] = {}
        self.roles: dict[str, dict[str, Any]] = {}
        # The role that was begun last; None until then, while rules go into `default` and the document stays flat.
        self.current: str | None = None

    def const(self, name: str, value: object) -> Self:
        """A constant, read as `C.consts.NAME`: a number, a text, a boolean, or a list of those."""
        consts, path = self.consts, f"consts.{name}"
        if self.current is not None:
            consts, path = self.body().setdefault("consts", {}), f"roles.{self.current}.consts.{name}"
        if name in consts:
            raise twice("HX108", f"a second constant `{name}`", "give it another name, or delete one", path)
        consts[name] = value
        return self

    def role(
        self,
        name: str,
        *,
        inherits: Iterable[str] = (),
        enforce: bool | None = None,
        until: date | str | None = None,
    ) -> Self:
        """Begins a role, on top of what it inherits. `enforce=False` only monitors it, to the end of the day `until`."""
        if name in self.roles:
            raise twice(
                "HX211", f"a second role `{name}`", "write all rules of a role one after another", f"roles.{name}"
            )
        parents = [inherits] if isinstance(inherits, str) else list(inherits)
        self.roles[name] = written(inherits=parents or None, enforce=enforce, until=until)
        self.current = name
        return self

    def mixin(self, name: str, *, inherits: Iterable[str] = ()) -> Self:
        """Begins a role that no caller can have, for others to inherit."""
        self.role(name, inherits=inherits)
        self.roles[name] = {"is_mixin": True, **self.roles[name]}
        return self

    def allow(
        self,
        tool: str,
        *constraints: Claim | str,
        reason: str | None = None,
        enforce: bool | None = None,
        until: date | str | None = None,
        file_scope: FileScope | Mapping[str, Any] | None = None,
    ) -> Self:
        """Allows a tool, or all tools of a prefix such as `mcp-github-*`, where every constraint holds."""
        more = written(file_scope=file_scope, reason=reason, enforce=enforce, until=until)
        return self.rule(tool, "allow", constraints, more)

    def require_approval(
        self,
        tool: str,
        *constraints: Claim | str,
        approvers: Approvers | Mapping[str, Any] | None = None,
        reason: str | None = None,
        enforce: bool | None = None,
        until: date | str | None = None,
        file_scope: FileScope | Mapping[str, Any] | None = None,
    ) -> Self:
        """Lets a person decide where every constraint holds; `approvers={"role": "finance", "not": "caller"}` says who may."""
        more = written(file_scope=file_scope, reason=reason, approvers=approvers, enforce=enforce, until=until)
        return self.rule(tool, "approval_required", constraints, more)

    def deny(
        self,
        tool: str,
        *,
        reason: str | None = None,
        enforce: bool | None = None,
        until: date | str | None = None,
    ) -> Self:
        """Denies a tool outright: no other role of the caller can allow it."""
        return self.rule(tool, "deny", (), written(reason=reason, enforce=enforce, until=until))

    def default(
        self,
        mode: Mode,
        *constraints: Claim | str,
        approvers: Approvers | Mapping[str, Any] | None = None,
        reason: str | None = None,
        enforce: bool | None = None,
        until: date | str | None = None,
    ) -> Self:
        """The rule for tools that the role does not list; they are denied when there is none."""
        body, path = self.body(), self.path("default_policy")
        if "default_policy" in body:
            raise twice("HX217", "a second `default_policy`", "keep one of them", path)
        more = written(reason=reason, approvers=approvers, enforce=enforce, until=until)
        body["default_policy"] = {"mode": mode, **constraints_data(constraints, path), **more}
        return self

    def rule(self, tool: str, mode: Mode, constraints: tuple[Claim | str, ...], more: Mapping[str, Any]) -> Self:
        """A rule of the role that was begun last."""
        tools, path = self.body().setdefault("tools", {}), self.path(f"tools.{tool}")
        if tool in tools:
            raise twice("HX217", f"a second rule for `{tool}`", "join the constraints of both in one rule", path)
        tools[tool] = {"mode": mode, **constraints_data(constraints, path), **more}
        return self

    def body(self) -> dict[str, Any]:
        """The body of the role that rules go into."""
        return self.roles.setdefault(self.current or "default", {})

    def path(self, rest: str) -> str:
        """Where something of that role stands in the document."""
        return rest if self.current is None else f"roles.{self.current}.{rest}"

    def data(self) -> dict[str, Any]:
        """The document as plain data: what `yaml.safe_load` would give for it."""
        consts = {"consts": self.consts} if self.consts else {}
        if self.current is None:
            return {**self.head, **consts, **self.roles.get("default", {})}
        return {**self.head, **consts, "roles": self.roles}

    def build(self) -> Policy:
        """The policy, read as strictly as any; `PolicyError` names every mistake."""
        return Policy.model_validate(self.data())


def written(**values: Any) -> dict[str, Any]:
    """The values that were given, as a document holds them."""
    return {name: data_of(value) for name, value in values.items() if value is not None}


def data_of(value: Any) -> Any:
    """One value as a document holds it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Approvers):
        return approvers_data(value)
    return file_scope_data(value) if isinstance(value, FileScope) else value


def constraints_data(constraints: tuple[Claim | str, ...], path: str) -> dict[str, Any]:
    """The constraints as texts, each of which can be read."""
    if not constraints:
        return {}
    places = (f"{path}.constraints[{position}]" for position in range(len(constraints)))
    return {"constraints": [text_of(claim, place) for claim, place in zip(constraints, places, strict=True)]}


def text_of(claim: Claim | str, path: str) -> str:
    """The text of one constraint; a mistake in it is raised here, where the author's line is."""
    if not isinstance(claim, Claim | str):
        raise TypeError(f"a constraint is made with `C` or is a text, not {claim!r:.80}")
    if isinstance(claim, Claim) and claim.elements:
        message = "the element of `every` or `any` is used outside of it"
        raise PolicyError(
            [Mistake("HX314", message, "use it only inside the function that it is given to", None, path)]
        )
    try:
        text = str(claim)
    except RecursionError:
        raise PolicyError(
            [Mistake("HX307", "a constraint nested too deep", "split it into several", None, path)]
        ) from None
    parse(text, path=path)
    return text


def twice(code: str, message: str, help: str, path: str) -> PolicyError:
    """The error of something that is said twice."""
    return PolicyError([Mistake(code, message, help, None, path)])
