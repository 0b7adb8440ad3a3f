"""The table of codes, the source that raises them, and the page that is made of the table say the same."""

import re
from pathlib import Path

import pytest
from docs.reference.generate_errors import PAGE, made, provoked, written

from hexgate.core.codes import CODES, FAMILIES
from tests.end_to_end.pages import ROOT

TABLE = ROOT / "packages/hexgate-core/src/hexgate/core/codes"
CODE = re.compile(r"\bHX\d{3}\b")


def raised() -> set[str]:
    """Every code that stands in our source outside of the table."""
    files = [path for path in ROOT.glob("packages/*/src/**/*.py") if TABLE not in path.parents]
    return {code for path in files for code in CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_code_in_the_source_has_an_entry() -> None:
    assert raised() - set(CODES) == set()


def test_every_entry_is_a_code_of_the_source() -> None:
    assert set(CODES) - raised() == set()


def test_every_code_has_one_entry_and_they_stand_in_order() -> None:
    entries = [entry.code for family in FAMILIES.values() for entry in family]
    assert entries == sorted(set(entries))


def sections() -> dict[str, str]:
    """The sections that stand on the page, by code."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.finditer(r"^\n### (HX\d{3})\n.*?(?=\n\n### HX|\n\n## |\n\Z)", text, re.MULTILINE | re.DOTALL)
    return {section[1]: section[0] for section in found}


@pytest.mark.parametrize("code", CODES)
def test_the_example_of_an_entry_provokes_its_code_and_says_what_stands_on_the_page(code: str) -> None:
    assert sections()[code] == made(CODES[code])


@pytest.mark.parametrize("code", CODES)
def test_an_entry_has_a_title_in_lower_case_and_whole_sentences(code: str) -> None:
    entry = CODES[code]
    assert entry.title[0].islower() or entry.title.startswith(("UTF", "JSON"))
    assert not entry.title.endswith(".")
    assert entry.meaning.endswith(".")
    assert entry.remedy.endswith(".")


def test_the_page_of_errors_holds_these_sections_in_their_order_and_nothing_else() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(lambda entry: sections()[entry.code])


def test_an_example_that_does_not_provoke_its_code_is_noticed() -> None:
    entry = CODES["HX203"]
    other = type(entry)("HX999", "a code", "It is none.", "Delete it.", entry.example, entry.way)
    with pytest.raises(AssertionError, match="HX999 does not provoke it"):
        provoked(other)


def test_no_page_names_a_code_that_is_not_there() -> None:
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    named = {code for path in pages for code in CODE.findall(Path(path).read_text(encoding="utf-8"))}
    assert named - set(CODES) == set()
