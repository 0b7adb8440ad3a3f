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
        "a variable that cannot be understood",
        "HEXGATE_BUNDLE_REQUIRE_SIGNATURE=maybe hexgate doctor | tail -n 4",
        means="A variable of the environment that switches something holds a word that says neither yes nor no, or one that names "
        "paths is set and names none.",
        remedy="Set a switch to `1`, `true`, `yes` or `on`, or to `0`, `false`, `no` or `off`; unset what is to say nothing.",
    ),
    entry(
        "command",
        "HX722",
        "a policy without a signature where one is required",
        "HEXGATE_BUNDLE_REQUIRE_SIGNATURE=1 HEXGATE_LOCAL_POLICY=policy.yaml hexgate doctor | tail -n 4",
        means="A YAML file or a directory of role files carries no signature, and the environment requires one, or what it takes "
        "the place of is signed. Where keys are trusted and nothing is required, this is a warning.",
        remedy="Build a bundle with a key and name that.",
    ),
    entry(
        "command",
        "HX723",
        "a variable that nothing reads",
        "HEXGATE_LOCAL_POLCY=policy.yaml hexgate doctor | tail -n 4",
        means="The environment has a variable with our prefix that this release does not know.",
        remedy="Correct its name. Each variable stands on the page about the environment.",
    ),
    entry(
        "command",
        "HX724",
        "wheels of different versions",
        """
        mkdir -p old/hexgate_mcp-0.0.9.dist-info
        printf 'Metadata-Version: 2.1\\nName: hexgate-mcp\\nVersion: 0.0.9\\n' > old/hexgate_mcp-0.0.9.dist-info/METADATA
        PYTHONPATH=old hexgate doctor | tail -n 4
        """,
        means="The wheels of Hexgate that are installed here are not all of one version. They are made to be used together.",
        remedy="Install all of them in one version.",
    ),
    entry(
        "command",
        "HX725",
        "a file that is not the one that was installed",
        """
        version=$(hexgate --version | cut -d ' ' -f 2); mkdir -p bad/hexgate_mcp.dist-info
        printf "Metadata-Version: 2.1\\nName: hexgate-mcp\\nVersion: $version\\n" > bad/hexgate_mcp.dist-info/METADATA
        echo 'hexgate/mcp/gone.py,sha256=AAAA,1' > bad/hexgate_mcp.dist-info/RECORD
        PYTHONPATH=bad hexgate doctor | tail -n 4
        """,
        means="A wheel records a hash of each of its files, and this one has changed or is gone.",
        remedy="Find out who changed it, and install the wheel anew.",
    ),
    entry(
        "command",
        "HX726",
        "an engine for modules that does not run as it should",
        "mkdir broken; echo 'raise ImportError(\"no library for this machine\")' > broken/wasmtime.py; "
        "PYTHONPATH=broken hexgate doctor | tail -n 4",
        means="Modules cannot be run on this machine, or run slowly, or do not answer as the native engine does.",
        remedy="Install hexgate-core and wasmtime anew. YAML is decided by the native engine, which needs neither.",
    ),
)
