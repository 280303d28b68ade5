"""Sees the workers of a lab as a pool of machines. It writes nothing, and needs no root where the folder is readable."""

import os
from pathlib import Path

from autoscaler.contracts.pool_reader import PoolCapabilities
from autoscaler.contracts.provider import Site
from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.pools import Offering, PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import InstanceRef, OfferingName, PoolName, Token
from autoscaler.model.resources import Resources
from autoscaler_lab import fleet
from autoscaler_lab.fleet import Condition, Member
from autoscaler_lab.layout import LabSpec
from autoscaler_lab.settings import LabPool

ENGINE = OfferingName("engine")
"""The one thing a lab has to offer."""
STATES = {
    Condition.LAUNCHING: InstanceState.LAUNCHING,
    Condition.RUNNING: InstanceState.RUNNING,
    Condition.STOPPING: InstanceState.STOPPING,
    Condition.FAILED: InstanceState.FAILED,
}


class LabPoolReader:
    """The workers of one lab."""

    def __init__(self, settings: LabPool, site: Site) -> None:
        self._settings = settings
        self._site = site

    @property
    def capabilities(self) -> PoolCapabilities:
        """Reservations carry their token; a lab without workers still has its manager."""
        return PoolCapabilities(launch_token=True, to_zero=True)

    def observe(self, deadline: Duration) -> PoolState:  # noqa: ARG002  (a few small files: never late)
        """The engines' records, each checked against its process."""
        now = self._site.runtime.now()
        spec = self._settings.lab()
        found = fleet.of_group(fleet.members(spec, self._site.runtime), fleet.WORKERS)
        return PoolState(
            pool=PoolName(self._site.name),
            read_at=now,
            wanted=fleet.count(found),
            instances=tuple(_instance(one) for one in found),
            offerings=(Offering(name=ENGINE, capacity=capacity(spec), price=self._settings.price),),
            failed_launches=sum(one.condition is Condition.FAILED for one in found),
        )


def capacity(spec: LabSpec) -> Resources:
    """What each engine says it has, all of which replicas may use."""
    have = len(os.sched_getaffinity(0))
    return Resources(cpu=min(spec.cpus or have, have) * 1000, memory=spec.memory or _memory())


def _instance(member: Member) -> Instance:
    taken = member.reservation
    return Instance(
        ref=InstanceRef(member.paths.name, taken.incarnation),
        state=STATES[member.condition],
        offering=ENGINE,
        node_name=member.paths.name,
        launched_at=Instant(taken.reserved_at),
        token=Token(taken.token),
    )


def _memory() -> int:
    first = Path("/proc/meminfo").read_text().splitlines()[0]
    return int(first.split()[1]) * 1024
