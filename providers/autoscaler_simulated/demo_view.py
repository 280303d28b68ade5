"""The demo's pictures: a live screen, plain lines, and the closing report."""

from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autoscaler.config import ClusterConfig
from autoscaler.engine.tick import TickReport
from autoscaler.explaining import sentence
from autoscaler.model.decisions import Decision
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Reason
from autoscaler.model.traffic import MemberState
from autoscaler.simulation.world import metering
from autoscaler.simulation.world.state import Host
from autoscaler.simulation.world.world import World

HOUR = 3_600_000
BAR = 18
BARS = "▁▂▃▄▅▆▇█"
TREND, EACH = 24, 10
"""Bars of a load's past, and looks at the load that make one bar."""

SUMMARY = 600_000
"""Simulated milliseconds between two summary lines when there is no screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One instant: the simulated world as it truly is, and what the service last thought of it."""

    world: World
    report: TickReport | None
    cluster: ClusterConfig

    @property
    def age(self) -> int:
        """Milliseconds of simulated time since the beginning."""
        return self.world.state.now - self.world.state.began

    @property
    def clock(self) -> str:
        """The simulated time of day."""
        minutes = self.age // 60_000
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    @property
    def price(self) -> Money:
        """What the machines cost per hour now."""
        return Money(metering.price(self.world.core))

    def load(self, name: str) -> int:
        """Requests per second at a workload now."""
        return metering.load(self.world.core, name)

    def counts(self, name: str) -> tuple[int, int, int]:
        """Wanted, healthy, and in rotation (healthy again where no rotation is named)."""
        units = [unit for unit in self.world.state.units.values() if unit.service == name]
        healthy = {unit.address for unit in units if unit.healthy}
        seats = self.world.state.seats
        serving = [one for one in healthy if one in seats and seats[one].state is MemberState.READY]
        joins = self.world.core.services[name].traffic
        return self.world.state.services[name].wanted, len(healthy), len(serving) if joins else len(healthy)


