"""The README and the docs: every block shows what our programs show, and every link leads somewhere."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from tests.architecture.checks.docs import find_dead_commands, find_dead_make_targets, find_dead_paths
from tests.end_to_end.blocks import shown
from tests.end_to_end.pages import ROOT, Page, page, pages

PAGES = pages()
# Its examples are run by tests/end_to_end/test_errors.py, which also writes it anew and compares.
GENERATED = "docs/reference/errors.md"
# Whose public names stand in the reference.
MODULES = (
    "hexgate.core",
    "hexgate.core.testing",
    "hexgate.google",
    "hexgate.langchain",
    "hexgate.openai",
    "hexgate.pydantic_ai",
)
WRITTEN = [found for found in PAGES if found.name != GENERATED]
LINK = re.compile(r"\[[^\]]*\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`\n]+`")
BY_NAME = {found.name: found for found in PAGES}


def planted(tmp_path: Path, text: str) -> Page:
    """A page that is not ours."""
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    return Page(ROOT / "docs/planted.md", page(path).text)


def prose(text: str) -> str:
    """A page without its code."""
    return FENCED.sub("", text)


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a page, as code hosts make them."""
    found = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(prose(text))]
    assert [anchor for anchor, count in Counter(found).items() if count > 1] == []
    return set(found)


@pytest.mark.parametrize("of", WRITTEN, ids=lambda of: of.name)
def test_every_block_shows_what_our_programs_show(of: Page) -> None:
    for item in shown(of):
        assert item.block.text == item.got, f"{of.name}:{item.block.line}"


@pytest.mark.parametrize("of", PAGES, ids=lambda of: of.name)
def test_every_link_leads_to_a_page_and_to_a_heading_of_it(of: Page) -> None:
    for target, anchor in LINK.findall(SPAN.sub("", prose(of.text))):
        path = (of.path.parent / target).resolve() if target else of.path
        assert path.exists(), f"{of.name} links to {target}"
        if anchor:
            assert anchor in anchors(page(path).text), f"{of.name} links to {target}#{anchor}"


def test_every_path_target_and_command_that_is_named_exists() -> None:
    assert [*find_dead_paths(ROOT), *find_dead_make_targets(ROOT), *find_dead_commands(ROOT)] == []


def test_every_page_is_reached_from_the_front_page_of_the_docs() -> None:
    front = BY_NAME["docs/README.md"]
    linked = {(front.path.parent / target).resolve() for target, _ in LINK.findall(front.text)}
    docs = {found.path for found in PAGES if found.name.startswith("docs/")}
    assert docs - linked - {front.path} == set()


def test_the_start_page_includes_the_readme_and_does_not_copy_it() -> None:
    readme, start = BY_NAME["README.md"], ROOT / "docs/start/index.md"
    included = [block.text for block in page(start).blocks]
    assert included[:-1] == [block.text for block in readme.blocks[:-1]]
    assert "[writing policies](../guides/writing-policies.md)" in included[-1]
    own = start.read_text(encoding="utf-8")
    assert not any(block.text in own for block in readme.blocks)


@pytest.mark.parametrize("module", MODULES)
def test_the_reference_shows_every_public_name_with_a_signature_and_an_example(module: str) -> None:
    of = BY_NAME["docs/reference/python.md"]
    headings = set(HEADING.findall(of.text))
    examples = "".join(block.text for block in of.blocks if block.language == "python" and block.note != "signature")
    signatures = " ".join(block.value for block in of.blocks if block.note == "signature")
    # One is another name, one an object with a page of its own, one is made by doors, and errors are made by us alone.
    without = {
        "AgentManifest",
        "AgentPolicy",
        "ApprovalError",
        "AuditError",
        "BannedError",
        "C",
        "ModuleError",
        "PolicyError",
        "SuiteError",
        "TokenError",
        "UserError",
    }
    for name in import_module(module).__all__:
        assert f"`{name}`" in headings, name
        assert re.search(rf"\b{name}\b", examples), f"no example uses {name}"
        assert name in without or re.search(rf"\b{module}:{name}\b", signatures), f"no signature of {name}"


