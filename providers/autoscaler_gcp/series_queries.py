"""What query texts ask of Cloud Monitoring: one filter, and how its time series become one. Pure.

https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list
"""

import re
from dataclasses import dataclass

from autoscaler.model.quantities import Duration
from autoscaler_sources.fields import Fields, parse

PERCENTILES = ("p99", "p95", "p50", "p05")
# Not ALIGN_INTERPOLATE and ALIGN_NEXT_OLDER: they give values, or times, that nobody measured.
ALIGNERS = ("none", "mean", "min", "max", "sum", "count", "rate", "delta", *PERCENTILES)
REDUCERS = ("none", "mean", "min", "max", "sum", "count", *PERCENTILES)
SHORTEST = Duration(60_000)
METRIC_TYPE = re.compile(r"\bmetric\.?type\b")
SUBSCRIPTION = re.compile(r"[A-Za-z][A-Za-z0-9._~+%-]{2,254}")
MEASURES = {"backlog": "num_undelivered_messages", "oldest": "oldest_unacked_message_age"}
RAW = "none"
"""As an aligner: the points as they were taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesQuestion:
    """A monitoring filter; `align` brings each series' points to one per `period`, `reduce` the series to one.

    `settle`: how long after its end a period still waits for late points.
    """

    filter: str
    align: str = RAW
    reduce: str = RAW
    period: Duration = SHORTEST
    settle: Duration = Duration(0)


def monitoring_question(text: str) -> SeriesQuestion:
    """The question of a `cloud_monitoring` text; PolicyError says where it is wrong."""
    fields = parse(text, ("filter", "align", "period", "reduce", "settle"))
    if not METRIC_TYPE.search(fields.text("filter")):
        raise fields.wrong("filter", "names no metric", """write filter='metric.type="…" AND resource.labels.NAME="…"'""")
    align, reduce = fields.choice("align", ALIGNERS, "mean"), fields.choice("reduce", REDUCERS, "none")
    if align == RAW and reduce != RAW:
        raise fields.wrong("reduce", "needs points at the same times", "write align=mean, or another aligner than none")
    settle = fields.span("settle", "0s")
    return SeriesQuestion(filter=fields.text("filter"), align=align, reduce=reduce, period=_period(fields), settle=settle)


def _period(fields: Fields) -> Duration:
    found = fields.span("period", "1m")
    if found.ms % 1000 or found < SHORTEST:
        raise fields.wrong("period", "is none that Cloud Monitoring has", "write whole seconds, from 1m up to 1d")
    return found


def pubsub_question(text: str) -> SeriesQuestion:
    """The question of a `pubsub` text; PolicyError says where it is wrong."""
    fields = parse(text, ("subscription", "measure"))
    name = fields.text("subscription")
    if not SUBSCRIPTION.fullmatch(name):
        raise fields.wrong("subscription", "is no subscription's id", "write it without its project: letters, digits and -._~+%")
    metric = MEASURES[fields.choice("measure", tuple(MEASURES), "backlog")]
    # Raw: it is one series of a gauge, and its points have the times they were taken at.
    return SeriesQuestion(filter=f'metric.type="pubsub.googleapis.com/subscription/{metric}" AND resource.labels.subscription_id="{name}"')
