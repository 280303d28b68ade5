# ruff: noqa: ANN401 - a stand-in takes and gives whatever the one it stands for does
"""The test of the test: for each rule of safety a component is broken on purpose, and the simulation must notice.

Each bug is a kit with one part replaced; what it breaks is looked for in a few seeded runs of the real engine.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from autoscaler import deciding, execution, planning
from autoscaler.contracts.policy import ClusterPolicies, Policy
from autoscaler.contracts.rule import Rule, Situation
from autoscaler.contracts.runtime import Runtime
from autoscaler.engine import dry, tick
from autoscaler.execution import Hands, advancing
from autoscaler.model.codec import dumps
from autoscaler.model.marks import OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import ClusterState
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Limits, Mode, Unmanaged
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import InstanceRef, MetricName, StoreId
from autoscaler.model.resources import Resources
from autoscaler.model.samples import MetricNeed, MetricQuery, Reading, Sample, Unknown
from autoscaler.model.steps import AwaitHealthy, LeaveTraffic
from autoscaler.model.votes import Vote
from autoscaler.observing import Eyes
from autoscaler.simulation.faults import Rates
from autoscaler.simulation.harness import look_only, run
from autoscaler.simulation.kit import Kit
from autoscaler.simulation.scenarios import generate
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world import others, scheduling
from autoscaler.simulation.world.world import World
from autoscaler.store.memory import MemoryLeases

SEEDS = 150


class Twisted:
    """Something with a few of its methods replaced."""

    def __init__(self, target: Any, **methods: Callable[..., Any]) -> None:
        self._target = target
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        return self._methods.get(name) or getattr(self._target, name)


@dataclass(frozen=True)
class Bug:
    """`kit` breaks a kit; `patch` breaks a module; `rates`: the faults that bring it to light, where any will not do.

    `first`: from which seed on it is looked for; one that few seeds show need not be looked for in all before them each time.
    """

    rule: int
    kit: Callable[[Kit], Kit] = lambda kit: kit
    patch: Callable[[pytest.MonkeyPatch], None] = lambda patch: None
    rates: Rates | None = None
    first: int = 0


def with_hands(change: Callable[[Hands, World], Hands]) -> Callable[[Kit], Kit]:
    def twist(kit: Kit) -> Kit:
        def hands(world: World, policies: ClusterPolicies, runtime: Runtime, clock: Callable[[], int]) -> Hands:
            return change(kit.hands(world, policies, runtime, clock), world)

        return replace(kit, hands=hands)

    return twist


def with_eyes(change: Callable[[Eyes, World], Eyes]) -> Callable[[Kit], Kit]:
    def twist(kit: Kit) -> Kit:
        def eyes(world: World, policies: ClusterPolicies, runtime: Runtime, clock: Callable[[], int]) -> Eyes:
            return change(kit.eyes(world, policies, runtime, clock), world)

        return replace(kit, eyes=eyes)

    return twist


def with_policies(change: Callable[[ClusterPolicies], ClusterPolicies]) -> Callable[[Kit], Kit]:
    """The engine is told something else than the checks."""

    def twist(kit: Kit) -> Kit:
        real = kit.engine

        def engine(*, policies: ClusterPolicies, **rest: Any) -> Any:
            return real(policies=change(policies), **rest)

        return replace(kit, engine=engine)  # type: ignore[arg-type]  # called as the class is

    return twist


def with_plans(change: Callable[[Plan], Plan]) -> Callable[[pytest.MonkeyPatch], None]:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        real = planning.plan
        monkeypatch.setattr(planning, "plan", lambda *given: change(real(*given)))

    return patch


def without(kind: type[Any]) -> Callable[[Plan], Plan]:
    """The plan without its steps of one kind; what came after them comes after what they came after."""

    def change(plan: Plan) -> Plan:
        gone = {step.id: step.after for step in plan.steps if isinstance(step.step, kind)}
        steps = plan.steps
        for _ in gone:
            steps = tuple(
                one._replace(after=tuple(dict.fromkeys(x for each in one.after for x in gone.get(each, (each,))))) for one in steps
            )
        return replace(plan, steps=tuple(one for one in steps if one.id not in gone))

    return change


def writing_reader(eyes: Eyes, world: World) -> Eyes:
    def observe(deadline: Duration) -> ClusterState:
        return world.gate.write("observe", lambda: eyes.orchestrator.observe(deadline))

    return replace(eyes, orchestrator=Twisted(eyes.orchestrator, observe=observe))


def zero_for_unknown(eyes: Eyes, world: World) -> Eyes:
    def read(queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        assert eyes.usage
        readings = eyes.usage.read(queries, deadline)
        return tuple(Sample(0, Instant(world.state.now)) if isinstance(one, Unknown) else one for one in readings)

    return replace(eyes, usage=Twisted(eyes.usage, read=read))


def heedless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are taken whatever they rest on."""
    monkeypatch.setattr(advancing, "precondition", lambda record, ctx: ())


def abrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planner forgets to take whoever goes out of traffic, and the executor, which would see that, does not look either."""
    with_plans(without(LeaveTraffic))(monkeypatch)
    for module in ("counts", "fields", "machines", "replicas"):
        monkeypatch.setattr(f"autoscaler.planning.conditions.{module}.out_of_traffic", lambda *given: ())


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As heedless, and nothing is waited for."""
    heedless(monkeypatch)
    with_plans(lambda plan: without(AwaitHealthy)(without(LeaveTraffic)(plan)))(monkeypatch)


def generous(hands: Hands, world: World) -> Hands:
    """Gives back a second machine with each."""

    def release(gone: frozenset[InstanceRef], **named: Any) -> None:
        others_ = [InstanceRef(one.id, one.incarnation) for one in world.state.machines.values() if one.counts]
        next(iter(hands.pools.values())).release(gone | frozenset(others_[-1:]), **named)

    return replace(hands, pools={name: Twisted(pool, release=release) for name, pool in hands.pools.items()})


def greedy(hands: Hands, world: World) -> Hands:
    """Launches one machine more than it was asked for."""

    def twisted(pool: Any) -> Any:
        return Twisted(pool, grow=lambda *, seen, wanted, **named: pool.grow(seen=seen, wanted=wanted + 1, **named))

    return replace(hands, pools={name: twisted(pool) for name, pool in hands.pools.items()})


def unmarked(hands: Hands, world: World) -> Hands:
    real = hands.orchestrator

    def set_availability(node: Any, wanted: NodeAvailability, mark: Any) -> None:
        real.set_availability(node, wanted, None)

    return replace(hands, orchestrator=Twisted(real, set_availability=set_availability))


def sticky(hands: Hands, world: World) -> Hands:
    """Never opens a node again."""
    real = hands.orchestrator

    def set_availability(node: Any, wanted: NodeAvailability, mark: Any) -> None:
        if wanted is not NodeAvailability.OPEN:
            real.set_availability(node, wanted, mark)

    return replace(hands, orchestrator=Twisted(real, set_availability=set_availability, restore=lambda change: None))


def usurped(eyes: Eyes, world: World) -> Eyes:
    """Another store owns the cluster, and the reader does not show it."""
    mark = OwnerMark(store=StoreId("theirs"), term=9, holder="they", at=Instant(0))

    def observe(deadline: Duration) -> ClusterState:
        others.own(world, mark)
        return replace(eyes.orchestrator.observe(deadline), owner=None)

    return replace(eyes, orchestrator=Twisted(eyes.orchestrator, observe=observe))


def leaky(eyes: Eyes, world: World) -> Eyes:
    """Shows environments as labels."""

    def observe(deadline: Duration) -> ClusterState:
        state = eyes.orchestrator.observe(deadline)
        told = (replace(one, labels=(("env", world.core.services[one.ref.path].secret),)) for one in state.workloads)
        return replace(state, workloads=tuple(told))

    return replace(eyes, orchestrator=Twisted(eyes.orchestrator, observe=observe))


