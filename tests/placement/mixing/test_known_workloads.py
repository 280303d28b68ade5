"""Workloads that others publish figures of: what must come out."""

import os
import subprocess
import sys

import numpy as np
import pytest

from autoscaler.placement.mixing import Mix, Question, mix, question_of
from benchmarks.karpenter.w1 import pods, question

ESTIMATOR = question_of(
    np.array([[50, 100, 1], [95, 190, 1]]),
    np.array([50_000, 1000]),
    np.array([[1000, 5000, 100]]),
    np.array([1]),
    most=np.array([3000]),
)
"""Cluster Autoscaler's own benchmark of its estimator."""


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
def test_equal_offerings_are_one_kind() -> None:
    asked = question(pods(500), types=50)
    five = question_of(
        asked.requests,
        asked.counts,
        np.repeat(asked.capacity, 5, axis=0),
        np.repeat(asked.price, 5),
        adds=asked.adds,
        limits=asked.limits,
    )
    many, one = after(1, five), after(1, asked)
    assert (many.price, many.bound) == (one.price, one.bound)


@pytest.mark.parametrize(
    ("missing", "solver"),
    [
        pytest.param(["numba", "highspy"], "numpy", id="nothing"),
        pytest.param(["numba"], "highs", id="no compiler"),
        pytest.param(["highspy"], "numba", id="no linear programs", marks=pytest.mark.compiled),
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
