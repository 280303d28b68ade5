"""What is left behind when something went wrong half-way, and how it is explained and mended."""

import json
from pathlib import Path

import pytest

from autoscaler.cli import driving
from autoscaler.model.quantities import Duration
from tests.cli.calling import Call, Ran
from tests.cli.shop import POLICIES, write_shop


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(driving, "PACE", Duration(50))
    path = write_shop(tmp_path, 3)
    path.write_text(path.read_text().replace(", traffic: edge", ""))
    return path


def begun(call: Call) -> Ran:
    """A drain that was left in its middle, its store lost."""
    assert call("drain", "general-2", "--yes", "--timeout", "1s", "--store", "lost.db").code == 1
    return call("doctor", "--marks", "--output", "json")


def replicas(call: Call) -> set[str]:
    found = json.loads(call("observe", "--output", "json").out)["value"]["state"]["replicas"]
    return {one["id"] for one in found}


def test_marks_of_a_plan_under_way_are_not_stray(call: Call) -> None:
    begun(call)
    found = json.loads(call("doctor", "--marks", "--store", "lost.db", "--output", "json").out)["value"]
    assert found
    assert not [mark for mark in found if mark["stray"]]


def test_marks_of_a_lost_store_are_found_and_taken_off(call: Call, tmp_path: Path) -> None:
    found = json.loads(begun(call).out)["value"]
    assert {mark["object"] for mark in found} >= {"general-2"}
    assert all(mark["stray"] for mark in found)
    (tmp_path / "lost.db").unlink()
    assert "general-2" in call("doctor", "--marks").out
    refused = call("doctor", "--marks", "--remove", "--yes")
    assert refused.code == 4
    assert "belongs to store" in refused.err
    mended = call("doctor", "--marks", "--remove", "--yes", "--take-over")
    assert mended.code == 0, mended.err
    assert "No mark of ours" in call("doctor", "--marks").out
    assert "emptying" not in call("observe").out


def test_marks_are_not_taken_off_without_agreement(call: Call) -> None:
    begun(call)
    assert call("doctor", "--marks", "--remove", stdin="y\n").code == 64


def test_doctor_warns_of_another_stores_mark(call: Call) -> None:
    begun(call)
    ran = call("doctor")
    assert ran.code == 1
    assert "! broken cluster shop owner: store " in ran.out


def test_a_replacement_that_never_gets_healthy_is_explained(call: Call, shop: Path) -> None:
    unhealthy = "seed: 3, workloads: [{name: web, replicas: 3, health: 100h}]"
    shop.write_text(POLICIES.replace("MIN", "5").replace("seed: 3", unhealthy).replace(", traffic: edge", ""))
    before = replicas(call)
    ran = call("apply", "--yes", "--timeout", "3s")
    assert ran.code == 1
    assert "not done after 3s" in ran.err
    explained = call("explain", "web").out
    assert "> at work     wait until 5 replicas of shop/web are healthy" in explained
    assert "since" in explained
    assert replicas(call) >= before, "the old ones stay"


def test_a_node_is_explained_by_its_name(call: Call) -> None:
    begun(call)
    explained = call("explain", "node", "general-2", "--store", "lost.db")
    assert explained.code == 0
    assert "fence node" in explained.out
    assert "grow pool" not in explained.out


def test_the_starter_can_be_planned_and_applied_at_once(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    assert call("init", folder).code == 0
    monkeypatch.chdir(folder)
    text = (folder / "autoscaler.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=autoscaler-v1.schema.json\n")
    assert json.loads((folder / "autoscaler-v1.schema.json").read_text())["properties"]
    assert call("validate").code == 0
    assert call("plan", "--detailed-exitcode").code == 2
    assert call("doctor").code == 0
    (folder / "autoscaler.yaml").write_text("mine")
    again = call("init")
    assert again.code == 64
    assert (folder / "autoscaler.yaml").read_text() == "mine"
