"""What a run recorded gives the same decisions and plans offline, to the byte."""

from dataclasses import replace
from typing import ClassVar

import pytest

from autoscaler.contracts.rule import Rule
from autoscaler.engine.dry import rethink
from autoscaler.engine.handover import pinned_plan
from autoscaler.engine.tick import Engine, TickReport
from autoscaler.model.codec import dumps, loads
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Share
from autoscaler.model.recordings import Frame, Recording
from autoscaler.model.refs import MetricName
from autoscaler.simulation.harness import run
from autoscaler.simulation.kit import Kit
from autoscaler.store.memory import MemoryStore
from autoscaler_policies.target_tracking import TargetTracking
from autoscaler_simulated import stage
from tests.service.conftest import Served, until


class Recorded(Engine):
    """The real engine; what every tick saw and thought is kept."""

    frames: ClassVar[list[Frame]] = []

    def tick(self, pinned: Plan | None = None) -> TickReport:
        agreed = pinned or pinned_plan(self.store.requests(self.policies.cluster).pending())
        report = super().tick(pinned)
        frame = report.thought.frame
        # What somebody agreed to elsewhere is carried out whatever is planned here: its ticks replay their decisions alone.
        self.frames.append(replace(frame, plan=None) if agreed else frame)
        return report


def tracking(metric: MetricName, target: Share) -> Rule:
    return TargetTracking(metric=metric, target=target)


@pytest.mark.parametrize("seed", range(12))
def test_every_frame_of_a_simulated_run_replays_to_the_same_bytes(seed: int) -> None:
    Recorded.frames.clear()
    kit = Kit(eyes=stage.eyes, hands=stage.hands, store=MemoryStore, rule=tracking, engine=Recorded)
    result = run(seed, kit)
    assert len(Recorded.frames) >= 10
    for frame in Recorded.frames:
        read = loads(dumps(Recording(frames=(frame,)), kind="recording"), Recording, kind="recording").frames[0]
        again = rethink(result.scenario.policies, read).frame
        again = again if frame.plan else replace(again, plan=None)
        assert dumps(again, kind="frame") == dumps(frame, kind="frame")


def test_what_the_service_records_replays_to_the_same_bytes(served: Served) -> None:
    folder = served.folder / "seen"
    daemon = served.start(record=folder)
    until(lambda: len(list(folder.glob("shop-*.json"))) > 5, "a handful of recordings")
    served.stop()
    policies = daemon.configuration.clusters[0].policies
    for path in sorted(folder.glob("shop-*.json")):
        recording = loads(path.read_text(), Recording, kind="recording")
        (frame,) = recording.frames
        assert recording.policies == daemon.configuration.files
        assert dumps(rethink(policies, frame).frame, kind="frame") == dumps(frame, kind="frame")
        assert path.stat().st_mode & 0o077 == 0


def test_a_frame_remembers_what_somebody_asked_for() -> None:
    Recorded.frames.clear()
    run(1, Kit(eyes=stage.eyes, hands=stage.hands, store=MemoryStore, rule=tracking, engine=Recorded))
    frame = next(one for one in Recorded.frames if one.decisions)
    asked = replace(frame, drains=("n1",))
    assert loads(dumps(asked, kind="frame"), Frame, kind="frame") == asked
