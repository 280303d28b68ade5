"""What a query gave over a time that is over: range queries, as many as it takes. `parse_range` is pure."""

import json
from collections.abc import Iterator
from math import isfinite

from autoscaler.contracts.past_reader import Moments, Stretch
from autoscaler.errors import UnavailableError, UsageError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown
from autoscaler_prometheus.settings import PrometheusSettings
from autoscaler_sources.http_client import HttpClient
from autoscaler_sources.http_faults import HTTP_OK

MOST = 10_000
"""Points of one answer; Prometheus refuses more than 11,000."""

WITHIN = Duration(60_000)
"""One answer may take so long."""

HINT = "write a query that gives one series, such as sum(rate(http_requests_total[1m]))"


def read_range(http: HttpClient, settings: PrometheusSettings, text: str, stretch: Stretch) -> Moments:
    """As `PastReader.read_past`."""
    return tuple(one for part in _parts(stretch) for one in _asked(http, settings, {"query": text, **_span(part)}))


def _parts(whole: Stretch) -> Iterator[Stretch]:
    """No part has more points than one answer may hold."""
    first = whole.start
    while first <= whole.end:
        last = min(whole.end, Instant(first + (MOST - 1) * whole.step.ms))
        yield Stretch(first, last, whole.step)
        first = Instant(last + whole.step.ms)


def _span(part: Stretch) -> dict[str, str]:
    return {"start": f"{part.start / 1000:.3f}", "end": f"{part.end / 1000:.3f}", "step": f"{part.step.ms / 1000:.3f}"}


def _asked(http: HttpClient, settings: PrometheusSettings, asked: dict[str, str]) -> Moments:
    answer = http.get(settings.range_url, asked, WITHIN)
    if isinstance(answer, Unknown):
        raise UnavailableError(f"{settings.url.text}: {answer.detail or answer.why}", hint="ask for a shorter time, or a longer --step")
    return parse_range(answer.status, answer.body)


def parse_range(status: int, body: bytes) -> Moments:
    """The one series that a range query means; UsageError says what else it gave."""
    try:
        answer = json.loads(body)
        if status != HTTP_OK or answer["status"] != "success":
            raise UsageError(f"the query is refused: {str(answer.get('error', status))[:200]}", hint=HINT)
        result = answer["data"]["result"]
        if answer["data"]["resultType"] != "matrix" or len(result) > 1:
            raise UsageError(f"the query gives {len(result)} series where one is meant", hint=HINT)
        pairs = [(Instant(round(float(at) * 1000)), float(value)) for series in result for at, value in series["values"]]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UsageError(f"HTTP {status}, and no answer of a Prometheus", hint="see `url` of the source") from error
    return tuple((at, value) for at, value in pairs if isfinite(value))
