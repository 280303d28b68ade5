"""What no machines for the same replicas could cost less than, wherever they are bought one after the other.

If no machine is worth more than it costs, at whatever worth of resources, then no machines cost less than what all they hold is worth
(Farley 1990). Worths are tried from all for cpu to all for memory, and each other resource alone. And whoever needs a machine needs one
that can hold it. Worths are exact fractions: nothing is rounded the wrong way.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from autoscaler.placement.columns import Vectors
from autoscaler.placement.kinds import kind_of
from autoscaler.placement.problem import Load, Offer, Problem

STEPS = 32
"""Worths between all for cpu and all for memory."""

MOST_LOOKS = 50_000
"""Pairs of a kind of replica and a machine; of more it is not asked which holds which, and less may be proven."""

Housed = Sequence[tuple[Load, int]]
"""Workloads, and how many replicas of each."""


def priced(problem: Problem) -> bool:
    """Whether anything can be proven of prices: they are of one currency, and none is missing."""
    selling = [pool for pool in problem.pools if pool.offers]
    return len({pool.currency for pool in selling}) == 1 and all(offer.price > 0 for pool in selling for offer in pool.offers)


def least_for(housed: Housed, offers: Iterable[Offer]) -> int:
    """The least that machines of these offers could cost, per hour in millionths, that hold all of these; 0 where nothing is proven."""
    selling, kinds = list(offers), list({(kind_of(load.shape), load.shape.requests): load for load, _ in housed}.values())
    if not (selling and kinds) or len(selling) * len(kinds) > MOST_LOOKS:
        return _together(housed, selling) if selling and housed else 0
    able = [[_can_hold(load, offer) for load in kinds] for offer in selling]
    useful = [offer for offer, row in zip(selling, able, strict=True) if any(row)]
    cheapest = [[offer.price for offer, row in zip(selling, able, strict=True) if row[place]] for place in range(len(kinds))]
    return max(_together(housed, useful), *(min(prices, default=0) for prices in cheapest))


def _can_hold(load: Load, offer: Offer) -> bool:
    return load.shape.requests.fits(offer.capacity) and load.shape.may_stand(offer.labels, offer.taints)


def _together(housed: Housed, offers: Sequence[Offer]) -> int:
    """At the worths that prove most."""
    vectors = Vectors(load.shape.requests for load, _ in housed)
    asks = sum((vectors.of(load.shape.requests).astype(object) * count for load, count in housed), start=np.zeros(vectors.width, object))
    asked = [(row, int(total)) for row, total in enumerate(asks) if total > 0]
    holds = [[max(0, int(vectors.of(offer.capacity)[row])) for row, _ in asked] for offer in offers]
    prices = [offer.price for offer in offers]
    mixes = [tuple(int(row == one) for row in range(len(asked))) for one in range(len(asked))]
    if len(asked) > 1:
        rest = (0,) * (len(asked) - 2)
        mixes += [(part, STEPS - part, *rest) for part in range(1, STEPS)]
    return max((_proven(mix, [total for _, total in asked], holds, prices) for mix in mixes), default=0)


def _proven(mix: Sequence[int], asked: Sequence[int], holds: Sequence[Sequence[int]], prices: Sequence[int]) -> int:
    """What all that is asked costs where a machine costs least for its worth; `mix`: each resource's part in the worth of what is asked."""
    worth = [Fraction(part, sum(mix) * total) for part, total in zip(mix, asked, strict=True)]
    shares = [sum(one * has for one, has in zip(worth, row, strict=True)) for row in holds]
    least = min((price / share for price, share in zip(prices, shares, strict=True) if share), default=Fraction(0))
    return -(-least.numerator // least.denominator)
