"""Lessons come due every few minutes, and are learned from more of the past than a tick looks at."""

from collections.abc import Iterator
from itertools import islice

from autoscaler.contracts.policy import Policy
from autoscaler.contracts.store import Records
from autoscaler.deciding.anticipate import EVERY, GRID
from autoscaler.deciding.learning import ENOUGH, learn
from autoscaler.engine.dry import Thought
from autoscaler.model.history import Histories, Lesson
from autoscaler.model.quantities import Instant

AT_ONCE = 25
"""Lessons of one tick; each takes some milliseconds, and the others come with the next ticks."""


def lessons(thought: Thought, records: Records) -> tuple[tuple[str, Lesson], ...]:
    """By history subject, what policies have learned that were due; the past is only read where there are any."""
    now, histories = thought.observation.at, thought.past.histories
    due = list(islice(_due(thought, histories, now), AT_ONCE))
    if not due:
        return ()
    longest = max(one.behaviour.learn.reach.ms for one in due if one.behaviour.learn)
    subjects = frozenset(str(one.workload) for one in due)
    past = {one.subject: one for one in records.histories(Instant(now - longest), subjects).entries}
    found = ((str(one.workload), learn(past[str(one.workload)], one.behaviour, now)) for one in due)
    return tuple((subject, lesson) for subject, lesson in found if lesson)


def _due(thought: Thought, histories: Histories, now: Instant) -> Iterator[Policy]:
    """Policies that learn, were decided on, are remembered for long enough, and whose last lesson was long enough ago."""
    decided = {one.workload for one in thought.decisions}
    past = {one.subject: one for one in histories.entries}
    for policy in thought.policies.policies:
        known = past.get(str(policy.workload))
        if policy.behaviour.learn is None or policy.workload not in decided or known is None or not known.recommendations:
            continue
        watched = known.recommendations[0].at <= now - ENOUGH * GRID
        if watched and (known.lesson is None or known.lesson.at <= now - EVERY.ms):
            yield policy
