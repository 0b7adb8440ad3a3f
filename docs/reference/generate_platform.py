"""Settings, addresses and codes of the platform in, the page `platform.md` out.

.venv/bin/python docs/reference/generate_platform.py            writes the page
.venv/bin/python docs/reference/generate_platform.py --check    exits with 1 when the page is not up to date
"""

import sys
from pathlib import Path
from typing import Any

from hexgate.platform.app import platform
from hexgate.platform.codes import FAMILIES
from hexgate.platform.settings import Settings

PAGE = Path(__file__).parent / "platform.md"
HEAD = """\
# The platform

What the [platform](../guides/platform.md) is set by, what it answers to, and what its problems mean. This page is made by
`docs/reference/generate_platform.py` of the code. The OpenAPI document at `/openapi.json` of a platform says it in full.
"""
WITHOUT = {
    "DATABASE_URL": "SQLite, in the folder",
    "HEXGATE_CLICKHOUSE_URL": "ClickHouse within the process, in the folder",
    "HEXGATE_CLICKHOUSE_CLUSTER": "one server",
}
SETTINGS = """
## Settings

Variables of the environment. One that is wrong stops the start and is named; an empty one says nothing.

| variable | says | without it |
|---|---|---|
"""
ADDRESSES = """
## Addresses

*session* is the cookie of `POST /v1/auth/sign-in`; a request that changes something also needs its `csrf_token` in the header
`X-Hexgate-CSRF`. *token* is `Authorization: Bearer fty_…`.

| address | who | what |
|---|---|---|
"""
PROBLEMS = """
## Problems

What is not answered as it was meant is `application/problem+json` (RFC 9457) with a `code` that stays the same when the words
change, a `help`, and the `request_id` under which the log has it.
"""


def main() -> int:
    """Writes the page, or compares it."""
    page = written()
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text(encoding="utf-8") != page)
    PAGE.write_text(page, encoding="utf-8")
    return 0


def written() -> str:
    """The whole page."""
    settings = "\n".join(setting(field) for field in Settings.model_fields.values())
    document = platform().openapi()
    addresses = "\n".join(
        f"| `{method.upper()} {path}` | {who(operation)} | {operation['description']} |"
        for path, operations in sorted(document["paths"].items())
        for method, operation in operations.items()
    )
    return f"{HEAD}{SETTINGS}{settings}\n{ADDRESSES}{addresses}\n{PROBLEMS}{problems()}\n"


def setting(field: Any) -> str:
    """One variable."""
    default = str(field.default).replace(str(Path.home()), "~")
    without = f"`{default}`" if default else WITHOUT.get(field.alias, "")
    return f"| `{field.alias}` | {field.description} | {without} |"


def who(operation: dict[str, Any]) -> str:
    """Who may ask."""
    schemes = [name for entry in operation.get("security", []) for name in entry]
    return " or ".join(sorted(set(schemes))) or "anybody"


def problems() -> str:
    """Every code by its family."""
    parts = []
    for family, entries in FAMILIES.items():
        parts.append(f"\n### {family}\n\n| code | status | what it means | what to do |\n|---|---|---|---|")
        parts += [
            f"| `{entry.code}` | {entry.status} | **{entry.title}.** {entry.meaning} | {entry.remedy} |"
            for entry in entries
        ]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
