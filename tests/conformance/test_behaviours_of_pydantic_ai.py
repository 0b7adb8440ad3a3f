"""Every behaviour of the gate and of a door, by every way of running an agent of Pydantic AI."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.behaviours import BEHAVIOURS
from tests.conformance.doors import BEHAVIOURS_OF_DOORS
from tests.conformance.drivers.pydantic_ai import DRIVERS
from tests.conformance.telling import BEHAVIOURS_OF_EVENTS


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("way", DRIVERS)
def test_the_gate_behaves(way: str, behaviour: str, tmp_path: Path) -> None:
    BEHAVIOURS[behaviour](DRIVERS[way], tmp_path)


@pytest.mark.parametrize("behaviour", BEHAVIOURS_OF_DOORS)
@pytest.mark.parametrize("way", DRIVERS)
def test_the_door_behaves(way: str, behaviour: str, tmp_path: Path) -> None:
    BEHAVIOURS_OF_DOORS[behaviour](DRIVERS[way], tmp_path)


@pytest.mark.parametrize("behaviour", BEHAVIOURS_OF_EVENTS)
def test_the_events_behave(behaviour: str, tmp_path: Path) -> None:
    BEHAVIOURS_OF_EVENTS[behaviour](next(iter(DRIVERS.values())), tmp_path)
