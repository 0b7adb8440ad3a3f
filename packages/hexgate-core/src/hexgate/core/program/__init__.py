"""A policy in the form that engines read: flat, indexed by role and tool, every condition in normal form, immutable."""

from hexgate.core.program.answers import Denials, Engine
from hexgate.core.program.compiler import STAGES, compile_policy
from hexgate.core.program.rules import Check, CompiledRule, Program, RoleIndex

__all__ = ["STAGES", "Check", "CompiledRule", "Denials", "Engine", "Program", "RoleIndex", "compile_policy"]
