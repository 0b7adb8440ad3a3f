"""Files and functions stay small; the list of those that may not shrinks only."""

from pathlib import Path

import pytest

from tests.architecture.checks.ceilings import EXEMPTIONS, find_passed_ceilings, read_exemptions
from tests.architecture.planting import CHECKOUT, CORE, plant

# INVARIANT: lower this when an exemption goes; it never rises.
MOST_EXEMPTIONS = 0

LINES = "\n".join("    a = 1" for _ in range(50))
BRANCHES = "\n".join(f"    if a == {number}:\n        return {number}" for number in range(8))
MODULE = f"{CORE}/engine/explain.py"
LONG_FUNCTION = f"def explain():\n{LINES}\n"


def exempt(kind: str, limit: int, reason: str = "it is a table") -> dict[str, str]:
    text = f'[[exemption]]\nkind = "{kind}"\nwhere = "{MODULE}::explain"\nlimit = {limit}\nreason = "{reason}"\n'
    return {EXEMPTIONS.as_posix(): text}


def test_the_checkout_stays_below_its_ceilings() -> None:
    assert find_passed_ceilings(CHECKOUT) == []


def test_the_list_of_exemptions_only_shrinks() -> None:
    assert len(read_exemptions(CHECKOUT)) <= MOST_EXEMPTIONS


def test_a_sound_tree_passes_no_ceiling(tmp_path: Path) -> None:
    assert find_passed_ceilings(plant(tmp_path)) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({MODULE: "a = 1\n" * 401}, "file lines is 401, at most 400"),
        ({"packages/hexgate-core/tests/test_x.py": "a = 1\n" * 501}, "file lines is 501, at most 500"),
        ({MODULE: LONG_FUNCTION}, "::explain: function lines is 51, at most 50"),
        ({MODULE: f"def explain(a):\n{BRANCHES}\n"}, "::explain: complexity is 9, at most 8"),
        ({MODULE: f"def explain(a):  # noqa: C901\n{BRANCHES}\n"}, "::explain: complexity is 9, at most 8"),
        ({MODULE: LONG_FUNCTION, **exempt("function lines", 52)}, "lower its exemption from 52"),
        ({MODULE: LONG_FUNCTION, **exempt("function lines", 51, "")}, "gives no reason"),
        ({MODULE: "def explain():\n    pass\n", **exempt("function lines", 60)}, "needs no exemption"),
        (exempt("function lines", 60), "is not there"),
    ],
    ids=[
        "a long file",
        "a long test file",
        "a long function",
        "a tangled function",
        "a tangled function that asks to be overlooked",
        "an exemption larger than its need",
        "an exemption without a reason",
        "an exemption without a need",
        "an exemption for nothing",
    ],
)
def test_a_planted_fault_is_caught(fault: dict[str, str], said: str, tmp_path: Path) -> None:
    found = find_passed_ceilings(plant(tmp_path, fault))

    assert any(said in sentence for sentence in found), found


def test_an_exemption_that_fits_is_no_fault(tmp_path: Path) -> None:
    assert find_passed_ceilings(plant(tmp_path, {MODULE: LONG_FUNCTION, **exempt("function lines", 51)})) == []
