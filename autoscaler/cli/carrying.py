"""A plan that was just made or read: shown, agreed to, and carried out by whoever leads the cluster."""

from collections.abc import Callable
from dataclasses import dataclass

import click

from autoscaler.cli.driving import Deadline, check_outcome, follow, hand_over, leader
from autoscaler.cli.freshness import check_fresh
from autoscaler.cli.paint import painted
from autoscaler.cli.scope import who
from autoscaler.cli.terminal import agreed, say
from autoscaler.cli.writing import Site
from autoscaler.contracts.store import Request, RequestKind, Store
from autoscaler.engine.dry import Thought
from autoscaler.errors import RefusedError, UsageError
from autoscaler.explaining import because, plan_as_text, summary
from autoscaler.model.decisions import Decision
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How it is to be done."""

    yes: bool
    take_over: bool
    wait: bool
    timeout: Duration


def agreed_to(plan: Plan, decisions: tuple[Decision, ...], choices: Choices, look: Callable[[], Thought]) -> Plan | None:
    """The plan, shown and agreed to, still of the world that `look` shows; None when there is nothing to do."""
    click.echo(painted(plan_as_text(plan, decisions)))
    if not plan.steps:
        _refuse_if_held_back(plan)
        return None
    if not choices.yes:
        agreed(f"Carry out these {len(plan.steps)} steps on cluster {plan.cluster}?")
        check_fresh(plan, look())
    return plan


def carry_out(site: Site, store: Store, plan: Plan, choices: Choices) -> str:
    """Under a free lease ourselves, else by whoever holds it; what came of it, in words."""
    applied = f"applied: {summary(plan).removeprefix('Plan: ')}"
    lease = leader(store, plan.cluster, site.runtime)
    if lease is None:
        if not choices.wait:
            raise UsageError("nobody leads this cluster who could go on with the plan", hint="leave --no-follow out, or start the service")
        driver = site.driver(store, site.cluster.policies, take_over=choices.take_over, timeout=choices.timeout)
        driver.drive(plan, lambda report: not report.commitments.open)
        return applied
    say(f"{lease.holder} leads this cluster: handing the plan over")
    request = Request(id=site.runtime.new_id(), kind=RequestKind.APPLY, subject=plan.id, who=who(), at=site.runtime.now(), plan=plan)
    hand_over(store, plan.cluster, request)
    if not choices.wait:
        return "handed over"
    check_outcome(follow(store, plan.cluster, request, Deadline(runtime=site.runtime, span=choices.timeout)))
    return applied


def _refuse_if_held_back(plan: Plan) -> None:
    """A plan without steps has nothing to do, or may do nothing; a script must not take the one for the other."""
    if plan.withheld:
        why = because(plan.withheld[0].reasons)
        raise RefusedError(f"all of it is held back: {why}", hint="see the plan above for each; once that is over, apply again")
