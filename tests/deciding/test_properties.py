"""What must hold for any load, past and policy, with the real rule in the loop."""

from dataclasses import replace

from hypothesis import given
from hypothesis.strategies import SearchStrategy, booleans, builds, integers, just, lists, sampled_from, tuples

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.deciding import decide
from autoscaler.model.codec import dumps
from autoscaler.model.decisions import Decision
from autoscaler.model.history import Histories, History, Recommendation, ScaleEvent
from autoscaler.model.policies import Behaviour, Direction, Pick, RateLimit
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler_policies.target_tracking import TargetTracking
from tests.deciding.building import CPU, NOW, SHOP, observation, policy, remembered, state, workload

LIMITS = lists(
    builds(RateLimit, change=integers(1, 9) | builds(Share, integers(1, 3000)), per=builds(Duration, integers(1, 90_000))), max_size=3
).map(tuple)
DIRECTIONS = builds(Direction, stabilise=builds(Duration, integers(0, 400_000)), limits=LIMITS, pick=sampled_from(Pick))
BEHAVIOURS = builds(Behaviour, scale_up=DIRECTIONS, scale_down=DIRECTIONS)
INSTANTS: SearchStrategy[Instant] = integers(1, 500_000).map(lambda span: Instant(NOW - span))
PASTS = builds(
    History,
    subject=just("shop/web"),
    recommendations=lists(builds(Recommendation, INSTANTS, integers(0, 60)), max_size=6).map(
        lambda all_: tuple(sorted(all_, key=lambda one: one.at))
    ),
    events=lists(builds(ScaleEvent, INSTANTS, integers(-9, 9), booleans()), max_size=4).map(
        lambda all_: tuple(sorted(all_, key=lambda one: one.at))
    ),
)
BOUNDS = tuples(integers(0, 20), integers(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def decision(reading: Reading, current: int, behaviour: Behaviour, history: History, bounds: tuple[int, int] = (0, 1000)) -> Decision:
    rule = TargetTracking(metric=CPU, target=Share(600), tolerance=Share(0))
    chosen = policy(rule, low=bounds[0], high=bounds[1], behaviour=behaviour)
    seen = observation(state(workload(current)), reading)
    (made,) = decide(ClusterPolicies(cluster=SHOP, policies=(chosen,)), seen, Histories((history,)))
    return made


def sample(milli: int) -> Sample:
    return Sample(milli, NOW)


def contended(history: History) -> bool:
    return sum(event.foreign for event in history.events) > 1


@given(milli=integers(0, 3000), current=integers(0, 80), behaviour=BEHAVIOURS, history=PASTS, bounds=BOUNDS)
def test_the_count_keeps_within_its_bounds(
    milli: int, current: int, behaviour: Behaviour, history: History, bounds: tuple[int, int]
) -> None:
    made = decision(sample(milli), current, behaviour, history, bounds)
    assert bounds[0] <= made.count <= bounds[1] or (made.count == current and (contended(history) or current == 0))


@given(low=integers(0, 3000), more=integers(0, 500), current=integers(0, 60), behaviour=BEHAVIOURS, history=PASTS)
def test_more_load_never_decides_for_fewer(low: int, more: int, current: int, behaviour: Behaviour, history: History) -> None:
    quiet, busy = (decision(sample(milli), current, behaviour, history) for milli in (low, low + more))
    assert quiet.count <= busy.count
    assert quiet.eventually <= busy.eventually


@given(why=sampled_from([Code.MISSING, Code.STALE, Code.NOT_A_NUMBER]), current=integers(0, 60), behaviour=BEHAVIOURS, history=PASTS)
def test_an_unknown_metric_never_shrinks(why: Code, current: int, behaviour: Behaviour, history: History) -> None:
    assert decision(Unknown(why), current, behaviour, history).count >= current


@given(milli=integers(0, 3000), current=integers(0, 60), behaviour=BEHAVIOURS, history=PASTS)
def test_the_same_input_gives_the_same_bytes(milli: int, current: int, behaviour: Behaviour, history: History) -> None:
    first, second = (dumps(decision(sample(milli), current, behaviour, replace(history)), kind="decision") for _ in range(2))
    assert first == second


@given(milli=integers(0, 3000), current=integers(0, 60), behaviour=BEHAVIOURS)
def test_asked_again_at_once_it_decides_alike(milli: int, current: int, behaviour: Behaviour) -> None:
    empty = History(subject="shop/web")
    first = decision(sample(milli), current, behaviour, empty)
    again = replace(remembered(empty, first), events=())  # nothing of it has been carried out yet
    assert decision(sample(milli), current, behaviour, again).count == first.count


@given(load=integers(0, 40_000), current=integers(1, 60))
def test_with_constant_load_the_count_settles_and_stays(load: int, current: int) -> None:
    behaviour = Behaviour()
    history, counts = History(subject="shop/web"), [current]
    for tick in range(60):
        made = decision(sample(load // counts[-1]), counts[-1], behaviour, shifted(history, tick), (1, 1000))
        history = shifted(remembered(shifted(history, tick), made), -tick)
        counts.append(made.count)
    assert len(set(counts[-10:])) == 1
    turns = [one - other for one, other in zip(counts[1:], counts, strict=False) if one != other]
    assert all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)


def shifted(history: History, ticks: int) -> History:
    """The past as it looks so many ticks of 15 s later."""
    span = ticks * 15_000
    return replace(
        history,
        recommendations=tuple(Recommendation(Instant(one.at - span), one.count) for one in history.recommendations),
        events=tuple(ScaleEvent(Instant(one.at - span), one.change, one.foreign) for one in history.events),
    )
