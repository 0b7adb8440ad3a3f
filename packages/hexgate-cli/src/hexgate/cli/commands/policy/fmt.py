"""`hexgate policy fmt`: policies in, the same policies evenly indented out, in their places or as a difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.files import write_atomically
from hexgate.cli.inputs import bytes_of, is_folder, one_reader, source_of
from hexgate.cli.loading import new_app
from hexgate.cli.output import CommandError, Output, visible
from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.policy.tidy import format_text

__all__ = ["app"]

SUFFIXES = (".yaml", ".yml")
DIFF_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
app = new_app()
HELP = """\
Indent policies evenly. Comments, quotes, the order of keys and the text of constraints stay as they are.

\b
Examples:
  hexgate policy fmt policies/
  hexgate policy fmt --check --diff policy.yaml
  hexgate policy fmt - < policy.yaml

A file that has mistakes is left as it is. Exit codes: 0 done, 1 mistakes or (with --check) changes, 2 usage.
"""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file as it is and as it should be."""

    path: Path
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Something is to be written."""
        return self.before != self.after


@app.command(help=HELP)
def fmt(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, directories of role files, or `-`.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 when a file would change.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """Policies in, evenly indented policies out."""
    one_reader(**{f"PATH {number}": str(path) for number, path in enumerate(paths, 1)})
    output = Output(as_json=as_json)
    done: list[Formatted] = []
    mistakes: list[Mistake] = []
    for path in files_of(paths):
        try:
            done.append(formatted(path))
        except PolicyError as error:
            mistakes.extend(error.mistakes)
    for file in done:
        put(output, file, write=not check and not diff, diff=diff)
    if mistakes:
        output.failed(mistakes)
        return 1
    changed = [str(file.path) for file in done if file.changed]
    output.document({"files": len(done), "changed": changed, "written": not check and not diff})
    return int(check and bool(changed))


def files_of(paths: list[Path]) -> Iterator[Path]:
    """The files that are meant: a directory means those in it that are a role."""
    for path in paths:
        if not is_folder(path):
            yield path
            continue
        try:
            found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES and not file.name.startswith("."))
        except OSError as error:
            why = error.strerror or str(error)
            raise CommandError("HX622", f"`{path}` cannot be read: {why}", help="check the permissions") from None
        if not found:
            raise CommandError("HX111", f"`{path}` holds no .yaml or .yml file", help="name the directory of a policy")
        yield from found


def formatted(path: Path) -> Formatted:
    """A file as it is and as it should be; its mistakes are raised."""
    data = bytes_of(str(path), "PATH")
    source = source_of(str(path), data)
    # Line ends and a byte order mark are formatted as well, so they count as a difference of a file.
    before = source.text if str(path) == "-" else data.decode()
    return Formatted(path, before, format_text(source.text, source.name))


def put(output: Output, file: Formatted, *, write: bool, diff: bool) -> None:
    """What is to be done with one file: shown, written, or named."""
    if diff:
        show_diff(output, file)
    elif str(file.path) == "-" and write and not output.as_json:
        output.exact(file.after)
    elif file.changed:
        if write and str(file.path) != "-":
            write_atomically(file.path, file.after)
        output.line(f"{'formatted' if write else 'would change'} {visible(str(file.path))}")


def show_diff(output: Output, file: Formatted) -> None:
    """The difference, as `diff -u` shows it."""
    name = visible("<stdin>" if str(file.path) == "-" else str(file.path))
    before, after = file.before.splitlines(), file.after.splitlines()
    for line in unified_diff(before, after, name, f"{name} (formatted)", lineterm=""):
        shown = visible(line)
        output.line(output.paint(shown, DIFF_COLOURS[line[0]]) if line[:1] in DIFF_COLOURS else shown)
