"""As many replicas as work off a queue: by its length, by when it must be empty, by how long its oldest message has waited."""

from dataclasses import dataclass

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Number
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote
from autoscaler_policies.amounts import readable

SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """`backlog` is the metric that counts what waits; the largest of the answers asked for is wanted.

    `per_replica`: one replica for so much of it. `rate` and `within`: one replica does so much per second, and all of it must be done in
    that time. `oldest` and `older_than`: a metric in seconds; beyond that time one more than now, for then the others are wrong.
    `activate_above`: up to that much wakes nobody and keeps nobody awake: none are wanted, which the policy's minimum may raise.
    """

    backlog: MetricName
    per_replica: Number | None = None
    rate: Number | None = None
    within: Duration | None = None
    oldest: MetricName | None = None
    older_than: Duration | None = None
    activate_above: Number = Number(0)

    def __post_init__(self) -> None:
        """PolicyError for a question without an answer, and for half of one."""
        if self.backlog in BUILT_IN_METRICS or self.oldest in BUILT_IN_METRICS:
            raise PolicyError("cpu and memory are shares, not a queue", hint="name a metric that counts what waits")
        if self.per_replica is None and self.rate is None:
            raise PolicyError("nothing says how much one replica does", hint="write per_replica: 20, or rate: 2 and within: 5m")
        _check_both("rate", self.rate, "within", self.within)
        _check_both("oldest", self.oldest, "older_than", self.older_than)
        for value in (self.per_replica, self.rate, self.within):
            if value is not None and _amount(value) < 1:
                raise PolicyError(f"{value} of it is never done", hint="write more than 0")

    def needs(self) -> tuple[MetricNeed, ...]:
        """The backlog, and the age of its oldest message if that counts."""
        names = [self.backlog] + ([self.oldest] if self.oldest and self.oldest != self.backlog else [])
        return tuple(MetricNeed(metric=name, per_replica=False) for name in names)

    def vote(self, situation: Situation) -> Vote:
        """A want; at least that many while the age cannot be seen; unknown while the backlog cannot."""
        waiting = readable(self.backlog, situation.samples[self.backlog])
        if isinstance(waiting, Reason):
            return Vote.unknown(waiting)
        wanted, reason = self._by_length(waiting.milli)
        if self.oldest is None or self.older_than is None:
            return Vote.want(wanted, reason)
        age = readable(self.oldest, situation.samples[self.oldest])
        if isinstance(age, Reason):
            return Vote.at_least(wanted, reason, age)
        if age.milli <= self.older_than.ms or wanted > situation.target.replicas:
            return Vote.want(wanted, reason)
        late = Reason(Code.WAITS_TOO_LONG, (age.milli, self.older_than.ms), "ms", (self.oldest,))
        return Vote.want(situation.target.replicas + 1, late, reason)

    def _by_length(self, waiting: int) -> tuple[int, Reason]:
        if waiting <= self.activate_above.milli:
            return 0, Reason(Code.NOTHING_WAITS, (waiting, self.activate_above.milli), "milli", (self.backlog,))
        counts = [-(-waiting // self.per_replica.milli)] if self.per_replica else []
        if self.rate and self.within:
            counts.append(-(-waiting * SECOND // (self.rate.milli * self.within.ms)))
        return max(1, *counts), Reason(Code.BACKLOG, (waiting,), "milli", (self.backlog,))


def _amount(value: Number | Duration) -> int:
    return value.ms if isinstance(value, Duration) else value.milli


def _check_both(one: str, first: object, other: str, second: object) -> None:
    if (first is None) != (second is None):
        given, missing = (one, other) if second is None else (other, one)
        raise PolicyError(f"{given} says nothing without {missing}", hint=f"write both {one} and {other}, or neither")
