"""Seeded rules between workloads, zones and taints, for worlds that have none."""

from dataclasses import replace

from autoscaler.contracts.runtime import Rng
from autoscaler.model.constraints import NODE, Taint, TaintEffect, Toleration
from autoscaler.simulation.world.constraints import Apart, Spread, Term, Together, Wish
from autoscaler.simulation.world.specs import OfferingSpec, WorkloadSpec, WorldPool, WorldSpec

ZONE = "zone"
SPREADS = (Spread(topology=ZONE), Spread(topology=ZONE, max_skew=2), Spread(topology=ZONE, min_domains=2), Spread(), Spread(max_skew=2))
TAINTS = tuple(Taint(key="for", value="few", effect=effect) for effect in TaintEffect)


def neighbourly(dice: Rng, world: WorldSpec) -> WorldSpec:
    """The same world; in one of four, zones have names, pools may be tainted, and workloads care where and beside whom they stand."""
    if dice.randrange(4):
        return world
    nodes = tuple(replace(one, labels=(("zone", "b"),)) for one in world.nodes)
    pools = tuple(_zoned(dice, pool, index) for index, pool in enumerate(world.pools))
    agents = tuple(replace(one, labels=(("app", one.name),)) for one in world.workloads if one.everywhere)
    workloads: tuple[WorkloadSpec, ...] = ()
    for one in (one for one in world.workloads if not one.everywhere):
        workloads += (_asking(dice, one, agents + workloads),)
    return replace(world, nodes=nodes, pools=pools, workloads=workloads + agents)


def _zoned(dice: Rng, pool: WorldPool, index: int) -> WorldPool:
    """Its machine in both zones, or in one; the second pool may be for few."""
    taints = (dice.choice(TAINTS),) if index and dice.randrange(2) else ()
    zones = "ab"[index:] + "ab"[:index]
    return replace(pool, offerings=tuple(_in(pool.offerings[0], zone, taints) for zone in zones[: dice.randrange(1, 3)]))


def _in(one: OfferingSpec, zone: str, taints: tuple[Taint, ...]) -> OfferingSpec:
    return replace(one, name=f"{one.name}-{zone}", zone=zone, taints=taints)


def _asking(dice: Rng, one: WorkloadSpec, known: tuple[WorkloadSpec, ...]) -> WorkloadSpec:
    """The workload with one rule of its own, perhaps one on another that is `known` already, and wishes."""
    app = dice.choice(known).name if known else one.name
    rules = _rules(dice, (("app", app),))
    return replace(
        one,
        labels=(("app", one.name),),
        apart=rules[0],
        together=rules[1],
        spread=(dice.choice(SPREADS),) if dice.randrange(2) else (),
        prefers=tuple(_wish(dice, (("app", app),)) for _ in range(dice.randrange(3))),
        tolerates=(Toleration(key="for"),) if dice.randrange(2) else (),
        priority=dice.choice((0, 0, 10)),
    )


def _rules(dice: Rng, other: tuple[tuple[str, str], ...]) -> tuple[tuple[Apart, ...], tuple[Together, ...]]:
    """Apart or together, from its own replicas or another's, on a node or in a zone; most often nothing."""
    picked = dice.randrange(10)
    topology = dice.choice((NODE, ZONE))
    return {
        0: ((Apart(),), ()),
        1: ((Apart(),), ()),
        2: ((Apart(from_=other, topology=topology),), ()),
        3: ((), (Together(with_=other, topology=topology),)),
        4: ((), (Together(topology=ZONE),)),
    }.get(picked, ((), ()))


def _wish(dice: Rng, other: tuple[tuple[str, str], ...]) -> Wish:
    weight, topology = dice.randrange(1, 100), dice.choice((NODE, ZONE))
    return dice.choice(
        (
            Wish(weight=weight, nodes=Term(only_on=((ZONE, dice.choice("ab")),))),
            Wish(weight=weight, apart=Apart(topology=topology)),
            Wish(weight=weight, together=Together(with_=other, topology=topology)),
            Wish(weight=weight, spread=Spread(topology=topology)),
        )
    )
