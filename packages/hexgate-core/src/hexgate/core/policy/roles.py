"""A document in, its selectable roles with everything that they inherit out, or why they cannot be worked out.

Parents come left to right, then the child; a whole entry replaces a whole entry. Constants of the document lie below all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hexgate.core.errors import MOST_MISTAKES, Mistake
from hexgate.core.expr.syntax import Value
from hexgate.core.policy.document import Document, Monitor, Role, Rule
from hexgate.core.policy.fields import shown
from hexgate.core.text import suggestion

__all__ = ["FlatRole", "flatten", "inheritance_mistakes"]

DEEPEST_INHERITANCE = 64
# Inheritance multiplies: a short text could ask for more than a machine holds. A rule weighs 8, which is about a kilobyte.
HEAVIEST = 8_000_000


@dataclass(frozen=True, slots=True)
class FlatRole:
    """A role with nothing left to look up: its rules, the rule for the rest, its constants.

    It is `whole` when it and all that it inherits are.
    """

    name: str
    default_policy: Rule | None
    tools: Mapping[str, Rule]
    consts: Mapping[str, Value]
    monitor: Monitor
    whole: bool = True


def flatten(document: Document) -> Mapping[str, FlatRole]:
    """The selectable roles of a document without inheritance mistakes."""
    flat: dict[str, FlatRole] = {}
    for role in parents_first(document):
        flat[role.name] = merged(role, [flat[parent] for parent in role.inherits])
    selectable = (flat[name] for name, role in document.roles.items() if not role.is_mixin)
    return {role.name: replace(role, consts=over(document.consts, role.consts)) for role in selectable}


def over(lower: Mapping[str, Value], upper: Mapping[str, Value]) -> Mapping[str, Value]:
    """The constants of both; where there is nothing to merge, no copy is made for each of ten thousand roles."""
    return {**lower, **upper} if lower and upper else upper or lower


def merged(role: Role, parents: list[FlatRole]) -> FlatRole:
    """One role on top of its flattened parents, without the document's constants."""
    tools: dict[str, Rule] = {}
    consts: dict[str, Value] = {}
    default_policy = None
    for parent in parents:
        tools.update(parent.tools)
        consts.update(parent.consts)
        default_policy = parent.default_policy or default_policy
    tools.update(role.tools)
    consts.update(role.consts)
    whole = role.whole and all(parent.whole for parent in parents)
    return FlatRole(role.name, role.default_policy or default_policy, tools, consts, role.monitor, whole)


def parents_first(document: Document) -> list[Role]:
    """The roles in an order in which every parent stands before its children."""
    ordered: list[Role] = []
    seen: set[str] = set()
    for start in document.roles:
        # From `start` upwards: each role with those of its parents that are still to be looked at.
        path: list[tuple[Role | None, Iterator[str]]] = [(None, unseen([start], seen))]
        while path:
            role, parents = path[-1]
            name = next(parents, None)
            if name is not None:
                path.append((document.roles[name], unseen(document.roles[name].inherits, seen)))
                continue
            path.pop()
            if role is not None:
                ordered.append(role)
    return ordered


def unseen(names: Iterable[str], seen: set[str]) -> Iterator[str]:
    """The names that come up for the first time, one after the other: each of them is looked at once."""
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name


def inheritance_mistakes(document: Document) -> list[Mistake]:
    """Unknown parents, loops, chains without end, and a document in which no role can be selected."""
    mistakes = unknown_parents(document)
    mistakes += chain_mistakes(without_unknown_parents(document) if mistakes else document)
    if document.roles and all(role.is_mixin for role in document.roles.values()):
        first = next(iter(document.roles.values()))
        help = "delete `is_mixin: true` from one of them, or add a role that inherits them"
        mistakes.append(
            Mistake("HX210", "every role is a mixin, so no role can be selected", help, first.span, "roles")
        )
    return mistakes


