"""The codes of certificates that cannot be given or do not hold."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["CERTIFICATES"]

CERTIFICATES: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX707",
        "engines that differ",
        """
        from hexgate.core.bundle.certify import certify_engine
        from hexgate.core.engine import NativeEngine
        from hexgate.core.program import compile_policy

        program, other = (
            compile_policy(Policy.from_text(f"tools: {{refund_order: {{mode: {mode}}}}}"))
            for mode in ("allow", "approval_required")
        )
        certify_engine(program, NativeEngine(other))
        """,
        means="The native engine and a module answered one of the generated calls differently, so nothing was built. "
        "The call that is shown was made as small as it could be.",
        remedy="Do not use the module. It was made of another policy, or there is a fault in Hexgate: report both.",
    ),
)
