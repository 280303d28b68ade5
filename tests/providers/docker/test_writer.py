"""What a Swarm's writer posts, and what it refuses to."""

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, ConflictError, NotFoundError, RefusedError, UnavailableError
from autoscaler.model.marks import FieldChange, Mark, OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import NodeRef, PlanId, ReplicaId, StoreId, Token, WorkloadRef
from autoscaler.service.runtime import SystemRuntime
from autoscaler_docker.labels import MARK, OWNER
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.swarm_writer import SwarmWriter
from tests.providers.docker.fake_daemon import FakeDaemon
from tests.providers.docker.fake_swarm import BEFORE, OUT_OF_SEQUENCE, FakeSwarm

MINE = OwnerMark(store=StoreId("s"), term=2, holder="h", at=Instant(1))
OURS = Mark(store=StoreId("s"), plan=PlanId("p"), field="replicas", was="4", ours="6")


@pytest.fixture
def writer(settings: SwarmSettings, site: Site) -> SwarmWriter:
    return SwarmWriter(settings, site)


@pytest.fixture
def web(site: Site) -> WorkloadRef:
    return WorkloadRef(site.cluster, "web")


def scale(writer: SwarmWriter, web: WorkloadRef, *counts: int, victims: frozenset[ReplicaId] = frozenset()) -> None:
    writer.set_replicas(web, seen=counts[0], wanted=counts[1], victims=victims, mark=None)


def writes(daemon: FakeDaemon) -> list[str]:
    return [one for one in daemon.asked if not one.startswith("GET")]


def test_all_of_a_service_but_count_and_mark_is_posted_as_it_was(fake: FakeSwarm, writer: SwarmWriter, web: WorkloadRef) -> None:
    before = copy.deepcopy(fake.services[0]["Spec"])
    writer.set_replicas(web, seen=4, wanted=6, victims=frozenset(), mark=OURS)
    after = fake.services[0]["Spec"]
    assert after["Mode"] == {"Replicated": {"Replicas": 6}}
    assert set(after["Labels"]) - set(before["Labels"]) == {MARK + "replicas"}
    assert {**after, "Mode": before["Mode"], "Labels": before["Labels"]} == before


def test_no_registry_login_is_sent(daemon: FakeDaemon, writer: SwarmWriter, web: WorkloadRef) -> None:
    scale(writer, web, 4, 5)
    assert not [name for sent in daemon.headers for name in sent if "auth" in name.lower()]


def test_a_repeat_sends_nothing(daemon: FakeDaemon, writer: SwarmWriter, web: WorkloadRef) -> None:
    scale(writer, web, 3, 4)
    assert writes(daemon) == []


def outrun(daemon: FakeDaemon, times: int, change: Callable[[], None]) -> None:
    """Lets somebody else be faster, so many times."""
    left = [times]

    def fault(method: str, path: str) -> object:
        if method != "POST" or not left[0]:
            return None
        left[0] -= 1
        change()
        return 500, OUT_OF_SEQUENCE

    daemon.fault = fault


def test_another_change_of_others_is_kept(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter, web: WorkloadRef) -> None:
    outrun(daemon, 2, lambda: fake.services[0]["Spec"]["Labels"].update(team="b"))
    scale(writer, web, 4, 5)
    spec = fake.services[0]["Spec"]
    assert (spec["Mode"]["Replicated"]["Replicas"], spec["Labels"]["team"]) == (5, "b")


def test_somebody_elses_count_is_a_conflict(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter, web: WorkloadRef) -> None:
    outrun(daemon, 1, lambda: fake.services[0]["Spec"]["Mode"]["Replicated"].update(Replicas=9))
    with pytest.raises(ConflictError, match="9 replicas by now"):
        scale(writer, web, 4, 5)
    assert fake.services[0]["Spec"]["Mode"]["Replicated"]["Replicas"] == 9


def test_outrun_again_and_again_is_a_conflict(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter, web: WorkloadRef) -> None:
    outrun(daemon, 9, lambda: None)
    with pytest.raises(ConflictError, match="out of sequence"):
        scale(writer, web, 4, 5)


