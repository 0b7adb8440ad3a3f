"""A folder in, the keys of the platform out: the newest one signs, all of them are trusted.

Each pair has a number. To rotate is to add one more; to retire is to move an old pair away, after which what it signed is refused.

# INVARIANT: no key is ever overwritten, and no private key is in a file that others may read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hexgate.core.bundle import PublicKey, SigningKey, read_public_key, read_signing_key
from hexgate.core.bundle.keyfiles import PRIVATE, PUBLIC, write_pair
from hexgate.core.errors import KeyFileError

__all__ = ["Keystore", "Trusted"]

RETIRED = "retired"
MOST_KEYS = 16


@dataclass(frozen=True, slots=True)
class Trusted:
    """A pair that is in use."""

    number: int
    public: PublicKey


class Keystore:
    """The pairs of a folder. What another process adds or retires is seen at the next look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: tuple[str, ...] = ()
        self.known: tuple[Trusted, ...] = ()
        self.signing: SigningKey | None = None

    def open(self) -> None:
        """Makes the folder, and the first pair, where there is none. Of several processes one makes it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.numbers():
            try:
                write_pair(SigningKey.new(), self.prefix(1))
            except KeyFileError:
                if not self.numbers():
                    raise
        self.look()

    def look(self) -> None:
        """Reads what has changed since the last look."""
        names = tuple(sorted(path.name for path in self.folder.iterdir() if path.suffix in {PRIVATE, PUBLIC}))
        if names == self.names:
            return
        numbers = self.numbers()
        self.known = tuple(Trusted(number, read_public_key(f"{self.prefix(number)}{PUBLIC}")) for number in numbers)
        self.signing = read_signing_key(f"{self.prefix(numbers[-1])}{PRIVATE}")
        self.names = names

    def numbers(self) -> list[int]:
        """The numbers of whole pairs, oldest first."""
        found = [path.stem for path in self.folder.glob(f"*{PRIVATE}") if path.with_suffix(PUBLIC).exists()]
        return sorted(int(stem) for stem in found if stem.isdecimal())

    def prefix(self, number: int) -> Path:
        return self.folder / f"{number:04d}"

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        self.look()
        if self.signing is None:
            raise KeyFileError("HX711", f"there is no key in `{self.folder}`", help="put back the keys of the platform")
        return self.signing

    @property
    def trusted(self) -> Sequence[Trusted]:
        """All keys whose signatures count, oldest first."""
        self.look()
        return self.known

    def rotate(self) -> Trusted:
        """A new pair, which signs from now on; what the older ones signed stays good."""
        self.look()
        if len(self.known) >= MOST_KEYS:
            raise KeyFileError("HX712", f"there are {MOST_KEYS} keys", help="retire the oldest one first")
        number = self.known[-1].number + 1 if self.known else 1
        key = SigningKey.new()
        write_pair(key, self.prefix(number))
        return Trusted(number, key.public)

    def retire(self, key_id: str) -> None:
        """An old pair is trusted no more. The files are kept in a folder beside."""
        self.look()
        found = [known for known in self.known[:-1] if known.public.key_id == key_id]
        if not found:
            help = "`hexgate-platform keys list` shows them; the newest one signs, and cannot be retired"
            raise KeyFileError("HX711", "there is no old key with this id", help=help)
        beside = self.folder / RETIRED
        beside.mkdir(exist_ok=True, mode=0o700)
        # The public half goes first: from then on nobody trusts it.
        for suffix in (PUBLIC, PRIVATE):
            path = Path(f"{self.prefix(found[0].number)}{suffix}")
            path.rename(beside / path.name)
