"""W1, Karpenter's own benchmark of its scheduler: replicas with rules between them, in five equal parts, and what must be bought for them.

A replica is plain, or spreads over zones or machines by a label, or stands in the zone of its group, or refuses its like on one machine.
Rules of zones are kept by sharing replicas out: what is asked then, one question for each zone, has rules of machines only.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

import numpy as np

from autoscaler.placement.mixing import UNLIMITED, Question, question_of

LABELS = "abcdefg"
CPU = (100, 250, 500, 1000, 1500)
MEMORY = (100, 256, 512, 1024, 2048, 4096)
ZONES = ("zone-1", "zone-2", "zone-3")
TYPES = 400

PRICE = 314_748
"""Of one cpu with 2 GiB, in millionths per hour."""


class Rule(Enum):
    """What a replica asks of the places of others; in the order of the parts."""

    NONE = auto()
    SPREAD_ZONES = auto()
    SPREAD_HOSTS = auto()
    SAME_ZONE = auto()
    OWN_HOST = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One replica: `cpu` in thousandths, `memory` in MiB.

    `label` is that of `my-label`, or of `my-affininity` with SAME_ZONE, or `nginx` of `app` with OWN_HOST. `selector`: whom the rule is
    about, of the same key; the plain have none. Skews are 1 at most.
    """

    rule: Rule
    label: str
    selector: str | None
    cpu: int
    memory: int


def pods(count: int, seed: int = 42) -> list[Pod]:
    """A fifth of each rule; what remains is plain, at the end."""
    dice, part = Random(seed), count // 5  # noqa: S311  # a workload, not a secret
    rules = [rule for rule in Rule for _ in range(part)]
    return [_pod(dice, rule) for rule in [*rules, *[Rule.NONE] * (count - 5 * part)]]


def _pod(dice: Random, rule: Rule) -> Pod:
    label = "nginx" if rule is Rule.OWN_HOST else dice.choice(LABELS)
    selector = dice.choice(LABELS) if rule in {Rule.SPREAD_ZONES, Rule.SPREAD_HOSTS} else label
    return Pod(rule=rule, label=label, selector=None if rule is Rule.NONE else selector, cpu=dice.choice(CPU), memory=dice.choice(MEMORY))


def zoned(some: Iterable[Pod], zones: int = len(ZONES)) -> list[list[Pod]]:
    """Shared out among zones: each label evenly, so that no skew exceeds 1; each group that stays together to where fewest are."""
    groups: dict[tuple[bool, str], list[Pod]] = defaultdict(list)
    for one in some:
        groups[one.rule is Rule.SAME_ZONE, one.label].append(one)
    shared: list[list[Pod]] = [[] for _ in range(zones)]
    for (together, _), group in sorted(groups.items()):
        # What is even comes first, and starts with the zone that has fewest: then these differ by one at most.
        order = sorted(range(zones), key=lambda zone: len(shared[zone]))
        for number, one in enumerate(group):
            shared[order[0 if together else number % zones]].append(one)
    return shared


def machines(types: int = TYPES) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """What each type has for replicas, in thousandths of a cpu, MiB and pods, and its price: the offerings of a zone cost the same."""
    size = np.arange(1, types + 1)
    return np.stack([1000 * size - 100, 2048 * size - 10, 10 * size], axis=1), PRICE * size


def question(some: Sequence[Pod], types: int = TYPES) -> Question:
    """What is to be bought in one zone for these: alike ones are a class. One counter for each label, the last for OWN_HOST."""
    classes = sorted(Counter(_asks(one) for one in some).items())
    capacity, price = machines(types)
    return question_of(
        np.array([requests for (requests, _, _), _ in classes]).reshape(-1, 3),
        np.array([count for _, count in classes], np.int64),
        capacity,
        price,
        adds=np.array([adds for (_, adds, _), _ in classes]).reshape(-1, len(LABELS) + 1),
        limits=np.array([limits for (_, _, limits), _ in classes]).reshape(-1, len(LABELS) + 1),
    )


def _asks(one: Pod) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Requests, what it adds to each counter, and the most that each may show beside it."""
    names = (*LABELS, "nginx")
    counted = "" if one.rule is Rule.SAME_ZONE else one.label
    limited = one.selector if one.rule in {Rule.SPREAD_HOSTS, Rule.OWN_HOST} else None
    adds = tuple(int(name == counted) for name in names)
    return (one.cpu, one.memory, 1), adds, tuple(1 if name == limited else UNLIMITED for name in names)
