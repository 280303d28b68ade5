"""What shapes have in common that may stand on the same machines, and workloads that want the same host ports."""

from collections.abc import Callable, Iterable

from autoscaler.model.constraints import LabelRule, Labels, Taint, Toleration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.workloads import Shape
from autoscaler.placement.problem import Host, Load, Offer

Kind = tuple[tuple[LabelRule, ...], tuple[tuple[LabelRule, ...], ...], tuple[Toleration, ...] | None]
"""What shapes have in common that may stand on the same machines; no tolerations: whatever the taints."""


def kind_of(shape: Shape) -> Kind:
    """What decides on which machines it may stand, whoever is there."""
    return shape.node_rules, shape.node_terms, shape.tolerations


def tells(kind: Kind) -> Callable[[Host], bool]:
    """What tells whether shapes of that kind may stand on a machine."""
    rules, terms, tolerations = kind
    shape = Shape(node_rules=rules, node_terms=terms, tolerations=tolerations or ())
    if tolerations is None:
        return lambda host: shape.matches(host.labels)
    return lambda host: shape.may_stand(host.labels, host.taints)


def standing_on(shape: Shape, offers: Iterable[Offer]) -> list[bool]:
    """On machines of which offers it may stand, whoever is there. Many differ in nothing that tells."""
    known: dict[tuple[Labels, tuple[Taint, ...]], bool] = {}
    found = []
    for offer in offers:
        key = offer.labels, offer.taints
        if key not in known:
            known[key] = shape.may_stand(*key)
        found.append(known[key])
    return found


def sharing(loads: dict[WorkloadRef, Load]) -> dict[WorkloadRef, tuple[WorkloadRef, ...]]:
    """For each workload with host ports, those that want any of them too, itself among them."""
    users: dict[int, list[WorkloadRef]] = {}
    for load in loads.values():
        for port in load.shape.host_ports:
            users.setdefault(port, []).append(load.workload)
    return {
        load.workload: tuple(dict.fromkeys(ref for port in load.shape.host_ports for ref in users[port]))
        for load in loads.values()
        if load.shape.host_ports
    }
