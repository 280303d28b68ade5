"""New machines, from their launch until they are nodes of their cluster. One that never joins is to be given back, and its pool rests.

Absent is only who was seen without a node all the time: a machine that had one once, or may have, is lost, and that is not for us to end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from autoscaler.model.history import Arrival, Arrivals, Histories
from autoscaler.model.nodes import Instance, InstanceState, Node
from autoscaler.model.observations import ClusterState, Observation, PoolView
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import PoolName
from autoscaler.model.refusals import FIRST, LONGEST
from autoscaler.model.samples import Unknown

GLANCES, GLANCE = 4, Duration(60_000)
"""Who did not look for longer than that part of its patience, or this, does not know that nobody came."""

Patience = Mapping[PoolName, Duration]
"""How long a machine of each pool may run without a node; of pools that a policy names."""


class _Roll:
    """Who has come: `nodes` by name, and the strangers among them."""

    def __init__(self, observation: Observation, state: ClusterState) -> None:
        self.now = observation.at
        self.nodes = frozenset(one.name for one in state.nodes)
        self.strangers = strangers(observation, state)


def strangers(observation: Observation, state: ClusterState) -> tuple[Node, ...]:
    """Nodes that are in no pool that was seen. Any of them may be a machine of ours under another name, but one that stands by."""
    pools = [view.state for view in observation.pools if not isinstance(view.state, Unknown)]
    ours = {one.node_name for pool in pools for one in pool.instances}.union(*(pool.standing_by for pool in pools))
    return tuple(one for one in state.nodes if one.name not in ours and not one.manager)


def namesake(instance: Instance, found: Iterable[Node]) -> Node | None:
    """Of such nodes the first that may be this machine: it joined since the launch, or nobody knows when."""
    return next((one for one in found if not one.joined_at or one.joined_at >= instance.launched_at), None)


def arrived(observation: Observation, histories: Histories, patience: Patience) -> tuple[tuple[str, Arrivals], ...]:
    """By history subject, what has to be remembered instead of what is."""
    if isinstance(observation.state, Unknown):
        return ()
    roll = _Roll(observation, observation.state)
    seen = ((view.state, histories.of(f"pool:{view.pool}").arrivals) for view in observation.pools if view.pool in patience)
    told = ((pool, known, _arrivals(pool, known, roll, patience[pool.pool])) for pool, known in seen if not isinstance(pool, Unknown))
    return tuple((f"pool:{pool.pool}", found) for pool, known, found in told if found != known)


def awaited(observation: Observation, histories: Histories, patience: Patience) -> Observation:
    """The same, with who is absent, and with pools that rest for it. Who may have come under another name is not called absent."""
    if isinstance(observation.state, Unknown):
        return observation
    roll, told = _Roll(observation, observation.state), dict(arrived(observation, histories, patience))
    views = tuple(
        _laid_over(view, told.get(f"pool:{view.pool}", histories.of(f"pool:{view.pool}").arrivals), roll, patience.get(view.pool))
        for view in observation.pools
    )
    return replace(observation, pools=views) if views != observation.pools else observation


def rests_until(arrivals: Arrivals) -> Instant:
    """Twice as long each time in a row."""
    return Instant(arrivals.missed_at + min(LONGEST.ms, FIRST.ms << min(arrivals.times - 1, 10))) if arrivals.times else Instant(0)


def _arrivals(pool: PoolState, known: Arrivals, roll: _Roll, patience: Duration) -> Arrivals:
    looked = roll.now - known.looked_at <= max(patience.ms // GLANCES, GLANCE.ms)
    before = {one.instance: one for one in known.machines if one.joined or looked}
    found = (_arrival(one, before.get(one.ref.id), roll, patience) for one in pool.instances)
    machines = tuple(sorted((one for one in found if one), key=lambda one: one.instance))
    came = any(one.joined and not (one.instance in before and before[one.instance].joined) for one in machines)
    overdue = {one.instance: one for one in machines if _overdue(one, roll.now, patience)}
    missed = (overdue[one.ref.id] for one in pool.instances if one.ref.id in overdue and namesake(one, roll.strangers) is None)
    seen = replace(known, machines=machines, looked_at=roll.now if machines else Instant(0))
    last = replace(seen, times=0) if came else seen
    if not any(one.since and one.since > last.missed_at for one in missed):
        return last
    again = roll.now - last.missed_at < 2 * LONGEST.ms
    return replace(last, missed_at=roll.now, times=last.times + 1 if again else 1)


def _arrival(instance: Instance, known: Arrival | None, roll: _Roll, patience: Duration) -> Arrival | None:
    """What to remember of it: from when it is first seen young until it has joined and is young no more, or does not run."""
    runs, here = instance.state is InstanceState.RUNNING, instance.node_name in roll.nodes
    young = not runs or roll.now - instance.launched_at <= patience.ms
    if not runs and instance.state is not InstanceState.LAUNCHING:
        return None
    if known is None:
        return Arrival(instance.ref.id, roll.now if runs else None, here) if young and instance.node_name else None
    joined = known.joined or here
    since = roll.now if runs and known.since is None else known.since
    return Arrival(known.instance, since, joined) if young or not joined else None


def _overdue(one: Arrival, now: Instant, patience: Duration) -> bool:
    return one.since is not None and not one.joined and now - one.since > patience.ms


def _laid_over(view: PoolView, arrivals: Arrivals, roll: _Roll, patience: Duration | None) -> PoolView:
    if isinstance(view.state, Unknown) or patience is None:
        return view
    late = {one.instance for one in arrivals.machines if _overdue(one, roll.now, patience)}
    instances = tuple(_called(one, absent=one.ref.id in late and not namesake(one, roll.strangers)) for one in view.state.instances)
    rests = rests_until(arrivals)
    return replace(view, state=replace(view.state, instances=instances, rests_until=rests, never_joined=arrivals.times))


def _called(instance: Instance, *, absent: bool) -> Instance:
    return replace(instance, absent=absent) if instance.absent is not absent else instance
