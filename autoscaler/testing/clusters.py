"""Promises of an orchestrator: `OrchestratorReader` and `OrchestratorWriter`."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from autoscaler.contracts.orchestrator_reader import OrchestratorReader
from autoscaler.contracts.orchestrator_writer import OrchestratorWriter
from autoscaler.errors import ConflictError, NoCapacityError, NotFoundError, RefusedError, UnavailableError
from autoscaler.model.codec import dumps
from autoscaler.model.marks import FieldChange, Mark, OwnerMark
from autoscaler.model.nodes import Node, NodeAvailability
from autoscaler.model.observations import ClusterState, replicas_of, replicas_on, workload_of
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import NodeRef, PlanId, ReplicaId, StoreId, Token, WorkloadRef
from autoscaler.model.workloads import Replica, ReplicaState, Workload

SOON = Duration(10_000)
OWNER = OwnerMark(store=StoreId("store-a"), term=1, holder="a", at=Instant(1))
OTHER = OwnerMark(store=StoreId("store-b"), term=1, holder="b", at=Instant(2))


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What the fixture gives: a cluster with at least three worker nodes, and `web` on it with 4 healthy replicas.

    `settle` waits until nothing moves any more. `secret` is a text in the environment or command of `web`. `update` begins an update
    of `web` by its owner that lasts a while; None where that is no notion. `break_down` makes every call fail as if the endpoint were
    gone, and `lose` replaces the cluster by another one; None where a test cannot do that.
    """

    reader: OrchestratorReader
    writer: OrchestratorWriter
    web: WorkloadRef
    settle: Callable[[], None]
    secret: str = ""
    update: Callable[[], None] | None = None
    break_down: Callable[[], None] | None = None
    lose: Callable[[], None] | None = None

    def look(self) -> ClusterState:
        """The cluster now."""
        return self.reader.observe(SOON)

    def seen(self) -> Workload:
        """The workload now."""
        found = workload_of(self.look(), self.web)
        assert found is not None
        return found

    def running(self) -> tuple[Replica, ...]:
        """Its healthy replicas now."""
        return tuple(one for one in replicas_of(self.look(), self.web) if one.healthy)

    def busy_node(self) -> Node:
        """A worker that has some of its replicas."""
        state = self.look()
        nodes = [node for node in state.nodes if not node.manager]
        return next(node for node in nodes if any(one.workload == self.web for one in replicas_on(state, node.ref)))

    def node(self, ref: NodeRef) -> Node:
        """The node now."""
        return next(node for node in self.look().nodes if node.ref == ref)

    def scale(self, wanted: int, *, victims: frozenset[ReplicaId] = frozenset(), mark: Mark | None = None) -> None:
        """Change the count from what it is."""
        self.writer.set_replicas(self.web, seen=self.seen().wanted, wanted=wanted, victims=victims, mark=mark)


def mark(field: str, was: str, ours: str) -> Mark:
    """A mark of ours."""
    return Mark(store=StoreId("store-a"), plan=PlanId("plan-1"), field=field, was=was, ours=ours)


