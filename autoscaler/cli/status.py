"""`autoscaler status`: the cluster as it is, and what we are doing to it."""

from dataclasses import dataclass

from autoscaler.cli import dry
from autoscaler.cli.options import Asked, command, looking, output_option
from autoscaler.cli.output import emit_each
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.store import Lease, Store
from autoscaler.explaining import journal_as_text, status_as_text
from autoscaler.explaining.amounts import moment
from autoscaler.model.commitments import Commitments
from autoscaler.model.freezes import Freeze
from autoscaler.model.observations import Observation
from autoscaler.model.refs import ClusterName
from autoscaler.model.samples import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One cluster: as seen, who leads it, the plan under way, and what is frozen."""

    cluster: ClusterName
    observation: Observation
    lease: Lease | None
    commitments: Commitments
    freezes: tuple[Freeze, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A status, and the policies its workloads are shown under."""

    status: Status
    policies: ClusterPolicies


@command(
    "autoscaler status",
    "autoscaler status shop.yaml --output json",
)
@looking
@output_option
def status(asked: Asked, output: str) -> None:
    """Show who leads, what is under way and what is frozen.

    Looks at the cluster and at the store, and changes neither.
    """
    results = dry.each(asked, lambda seen: seen)
    shown = [_shown(seen, results.store) for seen in results.made]
    emit_each(shown, kinds=("status", "statuses"), output=output, text=_text, data=lambda one: one.status)
    results.raise_any()


def _shown(seen: dry.Seen, store: Store | None) -> Shown:
    name = seen.policies.cluster
    found = Status(
        cluster=name,
        observation=seen.observation,
        lease=store.leases.current(name) if store else None,
        commitments=seen.past.commitments,
        freezes=seen.past.freezes,
    )
    return Shown(status=found, policies=seen.policies)


def _text(shown: Shown) -> str:
    status = shown.status
    seen = status_as_text(status.observation, shown.policies, status.freezes)
    return "\n".join([seen, "Lead", *(f"  {line}" for line in _lead(status)), "", journal_as_text(status.commitments)])


def _lead(status: Status) -> list[str]:
    lease, state = status.lease, status.observation.state
    lines = ["nobody leads: no service runs, or it uses another store"]
    if lease is not None:
        running = status.observation.at < lease.until
        lines = [f"{lease.holder} {'leads until' if running else 'led until'} {moment(lease.until)}, term {lease.term}"]
    if not isinstance(state, Unknown) and state.owner:
        owner = state.owner
        lines.append(f"the cluster is marked as owned by store {owner.store}: {owner.holder}, {moment(owner.at)}, term {owner.term}")
    return lines
