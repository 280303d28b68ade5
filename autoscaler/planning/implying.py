"""What a step need not say that it waits for: whatever an operation that it waits for has waited for already.

A plan that empties hundreds of machines in turn would name each of them in each that comes after.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.refs import StepId
from autoscaler.planning.drafts import Draft, DraftStep

Fenced = tuple[str, ...]
"""Operations whose nodes are fenced."""


def terse(drafts: Iterable[Draft]) -> list[Draft]:
    """The same, each step waiting by name for no more than it has to."""
    implied = _Implied()
    return [implied.drafted(one) for one in drafts]


def outlasting(ids: Container[StepId], records: Iterable[StepRecord]) -> Callable[[Iterable[StepId]], tuple[StepId, ...]]:
    """Which of the steps `ids` a step waits for: in the place of one that is given up, those that one waited for."""
    dropped = {one.planned.id: one.planned.after for one in records if one.status is not StepStatus.DONE and one.planned.id not in ids}

    def waits(after: Iterable[StepId]) -> tuple[StepId, ...]:
        found = dict.fromkeys(after)
        looking = list(found)
        for one in looking:  # grows as it goes
            more = [before for before in dropped.get(one, ()) if before not in found]
            looking += more
            found.update(dict.fromkeys(more))
        return tuple([one for one in found if one in ids])

    return waits


def ends_early(draft: Draft) -> bool:
    """Whether it has ended for others once its first step is done: the node is open again."""
    return draft.verb in ("undo", "mend") and draft.node is not None


@dataclass(slots=True)
class _Implied:
    """Of each operation drafted so far: all that has `ended` once it has, and whose nodes are `fenced` by then. `place`: its turn."""

    ended: dict[str, set[str]] = field(default_factory=dict)
    fenced: dict[str, list[Fenced]] = field(default_factory=dict)
    place: dict[str, int] = field(default_factory=dict)

    def drafted(self, draft: Draft) -> Draft:
        """One more, its steps waiting for no more than they have to name."""
        steps = tuple([self._named(one) for one in draft.steps])
        ended, fenced = self.ended.setdefault(draft.operation, set()), self.fenced.setdefault(draft.operation, [])
        until = 1 if ends_early(draft) else len(steps)
        for whole, one in [pair for pair in zip(draft.steps[:until], steps, strict=False) if pair[0].needs or pair[0].fenced]:
            ended.update(whole.needs, *(self.ended.get(name, ()) for name in one.needs))
            implied = (some for name in one.needs for some in self.fenced.get(name, ()))
            fenced += [some for some in dict.fromkeys([whole.fenced, *implied]) if some and some not in fenced]
        self.place[draft.operation] = len(self.place)
        return replace(draft, steps=steps)

    def _named(self, step: DraftStep) -> DraftStep:
        if len(step.needs) + len(step.fenced) <= 1:
            return step
        needs = self._needs(step.needs)
        known = any(step.fenced in self.fenced.get(name, ()) for name in needs)
        return step._replace(needs=needs, fenced=() if known else step.fenced)

    def _needs(self, needs: Sequence[str]) -> tuple[str, ...]:
        """From the last in turn: what has ended once that has need not be named."""
        left = self.place.keys() & needs
        named = [name for name in needs if name not in left] if len(left) < len(needs) else []
        for last in sorted(left, key=self.place.__getitem__, reverse=True):
            if last in left:
                named.append(last)
                left -= self.ended[last]
        return tuple(named)
