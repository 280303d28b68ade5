"""What a query text asks of CloudWatch: `namespace=AWS/EC2 metric=CPUUtilization statistic=Average dimension.InstanceId=i-1`. Pure.

CloudWatch refuses a whole call for one question it cannot read, so each text is held against its bounds beforehand:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
"""

import re
from dataclasses import dataclass

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler_sources.fields import Fields, parse

NAMES = ("namespace", "metric", "statistic", "period", "settle")
DIMENSION = "dimension."
PRINTABLE = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
VALUE = re.compile(r"[!-~]([ -~]{0,1022}[!-~])?")
STATISTIC = re.compile(r"SampleCount|Average|Sum|Minimum|Maximum|(p|tm)([0-9]{1,2}(\.[0-9]{1,10})?|100)")
SHORT_PERIODS = (1, 5, 10, 20, 30)
MINUTE_S = 60
MOST_DIMENSIONS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudWatchQuestion:
    """One metric of one set of dimensions, gathered over each `period` by `statistic`.

    `settle`: how long after its end a period still waits for late datapoints.
    """

    namespace: str
    metric: str
    statistic: str
    period: Duration
    settle: Duration = Duration(0)
    dimensions: tuple[tuple[str, str], ...] = ()


def cloudwatch_question(text: str) -> CloudWatchQuestion:
    """The question of a text; PolicyError says where it is wrong."""
    fields = parse(text, NAMES, DIMENSION)
    return CloudWatchQuestion(
        namespace=_printable(fields, "namespace"),
        metric=_printable(fields, "metric"),
        statistic=_statistic(fields),
        period=_period(fields),
        settle=fields.span("settle", "0s"),
        dimensions=_dimensions(fields),
    )


def _printable(fields: Fields, name: str) -> str:
    value = fields.text(name)
    if not PRINTABLE.fullmatch(value) or value[0] == ":":
        raise fields.wrong(name, "is none that CloudWatch has", "write 1 to 255 printable characters, the first no colon")
    return value


def _statistic(fields: Fields) -> str:
    value = fields.text("statistic")
    if not STATISTIC.fullmatch(value):
        raise fields.wrong("statistic", "is none", "write Average, Sum, Minimum, Maximum, SampleCount, p95 or tm90")
    return value


def _period(fields: Fields) -> Duration:
    found = fields.span("period", "1m")
    seconds, rest = divmod(found.ms, 1000)
    whole = seconds in SHORT_PERIODS or (seconds > 0 and seconds % MINUTE_S == 0)
    if rest or not whole:
        raise fields.wrong("period", "is none that CloudWatch has", "write 1s, 5s, 10s, 20s, 30s, or whole minutes up to 1d")
    return found


def _dimensions(fields: Fields) -> tuple[tuple[str, str], ...]:
    found = fields.beneath(DIMENSION)
    if len(found) > MOST_DIMENSIONS:
        raise PolicyError(f"the query has {len(found)} dimensions", hint=f"write {MOST_DIMENSIONS} at most")
    for name, value in found:
        if not (PRINTABLE.fullmatch(name) and VALUE.fullmatch(value)):
            hint = "write dimension.NAME=VALUE in printable characters: 255 at most for the name, 1024 for the value"
            raise fields.wrong(DIMENSION + name, "is none that CloudWatch has", hint)
    return found
