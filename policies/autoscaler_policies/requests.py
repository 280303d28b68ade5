"""What replicas request of one resource, as Kubernetes HPA v2 (release 1.34) adds it up."""

from collections.abc import Iterator, Sequence

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName, ReplicaId
from autoscaler.model.workloads import Lifecycle, Replica


def requests_of(replicas: Sequence[Replica], metric: MetricName, container: str) -> dict[ReplicaId, int] | Reason:
    """Milli-units each replica requests: of the named container, else of the replica as a whole, else of all its containers.

    The reason, if a container that counts requests none. A replica without the named container requests 0.
    """
    found: dict[ReplicaId, int] = {}
    for replica in replicas:
        request = _request(replica, replica.lifecycle or Lifecycle(), metric, container)
        if isinstance(request, Reason):
            return request
        found[replica.id] = request
    return found


def _request(replica: Replica, life: Lifecycle, metric: MetricName, container: str) -> int | Reason:
    if life.requests and not container:
        return _of_whole(replica, life, metric)
    parts = list(_parts(life, metric, container))
    lacking = [name for name, request in parts if request is None]
    if lacking:
        return Reason(Code.REQUEST_MISSING, names=(metric, lacking[0], replica.id))
    return sum(request or 0 for _, request in parts)


def _of_whole(replica: Replica, life: Lifecycle, metric: MetricName) -> int | Reason:
    """What the whole names takes the place of its containers' sum, of which then only those count that name the metric."""
    whole = dict(life.requests).get(metric)
    named = [request for _, request in _parts(life, metric, "") if request is not None]
    if whole is None and not named:
        return Reason(Code.REQUEST_MISSING, names=(metric, replica.id))
    return sum(named) if whole is None else whole


def _parts(life: Lifecycle, metric: MetricName, container: str) -> Iterator[tuple[str, int | None]]:
    for one in life.containers:
        if container in ("", one.name):
            yield one.name, dict(one.requests).get(metric)
