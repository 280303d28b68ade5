"""What a cloud says it will do to single machines, told once through a queue, and kept until it has happened."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from autoscaler.model.history import Histories, Notice
from autoscaler.model.nodes import Instance
from autoscaler.model.observations import Observation, PoolView
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown

SUBJECT = "notices"
"""The history subject they are kept under: a cloud names an instance, and no pool."""

KEPT = Duration(3_600_000)
"""How long after its end a notice is kept: a machine that is still there by then was stopped for repairs and came back, or was let live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What came out of a queue. `receipt`: what the queue drops it by. `notice`: None for news that change nothing for us."""

    receipt: str
    notice: Notice | None = None


def kept(histories: Histories, letters: Iterable[Letter], now: Instant) -> tuple[Notice, ...]:
    """Those known and those that came, of each machine the one that ends first; without those that are long over."""
    known = (*histories.of(SUBJECT).notices, *(one.notice for one in letters if one.notice))
    first: dict[str, Notice] = {}
    for one in sorted(known, key=lambda one: (one.ends_at, one.at)):
        if one.ends_at > now - KEPT.ms:
            first.setdefault(one.instance, one)
    return tuple(first[name] for name in sorted(first))


def warned(observation: Observation, histories: Histories) -> Observation:
    """The same, with instances that end when their cloud has said. A notice names one by its id, or by its boot, which is nobody else's."""
    ends = {one.instance: one.ends_at for one in histories.of(SUBJECT).notices}
    return replace(observation, pools=tuple(_warned(view, ends) for view in observation.pools)) if ends else observation


def with_notices(histories: Histories, notices: tuple[Notice, ...]) -> Histories:
    """The same past, with these."""
    others = tuple(one for one in histories.entries if one.subject != SUBJECT)
    return Histories((*others, replace(histories.of(SUBJECT), notices=notices)))


def _warned(view: PoolView, ends: dict[str, Instant]) -> PoolView:
    if isinstance(view.state, Unknown) or not any(one.ref.id in ends or one.ref.incarnation in ends for one in view.state.instances):
        return view
    instances = tuple(_ending(_ending(one, ends.get(one.ref.id)), ends.get(one.ref.incarnation)) for one in view.state.instances)
    return replace(view, state=replace(view.state, instances=instances))


def _ending(instance: Instance, at: Instant | None) -> Instance:
    """The earlier of what the pool's reader sees and what was told."""
    if at is None or (instance.ends_at is not None and instance.ends_at <= at):
        return instance
    return replace(instance, ends_at=at)
