"""The server: policies in, bundles out, decisions kept. `uvicorn hexgate.platform:app` runs it."""

from hexgate.platform.app import platform

__all__ = ["app", "platform"]

app = platform()
