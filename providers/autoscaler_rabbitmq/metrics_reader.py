"""Reads lengths and rates, each queue once."""

from functools import partial

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_rabbitmq.answers import value
from autoscaler_rabbitmq.queries import Asked, Queue, asked
from autoscaler_rabbitmq.settings import RabbitmqSettings
from autoscaler_sources.asking import ask_each
from autoscaler_sources.bounded_http import Answer
from autoscaler_sources.credentials import basic
from autoscaler_sources.freshness import fresh
from autoscaler_sources.http_client import HttpClient, HttpTarget
from autoscaler_sources.moments import clock


class RabbitmqReader:
    """One broker, or one cluster of them behind an address."""

    def __init__(self, settings: RabbitmqSettings, site: Site) -> None:
        self._site = site
        self._base = settings.url.text.rstrip("/")
        self._vhost = settings.vhost
        target = HttpTarget(
            timeout=settings.timeout,
            max_answer=settings.max_answer,
            headers=partial(basic, settings.user, settings.password),
        )
        self._http = HttpClient(target, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """One question for each queue, whatever is counted of it."""
        self._http.open()  # before several threads would
        meant = {query.text: asked(query.text, self._vhost) for query in queries}
        queues = (found.queue for found in meant.values() if isinstance(found, Asked))
        answers = ask_each(self._site, queues, deadline, self._ask)
        return tuple(_reading(query, meant[query.text], answers) for query in queries)

    def _ask(self, queue: Queue, within: Duration) -> Answer | Unknown:
        return self._http.get(self._base + queue.path, None, within)


def _reading(query: MetricQuery, meant: Asked | Unknown, answers: dict[Queue, Answer | Unknown]) -> Reading:
    if isinstance(meant, Unknown):
        return meant
    answer = answers[meant.queue]
    if isinstance(answer, Unknown):
        return answer
    found = value(meant, answer.status, answer.body)
    if isinstance(found, Unknown):
        return found
    return fresh(found, clock=clock(answer.date), now=answer.at, stale_after=query.stale_after)