def test_the_reference_shows_no_name_that_is_not_public() -> None:
    shown_names = {heading.strip("`") for heading in HEADING.findall(prose(BY_NAME["docs/reference/python.md"].text))}
    public = {name for module in MODULES for name in import_module(module).__all__}
    titles = {"Python", "Deciding", "Acting", "Who asks", "Policies", "Agents", "Errors", *MODULES}
    assert shown_names - titles - public == set()


def test_the_reference_of_the_command_has_a_section_for_every_command() -> None:
    text = BY_NAME["docs/reference/cli.md"].text
    groups = re.findall(r"^\$ (hexgate[a-z ]*) --help.*\n(?:(?!\$ ).*\n)*?Commands:\n((?:  .+\n)+)", text, re.MULTILINE)
    commands = [f"{group} {line.split()[0]}" for group, lines in groups for line in lines.splitlines()]
    assert len(commands) > 5
    for command in commands:
        assert f"\n$ {command} --help" in text, command
        assert command in {"hexgate policy", "hexgate approvals", "hexgate audit"} or f"\n## {command}\n" in text, (
            command
        )


def test_the_page_about_the_environment_lists_every_variable_that_the_source_reads() -> None:
    files = [*ROOT.glob("packages/*/src/**/*.py")]
    read = {name for path in files for name in re.findall(r'"(HEXGATE_[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    text = BY_NAME["docs/reference/environment.md"].text
    listed = re.findall(r"^\| `(HEXGATE_[A-Z_]+)` \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(read - {"HEXGATE_API_KEY"})
    assert "`HEXGATE_API_KEY`" in text


def test_the_page_about_denials_lists_every_code_of_a_decision() -> None:
    listed = re.findall(r"^\| `([a-z_]+)` \|", BY_NAME["docs/guides/reading-a-denial.md"].text, re.MULTILINE)
    assert sorted(listed) == sorted(import_module("hexgate.core.decision").MEANINGS)


def test_the_page_about_linting_lists_every_code_of_the_linter() -> None:
    listed = set(re.findall(r"\[(HX4\d\d)\]\(", BY_NAME["docs/guides/linting.md"].text))
    assert sorted(listed) == sorted(rule.code for rule in import_module("hexgate.core.policy.lint").RULES)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("```console\n$ echo one\ntwo\n```", "$ echo one\none\n"),
        ("```console\n$ false\n$ echo $?\n0\n```", "$ false\n$ echo $?\n1\n"),
        ("```python\nprint(1)\n```\n<!-- prints -->\n```text\n2\n```", "1\n"),
        (
            "<!-- mistake -->\n```yaml\ntools: 1\n```\n<!-- says -->\n```text\nfine\n```",
            "policy.yaml:1:8: `tools` must be",
        ),
        ("<!-- constraints -->\n| c | a | is |\n|---|---|---|\n| `args.a == 1` | `{}` | true |", "unknown"),
        ("<!-- signature: hexgate.core:current_user -->\n```python\nf()\n```", "current_user() -> User | None\n"),
    ],
)
def test_a_page_that_shows_something_else_is_noticed(tmp_path: Path, text: str, got: str) -> None:
    last = list(shown(planted(tmp_path, f"{text}\n")))[-1]
    assert last.block.text != last.got
    assert got in last.got


@pytest.mark.parametrize(
    "text",
    [
        "```yaml\ntools: {search: {mode: permit}}\n```",
        "```yaml\nsuites: []\n```",
        "<!-- mistake -->\n```yaml\ntools: {}\n```",
        "```text\nwhose words are these?\n```",
        "```\nno language\n```",
        "<!-- not run -->\n```\nno reason\n```",
        "```json\n{a: 1}\n```",
        "```python\nraise ValueError\n```",
    ],
)
def test_a_block_that_cannot_be_run_is_noticed(tmp_path: Path, text: str) -> None:
    with pytest.raises(Exception, match=r".*"):
        list(shown(planted(tmp_path, f"{text}\n")))
