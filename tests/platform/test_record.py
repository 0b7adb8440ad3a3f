"""The record: what is acknowledged is there, counts once, and is read by nobody else."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.audit.lines import LONGEST_LINE
from hexgate.platform.features.record.lines import sorted_out
from hexgate.platform.features.record.service import WIDTHS, harmless, width_of
from hexgate.platform.features.record.store import Window
from hexgate.platform.features.record.writer import MOST_WAITING, Writer
from hexgate.platform.kit.clickhouse import ClickHouse
from tests.platform.people import Clock, Person, the
from tests.platform.projects import Project, told
from tests.platform.records import Stream, send


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    """The record lies elsewhere."""
    return f"sqlite:///{tmp_path}/platform.db"


@pytest.fixture(params=["embedded", "server"])
def store_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stream(clock: Clock) -> Stream:
    return Stream(clock)


def read(project: Project, what: str, **query: Any) -> Any:
    answer = project.owner.get(f"{project.path}/audit/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_is_sent_is_there_when_it_is_acknowledged(project: Project, stream: Stream) -> None:
    stream.settle(stream.decide("allow"))
    stream.settle(stream.decide("deny"), "refused")
    stream.decide("approval_required", user_id=None, roles=[])

    assert send(project, stream.lines).json() == {"accepted": 5, "refused": []}
    seen = read(project, "summary")
    assert (seen["decisions"], seen["by_outcome"]) == (3, {"allow": 1, "approval_required": 1, "deny": 1})
    assert seen["by_status"] == {"ran": 1, "refused": 1}
    assert seen["users"] == [
        {"name": "alice", "decisions": 2, "denied": 1, "for_approval": 0},
        {"name": "", "decisions": 1, "denied": 0, "for_approval": 1},
    ]


def test_what_comes_twice_counts_once_everywhere(project: Project, stream: Stream) -> None:
    for _ in range(3):
        stream.settle(stream.decide("deny"), "refused")
    for lines in (stream.lines, stream.lines[2:], stream.lines):
        assert send(project, lines).status_code == 200

    assert read(project, "summary")["by_outcome"] == {"deny": 3}
    assert read(project, "summary")["by_status"] == {"refused": 3}
    assert sum(bucket["deny"] for bucket in read(project, "timeseries")["buckets"]) == 3
    assert len(read(project, "decisions")["decisions"]) == 3
    [seen] = read(project, "streams")["streams"]
    assert (seen["records"], seen["missing"]) == (6, 0)
    assert len(export(project, "jsonl").splitlines()) == 3


def export(project: Project, form: str, **query: Any) -> str:
    answer = project.owner.get(f"{project.path}/audit/export", params={"format": form, **query})
    assert answer.status_code == 200
    return str(answer.text)


def test_a_decision_is_shown_with_what_happened_then(project: Project, stream: Stream) -> None:
    id = stream.decide(arguments={"amount": 5}, session_id="s1")
    stream.settle(id)
    send(project, stream.lines)

    [listed] = read(project, "decisions")["decisions"]
    assert (listed["id"], listed["status"], listed["at"], listed["session_id"]) == (
        id,
        "ran",
        "2026-11-01T12:00:00Z",
        "s1",
    )
    one = read(project, f"decisions/{id}")
    assert (one["decided"]["arguments"], one["settled"]["milliseconds"], one["seq"]) == ({"amount": 5}, 1.5, 1)
    assert told(project.owner.get(f"{project.path}/audit/decisions/other")) == (404, "HX1004")


def test_a_line_that_cannot_be_kept_is_refused_and_the_others_are_kept(project: Project, stream: Stream) -> None:
    good = stream.lines
    stream.decide()
    stream.add("decided", id="x", outcome="maybe", tool="t")
    stream.add("settled")
    stream.add("decided", id="y", outcome="allow", tool="t", ago=91 * 24 * 3600)
    stream.add("decided", id="z", outcome="allow", tool="t", ago=-301)
    stream.add("decided", id="w", outcome="allow", tool="t", roles="admin")
    stream.add("decided", id="v", outcome="allow", tool="t" * 1025)
    answer = send(project, [*good, b"{}\n", b"no json\n", stream.lines[0].replace(b"allow", b"allow\\ud800")])

    assert answer.json()["accepted"] == 1
    reasons = {entry["index"]: entry["reason"] for entry in answer.json()["refused"]}
    assert reasons == {
        1: "it has no `tool`, or its `outcome` is none of `allow`, `deny`, `approval_required`",
        2: "it has no `id`",
        3: "`at` lies more than 90 days back",
        4: "`at` lies more than five minutes in the future",
        5: "`roles` is no list of at most 64 names",
        6: "`tool` is no text of at most 1,024 characters",
        7: "it does not begin as a record does",
        8: "it does not begin as a record does",
        9: "it is no JSON",
    }
    assert read(project, "summary")["decisions"] == 1


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b'{"stream":"a","seq":1,"prev":"' + b"0" * 64 + b'","kind":"decided",']),
)
def test_no_bytes_make_more_than_a_refusal(data: bytes, head: bytes) -> None:
    rows, refused = sorted_out([head + data], project="p", token_id="t", now=Clock()())

    assert len(rows) + len(refused) == 1


def test_a_record_belongs_to_the_project_of_the_token(project: Project, stream: Stream) -> None:
    stream.decide(project="somebody-elses")
    send(project, stream.lines)

    assert read(project, "summary")["decisions"] == 1


def test_nobody_reads_the_record_of_another_project(
    project: Project, stream: Stream, person: Callable[[str], Person]
) -> None:
    id = stream.decide()
    send(project, stream.lines)
    otto = person("otto@example.com")
    organization = otto.post("/v1/organizations", {"name": "Other"}).json()["id"]
    otto.post(f"/v1/organizations/{organization}/projects", {"id": "other"})

    assert otto.get("/v1/projects/other/audit/summary").json()["decisions"] == 0
    assert told(otto.get(f"/v1/projects/other/audit/decisions/{id}")) == (404, "HX1004")
    assert told(otto.get("/v1/projects/returns/audit/summary")) == (404, "HX1004")


def test_a_token_reads_the_record_only_if_it_is_for_that(project: Project, stream: Stream) -> None:
    def ask(*scopes: str, path: str = project.path) -> Any:
        made = project.owner.post(f"{project.path}/tokens", {"name": "x", "scopes": scopes}).json()
        headers = {"Authorization": f"Bearer {made['token']}"}
        return project.api.get(f"{path}/audit/summary", headers=headers)

    assert ask("read_audit").status_code == 200
    assert told(ask("emit_audit")) == (403, "HX1302")
    assert told(ask("read_audit", path="/v1/projects/support-bot")) == (404, "HX1004")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "abcd"),
        ({"outcome": "deny"}, "bd"),
        ({"tool": "refund_order"}, "ab"),
        ({"user_id": "bob"}, "cd"),
        ({"role": "support"}, "c"),
        ({"agent": "shop", "code": "allowed"}, "ac"),
        ({"text": "REFUND"}, "ab"),
        ({"text": "' or 1=1 --"}, ""),
        ({"tool": "refund_order' or '1'='1"}, ""),
        ({"user_id": "{project:String}"}, ""),
        ({"text": "%"}, ""),
    ],
)
def test_filters_say_what_is_found_and_nothing_else(
    project: Project, stream: Stream, query: dict[str, str], found: str
) -> None:
    stream.decide("allow", id="a")
    stream.decide("deny", id="b")
    stream.decide("allow", id="c", tool="lookup", user_id="bob", roles=["support"])
    stream.decide("deny", id="d", tool="lookup", user_id="bob")
    send(project, stream.lines)

    ids = [entry["id"] for entry in read(project, "decisions", **query)["decisions"]]
    assert sorted(ids) == sorted(found)
    assert len(export(project, "jsonl", **query).splitlines()) == len(found)


def test_pages_miss_nothing_and_repeat_nothing_while_more_comes(project: Project, stream: Stream, clock: Clock) -> None:
    # Several of one moment, so that the time alone says too little about the place.
    ids = [stream.decide(id=f"{number:03d}", ago=number // 7) for number in range(120)]
    send(project, stream.lines)
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = read(project, "decisions", **after)
        seen += [entry["id"] for entry in page["decisions"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
        newer = Stream(clock, name=f"20261101T120000Z-{len(seen):016d}")
        newer.decide(id=f"new{len(seen)}", ago=-1)
        send(project, newer.lines)

    assert sorted(seen) == sorted(ids)
    assert told(project.owner.get(f"{project.path}/audit/decisions?after=x")) == (422, "HX1001")


def test_gaps_and_changed_records_are_found(project: Project, stream: Stream) -> None:
    for number in range(10):
        stream.decide(id=str(number))
    stream.add("sealed", last=True, by="writer")
    changed = stream.lines[7].replace(b"refund_order", b"delete_order")
    send(project, [*stream.lines[:3], *stream.lines[5:7], changed, *stream.lines[8:]])

    [seen] = read(project, "streams")["streams"]
    assert (seen["records"], seen["last"], seen["missing"], seen["is_ended"]) == (9, 11, 2, True)
    assert read(project, f"streams/{stream.name}")["gaps"] == [
        {"after": 3, "before": 6, "what": "missing"},
        {"after": 8, "before": 9, "what": "changed"},
    ]
    send(project, stream.lines[3:5])
    assert read(project, "streams")["streams"][0]["missing"] == 0


def test_a_series_has_every_stretch_and_not_too_many(project: Project, stream: Stream) -> None:
    stream.decide("allow", ago=30)
    stream.decide("deny", ago=3600)
    send(project, stream.lines)

    seen = read(project, "timeseries", since="2026-11-01T10:30:00Z", until="2026-11-01T12:30:00Z")
    assert (seen["seconds"], len(seen["buckets"])) == (60, 120)
    filled = {bucket["at"]: (bucket["allow"], bucket["deny"]) for bucket in seen["buckets"]}
    assert {at: counts for at, counts in filled.items() if counts != (0, 0)} == {
        "2026-11-01T11:59:00Z": (1, 0),
        "2026-11-01T11:00:00Z": (0, 1),
    }


@given(st.integers(1, 91 * 24 * 3600))
def test_a_series_never_has_more_stretches_than_fit(seconds: int) -> None:
    clock = Clock()
    since = clock()
    clock.move(seconds=seconds)
    width = width_of(Window(since, clock()))

    assert width in WIDTHS
    assert seconds / width <= 120


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"},
        {"since": "2026-01-01T00:00:00Z", "until": "2026-11-01T00:00:00Z"},
        {"since": "1969-01-01T00:00:00Z", "until": "1969-01-02T00:00:00Z"},
    ],
)
def test_a_stretch_that_cannot_be_asked_about_is_refused(project: Project, query: dict[str, str]) -> None:
    assert told(project.owner.get(f"{project.path}/audit/summary", params=query)) == (422, "HX1404")


def test_who_is_denied_much_more_than_usual_is_shown(project: Project, stream: Stream) -> None:
    for number in range(15):
        stream.decide("deny", user_id="mallory", ago=number + 1)
    for number in range(40):
        stream.decide("deny", user_id="steady", ago=number * 1800)
    send(project, stream.lines)

    seen = read(project, "anomalies")["bursts"]
    assert {entry["user_id"] for entry in seen} == {"mallory"}
    assert sum(entry["denied"] for entry in seen) == 15


def test_no_cell_of_an_export_is_a_formula(project: Project, stream: Stream) -> None:
    stream.decide("deny", tool='=HYPERLINK("http://evil")', user_id="+1", agent='a","b\nc', session_id="@x")
    send(project, stream.lines)

    head, row = csv.reader(io.StringIO(export(project, "csv"), newline=""))
    said = dict(zip(head, row, strict=True))
    assert (said["tool"], said["user_id"], said["agent"], said["session_id"]) == (
        '\'=HYPERLINK("http://evil")',
        "'+1",
        'a","b\nc',
        "'@x",
    )
    assert [harmless(text) for text in ("-1", "\tx", "\rx", "x=1", "")] == ["'-1", "'\tx", "'\rx", "x=1", ""]


def test_an_export_goes_on_over_many_pages(project: Project, stream: Stream, clock: Clock) -> None:
    for number in range(5):
        more = Stream(clock, name=f"20261101T115000Z-{number:016d}")
        for _ in range(900):
            more.decide(ago=number)
        assert send(project, more.lines).json()["accepted"] == 900

    lines = [json.loads(line) for line in export(project, "jsonl").splitlines()]
    assert len({line["decided"]["id"] for line in lines}) == 4500 == len(lines)


def test_a_batch_has_a_largest_size(project: Project, stream: Stream) -> None:
    for _ in range(1001):
        stream.decide()
    assert told(send(project, stream.lines)) == (413, "HX1402")
    assert send(project, stream.lines[:1000]).status_code == 200
    assert told(send(project, [b" " * (17 * 1024 * 1024)])) == (413, "HX1003")
    long = send(project, [stream.lines[0][:-1] + b" " * LONGEST_LINE + b"\n"])
    assert long.json()["refused"] == [{"index": 0, "reason": "it has more than 262,144 bytes"}]


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(b"x" * 100, mtime=0)[:-4], b""], ids=["another", "cut off", "nothing"]
)
def test_what_is_not_packed_as_it_says_is_refused(project: Project, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {project.token}", "Content-Encoding": "gzip"}

    answer = project.api.post("/v1/audit/events:batch", content=body, headers=headers)
    assert told(answer) == (400, "HX1002")


def test_an_unknown_packing_is_refused_and_none_is_taken(project: Project, stream: Stream) -> None:
    stream.decide()
    headers = {"Authorization": f"Bearer {project.token}", "Content-Encoding": "br"}

    assert told(project.api.post("/v1/audit/events:batch", content=b"x", headers=headers)) == (400, "HX1002")
    assert send(project, stream.lines, packed=False).json()["accepted"] == 1


def test_a_program_without_a_record_sends_one_decision(project: Project) -> None:
    sent = {"agent": "shop", "tool": "refund_order", "outcome": "deny", "user_id": "alice", "arguments": {"amount": 5}}
    answers = [project.ask("POST", "/v1/audit/decisions", {**sent, "event_id": "e_1"}) for _ in range(2)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(202, {"event_id": "e_1"})] * 2
    assert project.ask("POST", "/v1/audit/decisions", sent).status_code == 202
    seen = read(project, "summary")
    assert (seen["decisions"], seen["by_outcome"]) == (2, {"deny": 2})
    assert read(project, "streams") == {"streams": []}
    old = project.ask("POST", "/v1/audit/decisions", {**sent, "at": "2025-01-01T00:00:00Z"})
    assert told(old) == (400, "HX1403")


def test_when_the_store_is_down_nothing_is_acknowledged(api: TestClient, project: Project, stream: Stream) -> None:
    stream.decide()
    writer = the(api, Writer)
    really = writer.store
    writer.store = ClickHouse(unreachable, cluster="", embedded=False)

    refused = send(project, stream.lines)
    assert told(refused) == (503, "HX1401")
    assert refused.headers["Retry-After"] == "5"
    writer.store = really
    assert send(project, stream.lines).status_code == 200
    assert read(project, "summary")["decisions"] == 1


def unreachable() -> Any:
    """A store that is not there."""
    raise ConnectionRefusedError(111, "Connection refused")


def test_what_was_kept_is_never_replaced_by_what_comes_later(project: Project, stream: Stream) -> None:
    stream.decide("deny", id="x")
    send(project, stream.lines)
    send(project, [stream.lines[0].replace(b'"outcome":"deny"', b'"outcome":"allow"')])

    assert read(project, "summary")["by_outcome"] == {"deny": 1}
    assert read(project, "decisions/x")["decided"]["outcome"] == "deny"


def test_names_as_long_as_a_call_may_have_are_kept(project: Project, stream: Stream) -> None:
    stream.decide(tool="t" * 1024, user_id="u" * 1024)

    assert send(project, stream.lines).json()["accepted"] == 1


def test_when_too_much_waits_more_is_refused(api: TestClient, project: Project, stream: Stream) -> None:
    stream.decide()
    writer = the(api, Writer)
    writer.count = MOST_WAITING

    assert told(send(project, stream.lines)) == (503, "HX1401")
    writer.count = 0
    assert send(project, stream.lines).status_code == 200
    assert writer.count == 0
