"""Which clusters a command on the past speaks of, and the store that remembers them."""

import getpass
import os
import socket
from dataclasses import dataclass

from autoscaler.cli.options import Asked
from autoscaler.cli.policies import USUAL, chosen, load_policies
from autoscaler.cli.stores import place, required
from autoscaler.cli.terminal import say
from autoscaler.config import Configuration
from autoscaler.contracts.store import Store
from autoscaler.errors import PolicyError, UsageError
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.service.runtime import SystemRuntime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`configuration` is None when a cluster was named and no policies were."""

    clusters: tuple[ClusterName, ...]
    configuration: Configuration | None
    where: str
    runtime: SystemRuntime

    def store(self) -> Store:
        """The store; SetupError when there is none."""
        return required(self.where, self.runtime)

    def of(self, workload: str) -> WorkloadRef:
        """`shop/web`; or `web`, where only one cluster can be meant."""
        return workload_in(self.clusters, workload)


def workload_in(clusters: tuple[ClusterName, ...], name: str) -> WorkloadRef:
    """`shop/web`; or `web`, where there is only one of the clusters it may be in."""
    if "/" in name:
        return WorkloadRef.parse(name)
    if len(clusters) != 1:
        raise UsageError(f"in which cluster is {name!r}?", hint=f"write {clusters[0]}/{name}")
    return WorkloadRef(clusters[0], name)


def scope(asked: Asked) -> Scope:
    """From the policies, or, where none are to be had, from the cluster's name alone."""
    runtime = SystemRuntime()
    if asked.cluster and not asked.policies and not USUAL.exists():
        return Scope(clusters=(ClusterName(asked.cluster),), configuration=None, where=place(asked.store, None), runtime=runtime)
    try:
        configuration = load_policies(asked.policies)
    except PolicyError as error:
        return _without(asked, error, runtime)
    names = tuple(one.name for one in chosen(configuration, asked.cluster))
    return Scope(clusters=names, configuration=configuration, where=place(asked.store, configuration), runtime=runtime)


def _without(asked: Asked, broken: PolicyError, runtime: SystemRuntime) -> Scope:
    """The red button works with broken policies too, once cluster and store are said: a guessed store might be another one."""
    if not (asked.cluster and asked.store):
        raise broken
    say(f"the policies are broken, and not needed: cluster {asked.cluster} in the store {asked.store}")
    return Scope(clusters=(ClusterName(asked.cluster),), configuration=None, where=place(asked.store, None), runtime=runtime)


def who() -> str:
    """The person, as others on the team would know them."""
    return f"{_user()}@{socket.gethostname()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return str(os.getuid())
