"""What is compiled ahead: all of it, by a process that ends with the service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autoscaler.placement.compiling import COMPILED
from autoscaler.service.compiling import compile_ahead

ORDERS = """
from autoscaler.placement.mixing import mix, question_of
import numpy as np
number = np.arange(1, 12)
requests = np.stack([number * 37 % 101 + 9, number * 61 % 203 + 11], axis=1)
for refusing in (0, 90):
    adds = np.zeros((11, 1), np.int64); adds[0] = 1
    limits = np.full_like(adds, 2**31); limits[0] = 1
    counts = number * 5; counts[0] += refusing
    asked = question_of(requests, counts, np.array([[90, 211], [190, 431]]), np.array([10, 19]), adds=adds, limits=limits)
    mix(asked, lambda rounds: rounds < 5)

from autoscaler.model.devices import Device, DeviceAsk
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Problem, naming, place
naming.FEW = 0
asks = (None, DeviceAsk(kind="gpu", share=300), DeviceAsk(kind="gpu", whole=1))
refs = [WorkloadRef(ClusterName("shop"), str(at)) for at in range(3)]
loads = tuple(Load(workload=ref, shape=Shape(requests=Resources(500, 9), device=ask)) for ref, ask in zip(refs, asks))
hosts = tuple(Host(key=str(at), capacity=Resources(8000, 99), devices=(Device("gpu"),) * at) for at in range(4))
place(Problem(hosts=hosts, loads=loads, demands=tuple(Demand(workload=ref, count=2) for ref in refs), names=True))
"""


def kept(folder: Path) -> set[str]:
    return {one.name for one in folder.rglob("*.nbc")}


@pytest.mark.compiled
def test_after_it_nothing_is_left_to_compile(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "autoscaler.service.compiling"], env=environment, check=True)
    made = kept(tmp_path)
    subprocess.run([sys.executable, "-c", ORDERS], env=environment, check=True)
    assert made
    assert kept(tmp_path) == made


@pytest.mark.skipif(COMPILED, reason="there is something to compile here")
def test_without_a_compiler_there_is_nothing_to_begin() -> None:
    compile_ahead()()
