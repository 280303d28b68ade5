"""What a cloud had none of: remembered by offering, and not asked for again until a while has passed, longer each time.

A reader may know of its own (`Offering.sold_out_until`); this is for clouds that say so once, to whoever asked, and show it nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.history import Histories, Refusal
from autoscaler.model.observations import Observation, PoolView
from autoscaler.model.pools import Offering, PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import OfferingName, PoolName
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import GrowPool

FIRST, LONGEST = Duration(300_000), Duration(3_600_000)
"""How long an offering that was refused once is left alone, and at most however often it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A launch that ended."""

    pool: PoolName
    offering: OfferingName
    at: Instant
    refused: bool


def stocked(observation: Observation, histories: Histories, records: Iterable[StepRecord]) -> Observation:
    """The same, with offerings sold out for as long as what was refused is left alone. `records`: of the current plan."""
    told = dict(refused(observation, histories, records))
    views = tuple(_without(view, told.get(f"pool:{view.pool}", histories.of(f"pool:{view.pool}").refusals)) for view in observation.pools)
    return replace(observation, pools=views) if views != observation.pools else observation


def refused(observation: Observation, histories: Histories, records: Iterable[StepRecord]) -> tuple[tuple[str, tuple[Refusal, ...]], ...]:
    """By history subject, what has to be remembered instead of what is: refused since, or launched since it was refused."""
    by_subject: dict[str, dict[OfferingName, Refusal]] = {}
    for one in sorted(_tried(observation, records), key=lambda one: one.at):
        subject = f"pool:{one.pool}"
        known = by_subject.setdefault(subject, {each.offering: each for each in histories.of(subject).refusals})
        last = known.get(one.offering)
        if one.refused and (last is None or one.at > last.at):
            known[one.offering] = Refusal(one.offering, one.at, _times(last, one.at))
        elif not one.refused and last is not None and one.at > last.at:
            del known[one.offering]
    told = ((subject, tuple(sorted(known.values(), key=lambda each: each.offering))) for subject, known in sorted(by_subject.items()))
    return tuple((subject, refusals) for subject, refusals in told if refusals != histories.of(subject).refusals)


def _times(last: Refusal | None, at: Instant) -> int:
    """How often in a row; what was refused long ago begins anew."""
    return last.times + 1 if last and at - last.at < 2 * LONGEST.ms else 1


def until(refusal: Refusal) -> Instant:
    """Twice as long each time in a row."""
    return Instant(refusal.at + min(LONGEST.ms, FIRST.ms << min(refusal.times - 1, 10)))


def _tried(observation: Observation, records: Iterable[StepRecord]) -> Iterable[_Tried]:
    """Launches that ended, of an offering that is known: a pool's only one need not be named."""
    for record in records:
        step = record.planned.step
        if not isinstance(step, GrowPool) or record.ended_at is None:
            continue
        state = observation.pool(step.pool)
        only = state.offerings[0].name if not isinstance(state, Unknown) and len(state.offerings) == 1 else None
        offering = step.offering or only
        lacked = record.status is StepStatus.FAILED and any(reason.code is Code.NO_CAPACITY for reason in record.reasons)
        if offering and (lacked or record.status is StepStatus.DONE):
            yield _Tried(pool=step.pool, offering=offering, at=record.ended_at, refused=lacked)


def _without(view: PoolView, refusals: tuple[Refusal, ...]) -> PoolView:
    if isinstance(view.state, Unknown) or not refusals:
        return view
    ends = {one.offering: until(one) for one in refusals}
    return replace(view, state=_sold_out(view.state, ends))


def _sold_out(state: PoolState, ends: dict[OfferingName, Instant]) -> PoolState:
    return replace(state, offerings=tuple(_until(one, ends.get(one.name, Instant(0))) for one in state.offerings))


def _until(offering: Offering, at: Instant) -> Offering:
    return replace(offering, sold_out_until=at) if at > offering.sold_out_until else offering
