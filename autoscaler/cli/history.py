"""`autoscaler history`: what was decided and done, newest first."""

from dataclasses import dataclass

import click

from autoscaler.cli.options import Asked, command, output_option, remembering
from autoscaler.cli.output import emit
from autoscaler.cli.scope import Scope, scope
from autoscaler.contracts.store import DecisionRecord, Store
from autoscaler.explaining import because, summary
from autoscaler.explaining.amounts import moment
from autoscaler.explaining.layout import page, section, table
from autoscaler.model.decisions import Decision
from autoscaler.model.plans import Plan
from autoscaler.model.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Decisions and plans, newest first."""

    decisions: tuple[DecisionRecord, ...]
    plans: tuple[Plan, ...]


@command(
    "autoscaler history",
    "autoscaler history shop/web --limit 5",
    "autoscaler history --cluster shop --output json",
)
@click.argument("workload", required=False)
@remembering
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many of each.")
@output_option
def history(asked: Asked, workload: str | None, limit: int, output: str) -> None:
    """Show past decisions and plans.

    A decision is kept when its count, votes or reasons changed; else it is counted. Kept for 30 days.
    """
    where = scope(asked)
    emit(_past(where, where.store(), workload, limit), kind="history", output=output, text=_text)


def _past(where: Scope, store: Store, workload: str | None, limit: int) -> Past:
    ref = where.of(workload) if workload else None
    records = [store.records(name) for name in ((ref.cluster,) if ref else where.clusters)]
    decisions = [found for each in records for found in each.decisions(ref, limit=limit)]
    plans = [plan for each in records for plan in each.plans(limit=limit) if ref is None or plan.change_of(ref)]
    return Past(
        decisions=tuple(sorted(decisions, key=lambda one: one.decision.at, reverse=True)[:limit]),
        plans=tuple(sorted(plans, key=lambda one: one.made_at, reverse=True)[:limit]),
    )


def _text(past: Past) -> str:
    decided = [_decision(record) for record in past.decisions]
    planned = [[f"  {moment(plan.made_at)}", plan.cluster, plan.id, summary(plan).removeprefix("Plan: ")] for plan in past.plans]
    if not decided and not planned:
        return "Nothing was decided yet."
    return page(
        [
            *section("Decisions", table(["  FROM", "UNTIL", "WORKLOAD", "REPLICAS", "TICKS", "WHY"], decided)),
            *section("Plans", table(["  MADE", "CLUSTER", "PLAN", "CHANGES"], planned)),
        ][1:]
    )


def _decision(record: DecisionRecord) -> list[str]:
    decision = record.decision
    count = f"{decision.current} -> {decision.count}" if decision.current != decision.count else str(decision.count)
    times = [f"  {moment(decision.at)}", moment(record.last)]
    return [*times, str(decision.workload), count, str(record.times), because(_why(decision))]


def _why(decision: Decision) -> tuple[Reason, ...]:
    """The last stage that says something; a decision without one repeats its votes."""
    stages = [stage.reasons for stage in decision.stages if stage.reasons]
    return stages[-1] if stages else tuple(reason for vote in decision.votes for reason in vote.vote.reasons)
