"""Whether a placement keeps to what each replica of W1 asks for: counted from the pods' own words, sharing nothing with the engine."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.karpenter.w1 import Pod, Rule

MIB = 2**20
Counts = Mapping[tuple[str, str], Counter[str]]
"""By key and value of a label: how many that carry it stand in each place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One that was bought: room in thousandths of a cpu, bytes and pods."""

    zone: str
    cpu: int
    memory: int
    pods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """So many of a pod on a machine, by the machine's name."""

    pod: Pod
    machine: str
    count: int


def broken(wanted: Sequence[Pod], machines: Mapping[str, Machine], standing: Iterable[Standing]) -> Counter[str]:
    """How many replicas or places are wrong, by what is wrong with them; empty where all is well."""
    there = list(standing)
    zones, hosts = _counted(there, {name: one.zone for name, one in machines.items()}), _counted(there, {name: name for name in machines})
    found = Counter(
        missing=_missing(wanted, there), overfull=sum(_overfull(machines[name], some) for name, some in _by_machine(there).items())
    )
    for one in there:
        found += Counter(dict.fromkeys(_against(one, zones, hosts, machines), one.count))
    return found


def _counted(there: list[Standing], places: Mapping[str, str]) -> Counts:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in there:
        found[_key(one.pod.rule), one.pod.label][places[one.machine]] += one.count
    return found


def _key(rule: Rule) -> str:
    return {Rule.SAME_ZONE: "my-affininity", Rule.OWN_HOST: "app"}.get(rule, "my-label")


def _missing(wanted: Sequence[Pod], there: list[Standing]) -> int:
    placed = Counter[Pod]()
    for one in there:
        placed[one.pod] += one.count
    left = Counter(wanted)
    return sum(abs(left[pod] - placed[pod]) for pod in left | placed)


def _by_machine(there: list[Standing]) -> dict[str, list[Standing]]:
    found: dict[str, list[Standing]] = defaultdict(list)
    for one in there:
        found[one.machine].append(one)
    return found


def _overfull(machine: Machine, some: list[Standing]) -> bool:
    cpu, memory = sum(one.count * one.pod.cpu for one in some), sum(one.count * one.pod.memory * MIB for one in some)
    return cpu > machine.cpu or memory > machine.memory or sum(one.count for one in some) > machine.pods


def _against(one: Standing, zones: Counts, hosts: Counts, machines: Mapping[str, Machine]) -> list[str]:
    """Rules of the pod's own that it stands against; each pod has one at most."""
    if one.pod.rule is Rule.NONE or one.pod.selector is None:
        return []
    about = _key(one.pod.rule), one.pod.selector
    zone, in_zones, on_hosts = machines[one.machine].zone, zones.get(about, Counter()), hosts.get(about, Counter())
    every = {machine.zone for machine in machines.values()}
    kept = {
        Rule.SPREAD_ZONES: in_zones[zone] - min(in_zones[name] for name in every) <= 1,
        # Machines without any of them are always to be had: the lowest is none.
        Rule.SPREAD_HOSTS: on_hosts[one.machine] <= 1,
        Rule.SAME_ZONE: in_zones[zone] == in_zones.total(),
        Rule.OWN_HOST: on_hosts[one.machine] == 1,
    }
    return [] if kept[one.pod.rule] else [one.pod.rule.name.lower()]
