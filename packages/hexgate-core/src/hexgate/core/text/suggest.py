"""A word and the words that are known in, the one that was probably meant out."""

from __future__ import annotations

from collections.abc import Iterable

from hexgate.core.text.render import visible

__all__ = ["nearest", "suggestion"]

# INVARIANT: a hostile document cannot make a suggestion expensive: these bounds hold before any distance is computed.
MOST_CANDIDATES = 500
LONGEST_WORD = 64
# Characters compared with characters, over all candidates: a few hundredths of a second.
MOST_STEPS = 100_000


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word with the fewest edits from `word`, if it is near enough to be a slip of the hand."""
    if not word or len(word) > LONGEST_WORD:
        return None
    best: tuple[int, str] | None = None
    steps = 0
    for position, candidate in enumerate(known):
        if position == MOST_CANDIDATES or steps > MOST_STEPS:
            break
        if abs(len(candidate) - len(word)) > 3 or len(candidate) > LONGEST_WORD:
            continue
        steps += len(word) * len(candidate)
        edits = distance(word.casefold(), candidate.casefold())
        if edits <= max(1, len(word) // 3) and (best is None or (edits, candidate) < best):
            best = (edits, candidate)
    return best[1] if best else None


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """`nearest`, as the help line of a mistake."""
    near = nearest(word, known)
    return f"did you mean `{visible(near)}`?" if near is not None else None


def distance(left: str, right: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours that turn one word into the other."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, char in enumerate(left, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == right[j - 2] and left[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