def test_a_claim_outrun_is_a_conflict_at_once(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter) -> None:
    outrun(daemon, 1, lambda: None)
    with pytest.raises(ConflictError):
        writer.claim(MINE, None)
    assert len(writes(daemon)) == 1


def test_a_repeated_claim_sends_nothing(daemon: FakeDaemon, writer: SwarmWriter) -> None:
    for _ in range(2):
        writer.claim(MINE, None)
    assert len(writes(daemon)) == 1


def test_a_mark_nobody_can_read_is_somebodys(fake: FakeSwarm, writer: SwarmWriter) -> None:
    fake.swarm["Spec"]["Labels"][OWNER] = "not json"
    with pytest.raises(ConflictError, match="another owner mark"):
        writer.claim(MINE, None)


@pytest.mark.parametrize("state", ["updating", "paused", "rollback_started"])
def test_nothing_is_changed_in_mid_update(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter, web: WorkloadRef, state: str) -> None:
    fake.services[0]["UpdateStatus"] = {"State": state}
    with pytest.raises(ConflictError, match="under way"):
        scale(writer, web, 4, 5)
    with pytest.raises(ConflictError, match="under way"):
        writer.restore(FieldChange(object="web", field="replicas", was="2", ours="4"))
    assert writes(daemon) == []


def test_victims_are_foretold_again_right_before(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter, web: WorkloadRef) -> None:
    foretold = frozenset({ReplicaId("task-004")})
    fake.tasks[0]["Status"]["State"] = "starting"
    with pytest.raises(ConflictError, match="other replicas"):
        scale(writer, web, 4, 3, victims=foretold)
    assert writes(daemon) == []


def test_the_beginning_of_an_id_is_no_name(fake: FakeSwarm, writer: SwarmWriter, site: Site) -> None:
    assert fake.answer("GET", "/services/id-w", {}, {})[0] == 200
    with pytest.raises(NotFoundError):
        scale(writer, WorkloadRef(site.cluster, "id-w"), 4, 5)


@pytest.mark.parametrize("mode", ["Global", "ReplicatedJob", "GlobalJob"])
def test_what_has_no_count_is_refused(fake: FakeSwarm, writer: SwarmWriter, web: WorkloadRef, mode: str) -> None:
    fake.services[0]["Spec"]["Mode"] = {mode: {}}
    with pytest.raises(RefusedError):
        scale(writer, web, 4, 5)


def ref(name: str, since: str = BEFORE) -> NodeRef:
    return NodeRef(f"id-{name}", since)


def test_availability_and_mark_leave_the_rest_of_a_node_alone(fake: FakeSwarm, writer: SwarmWriter) -> None:
    fake.nodes[1]["Spec"]["Labels"]["zone"] = "a"
    writer.set_availability(ref("node2"), NodeAvailability.FENCED, OURS)
    spec = fake.nodes[1]["Spec"]
    assert (spec["Availability"], spec["Role"], spec["Labels"]["zone"]) == ("pause", "worker", "a")


def test_the_same_availability_again_sends_nothing(daemon: FakeDaemon, writer: SwarmWriter) -> None:
    writer.set_availability(ref("node2"), NodeAvailability.OPEN, None)
    assert writes(daemon) == []


def test_a_node_that_is_down_and_empty_is_forgotten(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter) -> None:
    fake.add_node("node5", State="down")
    writer.remove_node(ref("node5"))
    assert writes(daemon) == ["DELETE /nodes/id-node5"]
    assert "id-node5" not in {node["ID"] for node in fake.nodes}


def test_a_node_that_answers_is_not_forced_out(fake: FakeSwarm, writer: SwarmWriter) -> None:
    fake.add_node("node5")
    with pytest.raises(ConflictError, match="is not down"):
        writer.remove_node(ref("node5"))


