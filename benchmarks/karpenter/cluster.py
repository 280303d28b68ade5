"""W1 and W2 as clusters that a tick observes: nothing is there, and every replica waits."""

from collections.abc import Sequence

from autoscaler.model.constraints import NODE, Affinity, AntiAffinity, Constraint, LabelRule, Labels, NodeAffinity, Preference, Selector
from autoscaler.model.constraints import TopologySpread as Spread
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Money
from autoscaler.model.refs import OfferingName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.workloads import Shape
from autoscaler.placement import Placement, place
from autoscaler.planning.facts import Facts
from autoscaler.planning.placing import Committed, problem
from autoscaler.planning.request import PlanRequest
from autoscaler.planning.targets import targets
from benchmarks.clusters import SHOP, replica, request
from benchmarks.karpenter.w1 import PRICE, TYPES, ZONES, Pod, Rule

MIB = 2**20
ZONE = "zone"
KEYS: dict[Rule, str] = {Rule.SAME_ZONE: "my-affininity", Rule.OWN_HOST: "app"}
"""Of the one label that a replica has; of all others it is `my-label`."""

SOLD = tuple((zone, spot) for zone in ZONES for spot in (True, False) if not (spot and zone == ZONES[-1]))
"""Each type is sold on demand in every zone, and as spot in all but the last."""


def mixed(some: Sequence[Pod], types: int = TYPES) -> PlanRequest:
    """W1: alike ones are replicas of one workload."""
    refs = workloads(some)
    replicas = tuple(replica(number, refs[pod], None) for number, pod in enumerate(some))
    labels = {ref: _labels(pod) for pod, ref in refs.items()}
    return request({ref: _shape(pod) for pod, ref in refs.items()}, replicas, (), offerings(types), labels=labels)


def workloads(some: Sequence[Pod]) -> dict[Pod, WorkloadRef]:
    """One for each kind of pod, in the order they come."""
    return {pod: WorkloadRef(SHOP, f"d{number:04}") for number, pod in enumerate(dict.fromkeys(some))}


def placed(asked: PlanRequest) -> Placement:
    """Where the plan expects everything; nothing was begun before."""
    state = asked.observation.state
    if isinstance(state, Unknown):
        raise TypeError(state)
    facts = Facts.gather(asked, state)
    return place(problem(facts, targets(facts, {}), Committed()))


def preferring(count: int, *, honoured: bool) -> PlanRequest:
    """W2: alike ones that would rather be in the first zone, and no two of them in one zone, or at least not on one machine.

    Not `honoured`: the same without what they would rather have.
    """
    ref, nginx = WorkloadRef(SHOP, "nginx"), Selector(rules=(LabelRule(key="app", value="nginx"),))
    wishes = (
        Preference(weight=1, wish=NodeAffinity(rules=(LabelRule(key=ZONE, value=ZONES[0]),))),
        Preference(weight=10, wish=AntiAffinity(to=nginx, topology=ZONE)),
        Preference(weight=1, wish=AntiAffinity(to=nginx, topology=NODE)),
    )
    shape = Shape(requests=_requests(100, 4096), preferences=wishes if honoured else ())
    replicas = tuple(replica(number, ref, None) for number in range(count))
    return request({ref: shape}, replicas, (), offerings(), labels={ref: (("app", "nginx"),)})


def offerings(types: int = TYPES) -> tuple[Offering, ...]:
    """Number i has i cores, 2i GiB and place for 10i replicas, less what is reserved, wherever and however it is sold at the same price."""
    return tuple(_offering(size, zone, spot=spot) for size in range(1, types + 1) for zone, spot in SOLD)


def _offering(size: int, zone: str, *, spot: bool) -> Offering:
    return Offering(
        name=OfferingName(f"t{size:03}-{zone}-{'spot' if spot else 'on-demand'}"),
        capacity=Resources(1000 * size - 100, (2048 * size - 10) * MIB, (("pods", 10 * size),)),
        price=Money(PRICE * size),
        zone=zone,
        spot=spot,
        labels=((ZONE, zone),),
    )


def _shape(pod: Pod) -> Shape:
    return Shape(requests=_requests(pod.cpu, pod.memory), constraints=_constraints(pod))


def _requests(cpu: int, memory: int) -> Resources:
    return Resources(cpu, memory * MIB, (("pods", 1),))


def _labels(pod: Pod) -> Labels:
    return ((KEYS.get(pod.rule, "my-label"), pod.label),)


def _constraints(pod: Pod) -> tuple[Constraint, ...]:
    about = Selector(rules=(LabelRule(key=KEYS.get(pod.rule, "my-label"), value=pod.selector),))
    match pod.rule:
        case Rule.NONE:
            return ()
        case Rule.SPREAD_ZONES:
            return (Spread(over=about, topology=ZONE),)
        case Rule.SPREAD_HOSTS:
            return (Spread(over=about),)
        case Rule.SAME_ZONE:
            return (Affinity(to=about, topology=ZONE),)
        case Rule.OWN_HOST:
            return (AntiAffinity(to=about),)
