"""Who gets a decision, on what, and what a broken rule may spoil: nothing."""

from dataclasses import dataclass, replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.rule import Rule, Situation
from autoscaler.deciding import decide, undecided
from autoscaler.model.decisions import Decision
from autoscaler.model.history import Histories
from autoscaler.model.marks import Mark
from autoscaler.model.observations import Observation
from autoscaler.model.quantities import Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PlanId, StoreId, WorkloadRef
from autoscaler.model.samples import MetricNeed, MetricReading, Sample, Unknown
from autoscaler.model.votes import Vote, VoteKind
from autoscaler.model.workloads import ReplicaState, Workload, WorkloadKind
from autoscaler_policies.target_tracking import TargetTracking
from tests.deciding.building import CPU, NOW, SHOP, WEB, Says, decided, observation, policy, state, want, workload

DB = WorkloadRef(SHOP, "db")
BUSY = Sample(900, NOW, 4)


class Broken:
    """Fails wherever it is asked."""

    def needs(self) -> tuple[MetricNeed, ...]:
        raise ZeroDivisionError

    def vote(self, situation: Situation) -> Vote:
        raise KeyError(CPU)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spy:
    """Votes for as many as it was shown samples."""

    metrics: tuple[str, ...] = (CPU,)

    def needs(self) -> tuple[MetricNeed, ...]:
        return (MetricNeed(metric=CPU),)

    def vote(self, situation: Situation) -> Vote:
        assert tuple(situation.samples) == self.metrics
        return Vote.want(situation.target.replicas * 10 + situation.target.ready)


def decisions(policies: ClusterPolicies, seen: Observation) -> list[tuple[str, int]]:
    return [(str(one.workload), one.count) for one in decide(policies, seen, Histories())]


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        pytest.param(Broken(), "KeyError", id="one that raises"),
        pytest.param(Says(vote_=Vote.want(-1)), "count -1", id="one that wants less than none"),
        pytest.param(Says(vote_=Vote(VoteKind.WANT, None, ())), "no vote", id="one that wants without a count"),
        pytest.param(Says(vote_=Vote(VoteKind.HOLD, 3, ())), "no vote", id="one that holds with a count"),
        pytest.param(Says(vote_="six"), "no vote", id="one that gives no vote"),  # type: ignore[arg-type]
    ],
)
def test_a_broken_rule_has_no_opinion_and_stops_nobody(rule: Rule, what: str) -> None:
    grown, kept = decided(policy(rule, want(9)), 4), decided(policy(rule, want(2)), 4)
    assert (grown.count, kept.count) == (9, 4)
    assert grown.votes[0].vote == Vote.unknown(Reason(Code.RULE_FAILED, names=(what,)))


def test_a_broken_policy_stops_no_other() -> None:
    policies = ClusterPolicies(cluster=SHOP, policies=(policy(Broken()), policy(want(2), workload=DB)))
    seen = observation(state(workload(4), workload(5, DB)))
    assert decisions(policies, seen) == [("shop/web", 4), ("shop/db", 2)]


def test_a_rule_sees_its_target_and_what_it_asked_for() -> None:
    seen = observation(state(workload(4), ready=3), BUSY)
    more = MetricReading(metric=CPU, workload=DB, reading=BUSY)
    policies = ClusterPolicies(cluster=SHOP, policies=(policy(Spy()),))
    assert decisions(policies, replace(seen, metrics=(*seen.metrics, more))) == [("shop/web", 43)]


@pytest.mark.parametrize(
    ("replica_state", "healthy"),
    [
        pytest.param(ReplicaState.RUNNING, False, id="one that is not healthy"),
        pytest.param(ReplicaState.STOPPING, True, id="one that is stopping"),
    ],
)
def test_only_healthy_running_replicas_are_ready(replica_state: ReplicaState, *, healthy: bool) -> None:
    seen = state(workload(4))
    changed = (replace(seen.replicas[0], state=replica_state, healthy=healthy), *seen.replicas[1:])
    policies = ClusterPolicies(cluster=SHOP, policies=(policy(Spy()),))
    assert decisions(policies, observation(replace(seen, replicas=changed))) == [("shop/web", 43)]


def test_a_vote_beyond_all_measure_is_kept_as_a_number_that_stores_can_hold() -> None:
    (kept,) = decided(policy(want(2**80)), 4).votes
    assert kept.vote.count == 2**31 - 1


def test_the_inputs_are_kept_as_read() -> None:
    tracking = TargetTracking(metric=CPU, target=Share(600))
    assert decided(policy(tracking), 4, reading=BUSY).readings == (MetricReading(metric=CPU, workload=WEB, reading=BUSY),)
    assert decided(policy(tracking), 4).readings == (MetricReading(metric=CPU, workload=WEB, reading=Unknown(Code.MISSING)),)


def test_extra_replicas_of_a_move_are_not_the_count() -> None:
    moving = workload(6, marks=(mark("4", "6"),))
    assert _of(moving).current == 4


def test_a_count_that_somebody_else_set_in_mid_move_is_the_count() -> None:
    assert _of(workload(9, marks=(mark("4", "6"),))).current == 9


def test_a_mark_on_another_field_says_nothing_of_the_count() -> None:
    assert _of(workload(6, marks=(replace(mark("4", "6"), field="availability"),))).current == 6


def mark(was: str, ours: str) -> Mark:
    return Mark(store=StoreId("s"), plan=PlanId("p"), field="replicas", was=was, ours=ours)


def _of(seen: Workload) -> Decision:
    (decision,) = decide(ClusterPolicies(cluster=SHOP, policies=(policy(),)), observation(state(seen)), Histories())
    return decision


POLICIES = ClusterPolicies(cluster=SHOP, policies=(policy(want(2)), policy(want(2), workload=DB)))


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        pytest.param(
            Observation(cluster=SHOP, at=NOW, state=Unknown(Code.LATE)),
            [("shop/web", Code.WORKLOAD_UNKNOWN, "late"), ("shop/db", Code.WORKLOAD_UNKNOWN, "late")],
            id="a cluster that did not answer",
        ),
        pytest.param(observation(state(workload(4))), [("shop/db", Code.WORKLOAD_UNKNOWN, "not_found")], id="a workload that is gone"),
        pytest.param(
            observation(state(workload(4), replace(workload(4, DB), kind=WorkloadKind.GLOBAL))),
            [("shop/db", Code.NO_COUNT, "global")],
            id="one on every node",
        ),
    ],
)
def test_who_gets_no_decision_is_told_apart(seen: Observation, left: list[tuple[str, Code, str]]) -> None:
    remarks = undecided(POLICIES, seen)
    assert [(one.subject, one.reasons[0].code, *one.reasons[0].names) for one in remarks] == left
    assert len(decide(POLICIES, seen, Histories())) == len(POLICIES.policies) - len(left)
