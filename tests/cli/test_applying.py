"""Plan, apply, look back: on a simulated shop that lives in a file."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autoscaler.cli import driving
from autoscaler.model.quantities import Duration
from autoscaler.service.runtime import SystemRuntime
from tests.cli.calling import Call
from tests.cli.shop import write_shop


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(driving, "PACE", Duration(50))
    return write_shop(tmp_path)


def value(call: Call, *arguments: str) -> dict[str, object]:
    """The document's value."""
    ran = call(*arguments, "--output", "json")
    assert ran.code == 0, ran.err
    found: dict[str, object] = json.loads(ran.out)["value"]
    return found


def wanted(call: Call, workload: str = "web") -> int:
    state = value(call, "observe")["state"]
    return next(one["wanted"] for one in state["workloads"] if one["ref"]["path"] == workload)  # type: ignore[index,no-any-return]


def test_from_plan_to_history(call: Call) -> None:
    assert call("plan", "--out", "shop.plan").code == 0
    applied = call("apply", "shop.plan", "--yes")
    assert applied.code == 0, applied.err
    assert "+ done        add 2 replicas to shop/web" in applied.err
    assert applied.err.splitlines()[-1] == "applied: 0 to add, 1 to change, 0 to remove."
    assert wanted(call) == 5
    status = call("status")
    assert "nobody leads" in status.out
    assert "owned by store" in status.out
    explained = call("explain", "web")
    assert "shop/web by policy web" in explained.out
    assert "+ done        add 2 replicas to shop/web" in explained.out
    assert "Plan: " not in explained.out
    assert "3 -> 5" in call("history", "shop/web").out
    assert "add 2 replicas" in call("explain", "plan").out
    assert call("apply", "--yes").err.splitlines()[-1] == "nothing to do"


def test_a_pool_that_keeps_room_is_grown_and_explained(call: Call, shop: Path) -> None:
    bounds = "nodes: {min: 1, max: 8}"
    shop.write_text(
        shop.read_text().replace(bounds, f"{bounds}\n    rules: [{{warm: {{nodes: 1}}}}, {{price_ceiling: {{per_hour: 0.25 USD}}}}]")
    )
    assert "pool general keeps free what 1 of its machines hold" in " ".join(call("plan").out.split())
    assert call("apply", "--yes").code == 0
    explained = call("explain", "pool", "general")
    assert explained.code == 0
    assert "pool general  1 -> 2 machines (1 of standard to add)" in explained.out
    assert "+ done        grow pool general from 1 to 2 machines" in explained.out
    assert "add 2 replicas" not in explained.out
    assert call("apply", "--yes").err.splitlines()[-1] == "nothing to do"
    assert "no plan speaks of pool large" in call("explain", "pool", "large").err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["history"], id="history"),
        pytest.param(["explain", "shop/web"], id="explain a workload"),
        pytest.param(["explain", "plan"], id="explain plan"),
        pytest.param(["status"], id="status"),
        pytest.param(["doctor"], id="doctor"),
    ],
)
def test_looking_back_gives_documents(call: Call, arguments: list[str]) -> None:
    assert call("apply", "--yes").code == 0
    for output in ("json", "yaml"):
        ran = call(*arguments, "--output", output)
        assert (ran.code, ran.err) == (0, "")


def test_a_plan_is_explained_from_its_file(call: Call) -> None:
    call("plan", "--out", "shop.plan")
    assert "3 -> 5 replicas" in call("explain", "plan", "shop.plan").out


def test_a_plan_file_knows_its_policies(call: Call, tmp_path: Path) -> None:
    (tmp_path / "autoscaler.yaml").rename(tmp_path / "shop.yaml")
    call("plan", "shop.yaml", "--out", "shop.plan")
    ran = call("apply", "shop.plan", "--yes")
    assert ran.code == 0, ran.err


def test_a_plan_file_without_its_policies_says_so(call: Call, tmp_path: Path) -> None:
    call("plan", "--out", "shop.plan")
    (tmp_path / "autoscaler.yaml").unlink()
    assert call("apply", "shop.plan", "--yes").code == 5


def test_a_plan_of_a_changed_world_is_stale(call: Call) -> None:
    call("plan", "--out", "shop.plan")
    assert call("apply", "--yes").code == 0
    ran = call("apply", "shop.plan", "--yes")
    assert (ran.code, ran.out) == (3, "")
    assert "changed since the plan was made" in ran.err


def test_a_plan_of_changed_policies_is_stale(call: Call, tmp_path: Path) -> None:
    call("plan", "--out", "shop.plan")
    write_shop(tmp_path, 6)
    assert call("apply", "shop.plan", "--yes").code == 3


