"""Runs the real engine in a simulated world, with faults, and holds every safety rule against the truth after every instant."""

import traceback
from dataclasses import dataclass
from hashlib import sha256

from autoscaler.contracts.store import RequestKind
from autoscaler.engine.dry import DEADLINE, Past, Thought, look, recall, think
from autoscaler.engine.tick import Engine, TickReport
from autoscaler.errors import AutoscalerError
from autoscaler.model.codec import dumps
from autoscaler.model.commitments import StepRecord
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PlanId
from autoscaler.simulation.crashes import Crash, Fuse, fragile
from autoscaler.simulation.faults import Dice, Fickle, Storm
from autoscaler.simulation.invariants.every import checks
from autoscaler.simulation.invariants.watch import Violation, Watch
from autoscaler.simulation.kit import Kit
from autoscaler.simulation.mischief import Mischief
from autoscaler.simulation.operators import Operators
from autoscaler.simulation.scenarios import Scenario, generate
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world.core import Happening
from autoscaler.simulation.world.gate import Fair
from autoscaler.simulation.world.state import Cause, Tally
from autoscaler.simulation.world.world import World, build

TAIL = 40
"""Lines of the trace a violation is shown with."""

LONGEST_FUSE = 60
"""Calls within which an armed crash comes."""

PAUSES = (20_000, 61_000, 75_000, 200_000)
"""Milliseconds a process may stand still: shorter than its lease, about as long, and much longer."""

RIVAL_TICKS = 4
"""Ticks at most that another process makes meanwhile."""

QUIET_TICKS = 5
"""Ticks in a row without a write that count as the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run. `digest` is of all that was planned, written and happened: two runs of one seed have the same."""

    seed: int
    scenario: Scenario
    violations: tuple[Violation, ...]
    trace: tuple[str, ...]
    digest: str
    ticks: int
    crashes: int
    writes: int
    tally: Tally

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.ticks} ticks, {self.crashes} crashes", *map(str, self.violations[:5])]
        return "\n".join([*lines, "the last of what happened:", *(f"  {line}" for line in self.trace[-TAIL:])])


def look_only(seed: int, kit: Kit, scenario: Scenario | None = None) -> Result:
    """The same world and faults, in which everything is seen, decided and planned and nothing carried out: rule 1."""
    runtime = VirtualRuntime(seed)
    trial = Trial(seed, kit, scenario or generate(runtime.rng("scenario"), kit), runtime)
    trial.look()
    return trial.result()


def run(seed: int, kit: Kit, scenario: Scenario | None = None) -> Result:
    """One run, up to its first violation or its quiet end; the scenario is the seed's own unless given."""
    runtime = VirtualRuntime(seed)
    trial = Trial(seed, kit, scenario or generate(runtime.rng("scenario"), kit), runtime)
    trial.go()
    return trial.result()


