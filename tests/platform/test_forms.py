"""What no database and no JSON can keep is refused before it gets anywhere."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.platform.kit.forms import unkeepable
from tests.platform.projects import Project, manifest, told

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab\u00e9", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
)


@given(JSON)
def test_what_json_knows_can_be_kept(value: Any) -> None:
    assert unkeepable(value) is None


@given(JSON, st.sampled_from(["\0", "a\0", "\ud800", "\udfff!", float("nan"), float("-inf")]))
def test_what_cannot_be_kept_is_found_however_deep(value: Any, wrong: Any) -> None:
    assert unkeepable([value, {"x": [wrong]}]) is not None
    assert not isinstance(wrong, str) or unkeepable({wrong: value}) is not None


def test_nesting_has_an_end() -> None:
    value: Any = []
    for _ in range(200):
        value = [value]
    assert unkeepable(value) == "it is nested more than 100 deep"


@pytest.mark.parametrize(
    "text", ['"\\u0000"', '"\\ud800"', "NaN", "1e999", "[" * 200 + "]" * 200, "[" * 100_000 + "]" * 100_000]
)
def test_a_body_that_cannot_be_kept_is_a_problem_and_no_failure(project: Project, text: str) -> None:
    said = json.dumps({"manifest": manifest("get_order", description="HERE")}).replace('"HERE"', text)
    headers = {"Authorization": f"Bearer {project.token}", "Content-Type": "application/json"}
    answer = project.api.post("/v1/agents", content=said, headers=headers)

    assert told(answer) in {(422, "HX1001"), (400, "HX1002")}


def test_a_number_of_any_length_is_kept(project: Project) -> None:
    number = 10**40
    sent = manifest("get_order")
    sent["tools"][0]["input_schema"] = {"maximum": number}
    assert project.ask("POST", "/v1/agents", {"manifest": sent}).status_code == 201

    seen = project.owner.get(f"{project.path}/agents/shop").json()
    assert seen["manifest"]["tools"][0]["input_schema"] == {"maximum": number}


@pytest.mark.parametrize("path", ["/v1/projects/a%00b/agents", "/v1/projects/returns/agents/shop/revisions?before=%00"])
def test_an_address_with_a_nul_leads_nowhere(project: Project, path: str) -> None:
    assert told(project.owner.get(path)) == (404, "HX1004")