def test_an_old_plan_is_stale(call: Call, tmp_path: Path) -> None:
    call("plan", "--out", "shop.plan")
    document = json.loads((tmp_path / "shop.plan").read_text())
    document["value"]["made_at"] -= 16 * 60 * 1000
    (tmp_path / "shop.plan").write_text(json.dumps(document))
    ran = call("apply", "shop.plan", "--yes")
    assert ran.code == 3
    assert "older than 15m" in ran.err


def test_without_a_terminal_it_wants_yes(call: Call) -> None:
    ran = call("apply", stdin="y\n")
    assert ran.code == 64
    assert "--yes" in ran.err
    assert wanted(call) == 3


def test_another_store_is_refused_until_taken_over(call: Call, tmp_path: Path) -> None:
    assert call("apply", "--yes").code == 0
    write_shop(tmp_path, 7)
    refused = call("apply", "--yes", "--store", "other.db")
    assert refused.code == 4
    assert "belongs to store" in refused.err
    assert wanted(call) == 5
    assert call("apply", "--yes", "--store", "other.db", "--take-over").code == 0
    assert wanted(call) == 7


def test_frozen_is_withheld(call: Call) -> None:
    assert call("freeze", "web", "--why", "release", "--for", "1h").code == 0
    planned = call("plan")
    assert "Withheld by guards" in planned.out
    assert "release" in planned.out or "frozen" in planned.out
    refused = call("apply", "--yes")
    assert refused.code == 4
    assert "all of it is held back" in refused.err
    assert "frozen" in refused.err
    assert "shop/web by" in call("status").out
    assert call("resume", "web").code == 0
    assert call("apply", "--yes").code == 0
    assert wanted(call) == 5


@pytest.mark.parametrize("subject", ["all", "pool:general", "node:manager-1", "shop/web"])
def test_freezes_and_resumes_each_kind_of_subject(call: Call, subject: str) -> None:
    assert call("freeze", subject, "--why", "x").code == 0
    assert call("resume", subject).code == 0
    again = call("resume", subject)
    assert again.code == 64
    assert "not frozen" in again.err


def test_drains_a_node(call: Call, tmp_path: Path) -> None:
    node, path = "general-2", tmp_path / "autoscaler.yaml"
    path.write_text(path.read_text().replace(", traffic: edge", ""))
    assert call("apply", "--yes").code == 0
    ran = call("drain", node, "--yes", "--timeout", "90s")
    assert ran.code == 0, ran.err
    state = value(call, "observe")["state"]
    left = [one for one in state["replicas"] if one.get("node", {}).get("id") == node]  # type: ignore[index]
    assert left == []
    assert call("explain", "node", node).code == 0


def test_a_drain_that_cannot_be_says_why_it_waits(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "autoscaler.yaml"
    path.write_text(path.read_text().replace("floor: 90%, surge: 25%", "floor: 100%, surge: 0"))
    ran = call("drain", "general-2", "--yes", "--timeout", "3s")
    assert ran.code == 1
    assert ran.err.count("waiting: 1 of shop/web would have to start elsewhere first, and its surge is 0") == 1, ran.err


@contextmanager
def service(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`autoscaler run` beside us; SIGTERM at the end, which it must obey within ten seconds."""
    text = (folder / "autoscaler.yaml").read_text()
    (folder / "autoscaler.yaml").write_text(text + "service: {interval: 200ms, listen: '127.0.0.1:0'}\n")
    code = "from autoscaler.cli.main import run; run()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", *arguments], cwd=folder, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 0, err


def until_led(call: Call) -> None:
    for _ in range(300):
        if "leads until" in call("status").out:
            return
        SystemRuntime().sleep(Duration(100))
    pytest.fail("the service never took the lease")


def test_a_service_refuses_a_plan_made_by_other_policies(call: Call, tmp_path: Path) -> None:
    write_shop(tmp_path, 3)
    with service(tmp_path):
        until_led(call)
        write_shop(tmp_path, 4, "more.yaml")
        ran = call("apply", "more.yaml", "--yes", "--timeout", "30s")
    assert ran.code == 3, ran.err
    assert "handing the plan over" in ran.err
    assert "the policies changed since the plan was made" in ran.err


def test_a_service_is_asked_to_drain(call: Call, tmp_path: Path) -> None:
    with service(tmp_path):
        until_led(call)
        left = call("drain", "manager-1", "--yes", "--no-follow")
        cancelled = call("drain", "manager-1", "--cancel", "--timeout", "90s")
        assert call("apply", "--yes", "--no-follow").code == 0
    assert (left.code, left.err.splitlines()[-1]) == (0, "handed over")
    assert (cancelled.code, cancelled.err.splitlines()[-1]) == (0, "cancelled")
