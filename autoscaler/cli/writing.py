"""The engine of one cluster with its writers: only `apply`, `drain` and `doctor --marks --remove` come here."""

from dataclasses import dataclass

from autoscaler.cli.driving import Deadline, Driver
from autoscaler.cli.options import Asked
from autoscaler.cli.policies import load_policies, only
from autoscaler.cli.scope import who
from autoscaler.cli.stores import place
from autoscaler.config import ClusterConfig, Plugins, installed
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.store import Store
from autoscaler.engine.tick import Engine
from autoscaler.model.quantities import Duration
from autoscaler.service.eyes import eyes
from autoscaler.service.hands import hands
from autoscaler.service.runtime import SystemRuntime


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A cluster of the policies, and what is needed to change it."""

    cluster: ClusterConfig
    plugins: Plugins
    runtime: SystemRuntime

    def driver(self, store: Store, policies: ClusterPolicies, *, take_over: bool, timeout: Duration) -> Driver:
        """An engine under a name nobody else has."""
        engine = Engine(
            policies=policies,
            eyes=eyes(self.cluster, self.plugins, self.runtime),
            hands=hands(self.cluster, self.runtime),
            store=store,
            runtime=self.runtime,
            holder=f"{who()} {self.runtime.new_id()}",
            take_over=take_over,
        )
        return Driver(engine=engine, deadline=Deadline(runtime=self.runtime, span=timeout))


def open_site(asked: Asked) -> tuple[Site, str]:
    """The one cluster asked for, and where its store is."""
    plugins = installed()
    configuration = load_policies(asked.policies, plugins)
    site = Site(cluster=only(configuration, asked.cluster), plugins=plugins, runtime=SystemRuntime())
    return site, place(asked.store, configuration)
