"""Who may stand where, and beside whom: what kube-scheduler filters by, from the settings, by a look at everybody.

On purpose it shares nothing with placement: where the two differ, one of them is wrong.
"""

from autoscaler.model.constraints import NODE, Labels, Taint, TaintEffect
from autoscaler.model.nodes import NodeAvailability
from autoscaler.simulation.world.constraints import Apart, Spread, Together, Wish
from autoscaler.simulation.world.core import Core
from autoscaler.simulation.world.specs import WorkloadSpec
from autoscaler.simulation.world.state import Host, Unit


def matches(spec: WorkloadSpec, host: Host) -> bool:
    """Whether the host's labels are what the workload asks for."""
    wanted = all(pair in host.labels for pair in spec.only_on)
    if not wanted or any(pair in host.labels for pair in spec.never_on):
        return False
    return not spec.any_of or any(term.holds(host.labels) for term in spec.any_of)


def welcome(spec: WorkloadSpec, host: Host) -> bool:
    """Whether it matches, and no taint keeps the workload away."""
    return matches(spec, host) and tolerated(spec, host)


def tolerated(spec: WorkloadSpec, host: Host) -> bool:
    """Whether no taint keeps the workload away for sure."""
    return all(one.effect is TaintEffect.PREFER_NO_SCHEDULE for one in _untolerated(spec, host))


def allows(core: Core, spec: WorkloadSpec, host: Host) -> bool:
    """Whether one more replica may come to the host beside those that stand."""
    apart = all(_is_apart(core, spec, one, host) for one in spec.apart) and not _refused(core, spec, host)
    together = all(_is_together(core, spec, one, host) for one in spec.together)
    return apart and together and all(_is_spread(core, spec, one, host) for one in spec.spread)


def reluctance(core: Core, spec: WorkloadSpec, host: Host) -> tuple[int, int]:
    """Taints that would rather have it elsewhere, then the weight of its wishes, negative: the lower the better."""
    if not spec.prefers and not host.taints:
        return 0, 0
    return len(_untolerated(spec, host)), -sum(wish.weight for wish in spec.prefers if _granted(core, spec, wish, host))


def domain(host: Host, topology: str) -> str | None:
    """Which of the topology's domains the host is in, if in any."""
    return host.id if topology == NODE else dict(host.labels).get(topology)


def selects(labels: Labels, own: WorkloadSpec, other: WorkloadSpec) -> bool:
    """Whether a rule of `own` with these labels speaks of `other`."""
    return set(labels) <= set(other.labels) if labels else other.name == own.name


def standing(core: Core) -> list[tuple[Unit, Host]]:
    """Every replica that has a node, ending ones too."""
    hosts = core.state.hosts
    return [(unit, hosts[unit.node]) for unit in core.state.units.values() if unit.node in hosts]


def partners(core: Core, spec: WorkloadSpec, rule: Together) -> list[tuple[Unit, str]]:
    """Those the workload must stand beside, and in which domain each is. Who ends soon is nobody's company."""
    found = ((unit, domain(host, rule.topology)) for unit, host in standing(core) if unit.live)
    return [(unit, at) for unit, at in found if at is not None and selects(rule.with_, spec, core.services[unit.service])]


def counts(core: Core, spec: WorkloadSpec, rule: Spread, *, closing: frozenset[str] = frozenset()) -> dict[str, int]:
    """How many of the selected are in each domain of nodes that are up, not being emptied, and match.

    Hosts that are `closing` make no domain of their own; who stands on them counts in that of their neighbours.
    """
    hosts = [host for host in core.state.hosts.values() if host.up and host.availability is not NodeAvailability.EMPTYING]
    found = {host.id: at for host in hosts if matches(spec, host) and (at := domain(host, rule.topology)) is not None}
    counted = dict.fromkeys((at for host, at in found.items() if host not in closing), 0)
    for unit in core.state.units.values():
        at = found.get(unit.node)
        if at in counted and unit.live and selects(rule.over, spec, core.services[unit.service]):
            counted[at] += 1
    return counted


def least(rule: Spread, counted: dict[str, int]) -> int:
    """What the domain with the fewest has; with too few domains, one more has none."""
    return 0 if len(counted) < rule.min_domains else min(counted.values(), default=0)


def _untolerated(spec: WorkloadSpec, host: Host) -> list[Taint]:
    return [taint for taint in host.taints if not any(one.covers(taint) for one in spec.tolerates)]


def _is_apart(core: Core, spec: WorkloadSpec, rule: Apart, host: Host) -> bool:
    mine = domain(host, rule.topology)
    there = (unit for unit, at in standing(core) if mine is not None and domain(at, rule.topology) == mine)
    return not any(selects(rule.from_, spec, core.services[unit.service]) for unit in there)


def _refused(core: Core, spec: WorkloadSpec, host: Host) -> bool:
    """Whether somebody stands there who wants to be apart from it."""
    for unit, at in standing(core):
        other = core.services[unit.service]
        for rule in other.apart:
            mine = domain(host, rule.topology)
            if mine is not None and domain(at, rule.topology) == mine and selects(rule.from_, other, spec):
                return True
    return False


def _is_together(core: Core, spec: WorkloadSpec, rule: Together, host: Host) -> bool:
    mine, others = domain(host, rule.topology), partners(core, spec, rule)
    if mine is None:
        return False
    return any(at == mine for _, at in others) or (not others and selects(rule.with_, spec, spec))


def _is_spread(core: Core, spec: WorkloadSpec, rule: Spread, host: Host) -> bool:
    mine, counted = domain(host, rule.topology), counts(core, spec, rule)
    if mine is None:
        return False
    return counted.get(mine, 0) + selects(rule.over, spec, spec) - least(rule, counted) <= rule.max_skew


def _granted(core: Core, spec: WorkloadSpec, wish: Wish, host: Host) -> bool:
    if wish.apart:
        return _is_apart(core, spec, wish.apart, host)
    if wish.together:
        return _is_together(core, spec, wish.together, host)
    if wish.spread:
        return _is_spread(core, spec, wish.spread, host)
    return wish.nodes is not None and wish.nodes.holds(host.labels)
