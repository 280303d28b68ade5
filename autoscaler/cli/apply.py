"""`autoscaler apply`: do what the plan says, or nothing."""

from dataclasses import replace
from pathlib import Path

import click

from autoscaler.cli import dry
from autoscaler.cli.carrying import Choices, agreed_to, carry_out
from autoscaler.cli.freshness import check_fresh
from autoscaler.cli.options import Asked, command, remembering, take_over_option, timeout_option, yes_option
from autoscaler.cli.planfile import SavedPlan, is_plan, read_plan
from autoscaler.cli.stores import existing, opened
from autoscaler.cli.terminal import say
from autoscaler.cli.writing import Site, open_site
from autoscaler.contracts.store import Store
from autoscaler.engine.dry import Thought
from autoscaler.errors import UsageError
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration


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
    say(carry_out(site, opened(where, site.runtime), plan, choices))


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
    return agreed_to(plan, () if saved else thought.decisions, choices, lambda: _look(site, past))
