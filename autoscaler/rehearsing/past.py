"""The past of one workload as the engine's store would hand it to a tick: as much of it as any stage looks back at, and no more."""

from collections import deque
from dataclasses import dataclass, field

from autoscaler.deciding.anticipate import EVERY, RISE
from autoscaler.deciding.learning import PACES, learn
from autoscaler.deciding.remembering import notes_of
from autoscaler.model.decisions import Decision
from autoscaler.model.forecasts import Forecast
from autoscaler.model.history import History, Lesson, Note, Recommendation, ScaleEvent
from autoscaler.model.policies import Behaviour
from autoscaler.model.quantities import Duration, Instant

LESSONS = max(hold.ms for hold, _ in PACES) + 2 * RISE.ms
"""A lesson looks back over its hold and the rise before that, which begins with the count of some tick before it."""

EVENTS = Duration(3_600_000)
"""The longest period of a rate limit."""


@dataclass(slots=True)
class Past:
    """`began`: the first tick."""

    subject: str
    behaviour: Behaviour
    began: Instant
    recent: deque[Recommendation] = field(default_factory=deque)
    all: deque[Recommendation] = field(default_factory=deque)
    events: tuple[ScaleEvent, ...] = ()
    notes: tuple[Note, ...] = ()
    lesson: Lesson | None = None
    learned: int = 0
    forecasts: tuple[Forecast, ...] = ()
    window: int = field(init=False)

    def __post_init__(self) -> None:
        self.window = max(self.behaviour.window.ms, LESSONS if self.behaviour.learn else 0)

    def history(self) -> History:
        """As of now."""
        return History(
            subject=self.subject,
            began=self.began,
            recommendations=tuple(self.recent),
            events=self.events,
            lesson=self.lesson,
            watched=self.began,
            notes=self.notes,
            forecasts=self.forecasts,
        )

    def remember(self, decision: Decision) -> None:
        """What the decision recommended, changed, and noted; what no stage looks back at any more is dropped."""
        now = decision.at
        one = Recommendation(now, decision.recommended, decision.ready)
        self.recent.append(one)
        while self.recent[0].at < now - self.window:
            self.recent.popleft()
        if decision.count != decision.current:
            kept = (event for event in self.events if event.at > now - EVENTS.ms)
            self.events = (*kept, ScaleEvent(now, decision.count - decision.current))
        self.notes = notes_of(decision) or self.notes
        if self.behaviour.learn:
            self._learn(one, self.behaviour.learn.reach, now)

    def _learn(self, one: Recommendation, reach: Duration, now: Instant) -> None:
        self.all.append(one)
        while self.all[0].at < now - reach.ms:
            self.all.popleft()
        if now - self.learned >= EVERY.ms:
            self.learned = now
            past = History(subject=self.subject, recommendations=tuple(self.all))
            self.lesson = learn(past, self.behaviour, now) or self.lesson
