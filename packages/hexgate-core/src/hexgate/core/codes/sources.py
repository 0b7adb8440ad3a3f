"""The codes of sources that no program is taken from."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["SOURCES"]

SOURCES: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX720",
        "no policy is named",
        'Hexgate.from_env(agent="shop-assistant")',
        means="The environment says nothing about where the policy is.",
        remedy="Set `HEXGATE_LOCAL_POLICY`, or name the policy in Python with `Hexgate.from_policy`.",
    ),
    entry(
        "command",
        "HX721",
        "a variable that is neither on nor off",
        "HEXGATE_BUNDLE_REQUIRE_SIGNATURE=maybe python -c "
        "'from hexgate.core import Hexgate; Hexgate.from_policy(\"policy.yaml\")' 2>&1 | tail -n 2",
        means="A variable of the environment that switches something holds a word that says neither yes nor no.",
        remedy="Set it to `1`, `true`, `yes` or `on`, or to `0`, `false`, `no` or `off`.",
    ),
    entry(
        "command",
        "HX722",
        "a policy without a signature where one is required",
        "HEXGATE_BUNDLE_REQUIRE_SIGNATURE=1 python -c "
        "'from hexgate.core import Hexgate; Hexgate.from_policy(\"policy.yaml\")' 2>&1 | tail -n 2",
        means="The environment requires signatures, and a YAML file or a directory of role files carries none.",
        remedy="Build a bundle with a key and name that, or take the variable away.",
    ),
)
