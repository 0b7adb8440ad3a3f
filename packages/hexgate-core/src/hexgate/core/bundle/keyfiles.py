"""The path of a key in, the key out; a new pair in, `NAME.private` and `NAME.public` out.

# INVARIANT: a private key is never in a file that others may read, not even for a moment, and no key takes the place of another
unless that was asked for.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from hexgate.core.bundle.keys import PublicKey, SigningKey
from hexgate.core.errors import KeyFileError
from hexgate.core.text.render import visible

__all__ = ["PRIVATE", "PUBLIC", "read_public_key", "read_signing_key", "write_pair"]

PRIVATE, PUBLIC = ".private", ".public"
# A key has 43 characters. What is longer is read far enough to say so.
MOST_BYTES = 1024


def read_public_key(path: str | Path) -> PublicKey:
    """The public key of a file."""
    name = visible(str(path))
    if str(path).endswith(PRIVATE):
        help = f"name the `{PUBLIC}` file beside it: a private key stays where bundles are signed"
        raise KeyFileError("HX710", f"`{name}` is a private key, and a public one is meant", help=help)
    return PublicKey.from_text(text_of(path, private=False), name)


def read_signing_key(path: str | Path) -> SigningKey:
    """The private key of a file that nobody else may read."""
    name = visible(str(path))
    if str(path).endswith(PUBLIC):
        help = f"name the `{PRIVATE}` file beside it: a public key signs nothing"
        raise KeyFileError("HX710", f"`{name}` is a public key, and a private one is meant", help=help)
    return SigningKey.from_text(text_of(path, private=True), name)


def text_of(path: str | Path, *, private: bool) -> str:
    """What the file of a key holds, as far as a key could reach."""
    name = visible(str(path))
    try:
        with Path(path).open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if private and stat.S_ISREG(mode) and mode & 0o077:
                help = f"`chmod 600 {name}`, and make a new pair if somebody may have read it"
                raise KeyFileError("HX711", f"`{name}` can be read by others (mode {mode & 0o777:04o})", help=help)
            data = file.read(MOST_BYTES)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise KeyFileError(
            "HX711", f"the key `{name}` cannot be read: {why}", help="check the path and the permissions"
        ) from None
    return data.decode("ascii", "replace")


def write_pair(key: SigningKey, prefix: str | Path, *, force: bool = False) -> tuple[Path, Path]:
    """Writes `PREFIX.private`, mode 0600, and `PREFIX.public`; both or none of them. The two paths."""
    private, public = Path(f"{prefix}{PRIVATE}"), Path(f"{prefix}{PUBLIC}")
    there = [path for path in (private, public) if os.path.lexists(path)]
    if there and not force:
        raise taken(there)
    with_modes = ((private, key.text, 0o600), (public, key.public.text, 0o644))
    staged: list[tuple[Path, Path]] = []
    try:
        for path, text, mode in with_modes:
            staged.append((path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp"), path))
            write(staged[-1][0], text, mode)
        publish(staged, force=force)
    except OSError as error:
        why = error.strerror or str(error)
        raise KeyFileError(
            "HX711",
            f"the key `{visible(str(prefix))}` cannot be written: {why}",
            help="name a folder that is there and yours",
        ) from None
    finally:
        remove(path for path, _ in staged)
    return private, public


def taken(paths: Iterable[Path]) -> KeyFileError:
    """The mistake of a name that has a key already."""
    names = " and ".join(f"`{visible(str(path))}`" for path in paths)
    help = "name another with --out; --force replaces it, and what it signed then needs the old public key"
    return KeyFileError("HX712", f"{names} would be overwritten", help=help)


def write(path: Path, text: str, mode: int) -> None:
    """A new file with one line in it, on disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with open(handle, "w", encoding="ascii") as file:  # noqa: PTH123 -- of a handle, which no path opens
        file.write(f"{text}\n")
        file.flush()
        os.fsync(handle)


def publish(staged: Iterable[tuple[Path, Path]], *, force: bool) -> None:
    """Gives the staged files their names. Without `force`, a name that somebody took meanwhile stays theirs."""
    given: list[Path] = []
    for beside, path in staged:
        if force:
            beside.replace(path)
            continue
        try:
            os.link(beside, path)
        except FileExistsError:
            remove(given)
            raise taken([path]) from None
        given.append(path)


def remove(paths: Iterable[Path]) -> None:
    """Deletes what is still there of these files."""
    for path in paths:
        path.unlink(missing_ok=True)
