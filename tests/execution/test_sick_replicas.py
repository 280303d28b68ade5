"""Whoever waits for a replica that keeps failing says so."""

from dataclasses import replace

from autoscaler.model.commitments import StepStatus
from autoscaler.model.observations import Observation
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import JoinTraffic
from autoscaler.testing.scenes import EDGE, WEB, node_ref, planned
from autoscaler.testing.stages import ToyStage
from autoscaler.testing.toys import ToyWorld


class Sick(ToyWorld):
    """One replica of each workload never got healthy."""

    def observe(self, now: Instant) -> Observation:
        seen = super().observe(now)
        assert not isinstance(seen.state, Unknown)
        workloads = tuple(replace(one, failures=1) for one in seen.state.workloads)
        return replace(seen, state=replace(seen.state, workloads=workloads))


def test_a_step_that_waits_for_a_replica_that_keeps_failing_says_so(stage: ToyStage) -> None:
    stage.world = Sick()
    stage.adopt(planned("join", JoinTraffic(workload=WEB, traffic=EDGE, count=3, off=node_ref("n2"))))
    for _ in range(3):
        record = stage.tick()["join"]
    assert record.status is StepStatus.SENT
    assert [(one.code, one.names) for one in record.reasons] == [(Code.LAUNCHES_FAILING, ("shop/web",))]
