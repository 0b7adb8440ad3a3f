"""The path of a bundle in, the bytes of its parts out, each file read once from one directory.

# INVARIANT: what is checked is what is used. The directory is opened once and every part through it, no link is followed to a
part, and no path is looked at a second time; so a bundle that takes the place of another is seen whole or not at all.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from errno import EBUSY
from pathlib import Path

from hexgate.core.bundle.keys import SIGNATURE_BYTES
from hexgate.core.bundle.manifest import LARGEST_MANIFEST, STEM
from hexgate.core.errors import BundleError
from hexgate.core.policy.nodes import LARGEST_DOCUMENT
from hexgate.core.text.render import shown, visible
from hexgate.core.wasm.limits import LARGEST_MODULE

__all__ = ["LARGEST", "Parts", "looks_like_bundle", "part_of", "read_parts"]

MEBIBYTE = 1024 * 1024
# The most bytes of a part by its suffix.
LARGEST: Mapping[str, int] = {
    ".yaml": LARGEST_DOCUMENT,
    ".rego": 64 * MEBIBYTE,
    ".wasm": LARGEST_MODULE,
    ".bundle.json": LARGEST_MANIFEST,
    ".bundle.json.sig": SIGNATURE_BYTES,
}
MARKS = (".rego", ".wasm", ".bundle.json", ".bundle.json.sig")
# How often a bundle is looked at that was replaced while it was read. On a busy machine a builder without rest is often quicker.
MOST_LOOKS = 100
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe that lies there must not be waited for.
PART = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
TAMPERED = "take the bundle from where it was built, or build it again"


@dataclass(frozen=True, slots=True)
class Parts:
    """The bytes of a bundle by suffix, the stem that its files share, and the device and inode of the directory they were in."""

    stem: str
    data: Mapping[str, bytes]
    folder: tuple[int, int]

    def name(self, suffix: str) -> str:
        """The file name of a part."""
        return f"{self.stem}{suffix}"

    def needed(self, suffix: str) -> bytes:
        """A part that has to be there."""
        if suffix not in self.data:
            raise BundleError("HX702", f"the part `{self.name(suffix)}` is missing", help=TAMPERED)
        return self.data[suffix]


def part_of(name: str) -> tuple[str, str] | None:
    """The stem and the suffix of a file name; None for a file that is no part of a bundle."""
    for suffix in LARGEST:
        stem = name.removesuffix(suffix)
        if stem != name and STEM.fullmatch(stem):
            return stem, suffix
    return None


def looks_like_bundle(path: str | Path) -> bool:
    """Whether a directory is meant to be a bundle and no directory of role files: one part is enough, even of a broken bundle."""
    try:
        return any(entry.name.endswith(MARKS) and entry.name[0] != "." for entry in Path(path).iterdir())
    except OSError:
        return False


def read_parts(path: str | Path) -> Parts:
    """All parts of the bundle at a path. The directory may be named by a link, which is followed once."""
    for _ in range(MOST_LOOKS):
        folder = opened(path)
        try:
            parts = parts_or_mistake(folder, path)
            # The builder of a newer bundle takes the old one away, so what was read of it may be half of it; what is still in its
            # place by now was whole all the time.
            if not replaced(folder, path):
                break
        finally:
            os.close(folder)
    else:
        raise unopened(path, OSError(EBUSY, "it is replaced again and again while it is read"))
    if isinstance(parts, BundleError):
        raise parts
    return parts


def parts_or_mistake(folder: int, path: str | Path) -> Parts | BundleError:
    """What is found in an open directory. Whether it counts is seen later."""
    try:
        return parts_in(folder)
    except BundleError as error:
        return error
    except OSError as error:
        return unopened(path, error)


def opened(path: str | Path) -> int:
    """The directory."""
    try:
        return os.open(path, DIRECTORY)
    except (OSError, ValueError) as error:
        raise unopened(path, error) from None


def unopened(path: str | Path, error: Exception) -> BundleError:
    """Why a directory could not be opened or listed."""
    why = getattr(error, "strerror", None) or str(error)
    help = "name the directory that `hexgate policy build` made"
    return BundleError("HX701", f"no bundle can be read at `{visible(str(path))}`: {why}", help=help)


def replaced(folder: int, path: str | Path) -> bool:
    """Whether something else stands at the path by now, or nothing."""
    try:
        return not os.path.samestat(os.fstat(folder), Path(path).stat())
    except OSError:
        return True


def parts_in(folder: int) -> Parts:
    """The parts in an open directory. Hidden files are not looked at: nothing of ours reads them."""
    names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    found = {name: part_of(name) for name in names}
    stems = sorted({part[0] for part in found.values() if part is not None})
    if not stems:
        raise BundleError(
            "HX701", "the directory holds no bundle", help="name the directory that `hexgate policy build` made"
        )
    strangers = [name for name, part in found.items() if part is None]
    if strangers:
        help = "delete it, or keep it elsewhere: a bundle has a directory of its own"
        raise BundleError("HX703", f"`{shown(strangers[0])}` is no part of the bundle", help=help)
    if len(stems) > 1:
        help = "keep each bundle in a directory of its own"
        raise BundleError("HX703", f"these are parts of two bundles, `{stems[0]}` and `{stems[1]}`", help=help)
    data = {part[1]: bytes_of(folder, name, part[1]) for name, part in found.items() if part}
    status = os.fstat(folder)
    return Parts(stems[0], data, (status.st_dev, status.st_ino))


def bytes_of(folder: int, name: str, suffix: str) -> bytes:
    """One part, read once and to its end."""
    most = LARGEST[suffix]
    try:
        handle = os.open(name, PART, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise BundleError("HX703", f"the part `{name}` is no regular file", help=TAMPERED)
            with os.fdopen(handle, "rb", closefd=False) as file:
                data = file.read(most + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise unreadable(folder, name, error) from None
    if len(data) > most:
        raise BundleError("HX701", f"the part `{name}` is larger than {most:,} bytes", help=TAMPERED)
    return data


def unreadable(folder: int, name: str, error: OSError) -> BundleError:
    """Why a part could not be opened: it is a link, it was taken away, or it is not ours to read."""
    try:
        linked = stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return BundleError("HX702", f"the part `{name}` is missing", help=TAMPERED)
    if linked:
        return BundleError("HX703", f"the part `{name}` is a symbolic link", help="copy the file itself there")
    return BundleError("HX701", f"the part `{name}` cannot be read: {error.strerror}", help="check the permissions")
