"""A whole engine over a simulated cluster, in virtual time."""

from dataclasses import dataclass

from autoscaler.config import installed, parse
from autoscaler.contracts.store import Request, RequestKind, Store
from autoscaler.engine.tick import Engine, TickReport
from autoscaler.model.commitments import StepStatus
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration
from autoscaler.service.eyes import eyes
from autoscaler.service.hands import hands
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world.world import World
from autoscaler.store.memory import MemoryStore
from autoscaler_simulated import worlds

POLICY = """
apiVersion: autoscaler/v1
clusters:
  shop:
    simulated:
      seed: 3
      nodes: [{name: manager-1, manager: true}]
      workloads: [{name: web, replicas: 3, traffic: true, load: {base: 60}}]
traffic:
  edge: {simulated: {}}
pools:
  small:
    cluster: shop
    simulated: {cpu: 2, memory: 4Gi, nodes: 2}
    nodes: {min: 1, max: 5, idle: 10m}
policies:
  web:
    workload: shop/web
    replicas: {min: 3, max: 9}
    rules: [{target_tracking: {metric: cpu, target: 60%}}]
    availability: {traffic: edge, surge: 3}
"""


@dataclass
class Shop:
    """The engine, its store and its clock."""

    engine: Engine
    store: Store
    runtime: VirtualRuntime

    def tick(self, count: int = 1) -> TickReport:
        """So many ticks, two seconds apart; the last one's report."""
        for _ in range(count):
            report = self.engine.tick()
            self.runtime.advance(Duration(2000))
        return report

    def ask(self, kind: RequestKind, subject: str, plan: Plan | None = None) -> str:
        """Hand a request over, as a command does."""
        request = Request(id=f"{kind}-{subject}", kind=kind, subject=subject, who="test", at=self.runtime.now(), plan=plan)
        self.store.requests(self.engine.policies.cluster).submit(request)
        return request.id

    @property
    def world(self) -> World:
        """The world itself, to do in it what others do."""
        (kept,) = worlds._WORLDS[self.runtime].values()
        return kept.world()

    def answer(self, request: str) -> tuple[str, int]:
        """What became of it."""
        found = self.store.requests(self.engine.policies.cluster).find(request)
        assert found is not None
        return found.outcome, found.exit_code


def begun(report: TickReport) -> set[str]:
    """Operations of which something was sent."""
    quiet = (StepStatus.WAITING, StepStatus.DROPPED)
    return {record.planned.operation for record in report.commitments.records if record.status not in quiet}


def open_shop(*, rps: int = 60, nodes: int = 2) -> Shop:
    """A fresh one; three replicas are right for 60 requests per second."""
    plugins, runtime = installed(), VirtualRuntime(1)
    (cluster,) = parse(
        (("shop.yaml", POLICY.replace("base: 60", f"base: {rps}").replace("nodes: 2}", f"nodes: {nodes}}}")),), plugins
    ).clusters
    store = MemoryStore(runtime)
    engine = Engine(
        policies=cluster.policies,
        eyes=eyes(cluster, plugins, runtime),
        hands=hands(cluster, runtime),
        store=store,
        runtime=runtime,
        holder="here",
    )
    return Shop(engine=engine, store=store, runtime=runtime)
