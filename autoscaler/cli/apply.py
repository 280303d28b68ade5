"""`autoscaler apply`: do what the plan says, or nothing."""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from autoscaler.cli import dry
from autoscaler.cli.driving import Deadline, check_outcome, follow, hand_over, leader
from autoscaler.cli.freshness import check_fresh
from autoscaler.cli.options import Asked, command, remembering, take_over_option, timeout_option, yes_option
from autoscaler.cli.paint import painted
from autoscaler.cli.planfile import SavedPlan, is_plan, read_plan
from autoscaler.cli.scope import who
from autoscaler.cli.stores import existing, opened
from autoscaler.cli.terminal import agreed, say
from autoscaler.cli.writing import Site, open_site
from autoscaler.contracts.store import Request, RequestKind, Store
from autoscaler.engine.dry import Thought
from autoscaler.errors import RefusedError, UsageError
from autoscaler.explaining import because, plan_as_text, summary
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How it is to be done."""

    yes: bool
    take_over: bool
    wait: bool
    timeout: Duration


@command(
    "autoscaler apply shop.yaml",
    "autoscaler apply shop.plan  # exactly what was planned and shown",
    "autoscaler apply shop.yaml --yes --timeout 30m  # where nobody can be asked",
)
@click.argument("targets", nargs=-1, type=click.Path(path_type=Path), metavar="[PLAN_FILE | POLICIES...]")
@remembering
@yes_option
@take_over_option
@click.option("--follow/--no-follow", "wait", default=True, show_default=True, help="Watch a plan that was handed to the service.")
@timeout_option
def apply(
    asked: Asked,
    targets: tuple[Path, ...],
    *,
    yes: bool,
    take_over: bool,
    wait: bool,
    timeout: Duration,
) -> None:
    """Carry out a plan, step by step.

    Looks again first: a saved plan older than 15 minutes, or of a world that is another now, is refused with exit 3. A service that
    leads the cluster from the same store is handed the plan; a cluster that another store owns is refused with exit 4. Ctrl-C stops
    after the step in flight; what was begun is journalled, and the next call goes on with it.
    """
    choices = Choices(yes=yes, take_over=take_over, wait=wait, timeout=timeout)
    saved = read_plan(targets[0]) if len(targets) == 1 and is_plan(targets[0]) else None
    paths = asked.policies or (saved.policies if saved else targets)
    cluster = asked.cluster or (saved.plan.cluster if saved else None)
    site, where = open_site(replace(asked, policies=paths, cluster=cluster))
    past = existing(where, site.runtime)
    plan = _planned(site, past, saved, choices)
    if plan is None:
        say("nothing to do")
        return
    say(_carry_out(site, opened(where, site.runtime), plan, choices))


def _refuse_if_held_back(plan: Plan) -> None:
    """A plan without steps has nothing to do, or may do nothing; a script must not take the one for the other."""
    if plan.withheld:
        why = because(plan.withheld[0].reasons)
        raise RefusedError(f"all of it is held back: {why}", hint="see the plan above for each; once that is over, apply again")


def _look(site: Site, past: Store | None) -> Thought:
    return dry.thought(dry.live(site.cluster, site.plugins, past, site.runtime))


def _planned(site: Site, past: Store | None, saved: SavedPlan | None, choices: Choices) -> Plan | None:
    """The plan to carry out, shown and agreed to; None when there is nothing to do."""
    thought = _look(site, past)
    if saved and saved.plan.cluster != site.cluster.name:
        raise UsageError(f"the plan is for cluster {saved.plan.cluster}", hint=f"not for {site.cluster.name}: leave --cluster out")
    plan = saved.plan if saved else thought.plan
    if saved:
        check_fresh(plan, thought)
    click.echo(painted(plan_as_text(plan, () if saved else thought.decisions)))
    if not plan.steps:
        _refuse_if_held_back(plan)
        return None
    if not choices.yes:
        agreed(f"Carry out these {len(plan.steps)} steps on cluster {plan.cluster}?")
        check_fresh(plan, _look(site, past))
    return plan


def _carry_out(site: Site, store: Store, plan: Plan, choices: Choices) -> str:
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
