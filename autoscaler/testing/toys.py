"""A toy outside world for tests of execution: workload `shop/web`, a few nodes, one rotation, one pool; everything happens at once.

It is all three kinds of writer, notes every effect in order, and what went wrong for those who send requests. `faults` makes calls fail:
an error is raised before anything happens, `LOST` after.
"""

from collections.abc import Callable
from dataclasses import replace

from autoscaler.errors import AutoscalerError, ConflictError, NotFoundError, OutcomeUnknownError
from autoscaler.model.marks import FieldChange, Mark, OwnerMark
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Observation
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import InstanceRef, NodeRef, OfferingName, ReplicaId, Token, WorkloadRef
from autoscaler.model.steps import Place
from autoscaler.model.traffic import Member, MemberState
from autoscaler.model.workloads import Replica
from autoscaler.testing.scenes import a_member, a_node, a_replica, an_instance, an_observation

LOST = OutcomeUnknownError("no reply", hint="read back")


class ToyWorld:
    """Starts with `replicas` of web spread over `nodes`, all in rotation."""

    def __init__(self, nodes: tuple[str, ...] = ("n1", "n2", "n3"), replicas: int = 3) -> None:
        self.nodes: dict[str, Node] = {name: a_node(name) for name in nodes}
        self.instances: dict[str, Instance] = {name: an_instance(name) for name in nodes}
        self.replicas: dict[str, Replica] = {}
        self.members: dict[str, Member] = {}
        self.wanted = replicas
        self.marks: tuple[Mark, ...] = ()
        self.updating = False
        self.owner: OwnerMark | None = None
        self.born = 0
        self.effects: list[str] = []
        self.calls: list[str] = []
        self.faults: dict[str, list[AutoscalerError]] = {}
        self.least_available = replicas
        self.cut = 0
        for _ in range(replicas):
            self._start()
        for replica in self.replicas.values():
            self.members[replica.address] = a_member(replica.id)

    def observe(self, now: Instant) -> Observation:
        """Everything, as it is."""
        return an_observation(
            nodes=tuple(self.nodes.values()),
            replicas=tuple(self.replicas.values()),
            members=tuple(self.members.values()),
            instances=tuple(self.instances.values()),
            wanted=self.wanted,
            at=now,
            marks=self.marks,
            updating=self.updating,
            removal_order=tuple(ReplicaId(one) for one in reversed(self.replicas)),
        )

    # Orchestrator.

    def claim(self, mark: OwnerMark, seen: OwnerMark | None) -> None:
        """Compare and set."""
        if self.owner != seen:
            raise ConflictError("another mark", hint="read again")
        self._call("claim", lambda: setattr(self, "owner", mark))

    def set_replicas(
        self,
        workload: WorkloadRef,
        *,
        seen: int,
        wanted: int,
        victims: frozenset[ReplicaId],
        mark: Mark | None,
        places: tuple[Place, ...] = (),
    ) -> None:
        """As the contract, with predicted victims."""
        del workload, places
        self._call("set_replicas", lambda: self._set(seen, wanted, victims, mark))

    def set_availability(self, node: NodeRef, wanted: NodeAvailability, mark: Mark | None) -> None:
        """Emptying moves everything at once: stopped here, started elsewhere, in no rotation."""

        def run() -> None:
            found = self._node(node)
            marks = (mark,) if mark else ()
            if (found.availability, found.marks) != (wanted, marks):
                self.effects.append(f"{wanted} {found.name}")
            self.nodes[found.name] = replace(found, availability=wanted, marks=marks)
            for one in [one for one in self.replicas.values() if one.node == node and wanted is NodeAvailability.EMPTYING]:
                self._end(one.id)
                self._start()

        self._call("set_availability", run)

    def evacuate(self, node: NodeRef, workload: WorkloadRef, *, at_once: int) -> None:
        """Not what this orchestrator can do."""
        raise NotImplementedError

    def start_replica(self, workload: WorkloadRef, node: NodeRef, *, token: Token, devices: tuple[int, ...] = ()) -> ReplicaId:
        """Not what this orchestrator can do."""
        raise NotImplementedError

    def stop_replica(self, replica: ReplicaId) -> None:
        """Not what this orchestrator can do."""
        raise NotImplementedError

    def remove_node(self, node: NodeRef) -> None:
        """Only one that is down."""

        def run() -> None:
            found = next((one for one in self.nodes.values() if one.ref == node), None)
            if found is None:
                return
            if found.state is NodeState.READY:
                raise ConflictError("it answers", hint="wait")
            self.effects.append(f"remove {found.name}")
            del self.nodes[found.name]

        self._call("remove_node", run)

    def restore(self, change: FieldChange) -> None:
        """By field."""
        self._call("restore", lambda: self._restore(change))

    # Rotation.

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Ready at once."""
        self._call("join", lambda: self._place(workload, addresses, MemberState.READY))

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Draining; sessions are what the test makes them."""
        there = tuple(one for one in addresses if one in self.members)
        self._call("leave", lambda: self._place(workload, there, MemberState.DRAINING))

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Gone at once."""
        del workload
        self._call("remove", lambda: [self.members.pop(one, None) for one in addresses])

    # Pool.

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """A node comes with each machine."""

        def run() -> None:
            count = sum(one.state is InstanceState.RUNNING for one in self.instances.values())
            if count == wanted:
                return
            if count != seen:
                raise ConflictError("another count", hint="read again")
            for _ in range(wanted - seen):
                name = f"n{len(self.instances) + 1}"
                self.effects.append(f"launch {name}")
                usual = an_instance(name)
                self.instances[name] = replace(usual, token=token, offering=offering or usual.offering)
                self.nodes[name] = a_node(name)

        self._call("grow", run)

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """The node is down from then on."""
        del token

        def run() -> None:
            for name in [name for name, one in self.instances.items() if one.ref in gone]:
                self.effects.append(f"release {name}")
                del self.instances[name]
                self.nodes[name] = replace(self.nodes[name], state=NodeState.DOWN)
                self.cut += sum(one.node == self.nodes[name].ref for one in self.replicas.values())

        self._call("release", run)

    # Inside.

    def _call(self, name: str, run: Callable[[], object]) -> None:
        self.calls.append(name)
        fault = self.faults[name].pop(0) if self.faults.get(name) else None
        if fault is not None and fault is not LOST:
            raise fault
        run()
        self.least_available = min(self.least_available, self.available)
        if fault is not None:
            raise fault

    @property
    def available(self) -> int:
        """Healthy and in rotation."""
        ready = {one.address for one in self.members.values() if one.state is MemberState.READY}
        return sum(one.healthy and one.address in ready for one in self.replicas.values())

    def _set(self, seen: int, wanted: int, victims: frozenset[ReplicaId], mark: Mark | None) -> None:
        marks = (mark,) if mark else ()
        if self.updating or self.wanted not in {seen, wanted}:
            raise ConflictError("another count, or an update", hint="read again")
        if wanted < self.wanted:
            going = tuple(reversed(self.replicas))[: self.wanted - wanted]
            if victims and victims != frozenset(going):
                raise ConflictError("others would go", hint="read again")
            for one in going:
                self._end(one)
        if wanted != self.wanted:
            self.effects.append(f"scale {self.wanted} -> {wanted}")
        for _ in range(wanted - self.wanted):
            self._start()
        self.wanted, self.marks = wanted, marks

    def _restore(self, change: FieldChange) -> None:
        if change.field == "replicas":
            held = str(self.wanted) == change.ours
            self._set(self.wanted, int(change.was) if held else self.wanted, frozenset(), None)
            return
        found = self.nodes[change.object]
        held = found.availability.value == change.ours
        self.effects.append(f"restore {found.name}")
        back = NodeAvailability(change.was) if held else found.availability
        self.nodes[change.object] = replace(found, availability=back, marks=())

    def _start(self) -> None:
        opened = [one for one in self.nodes.values() if one.availability is NodeAvailability.OPEN and one.state is NodeState.READY]
        here = {one.name: sum(each.node == one.ref for each in self.replicas.values()) for one in opened}
        place = min(opened, key=lambda one: (here[one.name], one.name))
        self.born += 1
        self.replicas[f"r{self.born}"] = a_replica(f"r{self.born}", place.name)

    def _end(self, name: str) -> None:
        gone = self.replicas.pop(name)
        member = self.members.get(gone.address)
        self.cut += int(member is not None and (member.state is MemberState.READY or member.sessions != 0))

    def _place(self, workload: WorkloadRef, addresses: tuple[str, ...], state: MemberState) -> None:
        del workload
        for address in addresses:
            known = self.members.get(address)
            if known is None or known.state is not state:
                self.effects.append(f"{state} {address}")
            self.members[address] = replace(known, state=state) if known else a_member(address.removesuffix(":80"), state)

    def _node(self, ref: NodeRef) -> Node:
        found = next((one for one in self.nodes.values() if one.ref == ref), None)
        if found is None:
            raise NotFoundError(f"no node {ref}", hint="look again")
        return found
