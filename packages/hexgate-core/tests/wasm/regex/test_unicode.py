"""The tables of Unicode read back what was written."""

from __future__ import annotations

from hexgate.core.wasm.regex.ranges import EVERY, complement, normal
from hexgate.core.wasm.regex.unicode import folded, group_named, orbit_of, read_groups, read_orbits


def test_ranges_are_in_order_and_apart() -> None:
    assert normal([(5, 9), (1, 2), (3, 3), (7, 20)]) == ((1, 3), (5, 20))
    assert normal([]) == ()
    for name, ranges in read_groups().items():
        assert ranges == normal(ranges), name


def test_a_complement_turns_around() -> None:
    assert complement(()) == EVERY
    assert complement(EVERY) == ()
    assert complement(complement(((3, 9),))) == ((3, 9),)


def test_names_are_re2s() -> None:
    assert group_named("Any") == EVERY
    assert group_named("Cs") == ()
    for name in ("", "Foo", "greek", "pairs", "larger", "#", "CL"):
        assert group_named(name) is None


def test_a_major_category_is_all_of_its_parts() -> None:
    parts = [group_named(name) or () for name in ("Lu", "Ll", "Lt", "Lm", "Lo")]
    assert group_named("L") == normal(pair for part in parts for pair in part)


def test_an_orbit_is_the_same_from_each_of_its_points() -> None:
    assert all(orbit_of(other) == orbit and point in orbit for point, orbit in read_orbits().items() for other in orbit)
    assert orbit_of(ord("k")) == (0x4B, 0x6B, 0x212A)
    assert orbit_of(ord("1")) == (0x31,)


def test_a_set_without_letters_folds_to_itself() -> None:
    assert folded(((0x30, 0x39),)) == ((0x30, 0x39),)
    assert folded(((0x6B, 0x6B),)) == ((0x4B, 0x4B), (0x6B, 0x6B), (0x212A, 0x212A))
    assert folded(EVERY) == EVERY