def unobstructed(eyes: Eyes, world: World) -> Eyes:
    """Shows no obstacles."""
    del world

    def observe(deadline: Duration) -> ClusterState:
        state = eyes.orchestrator.observe(deadline)
        return replace(state, workloads=tuple(replace(one, obstacles=()) for one in state.workloads))

    return replace(eyes, orchestrator=Twisted(eyes.orchestrator, observe=observe))


def unneighbourly(eyes: Eyes, world: World) -> Eyes:
    """Shows nothing of what workloads ask of their neighbours."""
    del world

    def observe(deadline: Duration) -> ClusterState:
        state = eyes.orchestrator.observe(deadline)
        told = (replace(one, shape=replace(one.shape, constraints=())) for one in state.workloads)
        return replace(state, workloads=tuple(told))

    return replace(eyes, orchestrator=Twisted(eyes.orchestrator, observe=observe))


def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The orchestrator puts replicas beside whoever stands there."""
    monkeypatch.setattr(scheduling, "allows", lambda *given: True)


def unbounded(policies: ClusterPolicies) -> ClusterPolicies:
    return replace(policies, policies=tuple(replace(one, bounds=replace(one.bounds, min=0, max=99)) for one in policies.policies))


def boundless(policies: ClusterPolicies) -> ClusterPolicies:
    def more(policy: Policy) -> Policy:
        return replace(policy, availability=replace(policy.availability, surge=9))

    return replace(policies, policies=tuple(more(one) for one in policies.policies))


def all_active(policies: ClusterPolicies) -> ClusterPolicies:
    return replace(policies, policies=tuple(replace(one, mode=Mode.ACTIVE) for one in policies.policies))


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories are never told of anybody else."""
    real = execution.events
    monkeypatch.setattr(execution, "others_changed", lambda *given: ())
    monkeypatch.setattr(execution, "events", lambda *given: tuple(one for one in real(*given) if not one[1].foreign))


def one_policy_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    real = deciding.decide
    monkeypatch.setattr(deciding, "decide", lambda *given: real(*given)[:1])


