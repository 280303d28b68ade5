"""A plan in words: what changes, why, how everything stays available, what it costs, and the steps in order."""

from collections import defaultdict
from collections.abc import Iterator

from autoscaler.explaining.amounts import moment, plural
from autoscaler.explaining.layout import WIDTH, item, items, page, section
from autoscaler.explaining.sentences import because, sentence
from autoscaler.explaining.step_text import step_as_text
from autoscaler.model.decisions import Decision
from autoscaler.model.plans import Move, Plan, PlannedStep, PoolChange, Remark, Withheld, WorkloadChange
from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef
from autoscaler.model.steps import Fence, Purpose, RemoveNode, SetReplicas

OF_MACHINES = frozenset({"grow", "close"})
"""Operations that the pools' counts tell already."""

ROLLBACK = (
    "while extra replicas run, the orchestrator's own rollback returns to our last write, the raised count: "
    "roll back once this plan is done, or set the count with it"
)


def plan_as_text(plan: Plan, decisions: tuple[Decision, ...] = (), *, width: int = WIDTH) -> str:
    """Plain text, no line longer than `width` unless a name is. `decisions` add what they would come to with all windows over."""
    return page(
        [
            f"Plan {plan.id} for cluster {plan.cluster}, made at {moment(plan.made_at)}",
            *section("Workloads", [line for change in plan.workloads for line in _workload(change, width)]),
            *section("Pools", [line for change in plan.pools for line in _pool(change, width)]),
            *section("Moves", items((_move(move) for move in plan.moves), indent=2, width=width)),
            *section("Later", items(_waiting(decisions), indent=2, width=width)),
            *section("Not done, and why", items(map(_remark, plan.remarks), indent=2, width=width)),
            *section("Withheld by guards", items(_withheld(plan.withheld), indent=2, width=width)),
            *section("Steps, each after those it names", list(_steps(plan, width))),
            *section("Warnings", items(_warnings(plan), indent=2, width=width)),
            "",
            price(plan),
            summary(plan),
        ]
    )


def summary(plan: Plan) -> str:
    """The last line: machines to add, objects to change, machines to remove."""
    if not plan.steps:
        return "Plan: nothing to do."
    add, remove = sum(map(_opened, plan.pools)), sum(len(pool.closes) for pool in plan.pools) - len(_fenced(plan))
    return f"Plan: {add} to add, {len(_changed(plan))} to change, {remove} to remove."


def price(plan: Plan) -> str:
    """Per hour, before and after."""
    before, after = plan.price_before, plan.price_after
    if before == after:
        return f"Price per hour: {before}, unchanged"
    more = Money(after.micro - before.micro, after.currency)
    return f"Price per hour: {before} -> {after} ({'+' if more.micro > 0 else ''}{more}{_proven(plan)})"


def _proven(plan: Plan) -> str:
    """How close to the cheapest the machines are that are bought."""
    if plan.bound is None:
        return ""
    cheapest = plan.bound >= plan.price_after
    return "; no other machines for it cost less" if cheapest else f"; no other machines for it would make it less than {plan.bound}"


def _opened(pool: PoolChange) -> int:
    return sum(count for _, count in pool.opens)


def _fenced(plan: Plan) -> list[NodeRef]:
    """Nodes that cheaper ones take the place of, and that this plan gets no further with: no machine is there yet to name as a place."""
    removed = {one.step.node for one in plan.steps if isinstance(one.step, RemoveNode)}
    outbid = (one for one in plan.steps if any(why.code is Code.OUTBID for why in one.reasons))
    return [one.step.node for one in outbid if isinstance(one.step, Fence) and one.step.node not in removed]


def _changed(plan: Plan) -> set[str]:
    workloads = {str(change.workload) for change in plan.workloads if change.before != change.after or change.moved}
    steps = (step.operation.partition(" ") for step in plan.steps)
    # A replica that is named behind its workload is no object of its own.
    return workloads | {name.partition(" ")[0] for verb, _, name in steps if verb not in OF_MACHINES}


