"""The page of the platform says what the code says, and every code is provoked by a test."""

import re
from pathlib import Path

from docs.reference.generate_platform import PAGE, written

from hexgate.platform.codes import CODES, FAMILIES

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "platform/src/hexgate/platform/codes.py"
CODE = re.compile(r"\bHX\d{4}\b")


def named_in(pattern: str) -> set[str]:
    """The codes that stand in some files, the table left out."""
    paths = [path for path in ROOT.glob(pattern) if path != TABLE]
    return {code for path in paths for code in CODE.findall(path.read_text(encoding="utf-8"))}


def test_the_page_is_what_the_code_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == written()


def test_the_table_has_exactly_the_codes_of_the_source() -> None:
    assert named_in("platform/src/**/*.py") == set(CODES)


def test_every_code_is_provoked_by_a_test() -> None:
    assert named_in("tests/platform/*.py") >= set(CODES)


def test_codes_stand_in_order_with_whole_sentences() -> None:
    entries = [entry for family in FAMILIES.values() for entry in family]
    assert [entry.code for entry in entries] == sorted({entry.code for entry in entries})
    for entry in entries:
        assert entry.title[0].islower()
        assert not entry.title.endswith(".")
        assert entry.meaning.endswith(".")
        assert entry.remedy.endswith(".")