class Flapping:
    """Wants one more, then one less, for ever."""

    turns = count()

    def needs(self) -> tuple[MetricNeed, ...]:
        return ()

    def vote(self, situation: Situation) -> Vote:
        return Vote.want(1 + 4 * (situation.now // 60_000 % 2), Reason(Code.OFF_TARGET))


class Shared:
    """Counts over all runs: the same seed is no longer the same run."""

    turns = count()

    def needs(self) -> tuple[MetricNeed, ...]:
        return ()

    def vote(self, situation: Situation) -> Vote:
        return Vote.want(1 + next(self.turns) % 5, Reason(Code.OFF_TARGET))


def with_rule(make: Callable[[], Rule]) -> Callable[[Kit], Kit]:
    def rule(metric: MetricName, target: Share) -> Rule:
        return make()

    return lambda kit: replace(kit, rule=rule)


def sick(policies: ClusterPolicies) -> ClusterPolicies:
    return replace(policies, limits=replace(policies.limits, unhealthy=Share(999)))


def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "claim", lambda *given, **named: None)


def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody told the engine of a freeze."""
    real = dry.recall
    monkeypatch.setattr(tick, "recall", lambda *given: replace(real(*given), freezes=()))


def stubborn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stood still goes on as if it led still."""
    monkeypatch.setattr(advancing.Pass, "_in_term", lambda self: True)
    monkeypatch.setattr(MemoryLeases, "check", lambda self, lease: None)


def rude(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are heeded and never answered."""
    monkeypatch.setattr(tick, "answered", lambda *given: None)


BUGS = {
    "rule 2: a reader says zero for unknown": Bug(2, with_eyes(zero_for_unknown)),
    "rule 3: nobody leaves the traffic before its end": Bug(3, patch=abrupt),
    "rule 3: an executor ignores floors": Bug(3, patch=impatient),
    "rule 3: a reader sees nothing that cannot be in two places": Bug(3, with_eyes(unobstructed), first=30),
    "rule 3: what has no policy is moved all the same": Bug(
        3, with_policies(lambda told: replace(told, unmanaged=Unmanaged.MOVE)), first=40
    ),
    "rule 3: a surge knows no bound": Bug(3, with_policies(boundless), first=220),
    "rule 4: undeclared requests count as nothing": Bug(4, with_policies(lambda told: replace(told, request=Resources(1, 1)))),
    "rule 5: a writer gives back a machine too many": Bug(5, with_hands(generous), first=10),
    "rule 6: a writer launches one too many": Bug(6, with_hands(greedy)),
    "rule 7: nobody clamps to the bounds": Bug(7, with_policies(unbounded)),
    "rule 7: the guard of velocity is gone": Bug(7, with_policies(lambda told: replace(told, limits=Limits())), first=15),
    "rule 7: nobody asks for modes": Bug(7, with_policies(all_active)),
    "rule 7: nobody hears of what others change": Bug(7, patch=alone, rates=Rates(user_scales=400)),
    "rule 8: the guard of health is gone": Bug(8, with_policies(sick), rates=Rates(node_dies=200), first=14),
    "rule 8: freezes are not heard of": Bug(8, patch=deaf, rates=Rates(freezes=200, user_scales=100)),
    "rule 9: a process that stood still writes on": Bug(9, patch=stubborn, rates=Rates(pauses=300, user_scales=100), first=20),
    "rule 9: no owner is asked": Bug(9, with_eyes(usurped), unasked),
    "rule 10: a writer leaves no mark": Bug(10, with_hands(unmarked)),
    "rule 12: a writer leaves nodes closed": Bug(12, with_hands(sticky), first=12),
    "rule 12: counts alternate for ever": Bug(12, with_rule(Flapping)),
    "rule 12: nobody answers": Bug(12, patch=rude, rates=Rates(drains=200)),
    "rule 13: one policy stops the others": Bug(13, patch=one_policy_stops_all),
    "rule 14: a reader keeps the environment": Bug(14, with_eyes(leaky)),
    "rule 15: a scheduler looks at no neighbours": Bug(15, patch=careless),
    "rule 15: a reader sees no rules between workloads": Bug(15, with_eyes(unneighbourly), first=220),
}


@pytest.mark.parametrize("bug", [pytest.param(bug, id=name) for name, bug in BUGS.items()])
def test_a_seeded_bug_is_caught(kit: Kit, bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = bug.kit(kit)
    with monkeypatch.context() as patched:
        bug.patch(patched)
        caught = next((seed for seed in range(bug.first, bug.first + SEEDS) if bug.rule in rules(seed, broken, bug.rates)), None)
    assert caught is not None
    assert bug.rule not in rules(caught, kit, bug.rates)  # it was the bug


def rules(seed: int, kit: Kit, rates: Rates | None) -> set[int]:
    scenario = generate(VirtualRuntime(seed).rng("scenario"), kit)
    return {found.rule for found in run(seed, kit, replace(scenario, rates=rates or scenario.rates)).violations}


def test_rule_1_a_reader_that_writes_is_caught(kit: Kit) -> None:
    assert [found.rule for found in look_only(0, with_eyes(writing_reader)(kit)).violations] == [1]


def test_rule_11_a_rule_with_a_memory_is_caught(kit: Kit) -> None:
    forgetful = with_rule(Shared)(kit)
    assert any(run(seed, forgetful).digest != run(seed, forgetful).digest for seed in range(5))


def test_a_violation_says_seed_time_rule_and_what_came_before(kit: Kit) -> None:
    broken = with_eyes(leaky)(kit)
    result = next(found for found in (run(seed, broken) for seed in range(SEEDS)) if found.violations)
    text = str(result)
    assert text.startswith(f"seed {result.seed}, ")
    assert "rule 14 at 17" in text
    assert "the last of what happened:" in text
    assert result.trace[-1] in text
    assert dumps(result.violations[0], kind="violation")
