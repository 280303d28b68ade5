"""What Kubernetes HPA (1.34) keeps and decides after its metrics, written anew from its documented behaviour, as a second opinion."""

import math
from dataclasses import dataclass, field

from autoscaler.model.policies import Behaviour, Direction, Pick
from autoscaler.model.quantities import Share


@dataclass
class Hpa:
    """One object. `log`: (when, count), `ups` and `downs`: (when, size), each in the slot it was kept in; times in milliseconds."""

    low: int
    high: int
    behaviour: Behaviour
    log: list[tuple[int, int]] | None = None
    ups: list[tuple[int, int]] = field(default_factory=list)
    downs: list[tuple[int, int]] = field(default_factory=list)
    conditions: dict[str, tuple[bool, str]] = field(default_factory=dict)
    chosen: int = 0
    """How often a slot was used again where another one might have been."""

    def sync(self, now: int, spec: int, proposal: int) -> int:
        """The count it would set."""
        self.conditions["AbleToScale"] = (True, "SucceededGetScale")
        if self.log is None:
            self.log = [(now, spec)]
        if spec == 0 and self.low != 0:
            self.conditions["ScalingActive"] = (False, "ScalingDisabled")
            return spec
        if spec > self.high:
            return self._set(now, spec, self.high)
        if spec < self.low:
            return self._set(now, spec, self.low)
        self.conditions["ScalingActive"] = (True, "ValidMetricFound")
        return self._set(now, spec, self._legacy(now, spec, proposal) if self.behaviour.legacy else self._normal(now, spec, proposal))

    def _set(self, now: int, spec: int, count: int) -> int:
        if count != spec:
            self.conditions["AbleToScale"] = (True, "SucceededRescale")
            if not self.behaviour.legacy:
                self._keep(now, count - spec)
        return count

    def _keep(self, now: int, change: int) -> None:
        """The last slot that is over its direction's longest period is used again."""
        kept, direction = (self.ups, self.behaviour.scale_up) if change > 0 else (self.downs, self.behaviour.scale_down)
        longest = max((limit.per.ms for limit in direction.limits), default=0)
        over = [place for place, (at, _) in enumerate(kept) if at < now - longest]
        if over:
            kept[over[-1]] = (now, abs(change))
            self.chosen += len(over) > 1
        else:
            kept.append((now, abs(change)))

    def _normal(self, now: int, spec: int, proposal: int) -> int:
        assert self.log is not None
        up, down = self.behaviour.scale_up.stabilise.ms, self.behaviour.scale_down.stabilise.ms
        low = min([proposal, *(count for at, count in self.log if at > now - up)])
        high = max([proposal, *(count for at, count in self.log if at > now - down)])
        steady = max(spec, low)
        steady = min(steady, high)
        self.log.append((now, proposal))
        stabilised = "ScaleUpStabilized" if proposal >= spec else "ScaleDownStabilized"
        self.conditions["AbleToScale"] = (True, stabilised if steady != proposal else "ReadyForNewScale")
        count, why = self._limited(now, spec, steady)
        self.conditions["ScalingLimited"] = (count != steady, why)
        return count

    def _limited(self, now: int, spec: int, wanted: int) -> tuple[int, str]:
        if wanted > spec:
            limit = max(spec, self._limit(now, spec, self.behaviour.scale_up, 1))
            most, why = (limit, "ScaleUpLimit") if self.high > limit else (self.high, "TooManyReplicas")
            if wanted > most:
                return most, why
        elif wanted < spec:
            limit = min(spec, self._limit(now, spec, self.behaviour.scale_down, -1))
            least, why = (limit, "ScaleDownLimit") if self.low < limit else (self.low, "TooFewReplicas")
            if wanted < least:
                return least, why
        return wanted, "DesiredWithinRange"

    def _limit(self, now: int, spec: int, direction: Direction, sign: int) -> int:
        if direction.pick is Pick.NONE:
            return spec
        found = []
        for limit in direction.limits:
            added, taken = (sum(size for at, size in kept if at > now - limit.per.ms) for kept in (self.ups, self.downs))
            base = spec - added + taken
            if isinstance(limit.change, Share):
                part = base * (1 + sign * (limit.change.milli / 1000))
                found.append(math.ceil(part) if sign > 0 else math.trunc(part))
            else:
                found.append(base + sign * limit.change)
        farthest = direction.pick is Pick.MOST
        return max(found) if farthest == (sign > 0) else min(found)

    def _legacy(self, now: int, spec: int, proposal: int) -> int:
        legacy = self.behaviour.legacy
        assert legacy is not None
        assert self.log is not None
        # What is noted as a sync begins is a moment older than the edge of no window at all.
        steady = max([proposal, *(count for at, count in self.log if legacy.window.ms and at >= now - legacy.window.ms)])
        self.log.append((now, proposal))
        self.conditions["AbleToScale"] = (True, "ScaleDownStabilized" if steady != proposal else "ReadyForNewScale")
        limit = max(int(legacy.factor.milli / 1000 * spec), legacy.minimum)
        most, why = (limit, "ScaleUpLimit") if self.high > limit else (self.high, "TooManyReplicas")
        count = steady
        if steady < self.low:
            count, why = self.low, "TooFewReplicas"
        elif steady > most:
            count = most
        else:
            why = "DesiredWithinRange"
        self.conditions["ScalingLimited"] = (count != steady, why)
        return count