class ReadingContract:
    """What a cluster shows. Give a fixture `cluster`."""

    def test_what_runs_is_shown(self, cluster: Cluster) -> None:
        state = cluster.look()
        healthy = [one for one in replicas_of(state, cluster.web) if one.healthy]
        assert (cluster.seen().wanted, len(healthy)) == (4, 4)
        assert all(one.state is ReplicaState.RUNNING and one.node in {node.ref for node in state.nodes} for one in healthy)

    def test_capabilities_are_constant_and_in_every_state(self, cluster: Cluster) -> None:
        before = cluster.reader.capabilities
        assert cluster.look().capabilities == before == cluster.reader.capabilities

    def test_two_reads_without_a_change_are_alike(self, cluster: Cluster) -> None:
        first, second = cluster.look(), cluster.look()
        assert replace(second, read_at=first.read_at) == first

    def test_what_stopped_for_good_is_not_shown(self, cluster: Cluster) -> None:
        cluster.scale(2)
        cluster.settle()
        assert len(replicas_of(cluster.look(), cluster.web)) == 2

    def test_no_secret_is_kept(self, cluster: Cluster) -> None:
        if not cluster.secret:
            pytest.skip("the fixture names no secret")
        assert cluster.secret not in dumps(cluster.look(), kind="state")

    def test_a_cluster_that_is_down_is_unavailable_never_empty(self, cluster: Cluster) -> None:
        if cluster.break_down is None:
            pytest.skip("the fixture cannot break this cluster")
        cluster.break_down()
        with pytest.raises(UnavailableError):
            cluster.look()

    def test_another_cluster_at_the_address_is_not_found(self, cluster: Cluster) -> None:
        if cluster.lose is None:
            pytest.skip("the fixture cannot replace this cluster")
        cluster.look()
        cluster.lose()
        with pytest.raises(NotFoundError):
            cluster.look()


class OwnerContract:
    """Who may change a cluster. Give a fixture `cluster`."""

    def test_the_mark_is_shown_once_written(self, cluster: Cluster) -> None:
        assert cluster.look().owner is None
        cluster.writer.claim(OWNER, None)
        assert cluster.look().owner == OWNER

    def test_a_claim_on_what_was_not_read_is_a_conflict(self, cluster: Cluster) -> None:
        cluster.writer.claim(OWNER, None)
        with pytest.raises((ConflictError, RefusedError)):
            cluster.writer.claim(OTHER, None)
        assert cluster.look().owner == OWNER

    def test_whoever_read_the_mark_may_replace_it(self, cluster: Cluster) -> None:
        cluster.writer.claim(OWNER, None)
        cluster.writer.claim(OTHER, OWNER)
        assert cluster.look().owner == OTHER


class CountContract:
    """How counts change. Give a fixture `cluster`."""

    def test_more_replicas_come_and_nothing_restarts(self, cluster: Cluster) -> None:
        before = {one.id for one in cluster.running()}
        cluster.scale(6)
        cluster.settle()
        after = {one.id for one in cluster.running()}
        assert (len(after), before <= after) == (6, True)

    def test_a_repeat_changes_nothing(self, cluster: Cluster) -> None:
        for _ in range(2):
            cluster.writer.set_replicas(cluster.web, seen=4, wanted=3, victims=frozenset(), mark=None)
        cluster.settle()
        assert (cluster.seen().wanted, len(cluster.running())) == (3, 3)

    def test_another_count_than_seen_is_a_conflict_and_nothing_is_written(self, cluster: Cluster) -> None:
        with pytest.raises(ConflictError):
            cluster.writer.set_replicas(cluster.web, seen=5, wanted=2, victims=frozenset(), mark=None)
        assert cluster.seen().wanted == 4

    def test_exactly_the_named_victims_go(self, cluster: Cluster) -> None:
        everyone = [one.id for one in cluster.running()]
        victims = frozenset(everyone[:2] if cluster.reader.capabilities.chosen_victims else cluster.seen().removal_order[:2])
        cluster.scale(2, victims=victims)
        cluster.settle()
        assert {one.id for one in cluster.running()} == set(everyone) - victims

    def test_the_predicted_order_names_every_replica_once(self, cluster: Cluster) -> None:
        if cluster.reader.capabilities.chosen_victims:
            pytest.skip("victims are chosen here")
        assert sorted(cluster.seen().removal_order) == sorted(one.id for one in cluster.running())

    def test_another_prediction_is_a_conflict(self, cluster: Cluster) -> None:
        if cluster.reader.capabilities.chosen_victims:
            pytest.skip("victims are chosen here")
        with pytest.raises(ConflictError):
            cluster.scale(3, victims=frozenset(cluster.seen().removal_order[-1:]))
        assert cluster.seen().wanted == 4

    def test_the_mark_goes_on_and_comes_off(self, cluster: Cluster) -> None:
        ours = mark("replicas", "4", "3")
        cluster.scale(3, mark=ours)
        assert cluster.seen().marks == (ours,)
        cluster.writer.set_replicas(cluster.web, seen=3, wanted=3, victims=frozenset(), mark=None)
        assert cluster.seen().marks == ()

    def test_an_owners_update_is_respected(self, cluster: Cluster) -> None:
        if cluster.update is None:
            pytest.skip("no updates here")
        cluster.update()
        assert cluster.seen().updating
        with pytest.raises(ConflictError):
            cluster.scale(3)

    def test_an_unknown_workload_is_not_found(self, cluster: Cluster) -> None:
        nobody = WorkloadRef(cluster.web.cluster, f"{cluster.web.path}-nobody")
        with pytest.raises(NotFoundError):
            cluster.writer.set_replicas(nobody, seen=1, wanted=2, victims=frozenset(), mark=None)


