"""One cluster's ticks, told: what is logged once, what counts as stuck, and a disk that is full."""

import json
from io import StringIO
from pathlib import Path

import pytest

from autoscaler.engine.tick import Engine
from autoscaler.errors import RefusedError, SetupError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.service.logs import configure, logger
from autoscaler.service.recorder import Recorder
from autoscaler.service.scaled import ScaledRuntime
from tests.service.conftest import POLICIES, Served

LABELS = "workloads: {cluster: shop, labels: {tier: x}}"


def lines(served: Served, event: str) -> list[dict[str, object]]:
    found = [json.loads(line) for line in served.log.getvalue().splitlines()]
    return [one for one in found if one["event"] == event]


def test_each_thing_is_told_once_and_with_its_plan(served: Served) -> None:
    daemon = served.build()
    daemon.apply(daemon.configuration)
    runner = daemon.runners["shop"]
    report = runner.tick()
    runner.tick()
    assert report is not None
    (decided,) = lines(served, "decided")
    assert (decided["workload"], decided["from"], decided["to"], decided["cluster"]) == ("shop/web", 3, 5, "shop")
    (planned,) = lines(served, "planned")
    assert decided["plan"] == planned["plan"] == report.thought.plan.id
    stored = runner.engine.store.records(runner.engine.policies.cluster).decisions(None)
    assert decided["decision"] in {one.id for one in stored}
    assert {one["plan"] for one in lines(served, "step")} == {report.thought.plan.id}


@pytest.mark.parametrize(
    ("old", "new", "part", "problem"),
    [
        pytest.param("shop/web", "shop/wbe", "shop/wbe", "the workload is not seen", id="a mistyped workload"),
        pytest.param(
            "workload: shop/web", "workloads: {cluster: shop, labels: {tier: x}}", "policy:web", "no workload", id="labels nobody has"
        ),
    ],
)
def test_what_cannot_be_seen_is_told_once_and_its_end_too(served: Served, old: str, new: str, part: str, problem: str) -> None:
    served.write(POLICIES.replace(old, new))
    daemon = served.build()
    for _ in range(2):
        daemon.apply(daemon.configuration)
        daemon.runners["shop"].tick()
    (told,) = (one for one in lines(served, "unread") if one["part"] == part)
    assert problem in str(told["problem"])
    served.write()
    daemon.reload()
    daemon.runners["shop"].tick()
    assert part in [one["part"] for one in lines(served, "read_again")]


def test_a_refusal_is_told_once_and_its_end_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(engine: Engine, pinned: object = None) -> None:
        raise RefusedError("another holds it", hint="wait")

    daemon = served.build()
    daemon.apply(daemon.configuration)
    runner = daemon.runners["shop"]
    monkeypatch.setattr(Engine, "tick", refuse)
    assert runner.tick() is None
    assert runner.tick() is None
    assert (runner.synced, runner.problem) == (False, "RefusedError: another holds it")
    monkeypatch.undo()
    runner.tick()
    assert [one["problem"] for one in lines(served, "tick_refused")] == ["another holds it"]
    assert len(lines(served, "recovered")) == 1
    assert (runner.synced, runner.problem) == (True, "")


def test_a_disk_that_is_full_stops_no_tick(served: Served, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    daemon = served.build(record=tmp_path / "taken")
    daemon.apply(daemon.configuration)
    for _ in range(2):
        assert daemon.runners["shop"].tick() is not None
    (told,) = lines(served, "not_recorded")
    assert "--record" in str(told["hint"])


def test_a_recorder_without_a_folder_says_what_to_do(served: Served, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    daemon = served.build()
    daemon.apply(daemon.configuration)
    report = daemon.runners["shop"].tick()
    assert report is not None
    with pytest.raises(SetupError, match="cannot record"):
        Recorder(tmp_path / "taken", ()).write(report)


@pytest.mark.parametrize(
    ("quiet", "stuck"),
    [
        pytest.param(0, False, id="just now"),
        pytest.param(10_000, False, id="within a slow tick's time"),
        pytest.param(11_000, True, id="intervals and a deadline ago"),
    ],
)
def test_what_counts_as_stuck(served: Served, *, quiet: int, stuck: bool) -> None:
    daemon = served.build()
    daemon.apply(daemon.configuration)
    runner = daemon.runners["shop"]
    assert runner.stuck(daemon.runtime, Instant(daemon.runtime.now() - quiet)) is stuck


def test_scaled_time_runs_faster_and_waits_shorter() -> None:
    runtime = ScaledRuntime(1000, Instant(5_000_000))
    began, first = runtime.monotonic(), runtime.now()
    runtime.sleep(Duration(20_000))
    assert first >= 5_000_000
    assert runtime.now() - first >= 20_000
    assert runtime.monotonic() - began >= 20_000


def test_scaled_time_keeps_deadlines_real() -> None:
    from autoscaler.contracts.runtime import Call
    from autoscaler.errors import UnavailableError
    from autoscaler.service.runtime import SystemRuntime

    clock, runtime = SystemRuntime(), ScaledRuntime(1000, Instant(0))
    began = clock.monotonic()
    (found,) = runtime.gather([Call("w", lambda: clock.sleep(Duration(3000)))], Duration(100))
    assert isinstance(found, UnavailableError)
    assert clock.monotonic() - began < 2000


def test_the_log_is_json_for_machines_and_words_for_people() -> None:
    machine, people = StringIO(), StringIO()
    configure(machine)
    logger(cluster="shop").info("planned", plan="p1")
    found = json.loads(machine.getvalue())
    assert (found["event"], found["cluster"], found["plan"], found["level"]) == ("planned", "shop", "p1", "info")
    assert found["timestamp"].endswith("Z")
    configure(people, json=False)
    logger(cluster="shop").info("planned", plan="p1")
    assert "planned" in people.getvalue()
    assert not people.getvalue().startswith("{")
