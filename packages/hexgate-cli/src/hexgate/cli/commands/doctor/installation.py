"""The interpreter and the wheels in, their versions out, and whether the files are those that were installed."""

from __future__ import annotations

import csv
import platform
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import Distribution, distributions
from pathlib import Path

from hexgate.cli.commands.doctor.report import Finding, Section
from hexgate.core import __version__
from hexgate.core.errors import Mistake

__all__ = ["installation"]

OURS = "hexgate-"
REINSTALL = "install the wheels anew, all of one version"


def installation() -> Section:
    """What is installed here."""
    wheels = sorted(ours(), key=lambda wheel: (name_of(wheel), wheel.version))
    python = f"{platform.python_version()} ({platform.python_implementation()}, {platform.platform(terse=True)})"
    facts = [("python", python), ("at", sys.executable)]
    facts += [(name_of(wheel), wheel.version) for wheel in wheels]
    data = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "executable": sys.executable,
        "wheels": [{"name": name_of(wheel), "version": wheel.version} for wheel in wheels],
    }
    findings = [*other_versions(wheels), *(finding for wheel in wheels for finding in changed_files(wheel))]
    return Section("installation", tuple(facts), data, tuple(findings))


def ours() -> Iterator[Distribution]:
    """The wheels of ours, each once, the one that Python finds first."""
    seen: set[str] = set()
    for wheel in distributions():
        name = name_of(wheel)
        if name.startswith(OURS) and name not in seen:
            seen.add(name)
            yield wheel


def name_of(wheel: Distribution) -> str:
    """The name of a wheel, as people write it."""
    return (wheel.name or "").lower().replace("_", "-")


def other_versions(wheels: list[Distribution]) -> Iterator[Finding]:
    """The wheels that are not of the version of core: all of them are made to be used together."""
    for wheel in wheels:
        if wheel.version != __version__:
            message = f"`{name_of(wheel)}` is of version {wheel.version}, and `hexgate-core` of {__version__}"
            yield Finding("error", Mistake("HX724", message, REINSTALL))


def changed_files(wheel: Distribution) -> Iterator[Finding]:
    """The files of a wheel that are not those of which its record has the hashes. An editable install records none of them."""
    # The record itself is read: what Python makes of it leaves out, in some of its versions, the files that are gone.
    for path, recorded, *_ in csv.reader((wheel.read_text("RECORD") or "").splitlines()):
        if recorded and path.startswith("hexgate/") and not is_as_recorded(wheel, path, recorded):
            message = f"`{path}` of `{name_of(wheel)}` is not the file that was installed"
            yield Finding("error", Mistake("HX725", message, f"find out who changed it, and {REINSTALL}"))


def is_as_recorded(wheel: Distribution, path: str, recorded: str) -> bool:
    """Whether a file is there and has the hash of the record, which is written `sha256=…`."""
    file = Path(str(wheel.locate_file(path)))
    try:
        digest = sha256(file.read_bytes()).digest()
    except OSError:
        return False
    return recorded == f"sha256={urlsafe_b64encode(digest).decode().rstrip('=')}"
