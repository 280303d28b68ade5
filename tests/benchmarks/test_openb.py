"""openb's lists as FGD's simulator plays them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from autoscaler.model.steps import Place as Start
from autoscaler.placement.stranding import Classes, Nodes, Placer
from benchmarks.openb.__main__ import LISTS
from benchmarks.openb.cluster import Cluster, node_ref, workload_of
from benchmarks.openb.ours import Ours
from benchmarks.openb.rivals import Rival
from benchmarks.openb.trace import Trace, arrivals, read

NODES = """sn,cpu_milli,memory_mib,gpu,model
a,8000,100,2,T4
b,4000,100,1,P100
c,4000,100,0,
"""
PODS = """name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec
p2,1000,1,1,500,T4|V100
p1,2000,2,1,1000,
p3,3000,3,0,0,
p4,2000,2,1,1000,
p5,1000,1,2,1000,
"""
DEFAULT = LISTS / "openb_node_list_gpu_node.csv", LISTS / "openb_pod_list_default.csv"


@pytest.fixture
def small(tmp_path: Path) -> Trace:
    nodes, pods = tmp_path / "nodes.csv", tmp_path / "pods.csv"
    nodes.write_text(NODES)
    pods.write_text(PODS)
    return read(nodes, pods)


@pytest.fixture(scope="module")
def default() -> Trace:
    for path in DEFAULT:
        if not path.exists():
            pytest.skip(f"{path} is not there")
    return read(*DEFAULT)


def test_a_pod_asks_for_a_share_of_one_gpu_or_for_whole_ones_and_for_the_models_it_names(small: Trace) -> None:
    kinds = ["", "P100", "T4"]
    rows = zip(small.classes.whole.tolist(), small.classes.share.tolist(), small.classes.allowed.tolist(), strict=True)
    assert [(whole, share, [kind for kind, may in zip(kinds, allowed, strict=True) if may]) for whole, share, allowed in rows] == [
        (1, 0, kinds),
        (0, 500, ["T4"]),
        (0, 0, kinds),
        (2, 0, kinds),
    ]
    assert small.pods.tolist() == [0, 1, 2, 0, 3]


@pytest.mark.parametrize("share", [0.5, 1.3, 4.0])
def test_as_many_come_as_ask_for_the_share_of_all_gpus(small: Trace, share: float) -> None:
    for seed in range(5):
        asked = int(small.classes.milli[arrivals(small, seed, share)].sum())
        assert share * 3000 - 2000 < asked <= share * 3000


def test_all_of_the_list_come_before_any_comes_again(small: Trace) -> None:
    assert sorted(arrivals(small, 1, 4.0)[:5].tolist()) == sorted(small.pods.tolist())


def share_allocated(trace: Trace, way: Ours | Rival) -> float:
    gone = sum(int(trace.classes.milli[one]) for one in arrivals(trace, 1, 1.3) if way.arrive(int(one)))
    return gone / int(trace.nodes.devices.sum())


@pytest.mark.long
def test_ours_allocates_more_than_fgd_and_best_fit(default: Trace) -> None:
    ours = share_allocated(default, Ours(default))
    assert ours >= 0.9539
    assert ours >= share_allocated(default, Rival(default.nodes, default.classes)) + 0.02


def test_without_any_gpu_the_same_objective_places_more_than_best_fit() -> None:
    bare = cpu_and_memory()
    ours, theirs = (
        sum(bool(way.arrive(int(one))) for one in bare.pods) for way in (Placer(bare.nodes, bare.classes), Rival(bare.nodes, bare.classes))
    )
    assert ours >= 1.05 * theirs


def cpu_and_memory() -> Trace:
    """Nodes of three shapes; half of the replicas ask for little memory, half for much."""
    dice = np.random.default_rng(1)
    cpu = dice.choice([16, 32, 64], 60)
    free = np.column_stack([cpu, cpu * dice.choice([2, 4, 8], 60)]).astype(np.int64)
    asks = np.array([[1, 2], [2, 4], [4, 6], [8, 15], [1, 8], [2, 14], [4, 30], [3, 9]], np.int64)
    none = np.zeros(len(asks), np.int64)
    return Trace(
        name="bare",
        nodes=Nodes(free=free, devices=np.zeros((60, 0), np.int64), kind=np.zeros(60, np.int64)),
        classes=Classes(requests=asks, whole=none, share=none, allowed=np.ones((len(asks), 1), np.bool_)),
        pods=dice.integers(0, len(asks), 1200),
    )


def few() -> Trace:
    """Seven nodes of two models and one without devices; whole ones, shares, and who asks for none: more than they hold."""
    dice = np.random.default_rng(3)
    counts = np.array([4, 4, 2, 2, 1, 4, 1, 0])
    asks = np.array([[4, 8], [2, 2], [8, 16], [6, 12], [3, 4], [2, 9]], np.int64)
    return Trace(
        name="few",
        nodes=Nodes(
            free=np.full((8, 2), [32, 64]),
            devices=np.where(np.arange(4) < counts[:, None], 1000, 0),
            kind=np.array([0, 0, 1, 1, 1, 0, 0, 2]),
        ),
        classes=Classes(
            requests=asks,
            whole=np.array([1, 0, 2, 0, 0, 0]),
            share=np.array([0, 300, 0, 700, 0, 470]),
            allowed=np.array([[True] * 3] * 5 + [[True, False, False]]),
        ),
        pods=dice.integers(0, len(asks), 90),
    )


def test_whole_plans_of_all_that_is_observed_choose_the_same_places_as_the_shorter_way() -> None:
    trace = few()
    cluster, ours = Cluster(trace), Ours(trace)
    for one in trace.pods.tolist():
        planned, place = cluster.tick({workload_of(one): 1}), ours.arrive(one)
        assert [where for _, where in planned] == ([Start(node=node_ref(place.node), devices=place.devices)] if place else [])
    assert len(cluster.replicas) < len(trace.pods), "some must have found no room"


def test_several_at_once_find_room_in_one_plan_and_share_no_device_too_often() -> None:
    cluster, pods = Cluster(few()), few().pods.tolist()
    for first in range(0, len(pods), 30):
        cluster.tick(Counter(workload_of(one) for one in pods[first : first + 30]))
    used = Counter[tuple[str, int]]()
    for one in cluster.replicas:
        ask = cluster.shapes[one.workload].device
        if ask and one.node:
            assert len(one.devices) == ask.count
            used.update({(one.node.id, at): ask.each for at in one.devices})
    assert max(used.values()) == 1000
