"""What a tick could not see, part by part: the first thing to look for in a log when nothing happens."""

from collections.abc import Iterator

from autoscaler.engine.tick import TickReport
from autoscaler.explaining import because
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown

BLIND = frozenset({Code.WORKLOAD_UNKNOWN, Code.NO_WORKLOAD_MATCHES, Code.SELECTED_TWICE})


def unread(report: TickReport) -> dict[str, str]:
    """By part (`cluster`, `pool:general`, `traffic:edge`, `notices:spot`, `metric rps of shop/web`, `shop/wbe`), why."""
    unknown = {part: f"{found.why}: {found.detail}" if found.detail else str(found.why) for part, found in _unknown(report)}
    return unknown | {f"notices:{name}": str(error) for name, error in report.deaf.items()} | _missing(report)


def _unknown(report: TickReport) -> Iterator[tuple[str, Unknown]]:
    observation = report.thought.observation
    parts: list[tuple[str, object]] = [("cluster", observation.state)]
    parts += [(f"pool:{view.pool}", view.state) for view in observation.pools]
    parts += [(f"traffic:{view.traffic}", view.state) for view in observation.rotations]
    parts += [(f"metric {one.metric} of {one.workload}", one.reading) for one in observation.metrics]
    return ((part, found) for part, found in parts if isinstance(found, Unknown))


def _missing(report: TickReport) -> dict[str, str]:
    """Policies whose workloads are not there, or another's: a mistyped name looks like peace."""
    remarks = (one for one in report.thought.plan.remarks if any(reason.code in BLIND for reason in one.reasons))
    return {one.subject: because(one.reasons) for one in remarks}
