"""The service as a whole: ticks, reloads, freezes, and how it ends."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from autoscaler.cli.scope import who
from autoscaler.config import installed
from autoscaler.contracts.orchestrator_reader import OrchestratorReader
from autoscaler.contracts.provider import Entry
from autoscaler.contracts.store import Request, RequestKind
from autoscaler.engine.tick import Engine, TickReport
from autoscaler.errors import RefusedError, SetupError
from autoscaler.model.freezes import EVERYTHING, Freeze
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store import open_store
from tests.service.conftest import POLICIES, Served, until

SHOP = ClusterName("shop")
TWO = POLICIES.replace("clusters: {", "clusters: {lake: {simulated: {world: lake}}, ")


@dataclass
class Slow:
    """Counts ticks of each cluster that run at once; each takes longer than the interval."""

    now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    came: Counter[str] = field(default_factory=Counter)

    def tick(self, engine: Engine, pinned: Plan | None = None) -> TickReport:
        name = engine.policies.cluster
        self.now[name] += 1
        self.came[name] += 1
        self.most[name] = max(self.most[name], self.now[name])
        SystemRuntime().sleep(Duration(350))
        self.now[name] -= 1
        raise RefusedError("another holds it", hint="wait")


def test_what_a_command_hands_over_is_not_left_until_the_next_interval(served: Served) -> None:
    served.write(POLICIES.replace("interval: 200ms", "interval: 10m"))
    daemon = served.start()
    runner = daemon.runners["shop"]
    until(lambda: runner.report and not runner.report.busy, "an idle cluster")
    requests = runner.engine.store.requests(runner.engine.policies.cluster)
    requests.submit(Request(id="r", kind=RequestKind.CANCEL_DRAIN, subject="worker-1", who="test", at=daemon.runtime.now()))
    until(lambda: not requests.pending(), "an answer")


def test_ticks_never_overlap_also_across_a_reload(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    monkeypatch.setattr(Engine, "tick", lambda engine, pinned=None: slow.tick(engine, pinned))
    daemon = served.start()
    for least in (4, 3, 2):
        served.write(POLICIES.replace("min: 5", f"min: {least}"))
        daemon.reload()
        came = slow.came["shop"]
        until(lambda came=came: slow.came["shop"] > came, "another tick")  # type: ignore[misc]
    assert slow.most["shop"] == 1


def test_a_broken_tick_never_stops_the_others(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Engine.tick

    def tick(engine: Engine, pinned: Plan | None = None) -> TickReport:
        if engine.policies.cluster == "lake":
            raise ZeroDivisionError("a bug")
        return real(engine, pinned)

    monkeypatch.setattr(Engine, "tick", tick)
    served.write(TWO)
    daemon = served.start()
    until(lambda: daemon.runners["shop"].synced, "shop")
    first = daemon.runners["shop"].last
    until(lambda: daemon.runners["shop"].last != first, "another tick of shop")
    assert served.get("/healthz") == (200, "ok\n")
    assert served.get("/readyz") == (503, "cannot read: lake (ZeroDivisionError: a bug)\n")
    assert 'autoscaler_ticks_total{cluster="lake",result="bug"}' in served.get("/metrics")[1]
    assert "tick_failed" in served.events


def test_a_hung_tick_leaves_the_others_and_the_end_alone(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    real, runtime = Engine.tick, SystemRuntime()

    def tick(engine: Engine, pinned: Plan | None = None) -> TickReport:
        if engine.policies.cluster == "lake":
            runtime.sleep(Duration(60_000))
        return real(engine, pinned)

    monkeypatch.setattr(Engine, "tick", tick)
    monkeypatch.setattr("autoscaler.service.daemon.GRACE", Duration(200))
    served.write(TWO)
    daemon = served.build()
    served.serve()
    until(lambda: "shop" in daemon.runners and daemon.runners["shop"].synced, "shop")
    began = runtime.monotonic()
    served.stop()
    assert runtime.monotonic() - began < 5_000
    assert "left_in_flight" in served.events
    assert daemon.store.leases.current(SHOP) is None


def test_the_lease_is_given_back_at_the_end(served: Served) -> None:
    daemon = served.start()
    lease = daemon.store.leases.current(SHOP)
    assert lease is not None
    assert lease.holder == "test"
    served.stop()
    left = daemon.store.leases.current(SHOP)
    assert left is None or left.until <= daemon.runtime.now()


def test_a_broken_file_keeps_the_last_good_one_and_says_so_until_mended(served: Served) -> None:
    daemon = served.start()
    before = daemon.runners["shop"].engine
    until(lambda: served.get("/readyz") == (200, "ok\n"), "readiness")
    served.write(POLICIES.replace("min: 5", "mn: 5"))
    daemon.reload()
    status, body = served.get("/readyz")
    assert (status, "unknown key 'mn'" in body) == (503, True)
    assert "autoscaler_policy_reload_failed 1.0" in served.get("/metrics")[1]
    assert served.get("/healthz")[0] == 200
    assert daemon.runners["shop"].engine is before
    assert served.events.count("reload_failed") == 1
    daemon.reload()
    assert served.events.count("reload_failed") == 1, "the same trouble is told once"
    served.write(POLICIES.replace("min: 5", "min: 7"))
    daemon.reload()
    assert daemon.runners["shop"].engine.policies.policies[0].bounds.min == 7
    assert served.get("/readyz") == (200, "ok\n"), "what was known of the cluster is known still"
    assert "autoscaler_policy_reload_failed 0.0" in served.get("/metrics")[1]
    assert {"reload_mended", "reloaded"} <= set(served.events)


def test_a_file_that_vanished_is_a_broken_one(served: Served) -> None:
    daemon = served.start()
    served.file.unlink()
    daemon.reload()
    until(lambda: "there is no such file" in served.get("/readyz")[1], "the problem")
    served.write()
    daemon.reload()
    until(lambda: not daemon.reload_problem, "its end")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(SetupError("the SDK is missing", hint="install it"), id="a provider that lacks something"),
        pytest.param(ZeroDivisionError("the SDK is missing"), id="a provider with a bug"),
    ],
)
def test_what_cannot_be_opened_keeps_the_old_runners(served: Served, error: Exception) -> None:
    daemon = served.start()
    before = dict(daemon.runners)

    def refuse(settings: object, site: object) -> OrchestratorReader:
        raise error

    provider = daemon.plugins.orchestrator("simulated")
    served.write(TWO)
    broken = replace(provider, open=refuse)
    daemon.plugins = _Opening(installed(), broken)  # type: ignore[assignment]
    daemon.reload()
    assert "the SDK is missing" in daemon.reload_problem
    assert daemon.runners == before
    assert served.get("/readyz")[0] == 503
    daemon.plugins = installed()
    daemon.reload()
    assert set(daemon.runners) == {"shop", "lake"}
    assert daemon.reload_problem == ""


class _Opening:
    """The installed plugins, one entry of which is another."""

    def __init__(self, plugins: object, entry: Entry[OrchestratorReader]) -> None:
        self._plugins, self._entry = plugins, entry

    def orchestrator(self, kind: str) -> Entry[OrchestratorReader]:
        return self._entry

    def __getattr__(self, name: str) -> object:
        return getattr(self._plugins, name)


def test_a_cluster_that_left_the_files_is_forgotten(served: Served) -> None:
    served.write(TWO)
    daemon = served.start()
    assert 'cluster="lake"' in served.get("/metrics")[1]
    served.write(POLICIES)
    daemon.reload()
    assert set(daemon.runners) == {"shop"}
    assert 'cluster="lake"' not in served.get("/metrics")[1]


def test_what_only_a_restart_can_change_is_told(served: Served) -> None:
    daemon = served.start()
    served.write(POLICIES.replace("127.0.0.1:0", "127.0.0.1:1"))
    daemon.reload()
    assert "restart_needed" in served.events


def test_an_unchanged_file_is_not_read_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = served.start()
    daemon.reload()
    monkeypatch.setattr("autoscaler.service.daemon.load", lambda *_: pytest.fail("it was read"))
    daemon.reload()


def test_a_freeze_survives_a_restart_and_withholds_every_step(served: Served, tmp_path: Path) -> None:
    runtime = SystemRuntime()
    served.store = open_store(str(tmp_path / "store.db"), runtime)
    freeze = Freeze(subject=EVERYTHING, who=who(), why="a sale", at=runtime.now(), until=Instant(runtime.now() + 3_600_000))
    served.store.records(SHOP).freeze(freeze)
    for _ in range(2):
        daemon = served.start()
        report = daemon.runners["shop"].report
        assert report is not None
        assert report.thought.plan.steps == ()
        assert {one.reasons[0].code for one in report.thought.plan.withheld} == {Code.FROZEN}
        until(lambda: 'autoscaler_freezes{cluster="shop"} 1.0' in served.get("/metrics")[1], "the metric")
        served.stop()
        served.store = open_store(str(tmp_path / "store.db"), runtime)
    served.store.records(SHOP).resume(EVERYTHING)
    daemon = served.start()
    until(lambda: "planned" in served.events, "a plan with steps")


def test_a_store_that_fails_stops_no_renewal_and_no_end(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = served.start()
    monkeypatch.setattr(type(daemon.store.leases), "current", lambda *_: 1 // 0)
    daemon.renew()
    assert "lease" in served.events
    monkeypatch.undo()


def test_a_port_that_is_taken_is_told_before_anything_begins(served: Served) -> None:
    daemon = served.start()
    second = Served(folder=served.folder, log=served.log)
    second.write(POLICIES.replace("127.0.0.1:0", daemon.listens))
    other = second.build()
    with pytest.raises(SetupError, match="cannot listen"):
        other.serve()
    assert other.runners == {}
