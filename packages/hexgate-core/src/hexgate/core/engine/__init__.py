"""A program and a question in, a decision out, in this process: closures that were prepared once are walked for each call."""

from hexgate.core.engine.explain import Explanation, explain
from hexgate.core.engine.native import NativeEngine

__all__ = ["Explanation", "NativeEngine", "explain"]
