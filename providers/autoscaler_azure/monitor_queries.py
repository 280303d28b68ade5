"""What a query text asks of Azure Monitor: `resource=Microsoft.Web/sites/web metric=Requests aggregation=total`. Pure.

https://learn.microsoft.com/rest/api/monitor/metrics/list
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown
from autoscaler_azure.monitor_answers import newest
from autoscaler_azure.requests import ArmRequest, Json
from autoscaler_sources.fields import Fields, parse
from autoscaler_sources.numbers import Value

VERSION = "2024-02-01"
NAMES = ("resource", "metric", "aggregation", "period", "namespace", "filter", "settle")
AGGREGATIONS = ("average", "total", "count", "minimum", "maximum")
PERIODS: Mapping[Duration, str] = {
    Duration.parse(text): f"P{'' if text == '1d' else 'T'}{text.upper()}" for text in ("1m", "5m", "15m", "30m", "1h", "6h", "12h", "1d")
}
PART = r"[\w.()~-]{1,260}"
RESOURCE = re.compile(rf"(/subscriptions/{PART}/resourceGroups/{PART}/providers/)?{PART}(/{PART}/{PART}){{1,6}}", re.ASCII)
NAME = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorQuestion:
    """One metric of one resource, gathered over each `period`. `settle`: how long after its end a period still waits for late values."""

    resource: str
    metric: str
    aggregation: str
    period: Duration
    settle: Duration = Duration(0)
    namespace: str = ""
    filter: str = ""

    def request(self, group: str, asked: Instant, oldest: Duration) -> ArmRequest:
        """Whole periods; a value too old to be fresh is asked for and seen as stale."""
        end = asked - asked % self.period.ms
        begin = end - 2 * oldest.ms - 2 * self.period.ms - self.settle.ms
        begin -= begin % self.period.ms
        params = {
            "api-version": VERSION,
            "metricnames": self.metric,
            "aggregation": self.aggregation,
            "interval": PERIODS[self.period],
            "timespan": f"{_time(begin)}/{_time(end)}",
            "metricnamespace": self.namespace,
            "$filter": self.filter,
        }
        resource = self.resource if self.resource.startswith("/") else f"{group}/providers/{self.resource}"
        path = f"{resource}/providers/Microsoft.Insights/metrics"
        return ArmRequest(path, tuple((name, value) for name, value in params.items() if value))

    def value(self, answer: Json, over: Instant) -> Value | Unknown:
        """Of the newest period that had ended, and settled, when the answer was given."""
        settled, interval = Instant(over - self.settle.ms), PERIODS[self.period]
        return newest(answer, self.metric, self.aggregation, period=self.period, interval=interval, over=settled)


def _time(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def monitor_question(text: str) -> MonitorQuestion:
    """The question of a text; PolicyError says where it is wrong."""
    fields = parse(text, NAMES)
    return MonitorQuestion(
        resource=_resource(fields),
        metric=_name(fields, "metric"),
        aggregation=fields.choice("aggregation", AGGREGATIONS),
        period=_period(fields),
        settle=fields.span("settle", "0s"),
        namespace=_name(fields, "namespace") if "namespace" in fields.found else "",
        filter=fields.text("filter", ""),
    )


def _resource(fields: Fields) -> str:
    value = fields.text("resource")
    if not RESOURCE.fullmatch(value) or ".." in value:
        raise fields.wrong("resource", "is none", "write it from its provider on, as Microsoft.Web/sites/web, or its whole id")
    return value


def _name(fields: Fields, name: str) -> str:
    value = fields.text(name)
    # A comma would ask for two of them.
    if not NAME.fullmatch(value) or "," in value:
        raise fields.wrong(name, "is none that Azure has", "write one, as az monitor metrics list-definitions names it")
    return value


def _period(fields: Fields) -> Duration:
    found = fields.span("period", "1m")
    if found not in PERIODS:
        raise fields.wrong("period", "is none that Azure has", f"write {', '.join(map(str, PERIODS))}")
    return found