def test_another_incarnation_is_left_alone(fake: FakeSwarm, daemon: FakeDaemon, writer: SwarmWriter) -> None:
    fake.add_node("node5", State="down")
    writer.remove_node(ref("node5", "another time"))
    assert writes(daemon) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param(FieldChange(object="nobody", field="availability", was="open", ours="fenced"), NotFoundError, id="no such node"),
        pytest.param(FieldChange(object="nobody", field="replicas", was="1", ours="2"), NotFoundError, id="no such service"),
        pytest.param(FieldChange(object="web", field="image", was="1", ours="2"), RefusedError, id="no such field"),
    ],
)
def test_what_cannot_be_restored(writer: SwarmWriter, change: FieldChange, error: type[AutoscalerError]) -> None:
    with pytest.raises(error):
        writer.restore(change)


def test_a_node_is_restored_by_its_name_or_id(fake: FakeSwarm, writer: SwarmWriter) -> None:
    for name in ("node2", "id-node3"):
        writer.set_availability(ref(name.removeprefix("id-")), NodeAvailability.EMPTYING, OURS)
        writer.restore(FieldChange(object=name, field="availability", was="fenced", ours="emptying"))
    assert [node["Spec"]["Availability"] for node in fake.nodes[1:3]] == ["pause", "pause"]


def test_what_swarm_cannot_do_is_refused(writer: SwarmWriter, web: WorkloadRef) -> None:
    for call in (
        lambda: writer.evacuate(ref("node2"), web, at_once=1),
        lambda: writer.start_replica(web, ref("node2"), token=Token("t")),
        lambda: writer.stop_replica(ReplicaId("task-001")),
    ):
        with pytest.raises(RefusedError, match="Swarm cannot"):
            call()


class Hurried(SystemRuntime):
    """Two seconds pass with every look at the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0

    def monotonic(self) -> int:
        self.passed += 2000
        return self.passed


def test_nothing_is_posted_once_the_time_of_the_whole_call_is_over(
    fake: FakeSwarm, daemon: FakeDaemon, settings: SwarmSettings, site: Site, web: WorkloadRef
) -> None:
    outrun(daemon, 2, lambda: None)
    with pytest.raises(UnavailableError, match="no time left"):
        scale(SwarmWriter(settings, replace(site, runtime=Hurried())), web, 4, 5)
    assert fake.services[0]["Spec"]["Mode"]["Replicated"]["Replicas"] == 4
    assert len(writes(daemon)) == 1


def closing(was: str, ours: str) -> Mark:
    return replace(OURS, field="availability", was=was, ours=ours)


OPEN, FENCED, EMPTYING = NodeAvailability.OPEN, NodeAvailability.FENCED, NodeAvailability.EMPTYING
LATE = {
    "a pause is not taken for our fence": ((), "pause", (FENCED, closing("open", "fenced"))),
    "a drain is not weakened to our fence": ((), "drain", (FENCED, closing("open", "fenced"))),
    "a drain over our fence is not opened": ((FENCED, closing("open", "fenced")), "drain", (OPEN, None)),
    "a node opened over our fence is not emptied": ((FENCED, closing("open", "fenced")), "active", (EMPTYING, closing("open", "emptying"))),
}


@pytest.mark.parametrize(("ours", "theirs", "late"), [pytest.param(*row, id=name) for name, row in LATE.items()])
def test_a_late_call_does_not_overwrite_an_administrators_word(
    fake: FakeSwarm,
    writer: SwarmWriter,
    ours: tuple[NodeAvailability, Mark] | tuple[()],
    theirs: str,
    late: tuple[NodeAvailability, Mark | None],
) -> None:
    if ours:
        writer.set_availability(ref("node2"), *ours)
    fake.nodes[1]["Spec"]["Availability"] = theirs
    with pytest.raises(ConflictError, match=f"is {theirs} by now"):
        writer.set_availability(ref("node2"), *late)
    assert fake.nodes[1]["Spec"]["Availability"] == theirs


def test_a_node_somebody_opened_over_our_mark_is_fenced_again(fake: FakeSwarm, writer: SwarmWriter) -> None:
    writer.set_availability(ref("node2"), FENCED, closing("open", "fenced"))
    fake.nodes[1]["Spec"]["Availability"] = "active"
    writer.set_availability(ref("node2"), FENCED, closing("open", "fenced"))
    assert fake.nodes[1]["Spec"]["Availability"] == "pause"
