"""Work in, its result out, while the event loop goes on. Loaded when first needed: who has no event loop needs no asyncio."""

from asyncio import to_thread as in_thread

__all__ = ["in_thread"]
