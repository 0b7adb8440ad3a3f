"""Files and a directory's path in, that directory with exactly those files out, in one step: nobody sees a half of it.

The files are written into a new directory beside the target and brought to the disk. Then the two directories change places, in one
system call where there is one (Linux, macOS), and the old one is deleted. Where there is none, the old one is moved away first: for
a moment nothing stands there, which readers can tell from half a bundle.

# INVARIANT: whenever the process is killed, the target is the old directory, the new one, or (without that call) not there.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from hexgate.core.bundle.files import part_of
from hexgate.core.errors import BundleError
from hexgate.core.text.render import shown, visible

__all__ = ["exchanged", "put"]

AT_FDCWD = -100
# The call by system: what it is named, the directories that stand before both paths, and the flag that makes the two change places.
CALLS = {"linux": ("renameat2", AT_FDCWD, 2), "darwin": ("renameatx_np", -2, 2)}
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW, OLD = ".tmp", ".old"
Exchange = Callable[[Path, Path], bool]


def exchanged(first: Path, second: Path) -> bool:
    """Lets two directories change places in one step; False where the system or the file system cannot."""
    name, here, flag = CALLS.get(sys.platform, ("", 0, 0))
    call = getattr(ctypes.CDLL(None), name, None) if name else None
    return call is not None and call(here, os.fsencode(first), here, os.fsencode(second), flag) == 0


def put(files: Mapping[str, bytes], target: str | Path, *, exchange: Exchange = exchanged) -> Path:
    """Makes the target a directory with exactly these files. What stands there must be a bundle, or nothing."""
    place = Path(os.path.realpath(target))
    try:
        refuse_strangers(place, str(target))
        place.parent.mkdir(parents=True, exist_ok=True)
        sweep(place)
        with staged(place) as new:
            for name, data in files.items():
                write(new / name, data)
            synchronise(new)
            install(new, place, exchange)
        synchronise(place.parent)
    except OSError as error:
        why = error.strerror or str(error)
        raise BundleError(
            "HX700",
            f"`{visible(str(target))}` cannot be written: {why}",
            help="nothing was changed; make room, or name another",
        ) from None
    return place


def refuse_strangers(place: Path, name: str) -> None:
    """Refuses a target that is neither empty nor a bundle: all of it is going to be deleted."""
    if not os.path.lexists(place):
        return
    if place == Path.cwd():
        raise taken(name, "is the directory in which you stand")
    names = sorted(path.name for path in place.iterdir())
    parts = [part_of(name) for name in names]
    for found, part in zip(names, parts, strict=True):
        if part is None:
            raise taken(name, f"holds `{shown(found)}`, which is no part of a bundle")
    if names and ".bundle.json" not in {part[1] for part in parts if part}:
        raise taken(name, "holds no bundle, but other files")
    if len({part[0] for part in parts if part}) > 1:
        raise taken(name, "holds parts of two bundles")


def taken(name: str, why: str) -> BundleError:
    """The mistake of a target that is something else."""
    help = "name a directory of its own for the bundle: whatever is in it is replaced"
    return BundleError("HX700", f"`{visible(name)}` {why}", help=help)


@contextmanager
def staged(place: Path) -> Iterator[Path]:
    """A new directory beside the target, which is gone in the end, whatever stands in it by then."""
    new = beside(place, NEW)
    new.mkdir()
    try:
        with locked(new):
            yield new
    finally:
        discard(new)


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Holds the lock of a directory that is still there. Who works in a directory holds it, so others leave the directory alone."""
    handle = os.open(folder, DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        # It may have been swept away before the lock was ours.
        folder.stat()
        yield
    finally:
        os.close(handle)


def beside(place: Path, ending: str) -> Path:
    """A new hidden name beside the target."""
    return place.with_name(f".{place.name}.{secrets.token_hex(8)}{ending}")


def install(new: Path, place: Path, exchange: Exchange) -> None:
    """Puts the new directory in the place of whatever stands there."""
    if not place.exists():
        new.rename(place)
    elif not exchange(new, place):
        old = beside(place, OLD)
        place.rename(old)
        try:
            new.rename(place)
        except OSError:
            old.rename(place)
            raise
        discard(old)


def write(path: Path, data: bytes) -> None:
    """One new file, on the disk when this returns."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def synchronise(folder: Path) -> None:
    """Brings the names in a directory to the disk."""
    handle = os.open(folder, DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(place: Path) -> None:
    """Deletes what builders left that were killed."""
    for path in list(place.parent.iterdir()):
        if path.name.startswith(f".{place.name}.") and path.name.endswith((NEW, OLD)):
            # Somebody works in it, or has taken it away, or it is no directory of ours.
            with suppress(OSError), locked(path, wait=False):
                discard(path)


def discard(folder: Path) -> None:
    """Deletes a directory of parts. Anything else in it stays, and so does the directory then."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if part_of(path.name) is not None:
                path.unlink()
        folder.rmdir()
