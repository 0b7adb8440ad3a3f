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
    entry(
        "python",
        "HX708",
        "a certificate that does not come out the same",
        """
        from hexgate.core.bundle.certify import certify, repeat
        from hexgate.core.program import compile_policy
        from hexgate.core.wasm.assemble import assemble

        program = compile_policy(Policy.from_text("tools: {refund_order: {mode: allow}}"))
        module = assemble(program)
        recorded = certify(program, module).as_dict()
        repeat({**recorded, "rules": {"total": 9, "reached": 9}}, program, module)
        """,
        means="Both engines answered the calls alike, but the number of calls or what they covered is not what was written down.",
        remedy="The manifest was changed, or the bundle is of another policy. Build it anew from its source.",
    ),
    entry(
        "python",
        "HX709",
        "a certificate that cannot be repeated",
        """
        from hexgate.core.bundle.certify import repeat
        from hexgate.core.program import compile_policy
        from hexgate.core.wasm.assemble import assemble

        program = compile_policy(Policy.from_text("tools: {refund_order: {mode: allow}}"))
        repeat({"calls": "many"}, program, assemble(program))
        """,
        means="A certificate has to say how many calls were asked, by which generator and with which seed.",
        remedy="Build the bundle anew.",
    ),
)
