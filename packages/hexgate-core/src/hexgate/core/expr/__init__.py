"""A constraint's text in, its tree out (`parse`); a tree in, its canonical text out (`show`); a tree and the constants in, the
condition under which it is known to be true out (`normalise`).

`clean` says what a clean path, a host and a file pattern are, `patterns` what a regular expression is: for everyone who asks.
"""

from hexgate.core.expr.normal import Condition, normalise
from hexgate.core.expr.parser import parse
from hexgate.core.expr.printer import show
from hexgate.core.expr.syntax import Expression, Leaf, Operand, Value

__all__ = ["Condition", "Expression", "Leaf", "Operand", "Value", "normalise", "parse", "show"]