class Trial:
    """One run in the making."""

    def __init__(self, seed: int, kit: Kit, scenario: Scenario, runtime: VirtualRuntime) -> None:
        self.seed, self.kit, self.scenario, self.runtime = seed, kit, scenario, runtime
        self.lines: list[str] = []
        self.fuse = Fuse()
        self.dice = Dice(runtime.rng("faults"), scenario.rates)
        self.storm = Storm(self.dice, runtime, self.fuse)
        self.world = self._world()
        self.store = kit.store(runtime)
        self.watch = Watch(world=self.world, policies=scenario.policies, runtime=runtime, store=self.store, lies=self.storm.lies)
        self.checks = checks(self.watch)
        self.mischief = Mischief(self.world, runtime, self.dice)
        self.operators = Operators(self.world, self.store, runtime, self.dice, self._proposed)
        self.ticks = self.led = self.crashes = self.rivals = 0
        self.halted = False
        self.plans, self.plan = sha256(), PlanId("")
        self.world.listen(self._heard)
        self.engine = self._engine("process-0")
        self._begin()

    def go(self) -> None:
        """Faults, then calm, then quiet."""
        for _ in range(self.scenario.ticks):
            self.mischief.strike()
            self.operators.strike()
            self._arm()
            if not self._tick():
                return
        self._calm()
        if self._becomes_quiet() and not self._open():
            for check in self.checks:
                check.ended()

    def look(self) -> None:
        """Dry runs, one after the other."""
        for _ in range(self.scenario.ticks):
            self.mischief.strike()
            self.world.advance(self.runtime.true_now())
            thought = rehearse(self.engine)
            self.plans.update(dumps(thought.plan, kind="plan").encode())
            if self.world.gate.writes:
                self.watch.blame(1, "a dry run wrote")
                return
            self.runtime.sleep(self.scenario.interval)

    def result(self) -> Result:
        """What came of it."""
        digest = self.plans.copy()
        digest.update("\n".join(self.lines).encode())
        return Result(
            seed=self.seed,
            scenario=self.scenario,
            violations=tuple(self.watch.found),
            trace=tuple(self.lines[-4 * TAIL :]),
            digest=digest.hexdigest(),
            ticks=self.ticks,
            crashes=self.crashes,
            writes=self.world.gate.writes,
            tally=self.world.state.tally,
        )

    def _world(self) -> World:
        world = build(self.scenario.world, self.scenario.policies.cluster, self.runtime.now(), fates=Fickle(self.dice))
        world.gate.weather = self.storm
        return world

    def _engine(self, name: str) -> Engine:
        """A new process: it knows nothing but the store and the world."""
        self.watch.holder = name
        policies, clock = self.scenario.policies, self.runtime.true_now
        weak = fragile(self.runtime, self.fuse.burn)
        return self.kit.engine(
            policies=policies,
            eyes=self.kit.eyes(self.world, policies, weak, clock),
            hands=self.kit.hands(self.world, policies, weak, clock),
            store=fragile(self.store, self.fuse.burn, self.storm.store),
            runtime=weak,
            holder=name,
        )

    def _arm(self) -> None:
        """Sometimes a process dies in this tick, sometimes it stands still."""
        if self.dice.roll(self.dice.rates.crash):
            self.fuse.arm(self.dice.rng.randrange(1, LONGEST_FUSE))
        elif self.dice.roll(self.dice.rates.pauses):
            self.fuse.arm(self.dice.rng.randrange(1, LONGEST_FUSE), self._stand_still)

    def _stand_still(self) -> None:
        """Between two calls the process gets no time, and another one may lead meanwhile. Then it goes on as if nothing had been."""
        if self.runtime.gathering:  # calls under way end with their time, whatever their process does
            self.fuse.arm(1, self._stand_still)
            return
        self._note("stands still")
        lies, holder = set(self.storm.lies), self.watch.holder
        self._pass(self.dice.rng.choice(PAUSES))
        self.rivals += 1
        rival = self._engine(f"rival-{self.rivals}")
        for _ in range(self.dice.rng.randrange(RIVAL_TICKS + 1)):
            self._turn(rival)
            self._pass(self.scenario.interval.ms)
        self._note("goes on")
        self.watch.holder = holder
        self.storm.lies.clear()
        self.storm.lies.update(lies)

    def _pass(self, span: int) -> None:
        self.runtime.sleep(Duration(span))
        self.world.advance(self.runtime.true_now())

    def _proposed(self) -> Thought:
        """What a command beside the service would do now; its own calls go well."""
        weather, self.world.gate.weather = self.world.gate.weather, Fair()
        try:
            policies, clock = self.scenario.policies, self.runtime.true_now
            past = recall(self.store, policies, self.runtime.now())
            return think(policies, look(self.kit.eyes(self.world, policies, self.runtime, clock), policies, DEADLINE), past)
        finally:
            self.world.gate.weather = weather

    def _tick(self) -> bool:
        """One tick and the time until the next; whether all is well."""
        self.ticks += 1
        try:
            self._turn(self.engine)
        except Crash:
            self._note("crash")
            self.crashes += 1
            self.engine = self._engine(f"process-{self.crashes}")
        self._pass(self.scenario.interval.ms)
        return not self.watch.found

    def _turn(self, engine: Engine) -> None:
        """One tick of one process."""
        self.world.advance(self.runtime.true_now())
        self._begin()
        try:
            self._report(engine.tick())
        except AutoscalerError as error:
            self._note(f"tick refused: {error}")
        except Exception as error:  # noqa: BLE001 - a defect of the engine is what we look for, and its seed with it
            self.watch.blame(13, f"a tick fell over: {type(error).__name__}: {error}, {_where(error)}")

    def _begin(self) -> None:
        for check in self.checks:
            check.began()

    def _report(self, report: TickReport) -> None:
        self.led += report.problem is None
        self.halted = any(why.code is Code.LAUNCHES_FAILING for one in report.thought.plan.withheld for why in one.reasons)
        if report.thought.plan.id != self.plan:
            self.plan = report.thought.plan.id
            self.plans.update(dumps(report.thought.plan, kind="plan").encode())
        decided = ", ".join(f"{one.workload.path} {one.current}->{one.count}" for one in report.thought.decisions)
        states = " ".join(f"{one.planned.id}={one.status}" for one in report.commitments.open)
        self._note(f"tick {self.ticks}: {decided}; {states}{f'; {report.problem}' if report.problem else ''}")
        for check in self.checks:
            check.ticked(report)

    def _heard(self, happenings: list[Happening]) -> None:
        self.lines += map(str, happenings)
        for check in self.checks:
            check.happened(happenings)

    def _calm(self) -> None:
        self.dice.calm()
        self.fuse.arm(0)
        self.mischief.mend()
        self.operators.relent()

    def _becomes_quiet(self) -> bool:
        """Wait until nothing is written any more; whether that came."""
        quiet = 0
        for _ in range(self.scenario.patience):
            before = (self.world.gate.writes, self._foreign(), self.led + 1)  # ticks refused to us, or without a store, are no quiet
            if not self._tick():
                return False
            same = before == (self.world.gate.writes, self._foreign(), self.led)
            quiet = quiet + 1 if same and self._settled() else 0
            if quiet == QUIET_TICKS:
                return True
        self.watch.blame(12, f"still writing {self.scenario.patience} ticks after the last fault")
        return False

    def _settled(self) -> bool:
        """No step is open, save those that may wait for ever; nobody waits for a plan, no pool for launches, no machine for its end."""
        if any(one.kind is RequestKind.APPLY for one in self.store.requests(self.scenario.policies.cluster).pending()):
            return False
        if any(machine.noticed for machine in self.world.state.machines.values()):
            return False
        waiting = self._open()
        return not self.halted and (not waiting or (self.scenario.may_wait and all(one.intent is None for one in waiting)))

    def _open(self) -> tuple[StepRecord, ...]:
        return self.store.journal(self.scenario.policies.cluster).commitments().open

    def _foreign(self) -> int:
        """How many updates of their owners still roll."""
        return sum(service.updating for service in self.world.state.services.values())

    def _note(self, line: str) -> None:
        self.lines.append(f"{self.world.state.now} {Cause.OURS}: {line}")


def rehearse(engine: Engine) -> Thought:
    """What a tick would do, from readers alone."""
    return think(engine.policies, look(engine.eyes, engine.policies, engine.deadline), Past())


def _where(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.name}, line {frame.lineno}"
