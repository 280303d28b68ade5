"""From a topic's partitions to how far a group is behind, or to the reason nobody knows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.numbers import Value, count
from autoscaler_sources.wording import unknown

BY_NAME = {
    "UNKNOWN_TOPIC_OR_PART": Code.NOT_FOUND,
    "GROUP_ID_NOT_FOUND": Code.NOT_FOUND,
    "TOPIC_AUTHORIZATION_FAILED": Code.REFUSED,
    "GROUP_AUTHORIZATION_FAILED": Code.REFUSED,
    "CLUSTER_AUTHORIZATION_FAILED": Code.REFUSED,
    "TOPIC_EXCEPTION": Code.REFUSED,
    "INVALID_GROUP_ID": Code.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Offsets: of the oldest message it holds, of the one to come, and of the one the group is to read next; None: it never said."""

    number: int
    begin: int
    end: int
    committed: int | None


def lag(partitions: Sequence[Partition], *, from_start: bool) -> Value | Unknown:
    """Messages the group has yet to read, over all partitions."""
    if not partitions:
        return Unknown(Code.MISSING, "the topic has no partition")
    if len({one.number for one in partitions}) < len(partitions):
        return Unknown(Code.CONTRADICTORY, "a partition is told of twice")
    if not from_start and all(one.committed is None for one in partitions):
        return Unknown(Code.MISSING, "the group has committed nothing of this topic; is its name right?")
    total = 0
    for each in partitions:
        found = _lag(each, from_start=from_start)
        if isinstance(found, Unknown):
            return found
        total += found
    milli = count(str(total))
    return milli if isinstance(milli, Unknown) else Value(milli)


def _lag(one: Partition, *, from_start: bool) -> int | Unknown:
    if not 0 <= one.begin <= one.end:
        return unknown(Code.CONTRADICTORY, f"partition {one.number} begins at {one.begin} and ends at {one.end}")
    if one.committed is None:
        if from_start or one.begin == one.end:
            return one.end - one.begin
        problem = f"the group has committed nothing of partition {one.number}, which holds messages; lag-from-start counts them"
        return unknown(Code.MISSING, problem)
    if not 0 <= one.committed <= one.end:
        problem = f"the group is at {one.committed} of partition {one.number}, which ends at {one.end}; was the topic made anew?"
        return unknown(Code.CONTRADICTORY, problem)
    # What is too old to be kept is not there to be read.
    return one.end - max(one.committed, one.begin)


def refused(name: str, words: str) -> Unknown:
    """Why the brokers told nothing, by their own name for it."""
    return unknown(BY_NAME.get(name, Code.UNAVAILABLE), f"{name}: {words}")
