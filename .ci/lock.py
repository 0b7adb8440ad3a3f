"""From pyproject files and `exclude-newer` to requirements.lock and uv.lock, and whether the two agree.

    lock.py new      resolves anew, writes both
    lock.py copy     writes uv.lock with the versions of requirements.lock
    lock.py check    makes a lock from nothing but the pyproject files and compares it with requirements.lock

INVARIANT: requirements.lock names versions and hashes and no host, so it works behind every mirror.
"""

import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).parent / "uv"
EXPORT = (
    *("export", "--quiet", "--frozen", "--no-header", "--no-annotate"),
    *("--all-packages", "--all-groups", "--all-extras", "--no-emit-workspace"),
)
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    jobs = {"new": new, "copy": copy, "check": check}
    if len(arguments) != 1 or arguments[0] not in jobs:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return jobs[arguments[0]]()
    except subprocess.CalledProcessError as fault:
        print(f"{fault.stderr or ''}\n`{' '.join(map(str, fault.cmd))}` failed", file=sys.stderr)
        return 1


def new() -> int:
    (ROOT / "uv.lock").unlink(missing_ok=True)
    uv(ROOT, "lock", "--quiet")
    (ROOT / "requirements.lock").write_text(exported(ROOT))
    return 0


def copy() -> int:
    """Versions are taken from requirements.lock: `exclude-newer` alone would trust the index to keep its dates.

    A package that has several versions, by the version of Python, cannot be named so; `check` compares all of them afterwards.
    """
    pins = PIN.findall((ROOT / "requirements.lock").read_text())
    several = {name for name, count in Counter(name for name, _ in pins).items() if count > 1}
    (ROOT / "uv.lock").unlink(missing_ok=True)
    wanted = [f"--upgrade-package={name}=={version}" for name, version in pins if name not in several]
    uv(ROOT, "lock", "--quiet", *wanted)
    return 0


def check() -> int:
    """The lock that a clean resolution gives, and the one that uv.lock holds, both against requirements.lock."""
    wanted = (ROOT / "requirements.lock").read_text()
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder)
        for manifest in [
            ROOT / "pyproject.toml",
            *ROOT.glob("packages/*/pyproject.toml"),
            ROOT / "platform/pyproject.toml",
        ]:
            target = clean / manifest.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(manifest, target)
        uv(clean, "lock", "--quiet")
        found = {"a clean resolution": exported(clean)}
    found["uv.lock"] = exported(ROOT) if (ROOT / "uv.lock").exists() else ""
    faults = 0
    for name, text in found.items():
        if text != wanted:
            faults += 1
            print(f"requirements.lock and {name} differ; run `make lock`, or `make clean setup` if only uv.lock is old")
            print("\n".join(list(difflib.unified_diff(pins(wanted), pins(text), lineterm="", n=0))[:40]))
    return 1 if faults else 0


def pins(text: str) -> list[str]:
    return [line for line in text.splitlines() if "==" in line]


def exported(folder: Path) -> str:
    return uv(folder, *EXPORT)


def uv(folder: Path, *arguments: str) -> str:
    command = [str(UV), *arguments, "--python", sys.executable]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