def _workload(change: WorkloadChange, width: int) -> Iterator[str]:
    unmanaged = "" if change.keeps.managed else " (unmanaged: no policy names it, it moves under the defaults)"
    count = "" if change.before == change.after else f"{change.before} -> "
    moved = f", {change.moved} to move" if change.moved else ""
    text = f"{change.workload}  {count}{plural(change.after, 'replica')}{moved}{unmanaged}"
    yield item(text, indent=2, width=width, mark="~ " if count else "= ")
    yield from items(map(sentence, change.reasons), indent=6, width=width)
    yield item(_available(change), indent=6, width=width)


def _available(change: WorkloadChange) -> str:
    extra = change.keeps.most_extra(change.after)
    traffic = f", healthy and in rotation at {change.keeps.traffic}" if change.keeps.traffic else ""
    kept = f"never below {change.floor} available{traffic} (floor {change.keeps.floor}), at most {extra} extra"
    return f"gap of about {change.gap}; else {kept}" if change.gap.ms else kept


def _pool(change: PoolChange, width: int) -> Iterator[str]:
    opened, closed = bool(change.opens), bool(change.closes)
    same = change.before == change.after and not opened and not closed
    mark = "=" if same else "~" if opened == closed else "+" if opened else "-"
    count = f"{change.before} -> " if change.before != change.after else ""
    yield item(f"pool {change.pool}  {count}{plural(change.after, 'machine')}{_which(change)}", indent=2, width=width, mark=f"{mark} ")
    yield from items(map(sentence, change.reasons), indent=6, width=width)


def _which(change: PoolChange) -> str:
    opens = [f"{count} of {offering} to add" for offering, count in change.opens]
    closes = [f"{', '.join(map(str, change.closes))} to remove"] if change.closes else []
    return f" ({'; '.join(opens + closes)})" if opens or closes else ""


def _move(move: Move) -> str:
    expected = " (expected: the orchestrator chooses)" if move.expected else ""
    gap = f"gap of about {move.gap}" if move.gap.ms else "no gap"
    return f"{move.workload}: {plural(move.count, 'replica')} from {move.source} to {move.target}{expected}, by {move.how}, {gap}"


def _waiting(decisions: tuple[Decision, ...]) -> Iterator[str]:
    for decision in decisions:
        if decision.eventually != decision.count:
            yield f"{decision.workload}: {decision.count} now, {decision.eventually} if nothing else changes: {_holding(decision)}"


def _holding(decision: Decision) -> str:
    """What held the count: the last stage that changed it and says why."""
    why = [stage.reasons for stage in decision.stages if stage.before != stage.after and stage.reasons]
    return because(why[-1]) if why else "one step at a time"


def _remark(remark: Remark) -> str:
    count = f" ({remark.count})" if remark.count > 1 else ""
    return f"{remark.subject}{count}: {because(remark.reasons)}"


def _withheld(withheld: tuple[Withheld, ...]) -> Iterator[str]:
    """What is withheld of an operation for the same reason in one line: its steps are told if it is a single one."""
    found: dict[tuple[str, tuple[Reason, ...]], list[str]] = defaultdict(list)
    for one in withheld:
        found[one.step.operation, one.reasons].append(step_as_text(one.step.step))
    for (operation, reasons), steps in found.items():
        yield f"{steps[0] if len(steps) == 1 else f'{operation}, {len(steps)} steps'}: {because(reasons)}"


def _steps(plan: Plan, width: int) -> Iterator[str]:
    numbers = {step.id: index for index, step in enumerate(plan.steps, start=1)}
    for step in plan.steps:
        after = [str(numbers[name]) for name in step.after if name in numbers]
        yield item(_step(step, after), indent=2, width=width, mark=f"{numbers[step.id]:>3}. ")


def _step(step: PlannedStep, after: list[str]) -> str:
    rests = f" [after {', '.join(after)}]" if after else ""
    why = f": {because(step.reasons)}" if step.reasons else ""
    return f"{step_as_text(step.step)}{rests}{why}"


def _warnings(plan: Plan) -> Iterator[str]:
    if any(isinstance(one.step, SetReplicas) and one.step.purpose is Purpose.SURGE for one in plan.steps):
        yield ROLLBACK
    if fenced := ", ".join(map(str, _fenced(plan))):
        yield f"this plan only fences {fenced}: once what it buys is there, the next plan moves what stands there and gives them back"
    broken = (change.workload for change in plan.workloads if any(one.code is Code.FLOOR_BROKEN for one in change.reasons))
    for workload in broken:
        yield f"{workload} has fewer available replicas than its floor already; no step lowers it further"
