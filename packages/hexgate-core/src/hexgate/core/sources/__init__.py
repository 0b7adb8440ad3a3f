"""Where programs come from: data, a file, a directory, a bundle; and how they are kept fresh."""

from hexgate.core.sources.opening import PolicySource, source_of
from hexgate.core.sources.protocol import Loaded, Source
from hexgate.core.sources.refresh import Kept, Live

__all__ = ["Kept", "Live", "Loaded", "PolicySource", "Source", "source_of"]
