"""`autoscaler explain`: why a thing is as it is, from what was recorded when it was decided."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import click

from autoscaler.cli.options import Asked, command, output_option, remembering
from autoscaler.cli.output import emit
from autoscaler.cli.planfile import read_plan
from autoscaler.cli.scope import Scope, scope
from autoscaler.cli.times import Moment, instant
from autoscaler.contracts.store import DecisionRecord, Store
from autoscaler.errors import UsageError
from autoscaler.explaining import decision_as_text, forecast_as_text, journal_as_text, lesson_as_text, plan_as_text
from autoscaler.explaining.amounts import moment
from autoscaler.model.commitments import Commitments, StepRecord
from autoscaler.model.decisions import Decision
from autoscaler.model.forecasts import Forecast
from autoscaler.model.history import Lesson
from autoscaler.model.plans import Plan, PlannedStep, Remark
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.steps import Fence

PARTS = ("node", "pool")
"""What plans speak of by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What speaks of the subject: its last decision, what was learned and is foreseen for it, the plan, and what came of steps.

    `acted`: the plan those steps are of, where that is an earlier one.
    """

    subject: str
    decision: DecisionRecord | None = None
    plan: Plan | None = None
    acted: Plan | None = None
    steps: tuple[StepRecord, ...] = ()
    lesson: Lesson | None = None
    forecasts: tuple[Forecast, ...] = ()


@command(
    "autoscaler explain shop/web",
    "autoscaler explain shop/web --at 2h  # as it was two hours ago",
    "autoscaler explain plan",
    "autoscaler explain plan shop.plan",
    "autoscaler explain node n1",
    "autoscaler explain pool general",
)
@click.argument("subject", nargs=-1, required=True, metavar="WORKLOAD | plan [FILE|ID] | node NAME | pool NAME")
@remembering
@click.option("--at", type=Moment(), metavar="TIME", help="As it was then: 2026-03-29T14:00 (UTC), or 2h for two hours ago.")
@output_option
def explain(asked: Asked, subject: tuple[str, ...], at: Instant | Duration | None, output: str) -> None:
    """Tell why a workload, a node, a pool or a plan is as it is.

    Shows the inputs as they were read, each rule's vote, every stage on the way to the count, what was planned, how far each step is,
    and for one that is stuck, why.
    """
    kind, *names = subject
    if kind == "plan" and names and Path(names[0]).is_file():
        found = Explanation(subject="plan", plan=read_plan(Path(names[0])).plan)
    else:
        found = _from_store(kind, names, scope(asked), at)
    emit(found, kind="explanation", output=output, text=_text)


def _from_store(kind: str, names: list[str], where: Scope, at: Instant | Duration | None) -> Explanation:
    if len(names) > 1 or (names and kind not in ("plan", *PARTS)) or (kind in PARTS and not names):
        raise UsageError("one thing at a time", hint="explain WORKLOAD, explain plan [FILE|ID], explain node NAME, or explain pool NAME")
    store, until = where.store(), instant(at, where.runtime.now())
    if kind == "plan":
        return _plan(store, where, names[0] if names else None, until)
    if kind in PARTS:
        return _part(store, where, (kind, names[0]), until)
    return _workload(store, where.of(kind), until)


def _workload(store: Store, ref: WorkloadRef, until: Instant) -> Explanation:
    decisions = store.records(ref.cluster).decisions(ref, until=until, limit=1)
    if not decisions:
        raise UsageError(
            f"nothing was decided on {ref} until {moment(until)}", hint="see `autoscaler history`; `autoscaler decide` decides now"
        )
    latest = _Latest.of(store, ref.cluster, until)
    said = latest.plan if latest.plan and (latest.plan.change_of(ref) or _speaks(latest.plan, "", str(ref))) else None
    steps = latest.steps(str(ref))
    past = store.records(ref.cluster).histories(until, frozenset({str(ref)})).of(str(ref))
    return Explanation(
        subject=str(ref),
        decision=decisions[0],
        plan=said,
        acted=latest.beside(said, steps),
        steps=steps,
        lesson=past.lesson if past.lesson and past.lesson.at <= until else None,
        forecasts=_of_its_rules(past.forecasts, decisions[0].decision, until),
    )


def _of_its_rules(forecasts: tuple[Forecast, ...], decision: Decision, until: Instant) -> tuple[Forecast, ...]:
    """Those known by then, of rules that voted: a rule may have been taken out since."""
    rules = {one.rule for one in decision.votes}
    return tuple(one for one in forecasts if one.rule in rules and one.at <= until)


def _plan(store: Store, where: Scope, name: str | None, until: Instant) -> Explanation:
    plans = [plan for cluster in where.clusters for plan in _named(store, cluster, name, until)]
    if not plans:
        what = f"no plan {name}" if name else "no plan with anything to do or to say was made"
        raise UsageError(f"{what} until {moment(until)}", hint="`autoscaler history` lists them; a file must be there")
    found = max(plans, key=lambda plan: plan.made_at)
    return Explanation(subject=f"plan {found.id}", plan=found, steps=_steps(store, found))


def _named(store: Store, cluster: ClusterName, name: str | None, until: Instant) -> Iterator[Plan]:
    """Of the last plans those that have something to say, or that something came of; of all plans the one of that name."""
    latest = _Latest.of(store, cluster, until)
    last = {plan.id: plan for plan in (latest.acted, latest.plan) if plan}
    if name is None:
        return (plan for plan in last.values() if plan.steps or plan.remarks or plan.withheld or _steps(store, plan))
    return (plan for plan in (*last.values(), *store.records(cluster).plans(until=until, limit=1000)) if plan.id == name)


def _part(store: Store, where: Scope, part: tuple[str, str], until: Instant) -> Explanation:
    """A node or a pool, as the last plan of its cluster speaks of it, and the last steps that touched it."""
    kind, name = part
    for cluster in where.clusters:
        latest = _Latest.of(store, cluster, until)
        steps = latest.steps(name)
        told = latest.plan and (_speaks(latest.plan, kind, name) or (latest.plan == latest.acted and steps))
        if told or steps:
            said = latest.plan if told else None
            return Explanation(subject=f"{kind} {name}", plan=said, acted=latest.beside(said, steps), steps=steps)
    hint = f"`autoscaler observe` shows the {kind}s; `autoscaler plan` says what it would do with them now"
    raise UsageError(f"no plan speaks of {kind} {name}", hint=hint)


def _speaks(plan: Plan, kind: str, name: str) -> bool:
    return any(_of(kind, name, remark) for remark in plan.remarks) or (kind == "pool" and any(one.pool == name for one in plan.pools))


def _of(kind: str, name: str, remark: Remark) -> bool:
    """Of a pool also what is said of its offerings: `pool:general/large`."""
    return remark.subject.partition("/")[0] == f"{kind}:{name}" if kind in PARTS else remark.subject == name


def _names(records: tuple[StepRecord, ...], name: str) -> frozenset[str]:
    """The node's name, and the id its orchestrator knows it by, as the steps that close it say."""
    closing = [one.planned.step for one in records if one.planned.operation == f"close {name}"]
    return frozenset({name, *(str(step.node) for step in closing if isinstance(step, Fence))})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Latest:
    """Of one cluster, the last `plan`, whose silence on a thing is news too; the last that was `acted` on, and what came of it."""

    plan: Plan | None
    acted: Plan | None
    records: tuple[StepRecord, ...]

    @classmethod
    def of(cls, store: Store, cluster: ClusterName, until: Instant) -> "_Latest":
        records = store.records(cluster)
        idle, acted = records.idle_plan(until=until), next(iter(records.plans(until=until, limit=1)), None)
        newest = max((plan for plan in (acted, idle) if plan), key=lambda plan: plan.made_at, default=None)
        return cls(plan=newest, acted=acted, records=_steps(store, acted))

    def steps(self, name: str) -> tuple[StepRecord, ...]:
        """Those that touch what is called so."""
        names = _names(self.records, name)
        return tuple(one for one in self.records if names & _objects(one.planned))

    def beside(self, said: Plan | None, steps: tuple[StepRecord, ...]) -> Plan | None:
        """The plan that steps are of, if it is not the one that is told anyway."""
        return self.acted if steps and self.acted != said else None