@dataclass(slots=True)
class Told:
    """What was already said, so that each decision is said once, and how the load went."""

    counts: dict[str, int] = field(default_factory=dict)
    plan: str = ""
    summary: int = 0
    last: list[str] = field(default_factory=list)
    loads: dict[str, list[int]] = field(default_factory=dict)

    def glance(self, scene: Scene) -> None:
        """Take one more look at every load."""
        for name in scene.world.state.services:
            self.loads[name] = [*self.loads.get(name, []), scene.load(name)][-TREND * EACH :]

    def trend(self, name: str) -> str:
        """The load of the last while, as a row of bars from nothing to the highest seen."""
        seen = self.loads.get(name, [])
        means = [sum(part) // len(part) for part in (seen[at : at + EACH] for at in range(0, len(seen), EACH))]
        top = max([1, *means])
        return "".join(BARS[min(len(BARS) - 1, mean * len(BARS) // (top + 1))] for mean in means)

    def news(self, scene: Scene) -> list[str]:
        """New lines since the last call; the newest few stay in `last`."""
        said = [*self._decisions(scene), *self._plan(scene)]
        self.last = [*self.last, *said][-8:]
        return [*said, *self._summary(scene)]

    def _decisions(self, scene: Scene) -> list[str]:
        if scene.report is None:
            return []
        found = []
        for one in scene.report.thought.decisions:
            if one.count != one.current and self.counts.get(str(one.workload)) != one.count:
                found.append(f"{scene.clock}  {one.workload} {one.current} -> {one.count}: {_why(one)}")
            self.counts[str(one.workload)] = one.count
        return found

    def _plan(self, scene: Scene) -> list[str]:
        if scene.report is None or scene.report.thought.plan.id == self.plan:
            return []
        self.plan = scene.report.thought.plan.id
        changes = [change for change in scene.report.thought.plan.pools if change.before != change.after]
        return [
            f"{scene.clock}  pool {change.pool} {change.before} -> {change.after} machines{_because(change.reasons)}" for change in changes
        ]

    def _summary(self, scene: Scene) -> list[str]:
        if scene.age < self.summary:
            return []
        self.summary = scene.age + SUMMARY
        parts = [f"{name} {'/'.join(map(str, scene.counts(name)))} at {scene.load(name)} rps" for name in scene.world.state.services]
        return [f"{scene.clock}  {len(scene.world.state.hosts)} nodes, {scene.price} per hour; {'; '.join(parts)} (wanted/healthy/serving)"]


def screen(scene: Scene, told: Told) -> RenderableType:
    """Nodes, workloads, load, price, and the last decisions with their reasons."""
    told.news(scene)
    told.glance(scene)
    title = f"poolkeeper demo   {scene.clock}   {len(scene.world.state.hosts)} nodes   {scene.price} per hour"
    lost = f"requests lost to our changes so far: {scene.world.state.tally.lost}   Ctrl-C ends it with a report"
    said = [Text(line, no_wrap=True, overflow="ellipsis") for line in told.last] or [Text("nothing yet")]
    tables = (_workloads(scene, told), Text(), _nodes(scene), Text())
    return Panel(Group(*tables, Text("last decisions", style="bold"), *said), title=title, subtitle=lost)


def closing(scene: Scene) -> RenderableType:
    """What the day cost, and what it cost the users."""
    tally, table = scene.world.state.tally, Table(title="The day in figures", show_header=False)
    hours = max(1, scene.age)
    table.add_row("cost", f"{_cents(tally.spent // HOUR)} in {hours // 60_000} simulated minutes")
    table.add_row("time under-provisioned", f"{tally.overloaded // 1000} s of load above what was available, over all workloads")
    table.add_row("replicas moved off closed nodes", str(tally.moves))
    table.add_row("requests lost to our changes", str(tally.lost))
    return table


def _workloads(scene: Scene, told: Told) -> Table:
    table = Table("workload", "wanted", "ready", "in rotation", "load", "", box=None, padding=(0, 3, 0, 0))
    for name in scene.world.state.services:
        wanted, healthy, serving = scene.counts(name)
        ready, joined = _against(healthy, wanted), _against(serving, wanted)
        table.add_row(name, str(wanted), ready, joined, f"{scene.load(name)} rps".ljust(8), Text(told.trend(name), style="cyan"))
    return table


def _against(count: int, wanted: int) -> Text:
    """Yellow while it is not what is wanted."""
    return Text(str(count), style="" if count == wanted else "yellow")


def _nodes(scene: Scene) -> Table:
    table = Table("node", "state", "cpu asked for", "", "replicas", box=None, padding=(0, 3, 0, 0))
    for host in scene.world.state.hosts.values():
        used, names = _use(scene, host)
        bar = ProgressBar(total=max(1, host.capacity.cpu), completed=used, width=BAR)
        state = Text(host.availability.value, style="" if host.availability is NodeAvailability.OPEN else "yellow")
        table.add_row(host.name, state, f"{used * 100 // max(1, host.capacity.cpu)}%", bar, names)
    return table


def _use(scene: Scene, host: Host) -> tuple[int, str]:
    """Cpu in milli-cores taken, and which replicas take it."""
    units = [unit for unit in scene.world.state.units.values() if unit.node == host.id]
    used = sum(scene.world.core.services[unit.service].cpu.milli for unit in units)
    counts = {name: sum(unit.service == name for unit in units) for name in scene.world.state.services}
    return used, " ".join(f"{name}x{count}" for name, count in counts.items() if count)


def _cents(micro: int) -> Money:
    """To the hundredth: a whole day's bill needs no millionths."""
    return Money(micro // 10_000 * 10_000)


def _why(decision: Decision) -> str:
    reasons = [reason for vote in decision.votes for reason in vote.vote.reasons]
    return sentence(reasons[0]) if reasons else "bounds"


def _because(reasons: tuple[Reason, ...]) -> str:
    return f": {sentence(reasons[0])}" if reasons else ""
