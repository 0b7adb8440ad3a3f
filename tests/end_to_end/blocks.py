"""A page in, each of its blocks run out: what the block shows, and what our programs really show.

    yaml      a policy that loads, or suites that can be read; `mistake: NAME`: a policy that is refused
    python    runs after the blocks before it; `signature: MODULE:NAME …`: taken from the source
    console   each command after a `$` runs in the folder of the page, and the lines below it are what it prints
    text      `prints`: what the block before it printed; `says`: why the policy before it was refused; `from: make demo`
    table     `decisions`: calls under the policy before it; `constraints`: what constraints are for given arguments
    json      is JSON
    any       `file: NAME`: a file of the page; `same as: PATH`: the text of a file of the checkout; `not run: WHY`

`needs: FOLDER`, on a line of its own before a block, puts the files of a folder of the checkout beside those of the page.
Run as `python -m tests.end_to_end.blocks docs/start/install.md` this writes what is printed into the page.
"""

import asyncio
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from typing import Any

import yaml

from hexgate.core import PolicyError
from hexgate.core.audit.place import AUDIT_DIR
from hexgate.core.audit.spool import close_spools
from hexgate.core.policy import Policy
from hexgate.core.testing import suites_from_text
from hexgate.core.testing.reader import looks_like_suites
from tests.end_to_end.pages import ROOT, Block, Page, page
from tests.end_to_end.signatures import signature
from tests.end_to_end.tables import rows_of_constraints, rows_of_decisions

__all__ = ["Shown", "shown"]

NEEDS = re.compile(r"<!-- needs: (\S+) -->")
DEMO = ROOT / "docs/examples/first_decision/demo.py"
# The second half of it: an agent with its tools behind a policy.
AGENT = ROOT / "docs/examples/support_agent/pydantic_ai_agent.py"


@dataclass(frozen=True)
class Shown:
    """What a block shows, and what it must show."""

    block: Block
    got: str


def shown(of: Page) -> Iterator[Shown]:
    """Every block of a page that shows something, in a new folder, in the order of the page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        recorded_in(Path(folder) / "state"),
        with_a_loop_of_its_own(),
    ):
        for needed in NEEDS.findall(of.text):
            for path in (ROOT / needed).iterdir():
                if path.is_file():
                    copy(path, folder)
        runner = Runner(of)
        for block in of.blocks:
            got = runner.run(block)
            if got is not None:
                yield Shown(block, got)


@contextlib.contextmanager
def with_a_loop_of_its_own() -> Iterator[None]:
    """Frameworks leave the event loop of a thread open for the next run; here the page is the last to use it."""
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError), warnings.catch_warnings():
            # Where there is none, it may be made only to be closed, and newer Pythons say so.
            warnings.simplefilter("ignore", DeprecationWarning)
            asyncio.get_event_loop().close()
        asyncio.set_event_loop(None)


@contextlib.contextmanager
def recorded_in(folder: Path) -> Iterator[None]:
    """The record of the calls that a page makes lies beside its files, where users have it."""
    before = dict(os.environ)
    os.environ.pop(AUDIT_DIR, None)
    os.environ["XDG_STATE_HOME"] = str(folder)
    try:
        yield
    finally:
        close_spools()
        os.environ.pop("XDG_STATE_HOME")
        os.environ.update(before)


class Runner:
    """Runs the blocks of one page one after another."""

    def __init__(self, of: Page) -> None:
        self.page = of
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.printed = ""
        self.said = ""
        self.policy = ""
        self.by_language: dict[str, Callable[[Block], str | None]] = {
            "yaml": self.yaml,
            "python": self.python,
            "console": self.console,
            "text": self.text,
            "json": self.json,
            "table": self.table,
        }

    def run(self, block: Block) -> str | None:
        """What the block must show, None when it shows nothing."""
        if block.note == "not run":
            assert block.value, f"{self.place(block)}: a block that is not run says why"
            return None
        if block.note == "file" or (block.note == "mistake" and block.value):
            Path(block.value).parent.mkdir(parents=True, exist_ok=True)
            Path(block.value).write_text(block.text, encoding="utf-8")
        assert block.language in self.by_language, f"{self.place(block)}: nobody runs a block of `{block.language}`"
        got = self.by_language[block.language](block)
        return (ROOT / block.value).read_text(encoding="utf-8") if block.note == "same as" else got

    def place(self, block: Block) -> str:
        return f"{self.page.name}:{block.line}"

    def yaml(self, block: Block) -> None:
        """Reads a policy, suites, or a policy that is refused."""
        if block.note == "file" and Path(block.value).parent != Path():
            # A file of a directory of roles, or of something else: the commands that follow read it.
            yaml.safe_load(block.text)
        elif looks_like_suites(block.text):
            suites_from_text(block.text, self.place(block))
        elif block.note == "mistake":
            try:
                Policy.from_text(block.text, block.value or "policy.yaml")
            except PolicyError as error:
                self.said = f"{error}\n"
            else:
                raise AssertionError(f"{self.place(block)}: nothing is wrong with this policy")
        else:
            Policy.from_text(block.text, self.place(block))
            self.policy = block.text

    def python(self, block: Block) -> str | None:
        """Runs Python where the last block of it ended."""
        if block.note == "signature":
            return "".join(f"{signature(name)}\n" for name in block.value.split())
        if block.note == "file":
            return None
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile("\n" * block.line + block.text, self.page.name, "exec"), self.names)
        self.printed = out.getvalue()
        return None

    def console(self, block: Block) -> str:
        """Runs the commands of a session."""
        got, last = "", 0
        for command in commands_of(block.text):
            run = subprocess.run(
                ["/bin/bash", "-c", f"(exit {last}); {command}"],
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            got += f"$ {command}\n{run.stdout}{run.stderr}"
            last = run.returncode
        return got

    def text(self, block: Block) -> str:
        """Compares with what was printed or said."""
        if block.note == "from":
            assert block.value == "make demo", f"{self.place(block)}: only `make demo` is known"
            return block.text if block.text in demo() else demo()
        assert block.note in {"prints", "says", "same as"}, f"{self.place(block)}: whose words are these?"
        return self.printed if block.note == "prints" else self.said

    def json(self, block: Block) -> None:
        json.loads(block.text)

    def table(self, block: Block) -> str | None:
        """Compares the answers of a table; one without a note is for readers only."""
        if block.note == "decisions":
            return rows_of_decisions(block.text, self.policy)
        return rows_of_constraints(block.text) if block.note == "constraints" else None


def commands_of(text: str) -> Iterator[str]:
    """The commands of a session; a line that ends with a backslash goes on."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + next(lines)
            yield command


def environment() -> dict[str, str]:
    """A shell of 80 columns that knows our commands and shows no colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEXGATE", "COV", "FORCE"))}
    scripts = Path(sys.executable).parent
    return {
        **kept,
        "PATH": f"{scripts}{os.pathsep}{kept['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
    }


def demo() -> str:
    """What `make demo` prints."""
    run = [
        subprocess.run([sys.executable, half], env=environment(), capture_output=True, encoding="utf-8", check=True)
        for half in (DEMO, AGENT)
    ]
    return "\n".join(half.stdout for half in run)


def write(path: Path) -> None:
    """Puts what is printed into a page."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for item in reversed(list(shown(page(path)))):
        if item.got != item.block.text:
            sys.stdout.write(f"{path}:{item.block.line}\n")
            first, end = item.block.span
            lines[first:end] = item.got.splitlines()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(Path(name).resolve())
