"""Reads metrics by instant queries, each distinct one once and those alike together, and what they were by range queries."""

from collections.abc import Iterable, Mapping
from functools import partial

from autoscaler.contracts.past_reader import Moments, Stretch
from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import LONGEST, MetricQuery, Reading, Sample, Unknown
from autoscaler_prometheus.answers import NO_SERIES, parse, parse_each
from autoscaler_prometheus.batching import Form, Question, questions
from autoscaler_prometheus.past import read_range
from autoscaler_prometheus.selectors import with_time
from autoscaler_prometheus.settings import PrometheusSettings
from autoscaler_sources.asking import ask_each
from autoscaler_sources.credentials import bearer
from autoscaler_sources.freshness import fresh
from autoscaler_sources.http_client import HttpClient, HttpTarget
from autoscaler_sources.moments import clock
from autoscaler_sources.numbers import Value

Answer = Sample | Unknown | Mapping[str, Sample | Unknown]
"""Of a question for several workloads one for each that has any."""

AGAIN = frozenset({Code.REFUSED, Code.TOO_LARGE, Code.MALFORMED})
"""What one question for several may come to, and each for itself need not."""

APART = Duration(600_000)
"""How long what could not be answered together is asked one by one: a server that was busy is not for ever."""


class PrometheusReader:
    """One Prometheus, or whatever speaks its query API."""

    def __init__(self, settings: PrometheusSettings, site: Site) -> None:
        self._site = site
        self._settings = settings
        self._url = settings.query_url
        target = HttpTarget(timeout=settings.timeout, max_answer=settings.max_answer, headers=partial(bearer, settings.token))
        self._http = HttpClient(target, site.runtime)
        self._apart: dict[Form, int] = {}

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """A few questions at a time, over connections that are kept; once one is not answered at all, the rest is unknown.

        What differs in one label's value alone is one question. One for several that gives nothing is asked one by one for a while, and at
        once where it was refused or its answer was too large.
        """
        self._http.open()  # before several threads would
        now = self._site.runtime.monotonic()
        self._apart = {form: until for form, until in self._apart.items() if until > now}
        asked = questions(queries, self._apart)
        found = ask_each(self._site, asked.values(), deadline, self._ask)
        again = {query: Question(query.text, query.stale_after) for query, one in asked.items() if one.form and _refused(found[one])}
        more = self._asked_again(again.values(), Duration(now + deadline.ms - self._site.runtime.monotonic()))
        return tuple(_answer(more[again[query]] if query in again else found[asked[query]], query) for query in queries)

    def read_past(self, text: str, stretch: Stretch) -> Moments:
        """As `PastReader` has it, by range queries."""
        return read_range(self._http, self._settings, text, stretch)

    def _asked_again(self, alone: Iterable[Question], left: Duration) -> dict[Question, Answer]:
        """What the first answers said stands, whatever becomes of these."""
        alone = tuple(alone)
        try:
            return ask_each(self._site, alone, left, self._ask)
        except UnavailableError as error:
            return dict.fromkeys(alone, Unknown(Code.UNAVAILABLE, str(error)[:LONGEST]))

    def _ask(self, asked: Question, within: Duration) -> Answer:
        try:
            answer = self._answered(asked, within)
        except AutoscalerError:
            self._set_apart(asked)
            raise
        if isinstance(answer, Unknown):
            self._set_apart(asked)
        return answer

    def _set_apart(self, asked: Question) -> None:
        if asked.form:
            self._apart[asked.form] = self._site.runtime.monotonic() + APART.ms

    def _answered(self, asked: Question, within: Duration) -> Answer:
        parameters = {"query": with_time(asked.text), "lookback_delta": f"{asked.stale_after.ms}ms"}
        answer = self._http.get(self._url, parameters, within)
        if isinstance(answer, Unknown):
            return answer

        def aged(value: Value | Unknown) -> Sample | Unknown:
            if isinstance(value, Unknown):
                return value
            return fresh(value, clock=clock(answer.date), now=answer.at, stale_after=asked.stale_after)

        if asked.form is None:
            return aged(parse(answer.status, answer.body))
        values = parse_each(answer.status, answer.body, asked.form.label)
        return values if isinstance(values, Unknown) else {name: aged(value) for name, value in values.items()}


def _refused(found: Answer) -> bool:
    return isinstance(found, Unknown) and found.why in AGAIN


def _answer(found: Answer, query: MetricQuery) -> Reading:
    """The query's own part of it."""
    return found.get(query.workload.name, NO_SERIES) if isinstance(found, Mapping) else found
