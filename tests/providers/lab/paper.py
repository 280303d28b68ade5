"""A lab whose engines are only written down: no root, no process, virtual time."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler_lab import fleet, records
from autoscaler_lab.layout import EnginePaths, LabSpec
from autoscaler_lab.pool_reader import LabPoolReader
from autoscaler_lab.pool_writer import LabPoolWriter
from autoscaler_lab.processes import Process
from autoscaler_lab.records import Phase, Release, State
from autoscaler_lab.settings import LabPool


@dataclass
class PaperLab:
    """Its keepers do their work on paper, when `settle` is called; this very process stands for every engine."""

    spec: LabSpec
    runtime: VirtualRuntime = field(default_factory=VirtualRuntime)
    spawned: list[EnginePaths] = field(default_factory=list)
    on_machine: Callable[[], None] = lambda: None

    @property
    def site(self) -> Site:
        return Site(name="workers", cluster=ClusterName("lab"), runtime=self.runtime)

    @property
    def settings(self) -> LabPool:
        return LabPool(folder=str(self.spec.folder))

    @property
    def reader(self) -> LabPoolReader:
        return LabPoolReader(self.settings, self.site)

    @property
    def writer(self) -> LabPoolWriter:
        return LabPoolWriter(self.settings, self.site, check=self.on_machine, spawn=self.spawned.append)

    def reserve(self, seen: int, wanted: int, token: str) -> None:
        fleet.reserve(self.spec, fleet.WORKERS, seen=seen, wanted=wanted, token=token, runtime=self.runtime, spawn=self.spawned.append)

    def settle(self) -> None:
        while self.spawned:
            self.work(self.spawned.pop())

    def work(self, paths: EnginePaths) -> None:
        own = Process.find(os.getpid())
        assert own
        gone = records.read(paths, Release)
        end = State(phase=Phase.GONE) if gone else State(phase=Phase.RUNNING, pid=own.pid, started=own.started)
        records.write(paths, end)

    def members(self) -> list[fleet.Member]:
        return fleet.members(self.spec, self.runtime)


def short_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder whose sockets are short enough; under a deep temporary folder no lab could be."""
    return factory.mktemp("l")
