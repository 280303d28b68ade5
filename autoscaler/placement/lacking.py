"""What an empty machine of an offer lacks for one replica, whoever else is where."""

from collections.abc import Iterable

from autoscaler.model.constraints import repelled
from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.devices import hold
from autoscaler.placement.problem import Load, Offer

NEARER = (Code.OTHER_LABELS, Code.TAINTED, Code.NO_SUCH_DEVICES, Code.NO_OFFERING_FITS, Code.TOO_SMALL)
"""The later, the less it would take."""


def would_hold(load: Load, offer: Offer) -> bool:
    """Whether it would hold one."""
    shape = load.shape
    room = shape.requests.fits(offer.capacity) and hold(offer.devices, shape.device)
    return room and shape.may_stand(offer.labels, offer.taints) and shape.max_per_node != 0


def lack(load: Load, offer: Offer) -> Reason:
    """What decides that it would not hold one."""
    shape, names = load.shape, (offer.name, str(load.workload))
    if not shape.matches(offer.labels):
        return Reason(Code.OTHER_LABELS, names=names)
    if taint := repelled(offer.taints, shape.tolerations):
        return Reason(Code.TAINTED, names=(*names, f"{taint.key}={taint.value}" if taint.value else taint.key))
    if shape.device and not hold(offer.devices, shape.device):
        return Reason(Code.NO_SUCH_DEVICES, names=(*names, shape.device.kind))
    return _too_small(load, offer) or Reason(Code.NO_OFFERING_FITS, names=(offer.name,))


def nearest(load: Load, offers: Iterable[Offer]) -> Reason:
    """The same of those offers, none of which would, of the one that needs least to do so."""
    found = (lack(load, offer) for offer in offers)
    return max(found, key=lambda why: (NEARER.index(why.code), why.numbers[::-1]))


def _too_small(load: Load, offer: Offer) -> Reason | None:
    """The first resource of which there is too little: how much one needs, and how much there is."""
    asks, has = load.shape.requests, offer.capacity
    every = [("cpu", asks.cpu, has.cpu, "cpu"), ("memory", asks.memory, has.memory, "bytes")]
    every += [(name, amount, has.of(name), "") for name, amount in asks.others]
    short = ((name, numbers, unit) for name, *numbers, unit in every if numbers[0] > numbers[1])
    return next((Reason(Code.TOO_SMALL, tuple(both), unit, (offer.name, str(load.workload), name)) for name, both, unit in short), None)
