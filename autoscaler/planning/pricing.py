"""What the pools cost per hour, as their offerings say."""

from collections import Counter

from autoscaler.model.commitments import StepStatus
from autoscaler.model.nodes import InstanceState
from autoscaler.model.plans import PlannedStep
from autoscaler.model.quantities import Money
from autoscaler.model.refs import OfferingName, PoolName
from autoscaler.model.steps import GrowPool, ReleaseInstance
from autoscaler.placement import Placement
from autoscaler.planning.currencies import main_currency
from autoscaler.planning.facts import Facts

PAID = (InstanceState.LAUNCHING, InstanceState.RUNNING)


def price_before(facts: Facts) -> Money:
    """Every machine that is paid for now."""
    offerings = [(pool, one.offering) for pool, state in facts.pools.items() for one in state.instances if one.state in PAID]
    return _total(facts, Counter(offerings))


def price_after(facts: Facts, steps: tuple[PlannedStep, ...], placement: Placement) -> Money:
    """The same once all steps have ended. A machine to launch costs what placement would have it be, else the pool's cheapest."""
    released = {one.step.instance for one in steps if isinstance(one.step, ReleaseInstance)}
    stays = [
        (pool, one.offering)
        for pool, state in facts.pools.items()
        for one in state.instances
        if one.state in PAID and one.ref not in released
    ]
    return _total(facts, Counter(stays) + _launched(facts, steps, placement))


def price_bound(facts: Facts, steps: tuple[PlannedStep, ...], placement: Placement) -> Money | None:
    """The least that all of it could cost with other machines for what is to come; None where that is not proven."""
    launched = sum(launches(facts, steps, pool) for pool in facts.pools)
    if placement.bound is None or launched < len(placement.opens):
        return None
    after = price_after(facts, steps, placement)
    return Money(after.micro - (placement.price - placement.bound), after.currency)


def launches(facts: Facts, steps: tuple[PlannedStep, ...], pool: PoolName) -> int:
    """Machines the steps still have to launch."""
    wanted = [one.step.wanted for one in steps if isinstance(one.step, GrowPool) and one.step.pool == pool]
    return max(0, max(wanted, default=0) - facts.pools[pool].wanted)


def opens(facts: Facts, steps: tuple[PlannedStep, ...], placement: Placement, pool: PoolName) -> Counter[OfferingName]:
    """Which offerings they are expected to be: as their steps say, else as placement does, else the cheapest."""
    now, count = facts.pools[pool].wanted, launches(facts, steps, pool)
    grows = [one.step for one in steps if isinstance(one.step, GrowPool) and one.step.pool == pool and not _done(facts, one)]
    told = [one.offering for one in grows for _ in range(one.wanted - max(now, one.seen)) if one.offering]
    named = (told or [one.offering for one in placement.opens if one.pool == pool])[:count]
    cheapest = min(facts.pools[pool].offerings, key=lambda one: (one.price.micro, one.name), default=None)
    rest = [cheapest.name] * (count - len(named)) if cheapest else []
    return Counter([*named, *rest])


def _done(facts: Facts, planned: PlannedStep) -> bool:
    record = facts.request.commitments.record(planned.id)
    return record is not None and record.status is StepStatus.DONE


def _launched(facts: Facts, steps: tuple[PlannedStep, ...], placement: Placement) -> Counter[tuple[PoolName, OfferingName]]:
    found: Counter[tuple[PoolName, OfferingName]] = Counter()
    for pool in facts.pools:
        for offering, count in opens(facts, steps, placement, pool).items():
            found[pool, offering] += count
    return found


def _total(facts: Facts, machines: Counter[tuple[PoolName, OfferingName]]) -> Money:
    """In the currency of most pools; prices in another are left out, for nobody told us a rate."""
    prices = {(pool, one.name): one.price for pool, state in facts.pools.items() for one in state.offerings}
    currency = main_currency(facts.pools.values()).partition(" ")[0] or Money(0).currency
    known = ((prices[key], count) for key, count in machines.items() if key in prices)
    return Money(sum(price.micro * count for price, count in known if price.currency == currency), currency)
