"""Recordings, written by hand or by a tick: decided frame by frame, and of a form that is published."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.calling import Call
from tests.cli.shop import write_shop

Change = Callable[[dict[str, Any]], object]
BY_HAND = re.search(r"^```json\n(.*?)^```$", (Path(__file__).parents[2] / "docs/recordings.md").read_text(), re.MULTILINE | re.DOTALL)
assert BY_HAND
TEXT = BY_HAND[1]


@pytest.fixture
def recording() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(TEXT)
    return read


def validator(call: Call, kind: str) -> Draft202012Validator:
    schema = json.loads(call("schema", kind).out)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_every_frame_is_decided_and_the_past_goes_on(call: Call, tmp_path: Path, recording: dict[str, Any]) -> None:
    _, second = recording["value"]["frames"]
    second.pop("histories")
    (tmp_path / "web.json").write_text(json.dumps(recording))
    ran = call("decide", "--recording", "web.json", "--output", "json")
    one, two = json.loads(ran.out)["value"]
    assert (one["decision"]["count"], two["decision"]["count"]) == (3, 7)
    assert [event["change"] for event in two["kept"]["events"]] == [1, 4]
    assert [each["count"] for each in two["kept"]["recommendations"]] == [2, 3, 7]


def test_what_is_written_by_hand_is_as_the_schema_says(call: Call, tmp_path: Path, recording: dict[str, Any]) -> None:
    assert [*validator(call, "recording").iter_errors(recording)] == []
    (tmp_path / "web.json").write_text(TEXT)
    decisions = json.loads(call("decide", "--recording", "web.json", "--output", "json").out)
    assert [*validator(call, "decisions").iter_errors(decisions)] == []


def test_what_a_tick_records_is_as_the_schema_says(call: Call, tmp_path: Path) -> None:
    write_shop(tmp_path)
    assert call("plan", "--record", "now.json").code == 0
    assert [*validator(call, "recording").iter_errors(json.loads((tmp_path / "now.json").read_text()))] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda frame: frame.update(proposal="7"), "value.frames[1].proposal: int", id="a count in quotes"),
        pytest.param(lambda frame: frame.update(propsal=7), "Frame has no 'propsal'", id="a field nobody knows"),
        pytest.param(lambda frame: frame.pop("observation"), "Frame lacks observation", id="no observation"),
        pytest.param(lambda frame: frame["observation"]["state"].pop("type"), "type None is none of", id="nobody knows of what type"),
    ],
)
def test_the_schema_refuses_what_the_command_refuses(
    call: Call, tmp_path: Path, recording: dict[str, Any], change: Change, says: str
) -> None:
    change(recording["value"]["frames"][1])
    assert [*validator(call, "recording").iter_errors(recording)] != []
    (tmp_path / "web.json").write_text(json.dumps(recording))
    ran = call("decide", "--recording", "web.json")
    assert (ran.code, says in ran.err) == (1, True)


def test_an_unread_cluster_is_passed_over_and_told_in_the_end(call: Call, tmp_path: Path, recording: dict[str, Any]) -> None:
    recording["value"]["frames"][1]["observation"]["state"] = {"type": "Unknown", "why": "late"}
    (tmp_path / "web.json").write_text(json.dumps(recording))
    ran = call("decide", "--recording", "web.json", "--output", "json")
    assert (ran.code, len(json.loads(ran.out)["value"])) == (1, 1)
    assert "could not be read" in ran.err


def test_a_quantity_beyond_reason_is_told(call: Call, tmp_path: Path) -> None:
    write_shop(tmp_path)
    call("plan", "--record", "now.json")
    recording = json.loads((tmp_path / "now.json").read_text())
    recording["value"]["frames"][0]["observation"]["state"]["nodes"][1]["capacity"]["memory"] = 2**70
    (tmp_path / "now.json").write_text(json.dumps(recording))
    ran = call("plan", "--from", "now.json")
    assert (ran.code, "beyond what 64 bits hold" in ran.err) == (1, True)
