"""Machines, as the orchestrator sees them (nodes) and as the cloud does (instances)."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.constraints import Taint
from autoscaler.model.devices import Devices
from autoscaler.model.marks import Mark
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import InstanceRef, NodeRef, OfferingName, Token
from autoscaler.model.resources import Resources


class NodeState(StrEnum):
    """READY answers its orchestrator; DOWN does not."""

    READY = "ready"
    DOWN = "down"


class NodeAvailability(StrEnum):
    """OPEN takes replicas. FENCED keeps what it has and takes no more. EMPTYING gives up what it has."""

    OPEN = "open"
    FENCED = "fenced"
    EMPTYING = "emptying"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`capacity` is what replicas may use, after the node's own reserve and `daemons`' share.

    `manager`: it runs the orchestrator itself and is never closed. `devices`: those that replicas may use.
    """

    ref: NodeRef
    name: str
    state: NodeState
    availability: NodeAvailability
    capacity: Resources
    address: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    manager: bool = False
    joined_at: Instant = Instant(0)
    marks: tuple[Mark, ...] = ()
    taints: tuple[Taint, ...] = ()
    devices: Devices = ()


class InstanceState(StrEnum):
    """LAUNCHING is paid for and not usable yet. FAILED never will be."""

    LAUNCHING = "launching"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """`node_name` is the `Node.name` this machine has, or will have, at its orchestrator. `token`: the request that launched it.

    `ends_at`: its cloud has said that it takes the machine then, whatever runs there, and cannot be asked to wait. `absent`: it runs,
    and never became a node in the time it had.
    """

    ref: InstanceRef
    state: InstanceState
    offering: OfferingName
    node_name: str
    launched_at: Instant = Instant(0)
    token: Token | None = None
    ends_at: Instant | None = None
    absent: bool = False
