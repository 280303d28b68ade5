"""Machines as their Swarm shows them."""

from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.refs import NodeRef
from autoscaler.model.workloads import Shape
from autoscaler_docker import labels
from autoscaler_docker.constraints import labels_of
from autoscaler_docker.fields import Json, moment, table, text
from autoscaler_docker.quantities import offered
from autoscaler_docker.settings import SwarmSettings

AVAILABILITIES = {"active": NodeAvailability.OPEN, "pause": NodeAvailability.FENCED, "drain": NodeAvailability.EMPTYING}
WRITTEN = {ours: theirs for theirs, ours in AVAILABILITIES.items()}
NOBODY = frozenset({"", "0.0.0.0", "::", "127.0.0.1", "::1"})  # noqa: S104 - addresses that are no address, nothing binds to them


def node_of(found: Json, settings: SwarmSettings, daemons: tuple[Shape, ...]) -> Node:
    """A node; `daemons` are the shapes of what runs on every node that will have it."""
    written = table(found, "Spec", "Labels")
    name = text(found, "Description", "Hostname")
    seen = labels_of(found, labels.not_ours(written))
    capacity = offered(table(found, "Description", "Resources")) - settings.reserve.resources
    for daemon in daemons:
        capacity = capacity - daemon.requests if daemon.may_stand(seen) else capacity
    return Node(
        ref=ref_of(found),
        name=name,
        state=NodeState.READY if text(found, "Status", "State") == "ready" else NodeState.DOWN,
        availability=AVAILABILITIES.get(text(found, "Spec", "Availability"), NodeAvailability.FENCED),
        capacity=capacity,
        address=settings.addresses.get(name, _address(found)),
        labels=seen,
        manager=bool(table(found, "ManagerStatus")) or text(found, "Spec", "Role") == "manager",
        joined_at=moment(found, "CreatedAt"),
        marks=labels.marks_in(written),
    )


def ref_of(found: Json) -> NodeRef:
    """Its id, when it joined, and what people call it."""
    return NodeRef(text(found, "ID"), text(found, "CreatedAt"), text(found, "Description", "Hostname"))


def _address(found: Json) -> str:
    address = text(found, "Status", "Addr")
    if address not in NOBODY:
        return address
    # A manager may give its own address as that of nobody; where other managers reach it is where it is.
    return text(found, "ManagerStatus", "Addr").rpartition(":")[0].strip("[]")
