"""What we leave on other people's objects: who owns the cluster, and which fields we changed for a while."""

from dataclasses import dataclass

from autoscaler.model.quantities import Instant
from autoscaler.model.refs import PlanId, StoreId

AVAILABILITY = "availability"
"""The field of a node that closing it changes."""

REPLICAS = "replicas"
"""The field of a workload that a surge changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerMark:
    """One owner per cluster: the store whose plans may change it, the lease's term, who wrote it, when."""

    store: StoreId
    term: int
    holder: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A field of ours on an object, readable and removable without the journal.

    `field` is `availability` of a node or `replicas` of a workload; `was` and `ours` are its values before and since.
    """

    store: StoreId
    plan: PlanId
    field: str
    was: str
    ours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field we changed: `object` is the node's or workload's name. Undone only while it still holds `ours`."""

    object: str
    field: str
    was: str
    ours: str


def mark_of(marks: tuple[Mark, ...], field: str) -> Mark | None:
    """Our mark on a field, if it is there."""
    return next((mark for mark in marks if mark.field == field), None)
