"""The environment in, what it says about where programs come from out.

# INVARIANT: a setting that cannot be understood is an error, never the weaker of its meanings.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.text.render import shown

__all__ = [
    "LOCAL_POLICY",
    "PUBLIC_KEY_PATH",
    "REQUIRE_SIGNATURE",
    "SIGN_KEY_PATH",
    "VARIABLES",
    "Settings",
]

LOCAL_POLICY = "HEXGATE_LOCAL_POLICY"
PUBLIC_KEY_PATH = "HEXGATE_BUNDLE_PUBKEY_PATH"
SIGN_KEY_PATH = "HEXGATE_BUNDLE_SIGN_KEY_PATH"
REQUIRE_SIGNATURE = "HEXGATE_BUNDLE_REQUIRE_SIGNATURE"
VARIABLES = (LOCAL_POLICY, PUBLIC_KEY_PATH, SIGN_KEY_PATH, REQUIRE_SIGNATURE)
SWITCHES = {
    "": False,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. An empty variable says nothing."""

    local_policy: str | None = None
    public_keys: tuple[str, ...] = ()
    sign_key: str | None = None
    require_signature: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of an environment, this process's own by default."""
        said = os.environ if environment is None else environment
        return cls(
            local_policy=said.get(LOCAL_POLICY) or None,
            public_keys=paths(PUBLIC_KEY_PATH, said.get(PUBLIC_KEY_PATH, "")),
            sign_key=said.get(SIGN_KEY_PATH) or None,
            require_signature=switch(REQUIRE_SIGNATURE, said.get(REQUIRE_SIGNATURE, "")),
        )


def paths(name: str, value: str) -> tuple[str, ...]:
    """The paths of a variable, at least one where it says anything."""
    found = tuple(path for path in value.split(os.pathsep) if path)
    if value and not found:
        help = "set it to the path of a file, or unset it"
        raise PolicyError([Mistake("HX721", f"`{name}` names no path: `{shown(value)}`", help)])
    return found


def switch(name: str, value: str) -> bool:
    """Whether a variable that is on or off is on."""
    word = value.strip().lower()
    if word not in SWITCHES:
        message = f"`{name}` is neither on nor off: `{shown(value)}`"
        raise PolicyError([Mistake("HX721", message, "set it to 1 or to 0")])
    return SWITCHES[word]
