"""Our marks as labels of a Swarm, a node or a service; readable and removable with `docker … --label-rm` alone."""

import json
from collections.abc import Mapping

from autoscaler.model.marks import Mark, OwnerMark
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import PlanId, StoreId

OWNER = "autoscaler.owner"
MARK = "autoscaler.mark."
UNREADABLE = "unreadable"


def owner_in(labels: Mapping[str, str]) -> OwnerMark | None:
    """Who owns the Swarm. A mark nobody can read is somebody's all the same."""
    if OWNER not in labels:
        return None
    try:
        found = json.loads(labels[OWNER])
        return OwnerMark(
            store=StoreId(str(found["store"])), term=int(found["term"]), holder=str(found["holder"]), at=Instant(int(found["at"]))
        )
    except (ValueError, KeyError, TypeError):
        return OwnerMark(store=StoreId(UNREADABLE), term=0, holder=labels[OWNER][:60], at=Instant(0))


def with_owner(labels: Mapping[str, str], mark: OwnerMark) -> dict[str, str]:
    """The labels with `mark` among them."""
    written = json.dumps({"store": mark.store, "term": mark.term, "holder": mark.holder, "at": mark.at}, sort_keys=True)
    return {**labels, OWNER: written}


def marks_in(labels: Mapping[str, str]) -> tuple[Mark, ...]:
    """Our marks, by field. One that nobody can read is shown without values, so that it can be removed."""
    return tuple(_mark(key.removeprefix(MARK), labels[key]) for key in sorted(labels) if key.startswith(MARK))


def with_mark(labels: Mapping[str, str], field: str, mark: Mark | None) -> dict[str, str]:
    """The labels with our mark on `field` set, or taken off."""
    others = {key: value for key, value in labels.items() if key != MARK + field}
    if mark is None:
        return others
    written = json.dumps({"store": mark.store, "plan": mark.plan, "was": mark.was, "ours": mark.ours}, sort_keys=True)
    return {**others, MARK + field: written}


def not_ours(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What the owner of the object wrote there, sorted."""
    return tuple(sorted((key, value) for key, value in labels.items() if key != OWNER and not key.startswith(MARK)))


def _mark(field: str, written: str) -> Mark:
    try:
        found = json.loads(written)
        return Mark(
            store=StoreId(str(found["store"])),
            plan=PlanId(str(found["plan"])),
            field=field,
            was=str(found["was"]),
            ours=str(found["ours"]),
        )
    except (ValueError, KeyError, TypeError):
        return Mark(store=StoreId(UNREADABLE), plan=PlanId(UNREADABLE), field=field, was="", ours="")
