"""Python and YAML make the same policy, and Python drops nothing of it in silence."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from hexgate.core.errors import PolicyError
from hexgate.core.policy import Policy
from hexgate.core.policy.builder import C, PolicyBuilder
from hexgate.core.policy.document import Approvers, FileScope
from hexgate.core.policy.vocabulary import Claim, Fact

BILLING = """
version: 1
consts: {max_refund: 500}
roles:
  read_only:
    is_mixin: true
    tools:
      view_orders: {mode: allow}
  billing:
    inherits: [read_only]
    enforce: true
    consts: {currencies: [USD, EUR]}
    default_policy: {mode: deny, reason: nothing else}
    tools:
      refund_order:
        mode: allow
        constraints:
          - args.amount <= consts.max_refund
          - args.currency in consts.currencies
        reason: finance limit 2026
      wire_transfer:
        mode: approval_required
        approvers: {role: finance, not: caller}
      export_data: {mode: deny, enforce: false, until: 2027-01-31}
      mcp-github-*: {mode: approval_required}
      write_file:
        mode: allow
        file_scope: {argument: file_path, allowed_paths: ["src/**"], denied_paths: ["**/.env"]}
"""


def billing() -> PolicyBuilder:
    return (
        PolicyBuilder()
        .const("max_refund", 500)
        .mixin("read_only")
        .allow("view_orders")
        .role("billing", inherits=["read_only"], enforce=True)
        .const("currencies", ["USD", "EUR"])
        .default("deny", reason="nothing else")
        .allow(
            "refund_order",
            C.args.amount <= C.consts.max_refund,
            "args.currency in consts.currencies",
            reason="finance limit 2026",
        )
        .require_approval("wire_transfer", approvers={"role": "finance", "not": "caller"})
        .deny("export_data", enforce=False, until=date(2027, 1, 31))
        .require_approval("mcp-github-*")
        .allow("write_file", file_scope=FileScope("file_path", ("src/**",), ("**/.env",)))
    )


def test_the_builder_makes_what_the_yaml_makes() -> None:
    assert billing().build() == Policy.from_text(BILLING)


def test_rules_without_a_role_make_a_flat_file() -> None:
    built = (
        PolicyBuilder(enforce=False, until="2027-01-31").const("n", 1).allow("search", C.args.n == C.consts.n).build()
    )
    text = "{enforce: false, until: 2027-01-31, consts: {n: 1}, tools: {search: {mode: allow, constraints: [args.n == consts.n]}}}"
    assert built == Policy.from_text(text)
    assert built.form == "flat"


def test_nothing_built_denies_everything() -> None:
    assert PolicyBuilder().build() == Policy.from_text("version: 1")


def test_rules_before_the_first_role_belong_to_default() -> None:
    built = PolicyBuilder().allow("search").role("billing", inherits="default").build()
    assert built == Policy.from_text(
        "roles: {default: {tools: {search: {mode: allow}}}, billing: {inherits: [default]}}"
    )


def test_approvers_may_be_given_as_the_document_holds_them() -> None:
    built = PolicyBuilder().require_approval("pay", C.args.n > 1, approvers=Approvers("finance", True)).build()
    assert built.roles["default"].tools["pay"].approvers == Approvers("finance", True)


CLAIMS = [
    (C.args.amount <= C.consts.max_refund, "args.amount <= consts.max_refund"),
    (C.args["odd name"].x[0] == None, 'args["odd name"].x[0] == null'),  # noqa: E711 - the operator is what is tested
    (C.ctx.region.in_(["EU", "US"]), 'ctx.region in ["EU", "US"]'),
    (C.ctx.region.not_in(C.consts.regions), "ctx.region not in consts.regions"),
    (C.value("a").in_(C.args.tags), '"a" in args.tags'),
    (C.role != "support", 'role != "support"'),
    (C.tool == "x", 'tool == "x"'),
    (C.user.id == C.args.owner, "user.id == args.owner"),
    (C.session.id != "s", 'session.id != "s"'),
    (C.count(C.args.items) < 3, "count(args.items) < 3"),
    (C.lower(C.args.env) != "prod", 'lower(args.env) != "prod"'),
    (C.startswith(C.args.a, "x"), 'startswith(args.a, "x")'),
    (C.endswith(C.args.a, C.args.b), "endswith(args.a, args.b)"),
    (C.contains("abc", C.args.a), 'contains("abc", args.a)'),
    (C.args.name.matches("^[a-z]+$"), 'matches(args.name, "^[a-z]+$")'),
    (C.within(C.args.path, "src", "docs"), 'within(args.path, "src", "docs")'),
    (C.url_host_in(C.args.url, ["example.com"]), 'url_host_in(args.url, ["example.com"])'),
    (C.url_host_in(C.args.url, C.consts.hosts), "url_host_in(args.url, consts.hosts)"),
    (C.exists(C.args.a), "exists(args.a)"),
    (C.every(C.args.items, lambda item: item.price > 0), "every(args.items, .price > 0)"),
    (C.any(C.args.tags, lambda tag: tag == "vip"), 'any(args.tags, . == "vip")'),
    (
        C.every(C.args.rows, lambda row: C.any(row.cells, lambda cell: cell > 1)),
        "every(args.rows, any(.cells, . > 1))",
    ),
    ((C.args.a >= 1) & (C.args.b > 2) & (C.args.c < 3), "args.a >= 1 and args.b > 2 and args.c < 3"),
    ((C.args.a == 1) | (C.args.b == 2) & (C.args.c == 3), "args.a == 1 or args.b == 2 and args.c == 3"),
    (((C.args.a == 1) | (C.args.b == 2)) & (C.args.c == 3), "(args.a == 1 or args.b == 2) and args.c == 3"),
    (~((C.args.a == 1) | (C.args.b == 2)), "not (args.a == 1 or args.b == 2)"),
    (~~(C.args.a == 1), "args.a == 1"),
    (C.args.a == 0.1, "args.a == 0.1"),
    (C.args.a == 1e22, "args.a == 1e22"),
    (C.args.a == Decimal("2.50"), "args.a == 2.5"),
    (C.args.a == (1, [True, "x"]), 'args.a == [1, [true, "x"]]'),
    (5 < C.args.a, "args.a > 5"),  # noqa: SIM300 - Python turns it around, which is what is tested
]


@pytest.mark.parametrize(("claim", "text"), CLAIMS, ids=[text for _, text in CLAIMS])
def test_a_claim_is_written_as_the_constraint_that_it_means(claim: object, text: str) -> None:
    assert str(claim) == text
    rule = PolicyBuilder()
    for name, value in {"max_refund": 1, "regions": ["EU"], "hosts": ["example.com"]}.items():
        rule.const(name, value)
    built = rule.allow("tool", claim).build()  # type: ignore[arg-type]
    assert [constraint.text for constraint in built.roles["default"].tools["tool"].constraints] == [text]


def test_members_of_enumerations_are_their_plain_values() -> None:
    class Region(enum.StrEnum):
        EU = "eu"

    class Level(enum.IntEnum):
        HIGH = 3

    assert str(C.args.a == Region.EU) == 'args.a == "eu"'
    assert str(C.args.a >= Level.HIGH) == "args.a >= 3"


def test_claims_and_terms_show_what_they_are() -> None:
    assert repr(C.args.a == 1) == "Claim('args.a == 1')"
    assert repr(C.args.a) == "Term('args.a')"


DROPPED: list[tuple[Callable[[], object], str]] = [
    (lambda: (C.args.a == 1) and (C.args.b == 2), "join constraints with `&`"),
    (lambda: 0 < C.args.a < 5, "instead of `0 < x < 9`"),
    (lambda: not C.args.a, "compare it"),
    (lambda: "a" in C.args.tags, "in_"),
    (lambda: list(C.args.items), "C.every"),
    (lambda: C.args.a > 1 & C.args.b, "bind more"),
    (lambda: C.args.a & True, "bind more"),
    (lambda: C.args.a | True, "bind more"),
    (lambda: ~C.args.a, "before a comparison"),
    (lambda: (C.args.a == 1) & True, "unsupported operand"),  # type: ignore[operator]
    (lambda: (C.args.a == 1) | True, "unsupported operand"),  # type: ignore[operator]
    (lambda: C.args.a.in_("abc"), "wants a list"),
    (lambda: C.args[-1], "index from 0"),
    (lambda: C.args[True], "index from 0"),
    (lambda: C.args[1.5], "index from 0"),  # type: ignore[index]
    (lambda: C.count("abc"), "a path such as"),  # type: ignore[arg-type]
    (lambda: C.exists(C.lower("a")), "a path such as"),  # type: ignore[arg-type]
    (lambda: C.args.a == float("inf"), "cannot stand in a constraint"),
    (lambda: C.args.a == {"a": 1}, "cannot stand in a constraint"),
    (lambda: C.args.a == date(2027, 1, 1), "cannot stand in a constraint"),
    (lambda: C.every(C.args.a, lambda item: True), "must return a comparison"),  # type: ignore[arg-type,return-value]
    (lambda: PolicyBuilder().allow("x", True), "made with `C`"),  # type: ignore[arg-type]
    (lambda: hash(C.args.a), "unhashable"),
]


@pytest.mark.parametrize(("write", "message"), DROPPED)
def test_what_python_would_drop_or_misread_raises(write: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        write()


def test_names_that_python_keeps_for_itself_are_no_fields() -> None:
    assert not hasattr(C.args, "__deepcopy__")
    assert not hasattr(C.consts, "__deepcopy__")
    assert str(C.args["__deepcopy__"] == 1) == "args.__deepcopy__ == 1"


def refused(write: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(PolicyError) as error:
        write()
    return error.value.mistakes[0].code, error.value.mistakes[0].path


def test_what_is_said_twice_is_a_mistake_at_once() -> None:
    builder = billing()
    assert refused(lambda: builder.allow("refund_order")) == ("HX217", "roles.billing.tools.refund_order")
    assert refused(lambda: builder.deny("refund_order")) == ("HX217", "roles.billing.tools.refund_order")
    assert refused(lambda: builder.default("allow")) == ("HX217", "roles.billing.default_policy")
    assert refused(lambda: builder.const("currencies", [])) == ("HX108", "roles.billing.consts.currencies")
    assert refused(lambda: builder.role("read_only")) == ("HX211", "roles.read_only")
    assert refused(lambda: builder.mixin("billing")) == ("HX211", "roles.billing")
    assert refused(lambda: PolicyBuilder().const("a", 1).const("a", 1)) == ("HX108", "consts.a")
    assert refused(lambda: PolicyBuilder().allow("a").allow("a")) == ("HX217", "tools.a")
    assert builder.build() == Policy.from_text(BILLING)


def test_a_constraint_that_cannot_be_read_is_refused_where_it_is_written() -> None:
    path = "tools.x.constraints[1]"
    assert refused(lambda: PolicyBuilder().allow("x", "args.a == 1", "args.a = 1")) == ("HX301", path)
    assert refused(lambda: PolicyBuilder().allow("x", "args.a == 1", C.user.name == "bob")) == ("HX313", path)
    assert refused(lambda: PolicyBuilder().default("allow", C.args.a.matches("(")))[0] == "HX309"


def test_an_element_is_known_only_inside_of_its_quantifier() -> None:
    kept: list[Claim] = []

    def keep(item: Fact) -> Claim:
        kept.append(item.price > 0)
        return kept[0]

    C.every(C.args.items, keep)
    assert refused(lambda: PolicyBuilder().allow("x", kept[0])) == ("HX314", "tools.x.constraints[0]")
    inner = lambda: C.every(C.args.rows, lambda row: C.any(row.cells, lambda cell: cell == row.best))  # noqa: E731
    assert refused(inner)[0] == "HX314"


def test_nesting_beyond_every_measure_is_a_mistake() -> None:
    claim = C.args.a == 1
    for _ in range(40):
        claim = (claim & (C.args.b == 1)) | (C.args.c == 1)
    assert str(PolicyBuilder().allow("x", claim).build())
    for _ in range(2000):
        claim = (claim | (C.args.b == 1)) & (C.args.c == 1)
    assert refused(lambda: PolicyBuilder().allow("x", claim))[0] == "HX307"


def test_building_reads_as_strictly_as_yaml() -> None:
    with pytest.raises(PolicyError) as error:
        PolicyBuilder().const("1st", None).allow("*").deny("x", until="2027-01-31").build()
    assert {mistake.code for mistake in error.value.mistakes} == {"HX207", "HX213", "HX206"}
