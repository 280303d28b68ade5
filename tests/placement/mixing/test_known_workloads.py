"""Workloads that others publish figures of: what must come out, and no worse than one-pass greedy."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.placement.mixing import UNLIMITED, Mix, Question, mix, question_of
from benchmarks.baselines.greedy import Stock, greedy

ESTIMATOR = question_of(
    np.array([[50, 100, 1], [95, 190, 1]]),
    np.array([50_000, 1000]),
    np.array([[1000, 5000, 100]]),
    np.array([1]),
    most=np.array([3000]),
)
"""Cluster Autoscaler's own benchmark of its estimator."""


def mixed(pods: int, seed: int = 42, types: int = 400, offerings: int = 5) -> Question:
    """Karpenter's own benchmark, once zones are fixed: the replicas' shapes are drawn, a fifth refuse each other on one machine.

    Another fifth spreads over machines by label: seven groups that each allow one more than the emptiest machine has, here one.
    """
    draw = np.random.default_rng(seed)
    cpu, memory = np.array([100, 250, 500, 1000, 1500]), np.array([100, 256, 512, 1024, 2048, 4096])
    shapes = np.array([(one, other, 1) for one in cpu for other in memory])
    parts = [draw.integers(0, len(shapes), pods * share // 5) for share in (3, 1, 1)]
    labels = draw.integers(0, 7, pods // 5)
    plain, spread, alone = np.bincount(parts[0], minlength=30), parts[1] * 7 + labels, np.bincount(parts[2], minlength=30)
    counts = np.concatenate([plain, np.bincount(spread, minlength=210), alone])
    requests = np.concatenate([shapes, np.repeat(shapes, 7, axis=0), shapes])
    adds = np.zeros((270, 8), np.int64)
    adds[30:240, :7] = np.tile(np.eye(7, dtype=np.int64), (30, 1))
    adds[240:, 7] = 1
    size = np.repeat(np.arange(1, types + 1), offerings)
    return question_of(
        requests,
        counts,
        np.stack([1000 * size - 100, 2048 * size - 10, 10 * size], axis=1),
        314_748 * size,
        adds=adds,
        limits=np.where(adds > 0, 1, UNLIMITED),
    )


def baseline(asked: Question) -> int:
    parts = {name: getattr(asked, name) for name in ("requests", "counts", "capacity", "price", "allowed", "adds", "limits")}
    return greedy(Stock(**parts)).price


def after(rounds: int, asked: Question) -> Mix:
    return mix(asked, lambda done: done < rounds)


def test_fifty_one_thousand_of_two_classes_take_2595_machines() -> None:
    found = after(0, ESTIMATOR)
    assert (found.machines, sum(found.left)) == (2595, 0)


def test_a_pool_that_sells_fewer_leaves_the_rest() -> None:
    short = question_of(ESTIMATOR.requests, ESTIMATOR.counts, ESTIMATOR.capacity, ESTIMATOR.price, most=np.array([2500]))
    found = after(3, short)
    assert found.machines == 2500
    assert 0 < sum(found.left) <= 95 * 20


@pytest.mark.compiled
@pytest.mark.parametrize("pods", [500, 2000, 10_000])
def test_as_many_machines_as_replicas_that_refuse_each_other(pods: int) -> None:
    found = after(0, mixed(pods))
    assert (found.machines, sum(found.left)) == (pods // 5, 0)


@pytest.mark.compiled
@given(st.integers(0, 999))
@settings(max_examples=3)
def test_replicas_that_refuse_each_other_cost_less_than_greedy_pays(seed: int) -> None:
    asked = mixed(200, seed=seed, types=30, offerings=1)
    found = after(0, asked)
    assert found.machines == 40
    assert found.price <= baseline(asked)


@pytest.mark.compiled
def test_equal_offerings_are_one_kind() -> None:
    many, one = after(1, mixed(500, types=50, offerings=5)), after(1, mixed(500, types=50, offerings=1))
    assert (many.price, many.bound) == (one.price, one.bound)


@pytest.mark.parametrize(
    ("missing", "solver"),
    [
        pytest.param(["numba", "highspy"], "numpy", id="nothing"),
        pytest.param(["numba"], "highs", id="no compiler"),
        pytest.param(["highspy"], "numba", id="no linear programs"),
    ],
)
def test_it_works_with_what_is_installed(missing: list[str], solver: str) -> None:
    program = f"""
import sys
sys.modules |= dict.fromkeys({missing})
import numpy as np
from autoscaler.placement.mixing import mix, question_of
asked = question_of(np.array([[3, 2], [2, 3]]), np.array([9, 8]), np.array([[7, 7], [5, 5]]), np.array([10, 8]))
found = mix(asked, lambda done: done < 4)
assert sum(found.left) == 0
print(found.solver, 0 < found.bound <= found.price <= 80)
"""
    compiling = os.environ | {"NUMBA_DISABLE_JIT": "0"}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=compiling)
    assert ran.stdout.split() == [solver, "True"]