def without_unknown_parents(document: Document) -> Document:
    """The document, of whose inheritance only what is defined is left."""
    known = {
        name: replace(role, inherits=tuple(parent for parent in role.inherits if parent in document.roles))
        for name, role in document.roles.items()
    }
    return replace(document, roles=known)


def unknown_parents(document: Document) -> list[Mistake]:
    """Parents that are no roles of this document."""
    mistakes: list[Mistake] = []
    for role in document.roles.values():
        for position, parent in enumerate(role.inherits):
            if parent not in document.roles:
                others = (name for name in document.roles if name != role.name)
                near = suggestion(parent, others) if len(mistakes) < MOST_MISTAKES else None
                help = near or "define the role, or delete it from `inherits`"
                message = f"the role `{shown(role.name)}` inherits `{shown(parent)}`, which is not defined"
                span = role.parents_at[position] if role.parents_at else None
                mistakes.append(Mistake("HX208", message, help, span, f"roles.{role.name}.inherits"))
    return mistakes


def chain_mistakes(document: Document) -> list[Mistake]:
    """Loops, each told once with all its links, as many as anyone would read, and what grows beyond measure."""
    loops: list[Mistake] = []
    done: set[str] = set()
    for start in document.roles:
        # A path from `start` downwards: each role on it with the parents that are still to be looked at.
        path = {} if start in done else {start: iter(document.roles[start].inherits)}
        while path and len(loops) < MOST_MISTAKES:
            name, parents = next(reversed(path.items()))
            parent = next(parents, None)
            if parent is None:
                done.add(name)
                del path[name]
            elif parent in path:
                names = list(path)
                loops.append(loop(document, [*names[names.index(parent) :], parent]))
            elif parent not in done:
                path[parent] = iter(document.roles[parent].inherits)
    return loops or size_mistakes(document)


def loop(document: Document, chain: list[str]) -> Mistake:
    """The mistake of roles that inherit themselves."""
    links = chain if len(chain) <= 8 else [*chain[:4], "…", *chain[-3:]]
    shown_chain = " → ".join(f"`{shown(name)}`" for name in links)
    help = "delete one of these links: a role cannot inherit itself"
    return Mistake(
        "HX209",
        f"roles inherit one another in a loop: {shown_chain}",
        help,
        document.roles[chain[0]].span,
        f"roles.{chain[0]}.inherits",
    )


def size_mistakes(document: Document) -> list[Mistake]:
    """What inheritance would make of the document is bounded, its depth first."""
    ordered = parents_first(document)
    depth: dict[str, int] = {}
    for role in ordered:
        depth[role.name] = 1 + max((depth[parent] for parent in role.inherits), default=0)
        if depth[role.name] > DEEPEST_INHERITANCE:
            message = f"the role `{shown(role.name)}` inherits through more than {DEEPEST_INHERITANCE} levels"
            help = "inherit the distant ancestors directly"
            return [Mistake("HX209", message, help, role.span, f"roles.{role.name}.inherits")]
    rules: dict[str, int] = {}
    consts: dict[str, int] = {}
    total = 0
    for role in ordered:
        rules[role.name] = weight(role) + sum(rules[parent] for parent in role.inherits)
        consts[role.name] = len(role.consts) + sum(consts[parent] for parent in role.inherits)
        total += rules[role.name] + (consts[role.name] + len(document.consts) if consts[role.name] else 0)
        if total > HEAVIEST:
            message = "the roles hold too many rules and constants once inheritance is worked out"
            return [Mistake("HX103", message, "let fewer roles inherit the large ones", None, "roles")]
    return []


def weight(role: Role) -> int:
    """What the role's own rules weigh wherever they are inherited: a constraint with constants is compiled anew each time."""
    rules = [*role.tools.values(), *([role.default_policy] if role.default_policy else [])]
    texts = (constraint.text for rule in rules for constraint in rule.constraints)
    return 8 * len(rules) + sum(8 + len(text) // 2 if "consts" in text else 1 for text in texts)
