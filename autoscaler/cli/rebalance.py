"""`autoscaler rebalance`: spread replicas evenly over the nodes that are there now."""

from collections.abc import Callable

import click

from autoscaler.cli import dry
from autoscaler.cli.carrying import Choices, agreed_to, carry_out
from autoscaler.cli.driving import PACE, Deadline, leader
from autoscaler.cli.options import Asked, command, remembering, take_over_option, timeout_option, yes_option
from autoscaler.cli.scope import workload_in
from autoscaler.cli.stores import existing, opened
from autoscaler.cli.terminal import say
from autoscaler.cli.writing import open_site
from autoscaler.config.names import suggestion
from autoscaler.engine.dry import Thought
from autoscaler.errors import RefusedError, UsageError
from autoscaler.explaining import because
from autoscaler.model.observations import Observation
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.planning import Rebalance


@command(
    "autoscaler rebalance  # after a node joined",
    "autoscaler rebalance shop/web --moves 3",
    "autoscaler rebalance web --moves 3 --no-follow  # where a service leads, it is handed the plan",
)
@click.argument("workloads", nargs=-1, metavar="[WORKLOAD]...")
@remembering
@click.option(
    "--moves", type=click.IntRange(min=1), default=10, show_default=True, metavar="COUNT", help="Move no more replicas than these."
)
@yes_option
@take_over_option
@click.option("--follow/--no-follow", "wait", default=True, show_default=True, help="Watch a plan that was handed to the service.")
@timeout_option
def rebalance(
    asked: Asked,
    workloads: tuple[str, ...],
    moves: int,
    *,
    yes: bool,
    take_over: bool,
    wait: bool,
    timeout: Duration,
) -> None:
    """Spread replicas evenly again, without a gap.

    A scheduler that moves nothing by itself leaves a node that joined late empty. Extra replicas start where fewest of their workload
    stand; once they serve, as many leave from where most stand. No more than --moves replicas move, and no more at once than the workload's
    surge. Where we choose the place of each replica, the whole cluster is searched for better ones. Nothing else is begun beside it. A
    service that leads the cluster from the same store is handed the plan.
    """
    choices = Choices(yes=yes, take_over=take_over, wait=wait, timeout=timeout)
    site, where = open_site(asked)
    past = existing(where, site.runtime)
    wanted = Rebalance(moves=moves, workloads=frozenset(workload_in((site.cluster.name,), name) for name in workloads))

    def look() -> Thought:
        return dry.thought(dry.live(site.cluster, site.plugins, past, site.runtime), wanted)

    seen = look()
    _check(wanted.workloads, seen.observation)
    if waits := _waits(seen):
        if past is None or leader(past, site.cluster.name, site.runtime) is None:
            raise RefusedError(f"something else comes first, and nobody does it: {waits}", hint="autoscaler apply, then rebalance again")
        seen = _once_free(look, Deadline(runtime=site.runtime, span=timeout))
    plan = agreed_to(seen.plan, (), choices, look)
    say(carry_out(site, opened(where, site.runtime), plan, choices) if plan else "nothing to do")


def _once_free(look: Callable[[], Thought], deadline: Deadline) -> Thought:
    """What is seen once whoever leads has nothing else under way; UnavailableError when that takes too long."""
    told = ""
    while waits := _waits(seen := look()):
        if waits != told:
            say(f"waiting: {waits}")
        told = waits
        deadline.check()
        deadline.runtime.sleep(PACE)
    return seen


def _waits(seen: Thought) -> str:
    cluster = seen.plan.cluster
    found = (because(one.reasons) for one in seen.plan.remarks if one.subject == cluster and one.reasons[0].code is Code.WAITING)
    return next(found, "")


def _check(workloads: frozenset[WorkloadRef], observation: Observation) -> None:
    """UsageError for one that nobody sees."""
    known = [] if isinstance(observation.state, Unknown) else [str(one.ref) for one in observation.state.workloads]
    for name in sorted({str(ref) for ref in workloads}.difference(known)):
        hint = suggestion(name, known, otherwise="see `autoscaler observe`")
        raise UsageError(f"no workload {name} in cluster {observation.cluster}", hint=hint)
