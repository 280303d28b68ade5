"""`autoscaler drain`: empty a node, a workload at a time, each without a gap."""

from dataclasses import dataclass

import click

from autoscaler.cli import dry
from autoscaler.cli.driving import Deadline, check_outcome, follow, hand_over, leader
from autoscaler.cli.hindering import Hindrance
from autoscaler.cli.options import Asked, command, remembering, timeout_option, yes_option
from autoscaler.cli.scope import who
from autoscaler.cli.stores import opened
from autoscaler.cli.terminal import agreed, say
from autoscaler.cli.writing import Site, open_site
from autoscaler.config.names import suggestion
from autoscaler.contracts.store import Request, RequestKind, Store
from autoscaler.engine.pinning import calm
from autoscaler.errors import UsageError
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How it is to be done."""

    cancel: bool
    wait: bool
    timeout: Duration


@command(
    "autoscaler drain n1",
    "autoscaler drain n1 --cluster shop --yes --timeout 30m",
    "autoscaler drain n1 --cancel",
)
@click.argument("node")
@remembering
@click.option("--cancel", is_flag=True, help="Take the wish back: the node is opened again.")
@yes_option
@click.option("--follow/--no-follow", "wait", default=True, show_default=True, help="Watch a drain that was handed to the service.")
@timeout_option
def drain(
    asked: Asked,
    node: str,
    *,
    cancel: bool,
    yes: bool,
    wait: bool,
    timeout: Duration,
) -> None:
    """Empty a node without a gap.

    For each workload there: replacements first, healthy and in rotation, then the old ones out of traffic and stopped. A machine in a pool
    of the policies is given back once it is empty; one in no pool stays, until --cancel. A service that leads the cluster from the same
    store is asked to do it.
    """
    site, where = open_site(asked)
    kept = opened(where, site.runtime)
    if not cancel:
        _check(node, site, kept)
        if not yes:
            agreed(f"Empty node {node} of cluster {site.cluster.name}, and give it back if it is in a pool?")
    request = _ask(site, kept, node, Choices(cancel=cancel, wait=wait, timeout=timeout))
    check_outcome(request)
    say(request.outcome or "handed over")


def _check(node: str, site: Site, store: Store) -> None:
    observation = dry.live(site.cluster, site.plugins, store, site.runtime).observation
    for error in dry.unseen(observation):
        raise error
    names = _names(observation)
    if node not in names:
        raise UsageError(
            f"no node {node!r} in cluster {site.cluster.name}", hint=suggestion(node, names, otherwise="see `autoscaler observe`")
        )


def _names(observation: Observation) -> list[str]:
    return [] if isinstance(observation.state, Unknown) else [node.name for node in observation.state.nodes]


def _ask(site: Site, store: Store, node: str, choices: Choices) -> Request:
    """Hand it over, or do it ourselves under a free lease; the request as it was answered."""
    name, runtime = site.cluster.name, site.runtime
    kind = RequestKind.CANCEL_DRAIN if choices.cancel else RequestKind.DRAIN
    request = Request(id=runtime.new_id(), kind=kind, subject=node, who=who(), at=runtime.now())
    lease = leader(store, name, runtime)
    if lease is None and not choices.wait:
        raise UsageError("nobody leads this cluster who could do it", hint="leave --no-follow out, or start the service")
    hand_over(store, name, request)
    hindrance = Hindrance(node=node, runtime=runtime)
    if lease is not None:
        say(f"{lease.holder} leads this cluster: asked it")
        if not choices.wait:
            return request
        deadline = Deadline(runtime=runtime, span=choices.timeout)
        return follow(store, name, request, deadline, lambda seen: hindrance.tell(seen, lambda: _plan(site, store)))
    driver = site.driver(store, calm(site.cluster.policies), take_over=False, timeout=choices.timeout)
    driver.watch = lambda report: hindrance.tell(report.commitments, lambda: report.thought.plan)
    driver.drive(None, lambda _: _answer(store, site, request).outcome != "")
    return _answer(store, site, request)


def _plan(site: Site, store: Store) -> Plan:
    return dry.thought(dry.live(site.cluster, site.plugins, store, site.runtime)).plan


def _answer(store: Store, site: Site, request: Request) -> Request:
    return store.requests(site.cluster.name).find(request.id) or request
