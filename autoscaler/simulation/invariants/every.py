"""All checks.

Rule 1 is the import layers, and `Gate.writes` of a dry run; rule 11 compares two runs; for 12 the harness also waits for quiet.
"""

from autoscaler.simulation.invariants.counts import ModesHold, NoFight, NotTooFast, WithinBounds
from autoscaler.simulation.invariants.endings import AllIsWell, SecretsStay, TheHealthyGoOn
from autoscaler.simulation.invariants.floors import FloorHolds, NothingLost, SinglesStaySingle, SurgeIsBounded, TheUnmanagedAreLeft
from autoscaler.simulation.invariants.machines import CeilingsHold, NothingLaunchedTwice, NothingOverfilled, OnlyEmptyMachinesGo
from autoscaler.simulation.invariants.metrics import UnknownNeverShrinks
from autoscaler.simulation.invariants.neighbours import NeighboursHold
from autoscaler.simulation.invariants.ownership import OneOwner, OthersFieldsKept, SickClusterLeftAlone
from autoscaler.simulation.invariants.requests import EveryRequestAnswered, FrozenStaysAsItIs
from autoscaler.simulation.invariants.watch import Check, Watch

EVERY: tuple[type[Check], ...] = (
    UnknownNeverShrinks,
    FloorHolds,
    NothingLost,
    SurgeIsBounded,
    SinglesStaySingle,
    TheUnmanagedAreLeft,
    NothingOverfilled,
    NeighboursHold,
    OnlyEmptyMachinesGo,
    NothingLaunchedTwice,
    CeilingsHold,
    WithinBounds,
    ModesHold,
    NotTooFast,
    NoFight,
    SickClusterLeftAlone,
    FrozenStaysAsItIs,
    OneOwner,
    OthersFieldsKept,
    AllIsWell,
    EveryRequestAnswered,
    TheHealthyGoOn,
    SecretsStay,
)


def checks(watch: Watch) -> tuple[Check, ...]:
    """One of each."""
    return tuple(kind(watch) for kind in EVERY)