class NodeContract:
    """How nodes are closed. Give a fixture `cluster`."""

    def test_a_fenced_node_keeps_what_it_has(self, cluster: Cluster) -> None:
        node = cluster.busy_node()
        before = {one.id for one in replicas_on(cluster.look(), node.ref)}
        cluster.writer.set_availability(node.ref, NodeAvailability.FENCED, mark("availability", "open", "fenced"))
        cluster.settle()
        assert cluster.node(node.ref).availability is NodeAvailability.FENCED
        assert {one.id for one in replicas_on(cluster.look(), node.ref)} == before

    def test_a_fenced_node_takes_no_more(self, cluster: Cluster) -> None:
        node = cluster.busy_node()
        cluster.writer.set_availability(node.ref, NodeAvailability.FENCED, None)
        if cluster.reader.capabilities.stops and cluster.reader.capabilities.bound:
            with pytest.raises(NoCapacityError):
                cluster.writer.start_replica(cluster.web, node.ref, token=Token("fenced"))
            return
        before = len(replicas_on(cluster.look(), node.ref))
        cluster.scale(7)
        cluster.settle()
        assert len(replicas_on(cluster.look(), node.ref)) == before

    def test_an_emptying_node_gives_up_what_it_has(self, cluster: Cluster) -> None:
        if cluster.reader.capabilities.stops:
            pytest.skip("we stop replicas ourselves here")
        node = cluster.busy_node()
        for _ in range(2):
            cluster.writer.set_availability(node.ref, NodeAvailability.EMPTYING, mark("availability", "open", "emptying"))
        cluster.settle()
        state = cluster.look()
        assert not [one for one in replicas_on(state, node.ref) if one.workload == cluster.web]
        assert len(cluster.running()) == 4

    def test_the_mark_is_written_with_it_and_taken_off(self, cluster: Cluster) -> None:
        node, ours = cluster.busy_node(), mark("availability", "open", "fenced")
        cluster.writer.set_availability(node.ref, NodeAvailability.FENCED, ours)
        assert cluster.node(node.ref).marks == (ours,)
        cluster.writer.set_availability(node.ref, NodeAvailability.OPEN, None)
        found = cluster.node(node.ref)
        assert (found.availability, found.marks) == (NodeAvailability.OPEN, ())

    def test_another_incarnation_is_not_found(self, cluster: Cluster) -> None:
        ghost = NodeRef(cluster.busy_node().ref.id, "another time")
        with pytest.raises(NotFoundError):
            cluster.writer.set_availability(ghost, NodeAvailability.FENCED, None)

    def test_a_node_with_replicas_is_not_removed(self, cluster: Cluster) -> None:
        node = cluster.busy_node()
        with pytest.raises(ConflictError):
            cluster.writer.remove_node(node.ref)
        assert cluster.node(node.ref) == node

    def test_removing_a_node_that_is_gone_is_harmless(self, cluster: Cluster) -> None:
        before = cluster.look().nodes
        cluster.writer.remove_node(NodeRef("nobody", "never"))
        assert cluster.look().nodes == before


