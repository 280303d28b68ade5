"""Reads Cloud Monitoring by timeSeries.list, for every source whose texts mean a SeriesQuestion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_gcp.series_answers import newest
from autoscaler_gcp.series_queries import RAW, SeriesQuestion
from autoscaler_gcp.settings import GcpSettings
from autoscaler_gcp.sign_in import Headers, SignIn
from autoscaler_sources.api_bodies import understood_body
from autoscaler_sources.asking import ask_each
from autoscaler_sources.bounded_http import Answer, BoundedHttp, Bounds, Question
from autoscaler_sources.fields import look_back, understood
from autoscaler_sources.freshness import fresh
from autoscaler_sources.moments import clock
from autoscaler_sources.numbers import Value


@dataclass(frozen=True, slots=True)
class _Found:
    """A value, what Google's clock showed, and when it was asked by ours."""

    value: Value | Unknown
    clock: Instant | None
    at: Instant


class TimeSeriesReader:
    """One project's metrics. `question`: what a query text means."""

    def __init__(self, settings: GcpSettings, site: Site, question: Callable[[str], SeriesQuestion]) -> None:
        self._settings = settings
        self._site = site
        self._question = question
        self._http = BoundedHttp(site.runtime, Bounds(timeout=settings.timeout, largest=settings.max_answer, proxied=True))
        self._sign_in = SignIn(site, self._http)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """Alike questions once, a few at a time: the API has no call for several."""
        ends = self._site.runtime.monotonic() + deadline.ms
        questions = {query.text: understood(self._question, query.text) for query in queries}
        distinct = tuple(dict.fromkeys(one for one in questions.values() if isinstance(one, SeriesQuestion)))
        found: Mapping[SeriesQuestion, _Found | Unknown] = {}
        if distinct:
            headers = self._sign_in.headers(Duration(max(0, deadline.ms)))
            left = Duration(ends - self._site.runtime.monotonic())
            with signing_in_anew(self._sign_in.forget):
                found = ask_each(self._site, distinct, left, partial(self._ask, headers, look_back(queries)))
        return tuple(_reading(questions[query.text], query.stale_after, found) for query in queries)

    def _ask(self, headers: Headers, oldest: Duration, question: SeriesQuestion, within: Duration) -> _Found | Unknown:
        url = f"{self._settings.url.text.rstrip('/')}/v3/projects/{self._settings.project}/timeSeries"
        params = _params(question, self._site.runtime.now(), oldest)
        answer = self._http.ask(Question(url=url, params=params, headers=headers), within)
        return _found(answer) if isinstance(answer, Answer) else answer


def _found(answer: Answer) -> _Found | Unknown:
    body = understood_body(answer.status, answer.body)
    if isinstance(body, Unknown):
        return body
    return _Found(newest(body), clock(answer.date), answer.at)


def _reading(question: SeriesQuestion | Unknown, stale_after: Duration, found: Mapping[SeriesQuestion, _Found | Unknown]) -> Reading:
    if isinstance(question, Unknown):
        return question
    one = found[question]
    if isinstance(one, Unknown):
        return one
    return one.value if isinstance(one.value, Unknown) else fresh(one.value, clock=one.clock, now=one.at, stale_after=stale_after)


def _params(question: SeriesQuestion, asked: Instant, oldest: Duration) -> Mapping[str, str]:
    """Aligned periods end on multiples of the period, so that each is over; a point too old to be fresh is asked for and seen as stale."""
    period, over = question.period.ms, asked - question.settle.ms
    end = over if question.align == RAW else over - over % period
    params = {
        "filter": question.filter,
        "interval.startTime": _time(end - 2 * oldest.ms - 2 * period),
        "interval.endTime": _time(end),
        "view": "FULL",
    }
    if question.align != RAW:
        params["aggregation.alignmentPeriod"] = f"{period // 1000}s"
        params["aggregation.perSeriesAligner"] = f"ALIGN_{_constant(question.align)}"
    if question.reduce != RAW:
        params["aggregation.crossSeriesReducer"] = f"REDUCE_{_constant(question.reduce)}"
    return params


def _constant(word: str) -> str:
    return f"PERCENTILE_{word[1:]}" if word[1:].isdigit() else word.upper()


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
