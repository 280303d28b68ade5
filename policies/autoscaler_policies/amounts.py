"""Values of metrics and changes of counts, as several rules write them."""

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName
from autoscaler.model.samples import Reading, Sample, Unknown, averaged

WHOLE = 1000


def readable(metric: MetricName, reading: Reading) -> Sample | Reason:
    """The sample, or why it says nothing: it was not read, or is below zero. Of samples of each replica, their average."""
    sample = averaged(reading)
    if isinstance(sample, Unknown):
        return Reason(sample.why, names=(metric,))
    return sample if sample.milli >= 0 else Reason(Code.CONTRADICTORY, names=(metric,))


def check_share(metric: MetricName, value: Share | Number, instead: str) -> None:
    """PolicyError for a number where the metric is a share: a bare 60 is 60 times, and would lead every workload to its minimum."""
    if metric in BUILT_IN_METRICS and not isinstance(value, Share):
        raise PolicyError(f"{metric} is a share of what the replicas request, and {value} is a number", hint=f"write {instead}")


def unit_of(value: Share | Number) -> str:
    """The unit its thousandths are told in."""
    return "%" if isinstance(value, Share) else "milli"


def size_of(change: int | Share, count: int, least: int = 1) -> int:
    """So many replicas, or a share of `count`: cut to whole ones, and at least `least`, as AWS and Azure do it; of 0% none."""
    if isinstance(change, Share):
        return max(1, least, change.milli * count // WHOLE) if change.milli else 0
    return change