class RestoreContract:
    """How our changes are taken back. Give a fixture `cluster`."""

    def test_a_field_with_our_value_gets_its_old_one(self, cluster: Cluster) -> None:
        node = cluster.busy_node()
        cluster.writer.set_availability(node.ref, NodeAvailability.FENCED, mark("availability", "open", "fenced"))
        cluster.writer.restore(FieldChange(object=node.name, field="availability", was="open", ours="fenced"))
        found = cluster.node(node.ref)
        assert (found.availability, found.marks) == (NodeAvailability.OPEN, ())

    def test_a_field_somebody_changed_since_keeps_its_value(self, cluster: Cluster) -> None:
        node = cluster.busy_node()
        cluster.writer.set_availability(node.ref, NodeAvailability.FENCED, mark("availability", "open", "emptying"))
        cluster.writer.restore(FieldChange(object=node.name, field="availability", was="open", ours="emptying"))
        found = cluster.node(node.ref)
        assert (found.availability, found.marks) == (NodeAvailability.FENCED, ())

    def test_a_count_with_our_value_gets_its_old_one(self, cluster: Cluster) -> None:
        cluster.scale(3, mark=mark("replicas", "4", "3"))
        cluster.writer.restore(FieldChange(object=str(cluster.web), field="replicas", was="4", ours="3"))
        assert (cluster.seen().wanted, cluster.seen().marks) == (4, ())

    def test_a_count_somebody_changed_since_keeps_its_value(self, cluster: Cluster) -> None:
        cluster.scale(3, mark=mark("replicas", "4", "2"))
        cluster.writer.restore(FieldChange(object=str(cluster.web), field="replicas", was="4", ours="2"))
        assert (cluster.seen().wanted, cluster.seen().marks) == (3, ())


class BindingContract:
    """What holds where we place and stop replicas ourselves. Give a fixture `cluster`."""

    @pytest.fixture(autouse=True)
    def only_where_bound(self, cluster: Cluster) -> None:
        if not (cluster.reader.capabilities.bound and cluster.reader.capabilities.stops):
            pytest.skip("the orchestrator places and stops replicas here")

    def test_one_starts_on_exactly_this_node(self, cluster: Cluster) -> None:
        node = cluster.busy_node()
        started = cluster.writer.start_replica(cluster.web, node.ref, token=Token("one"))
        cluster.settle()
        assert [one.node for one in cluster.running() if one.id == started] == [node.ref]

    def test_the_same_token_starts_one_once(self, cluster: Cluster) -> None:
        node = cluster.busy_node()
        ids = {cluster.writer.start_replica(cluster.web, node.ref, token=Token("one")) for _ in range(3)}
        cluster.settle()
        assert (len(ids), len(cluster.running())) == (1, 5)

    def test_exactly_this_one_stops_and_again_is_harmless(self, cluster: Cluster) -> None:
        cluster.writer.start_replica(cluster.web, cluster.busy_node().ref, token=Token("one"))
        cluster.settle()
        everyone = {one.id for one in cluster.running()}
        victim = min(everyone)
        for _ in range(2):
            cluster.writer.stop_replica(victim)
            cluster.settle()
        assert {one.id for one in cluster.running()} == everyone - {victim}

    def test_a_full_node_has_no_capacity(self, cluster: Cluster) -> None:
        node = cluster.busy_node()

        def fill() -> None:
            for number in range(1000):
                cluster.writer.start_replica(cluster.web, node.ref, token=Token(f"many-{number}"))

        with pytest.raises(NoCapacityError):
            fill()


class OrchestratorContract(ReadingContract, OwnerContract, CountContract, NodeContract, RestoreContract):
    """Every promise of an orchestrator. Give a fixture `cluster`; inherit `BindingContract` too where replicas are placed by us."""
