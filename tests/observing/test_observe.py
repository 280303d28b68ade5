"""One tick's reading: all at once, within its time, and never taken at its word."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies, MetricSpec
from autoscaler.contracts.pool_reader import PoolCapabilities
from autoscaler.errors import AutoscalerError, NotFoundError, ProviderError, RefusedError, UnavailableError
from autoscaler.model.observations import Capabilities, ClusterState, Observation
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, SourceName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown
from autoscaler.model.traffic import RotationState
from autoscaler.observing import Eyes, observe
from autoscaler.observing.budget import Bucket, Budget
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.scenes import EDGE, GENERAL, SHOP, WEB, a_member, a_replica, an_observation, some_policies

API = WorkloadRef(SHOP, "api")
PROM = SourceName("prom")
RPS, CPU = MetricName("rps"), MetricName("cpu")
DEADLINE = Duration(10_000)
SEEN = an_observation(replicas=(a_replica("a", "n1"), a_replica("b", "n2")))


@dataclass
class Fake:
    """Every reader there is. `steps` are what its answers come from, the last one for ever: a value, or an error to raise."""

    runtime: VirtualRuntime
    steps: list[object]
    takes: Duration = Duration(10)
    asked: list[object] = field(default_factory=list)
    capabilities = Capabilities()

    def answer(self, asked: object) -> object:
        self.asked.append(asked)
        self.runtime.sleep(self.takes)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, AutoscalerError):
            raise step
        return step


class Cluster(Fake):
    def observe(self, deadline: Duration) -> ClusterState:
        return self.answer(deadline)  # type: ignore[return-value] # whatever the test says


class Pool(Fake):
    capabilities = PoolCapabilities(launch_token=True, to_zero=True)  # type: ignore[assignment] # a pool's own

    def observe(self, deadline: Duration) -> PoolState:
        return self.answer(deadline)  # type: ignore[return-value] # whatever the test says


class Balancer(Fake):
    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        del deadline
        found = self.answer(workloads)
        if API in workloads and len(workloads) > 1:
            raise NotFoundError("no backend for api", hint="add it")
        if workloads == (API,):
            raise NotFoundError("no backend for api", hint="add it")
        return found  # type: ignore[return-value] # whatever the test says


class Metrics(Fake):
    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        del deadline
        found = self.answer(queries)
        return found if isinstance(found, tuple) else (found,) * len(queries)  # type: ignore[return-value] # whatever the test says


DOWN = UnavailableError("down", hint="later")


@dataclass
class Site:
    runtime: VirtualRuntime = field(default_factory=VirtualRuntime)

    def __post_init__(self) -> None:
        now = self.runtime.now()
        self.cluster = Cluster(self.runtime, [SEEN.state])
        self.pool = Pool(self.runtime, [SEEN.pool(GENERAL)])
        self.balancer = Balancer(self.runtime, [SEEN.rotation(EDGE)])
        self.usage = Metrics(self.runtime, [Sample(600, now)])
        self.prom = Metrics(self.runtime, [Sample(4200, now)])
        self.policies: ClusterPolicies = replace(some_policies(), metrics=(MetricSpec(name=RPS, source=PROM, query="q"),))
        self.budget = Budget()

    def look(self, *queries: MetricQuery) -> Observation:
        eyes = Eyes(
            cluster=SHOP,
            orchestrator=self.cluster,
            runtime=self.runtime,
            pools=((GENERAL, self.pool),),
            traffic=((EDGE, self.balancer),),
            sources={PROM: self.prom},
            usage=self.usage,
            budget=self.budget,
        )
        return observe(eyes, self.policies, lambda _: queries, DEADLINE)


def query(metric: MetricName = RPS, workload: WorkloadRef = WEB) -> MetricQuery:
    return MetricQuery(metric=metric, workload=workload, text="q")


@pytest.fixture
def site() -> Site:
    return Site()


def test_everything_is_seen_in_one_round_trip(site: Site) -> None:
    began = site.runtime.now()
    seen = site.look(query(), query(CPU))
    assert (seen.at, seen.state, seen.pools, seen.rotations) == (began, SEEN.state, SEEN.pools, SEEN.rotations)
    assert [one.reading for one in seen.metrics] == [Sample(4200, began), Sample(600, began)]
    assert site.runtime.now() - began == 10, "all at once"


def test_queries_of_one_source_are_one_batch_and_readings_keep_their_order(site: Site) -> None:
    queries = (query(), query(CPU), query(RPS, API))
    seen = site.look(*queries)
    assert site.prom.asked == [(queries[0], queries[2])]
    assert [(one.metric, one.workload) for one in seen.metrics] == [(RPS, WEB), (CPU, WEB), (RPS, API)]


def test_a_rotation_for_whatever_has_no_policy_asks_for_the_cluster_first(site: Site) -> None:
    assert isinstance(SEEN.state, ClusterState)
    other = replace(SEEN.state.workloads[0], ref=API)
    site.cluster.steps = [replace(SEEN.state, workloads=(*SEEN.state.workloads, other))]
    site.policies = replace(site.policies, availability=replace(site.policies.availability, traffic=EDGE))
    began = site.runtime.now()
    seen = site.look(query())
    assert site.balancer.asked[0] == (WEB, API)
    assert seen.rotation(EDGE) == SEEN.rotation(EDGE), "one without a backend spoils nobody else's"
    assert site.runtime.now() - began <= 50, "two round trips"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(DOWN, Code.UNAVAILABLE, id="down"),
        pytest.param(NotFoundError("no cluster", hint=""), Code.NOT_FOUND, id="not there"),
        pytest.param(RefusedError("no right", hint=""), Code.REFUSED, id="not allowed"),
        pytest.param(ProviderError("a plugin's bug", hint=""), Code.UNAVAILABLE, id="broken"),
    ],
)
@pytest.mark.parametrize("part", ["cluster", "pool", "balancer", "prom"])
def test_what_cannot_be_read_is_unknown_and_the_rest_is_known(site: Site, part: str, error: AutoscalerError, code: Code) -> None:
    getattr(site, part).steps = [error]
    seen = site.look(query())
    parts = {"cluster": seen.state, "pool": seen.pool(GENERAL), "balancer": seen.rotation(EDGE), "prom": seen.reading(RPS, WEB)}
    unknown = {name: found for name, found in parts.items() if isinstance(found, Unknown)}
    assert {name: found.why for name, found in unknown.items()} == {part: code}
    assert unknown[part].detail == str(error)


def test_a_hiccup_is_ridden_out(site: Site) -> None:
    site.cluster.steps = [DOWN, DOWN, SEEN.state]
    assert site.look().state == SEEN.state


def test_an_outage_is_asked_three_times_and_not_for_ever(site: Site) -> None:
    site.cluster.steps = [DOWN]
    began = site.runtime.now()
    site.look()
    assert len(site.cluster.asked) == 3
    assert site.runtime.now() - began < 3000


def test_a_hung_read_is_late_and_holds_up_nothing_else(site: Site) -> None:
    site.pool.takes = Duration(3_600_000)
    began = site.runtime.now()
    seen = site.look(query())
    assert seen.pool(GENERAL) == Unknown(Code.LATE, seen.pool(GENERAL).detail)  # type: ignore[union-attr] # it is unknown
    assert isinstance(seen.state, ClusterState)
    assert site.runtime.now() - began == DEADLINE.ms


def test_a_world_asked_too_often_is_left_alone(site: Site) -> None:
    site.budget = Budget(burst=2, per_second=0)
    kinds = [type(site.look().state).__name__ for _ in range(4)]
    assert kinds == ["ClusterState", "ClusterState", "Unknown", "Unknown"]


def test_a_bucket_fills_with_time_and_never_beyond_its_burst() -> None:
    bucket = Bucket(tokens=0, at=0)
    assert bucket.taken(900, burst=5, per_second=1) is None
    assert bucket.taken(1000, burst=5, per_second=1) == Bucket(tokens=0, at=1000)
    assert bucket.taken(3_600_000, burst=5, per_second=1) == Bucket(tokens=4000, at=3_600_000)


def test_a_metric_nobody_answers_for_is_missing(site: Site) -> None:
    site.policies = replace(site.policies, metrics=(MetricSpec(name=RPS, source=SourceName("gone")),))
    reading = site.look(query()).reading(RPS, WEB)
    assert isinstance(reading, Unknown)
    assert reading.why is Code.MISSING


def test_too_few_answers_are_no_answer(site: Site) -> None:
    site.prom.steps = [()]
    assert isinstance(site.look(query()).reading(RPS, WEB), Unknown)


IMPOSSIBLE: dict[str, tuple[Callable[[int], Reading], Code]] = {
    "negative": (lambda now: Sample(-1, Instant(now)), Code.CONTRADICTORY),
    "absurd": (lambda now: Sample(10**16, Instant(now)), Code.TOO_LARGE),
    "stale": (lambda now: Sample(1, Instant(now - 61_000)), Code.STALE),
    "from the future": (lambda now: Sample(1, Instant(now + 31_000)), Code.SKEWED),
    "no sample at all": (lambda _: "12", Code.MALFORMED),  # type: ignore[dict-item, return-value] # what a broken plugin gives
}


@pytest.mark.parametrize(("make", "code"), [pytest.param(*row, id=name) for name, row in IMPOSSIBLE.items()])
def test_an_impossible_sample_is_unknown(site: Site, make: Callable[[int], Reading], code: Code) -> None:
    site.prom.steps = [make(site.runtime.now())]
    reading = site.look(query()).reading(RPS, WEB)
    assert isinstance(reading, Unknown)
    assert reading.why is code


def test_the_words_of_a_source_end(site: Site) -> None:
    site.prom.steps = [Unknown(Code.REFUSED, "no " * 1000)]
    reading = site.look(query()).reading(RPS, WEB)
    assert isinstance(reading, Unknown)
    assert (reading.why, len(reading.detail)) == (Code.REFUSED, 200)


def test_a_contradictory_cluster_pool_or_rotation_is_unknown(site: Site) -> None:
    assert isinstance(SEEN.state, ClusterState)
    site.cluster.steps = [replace(SEEN.state, replicas=SEEN.state.replicas * 2)]
    pool = SEEN.pool(GENERAL)
    assert isinstance(pool, PoolState)
    site.pool.steps = [replace(pool, wanted=-1)]
    site.balancer.steps = [RotationState(traffic=EDGE, read_at=Instant(0), members=(a_member("a"), a_member("a")))]
    seen = site.look()
    for part in (seen.state, seen.pool(GENERAL), seen.rotation(EDGE)):
        assert isinstance(part, Unknown)
        assert part.why is Code.CONTRADICTORY
