"""From one decision to the next without a store: what Kubernetes HPA (release 1.34) would have kept, had it carried the decision out.

It forgets in its own way: a new scale event takes the place of one that is older than all periods of its direction, and no other goes.
"""

from dataclasses import replace

from autoscaler.deciding.conditions import blind
from autoscaler.deciding.remembering import notes_of
from autoscaler.model.decisions import Decision, Stage
from autoscaler.model.history import History, Recommendation, ScaleEvent
from autoscaler.model.policies import Behaviour


def carried(history: History, decision: Decision, behaviour: Behaviour) -> History:
    """The past as the next decision finds it; a first one begins with the present count."""
    first = (Recommendation(decision.at, decision.current, decision.ready),) if history.young(decision.at) else ()
    known = (*history.recommendations, *first)
    return replace(
        history,
        began=decision.at if history.began is None else history.began,
        recommendations=_recommended(known, decision, behaviour) if _found(decision) else known,
        events=_changed(history.events, decision, behaviour),
        notes=notes_of(decision) or history.notes,
    )


def _found(decision: Decision) -> bool:
    return all(one.stage is not Stage.GUARD for one in decision.stages) and not blind(decision)


def _recommended(known: tuple[Recommendation, ...], decision: Decision, behaviour: Behaviour) -> tuple[Recommendation, ...]:
    """The decision's own takes the place of the last that no window looks back at any more; those before that stay, and say nothing."""
    edge = decision.at - behaviour.window.ms
    over = [place for place, one in enumerate(known) if one.at < edge]
    kept = (*known[: over[-1]], *known[over[-1] + 1 :]) if over else known
    return (*kept, Recommendation(decision.at, decision.recommended, decision.ready))


def _changed(known: tuple[ScaleEvent, ...], decision: Decision, behaviour: Behaviour) -> tuple[ScaleEvent, ...]:
    change = decision.count - decision.current
    if not change or behaviour.legacy:
        return known
    limits = (behaviour.scale_up if change > 0 else behaviour.scale_down).limits
    edge = decision.at - max((limit.per.ms for limit in limits), default=0)
    over = [place for place, one in enumerate(known) if one.change * change > 0 and one.at < edge and not one.foreign]
    event = ScaleEvent(decision.at, change)
    return (*known[: over[-1]], event, *known[over[-1] + 1 :]) if over else (*known, event)
