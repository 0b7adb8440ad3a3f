"""The environment and the keys that it names in, what they are out, and what nobody will read of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hexgate.cli.commands.doctor.report import Finding, Section, mistakes_of
from hexgate.cli.output import visible
from hexgate.core.audit.place import API_KEY, AUDIT_DIR
from hexgate.core.errors import HexgateError, Mistake
from hexgate.core.sources.parts import part
from hexgate.core.sources.settings import VARIABLES, Settings
from hexgate.core.text import nearest

__all__ = ["environment", "keys"]

PREFIX = "HEXGATE_"
# Those of the command itself.
READ = (*VARIABLES, AUDIT_DIR, API_KEY, "HEXGATE_DEBUG")
# Nobody's business in a report that is pasted somewhere.
SECRET = ("KEY", "SECRET", "TOKEN", "PASSWORD")


def environment(said: Mapping[str, str]) -> Section:
    """The variables that are ours by their name."""
    ours = {name: value for name, value in sorted(said.items()) if name.startswith(PREFIX)}
    shown = {name: "(set)" if is_secret(name) else value for name, value in ours.items()}
    facts = tuple((name, visible(value) or "(empty)") for name, value in shown.items()) or (
        ("variables", "none is set"),
    )
    findings = [finding for name in ours for finding in unread(name)]
    try:
        Settings.from_environment(said)
    except HexgateError as error:
        findings += mistakes_of(error)
    return Section("environment", facts, shown, tuple(findings))


def is_secret(name: str) -> bool:
    """Whether a variable holds a secret. One that names a path to it does not."""
    return name.endswith(SECRET)


def unread(name: str) -> Iterator[Finding]:
    """A variable that nothing here reads: by a slip of the hand, or because it is another program's."""
    if name in READ:
        return
    near = nearest(name.removeprefix(PREFIX), [known.removeprefix(PREFIX) for known in READ])
    help = f"did you mean `{PREFIX}{near}`?" if near else "take it away, if nothing but this release was to read it"
    yield Finding("error" if near else "warning", Mistake("HX723", f"nothing reads `{visible(name)}`", help))


def keys(settings: Settings) -> Section:
    """The keys that bundles are verified and policies are signed with."""
    facts: list[tuple[str, str]] = []
    data: dict[str, Any] = {"trusted": [], "signing": None}
    findings: list[Finding] = []
    for path in settings.public_keys:
        try:
            key_id = part("read_public_key")(path).key_id
            facts.append(("trusted", f"{key_id} of {visible(path)}"))
            data["trusted"].append({"path": path, "key_id": key_id})
        except HexgateError as error:
            findings += mistakes_of(error)
    if settings.sign_key is not None:
        try:
            key_id = part("read_signing_key")(settings.sign_key).public.key_id
            mode = f"{Path(settings.sign_key).stat().st_mode & 0o777:04o}"
            facts.append(("signing", f"{key_id} of {visible(settings.sign_key)}, mode {mode}"))
            data["signing"] = {"path": settings.sign_key, "key_id": key_id, "mode": mode}
        except HexgateError as error:
            findings += mistakes_of(error)
    return Section("keys", tuple(facts) or (("keys", "none is named"),), data, tuple(findings))
