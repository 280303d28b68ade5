"""A queue is worked off in time, wakes who is asleep, and lets them sleep again."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant, Number
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler.model.votes import Vote
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.queue import Queue

NOW = Instant(10_000_000)
JOBS, AGE = MetricName("jobs"), MetricName("age")
MINUTE = Duration(60_000)
LENGTH = Queue(backlog=JOBS, per_replica=Number(20_000))
DEADLINE = Queue(backlog=JOBS, rate=Number(2000), within=MINUTE)
BOTH = replace(LENGTH, rate=Number(2000), within=MINUTE)
SLEEPY = replace(LENGTH, activate_above=Number(5000))
AGED = replace(LENGTH, oldest=AGE, older_than=MINUTE)


def vote(rule: Queue, jobs: int | Reading, age: int | Reading = 0, replicas: int = 3) -> Vote:
    """Jobs and seconds, whole ones."""
    read = {JOBS: jobs, AGE: age}
    samples = {name: Sample(one * 1000, NOW) if isinstance(one, int) else one for name, one in read.items()}
    return rule.vote(Situation(target=Target(name="shop/work", replicas=replicas, ready=replicas), now=NOW, samples=samples))


@pytest.mark.parametrize(
    ("rule", "jobs", "count"),
    [
        pytest.param(LENGTH, 60, 3, id="one for every twenty"),
        pytest.param(LENGTH, 61, 4, id="and one for the rest"),
        pytest.param(LENGTH, 0, 0, id="none for nothing"),
        pytest.param(DEADLINE, 600, 5, id="two a second for a minute are 120 each"),
        pytest.param(DEADLINE, 1, 1, id="the first one wakes one"),
        pytest.param(BOTH, 100, 5, id="the larger answer counts, here the length"),
        pytest.param(replace(BOTH, rate=Number(100)), 100, 17, id="and here the deadline"),
        pytest.param(SLEEPY, 5, 0, id="so little wakes nobody"),
        pytest.param(SLEEPY, 6, 1, id="a little more wakes one"),
    ],
)
def test_how_many_a_backlog_wants(rule: Queue, jobs: int, count: int) -> None:
    assert vote(rule, jobs).count == count


@pytest.mark.parametrize(
    ("jobs", "age", "count"),
    [
        pytest.param(20, 60, 1, id="in time"),
        pytest.param(20, 61, 4, id="late: one more than now"),
        pytest.param(200, 61, 10, id="late, and the length asks for more already"),
    ],
)
def test_an_old_message_asks_for_one_more(jobs: int, age: int, count: int) -> None:
    assert vote(AGED, jobs, age).count == count


def test_an_age_that_cannot_be_seen_lets_nobody_go() -> None:
    found = vote(AGED, 20, Unknown(Code.STALE))
    assert (found.kind.value, found.count) == ("at_least", 1)


def test_a_backlog_below_zero_is_none() -> None:
    assert vote(LENGTH, -1).reasons[0].code is Code.CONTRADICTORY


@given(jobs=integers(0, 10**9), more=integers(0, 10**6))
def test_a_longer_queue_never_wants_fewer(jobs: int, more: int) -> None:
    assert (vote(BOTH, jobs + more).count or 0) >= (vote(BOTH, jobs).count or 0)


@given(jobs=integers(1, 10**6))
def test_what_is_wanted_is_done_in_time_and_no_more(jobs: int) -> None:
    count = vote(DEADLINE, jobs).count or 0
    assert count * 120 >= jobs > (count - 1) * 120


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({}, "how much one replica does", id="no measure"),
        pytest.param({"rate": Number(2000)}, "rate says nothing without within", id="a rate without a time"),
        pytest.param({"per_replica": Number(1000), "older_than": MINUTE}, "older_than says nothing without oldest", id="an age of nothing"),
        pytest.param({"per_replica": Number(0)}, "never done", id="nothing per replica"),
        pytest.param({"per_replica": Number(1000), "backlog": MetricName("cpu")}, "not a queue", id="a share"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        Queue(**{"backlog": JOBS, **settings})


class TestContract(RuleContract):
    """What every rule promises."""

    @pytest.fixture(params=[LENGTH, BOTH, AGED], ids=["length", "deadline", "age"])
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        found: Rule = request.param
        return found
