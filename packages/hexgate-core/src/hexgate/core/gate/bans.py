"""Who may not use an agent at all, from a feed that may fail: the last good list stays in force.

# INVARIANT: a list that was read stays in force until another one was read whole; a feed that fails lifts no ban.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from hexgate.core.errors import HexgateError

__all__ = ["Ban", "BanFeed", "BanGate", "BannedError", "BansError", "FileBans"]

log = logging.getLogger("hexgate.gate")
LARGEST_FILE = 16 << 20


class BansError(HexgateError):
    """A list of bans that cannot be read."""


class BannedError(HexgateError):
    """A run that was not begun, since its agent or its user is banned. The message is safe to show to anyone."""

    def __init__(self, ban: Ban) -> None:
        super().__init__("HX802", f"this {ban.kind} is banned", help="ask the operator of the agent")
        self.ban = ban


@dataclass(frozen=True, slots=True)
class Ban:
    """One ban: of an agent or of a user. The reason is for operators."""

    kind: str
    name: str
    reason: str | None = None


class BanFeed(Protocol):
    """Where a list of bans comes from."""

    def read(self) -> Iterable[Ban] | None:
        """All bans that are in force, or None when nothing changed since it was last read. Raises OSError or BansError."""
        ...


class BanGate:
    """Knows who is banned. `refresh` asks the feed, once a run; asking about a call reads what is known."""

    __slots__ = ("agents", "feed", "lock", "quiet", "users")

    def __init__(self, feed: BanFeed) -> None:
        """Reads the feed; the first list has to be there, since without it nobody would be banned."""
        self.feed = feed
        self.lock = threading.Lock()
        self.agents: dict[str, Ban] = {}
        self.users: dict[str, Ban] = {}
        self.quiet = False
        self.put(feed.read() or ())

    def refresh(self) -> None:
        """Reads the feed again; when that fails, the last good list stays, and the log says so once."""
        try:
            bans = self.feed.read()
        except (OSError, BansError) as error:
            if not self.quiet:
                log.warning("the bans cannot be read; the last list stays in force: %s", error)
            self.quiet = True
            return
        self.quiet = False
        if bans is not None:
            self.put(bans)

    def put(self, bans: Iterable[Ban]) -> None:
        """Puts another list in force, whole."""
        known = list(bans)
        with self.lock:
            self.agents = {ban.name: ban for ban in known if ban.kind == "agent"}
            self.users = {ban.name: ban for ban in known if ban.kind == "user"}

    def find(self, agent: str, user_id: str | None) -> Ban | None:
        """The ban of an agent or a user."""
        return self.agents.get(agent) or (self.users.get(user_id) if user_id is not None else None)

    def check(self, agent: str, user_id: str | None) -> None:
        """Raises BannedError at the start of a run that must not begin."""
        self.refresh()
        ban = self.find(agent, user_id)
        if ban is not None:
            raise BannedError(ban)


class FileBans:
    """A feed from a JSON file: `{"bans": [{"kind": "user", "name": "mallory", "reason": "…"}]}`."""

    __slots__ = ("path", "seen")

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.seen: bytes | None = None

    def read(self) -> list[Ban] | None:
        """The bans of the file, or None when it says what it said before."""
        with self.path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1)
        if text == self.seen:
            return None
        bans = read_bans(text, str(self.path))
        self.seen = text
        return bans


def read_bans(text: bytes, name: str) -> list[Ban]:
    """The bans that a JSON text lists; one that cannot be understood makes the whole list unreadable."""
    if len(text) > LARGEST_FILE:
        raise unreadable(name, f"it is larger than {LARGEST_FILE:,} bytes")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise unreadable(name, f"it is not JSON: {error}") from None
    if not isinstance(value, dict) or value.keys() != {"bans"} or not isinstance(value["bans"], list):
        raise unreadable(name, "it is no object with the one key `bans`, a list")
    return [ban_of(item, name) for item in value["bans"]]


def ban_of(item: Any, name: str) -> Ban:
    """One entry of a list."""
    if (
        not isinstance(item, dict)
        or not {"kind", "name"} <= item.keys() <= {"kind", "name", "reason"}
        or item["kind"] not in ("agent", "user")
        or not isinstance(item["name"], str)
        or not item["name"]
        or not isinstance(item.get("reason", ""), str)
    ):
        raise unreadable(name, "an entry is not `kind` (agent or user), `name` and maybe `reason`")
    return Ban(item["kind"], item["name"], item.get("reason"))


def unreadable(name: str, why: str) -> BansError:
    """The mistake of a list of bans."""
    return BansError(
        "HX801", f"`{name}` holds no list of bans: {why}", help='write `{"bans": [{"kind": "user", "name": "…"}]}`'
    )