def _steps(store: Store, plan: Plan | None) -> tuple[StepRecord, ...]:
    return store.records(plan.cluster).steps(plan.id) if plan else ()


def _objects(planned: PlannedStep) -> frozenset[str]:
    """What a step speaks of: the subject of its operation, and every object in its fields."""
    values = [getattr(planned.step, each.name) for each in fields(planned.step)]
    flat = [each for value in values for each in (value if type(value) is tuple else (value,))]
    return frozenset({planned.operation.partition(" ")[2], *map(str, flat)})


def _text(found: Explanation) -> str:
    parts = [decision_as_text(found.decision.decision), _again(found.decision)] if found.decision else []
    if found.lesson:
        parts.append(lesson_as_text(found.lesson))
    parts += [forecast_as_text(one) for one in found.forecasts]
    if found.plan and not found.subject.startswith("plan"):
        parts.append(_only(found.plan, found.subject))
    elif found.plan:
        parts.append(plan_as_text(found.plan))
    if found.steps:
        parts.append(journal_as_text(Commitments(plan=found.acted or found.plan, records=found.steps)))
    return "\n".join(part for part in parts if part)


def _again(record: DecisionRecord) -> str:
    return f"Decided alike {record.times} times, last at {moment(record.last)}.\n" if record.times > 1 else ""


def _only(plan: Plan, subject: str) -> str:
    """The plan, without what speaks of others or of the whole."""
    kind, _, name = subject.rpartition(" ")
    text = plan_as_text(
        replace(
            plan,
            workloads=tuple(one for one in plan.workloads if str(one.workload) == name),
            pools=tuple(one for one in plan.pools if name in ([one.pool] if kind == "pool" else map(str, one.closes))),
            moves=tuple(one for one in plan.moves if name in (str(one.workload), str(one.source), one.target)),
            remarks=tuple(one for one in plan.remarks if _of(kind, name, one)),
            withheld=tuple(one for one in plan.withheld if name in _objects(one.step)),
            steps=(),
        )
    )
    return text.partition("\nPrice per hour:")[0]
