"""A path and a text in, a whole file out: nobody ever reads half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hexgate.cli.output import CommandError

__all__ = ["write_atomically"]


def write_atomically(path: Path, text: str) -> None:
    """Puts a whole new file in the place of the old one, or where none was; what is no file, such as a pipe, is written to."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8", newline="")
        else:
            replace(target, text)
    except OSError as error:
        why = error.strerror or str(error)
        raise CommandError("HX625", f"`{path}` cannot be written: {why}", help="check the permissions") from None


def replace(target: Path, text: str) -> None:
    """Writes beside the target, with its permissions, and then puts that in its place."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        fresh.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~umask())
        fresh.replace(target)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def umask() -> int:
    """What the process takes away from the permissions of new files; it can be asked for only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
