"""What a door to a framework is made of: its protocol, how it is found, the manifest of an agent, a run and its events."""

from hexgate.core.adapters.discovery import acreate_manifest, create_manifest, door_of, doors
from hexgate.core.adapters.events import EVENT_KINDS, RunEvent, Story
from hexgate.core.adapters.holding import Held
from hexgate.core.adapters.loops import in_own_loop
from hexgate.core.adapters.manifest import AgentManifest, ToolManifest
from hexgate.core.adapters.opening import Approvals, GateOptions, Parts, opened
from hexgate.core.adapters.protocol import Door
from hexgate.core.adapters.running import Run, current_run, ungated
from hexgate.core.adapters.streaming import Ending, apart, relayed, streamed
from hexgate.core.errors import DoorError, UngatedError

__all__ = [
    "EVENT_KINDS",
    "AgentManifest",
    "Approvals",
    "Door",
    "DoorError",
    "Ending",
    "GateOptions",
    "Held",
    "Parts",
    "Run",
    "RunEvent",
    "Story",
    "ToolManifest",
    "UngatedError",
    "acreate_manifest",
    "apart",
    "create_manifest",
    "current_run",
    "door_of",
    "doors",
    "in_own_loop",
    "opened",
    "relayed",
    "streamed",
    "ungated",
]
