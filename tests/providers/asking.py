"""How the tests of the clouds' sources ask, and how they write down what they read."""

from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.errors import AutoscalerError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, averaged

SOON = Duration(5000)
FIVE_MINUTES = Duration(300_000)


def query(text: str) -> MetricQuery:
    """A text, for a value that may be five minutes old."""
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text, stale_after=FIVE_MINUTES)


def outcome(reader: MetricsReader, text: str) -> Reading | AutoscalerError:
    """What one query reads, or which of our errors the whole source ends in; any other is a fault."""
    try:
        (found,) = reader.read((query(text),), SOON)
    except AutoscalerError as error:
        return error
    return found


def codes(readings: tuple[Reading, ...]) -> list[object]:
    """Each reading's value in milli-units, or why there is none."""
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]
