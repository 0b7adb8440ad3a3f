"""Where something stands in an author's text, and how it is shown to them.

A `Source` is a named text, a `Span` a stretch of it; `excerpt` draws the line with carets, `nearest` finds the word that was
meant.
"""

from hexgate.core.text.render import excerpt
from hexgate.core.text.source import Source, Span
from hexgate.core.text.suggest import nearest, suggestion

__all__ = ["Source", "Span", "excerpt", "nearest", "suggestion"]
