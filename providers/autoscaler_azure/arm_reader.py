"""Reads values through the Resource Manager, for every source whose texts mean an ArmQuestion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_azure.requests import ArmQuestion, ArmRequest, Json
from autoscaler_azure.settings import AzureSettings
from autoscaler_azure.sign_in import Headers, SignIn
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_sources.api_bodies import understood_body
from autoscaler_sources.asking import ask_each
from autoscaler_sources.bounded_http import Answer, BoundedHttp, Bounds, Question
from autoscaler_sources.fields import look_back, understood
from autoscaler_sources.freshness import fresh
from autoscaler_sources.moments import clock


@dataclass(frozen=True, slots=True)
class _Asks:
    """A question and what it sends."""

    question: ArmQuestion
    request: ArmRequest


@dataclass(frozen=True, slots=True)
class _Found:
    """A good answer, what Azure's clock showed, and when it was asked by ours."""

    body: Json
    clock: Instant | None
    at: Instant


Found = Mapping[ArmRequest, _Found | Unknown]


class ArmReader:
    """The resources of one resource group. `question`: what a query text means."""

    def __init__(self, settings: AzureSettings, site: Site, question: Callable[[str], ArmQuestion]) -> None:
        self._settings = settings
        self._site = site
        self._question = question
        self._http = BoundedHttp(site.runtime, Bounds(timeout=settings.timeout, largest=settings.max_answer, proxied=True))
        self._sign_in = SignIn(site, f"{settings.url.text.rstrip('/')}/.default")

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """Alike requests once, a few at a time."""
        asked, ends = self._site.runtime.now(), self._site.runtime.monotonic() + deadline.ms
        asks = {query.text: self._asks(query.text, asked, look_back(queries)) for query in queries}
        requests = tuple(dict.fromkeys(one.request for one in asks.values() if isinstance(one, _Asks)))
        found = self._ask_all(requests, ends)
        return tuple(_reading(asks[query.text], query.stale_after, found) for query in queries)

    def _asks(self, text: str, asked: Instant, oldest: Duration) -> _Asks | Unknown:
        question = understood(self._question, text)
        return question if isinstance(question, Unknown) else _Asks(question, question.request(self._settings.group, asked, oldest))

    def _ask_all(self, requests: tuple[ArmRequest, ...], ends: int) -> Found:
        if not requests:
            return {}
        monotonic = self._site.runtime.monotonic
        self._http.open()  # before several threads would
        headers = self._sign_in.headers(Duration(max(0, ends - monotonic())))
        with signing_in_anew(self._sign_in.forget):
            return ask_each(self._site, requests, Duration(ends - monotonic()), partial(self._ask, headers))

    def _ask(self, headers: Headers, request: ArmRequest, within: Duration) -> _Found | Unknown:
        url = self._settings.url.text.rstrip("/") + request.path
        answer = self._http.ask(Question(url=url, params=dict(request.params), headers=headers), within)
        if not isinstance(answer, Answer):
            return answer
        body = understood_body(answer.status, answer.body)
        return body if isinstance(body, Unknown) else _Found(body, clock(answer.date), answer.at)


def _reading(asks: _Asks | Unknown, stale_after: Duration, found: Found) -> Reading:
    if isinstance(asks, Unknown):
        return asks
    one = found[asks.request]
    if isinstance(one, Unknown):
        return one
    value = asks.question.value(one.body, one.at if one.clock is None else one.clock)
    return value if isinstance(value, Unknown) else fresh(value, clock=one.clock, now=one.at, stale_after=stale_after)
