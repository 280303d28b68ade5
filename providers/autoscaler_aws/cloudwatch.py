"""Reads metrics of CloudWatch by GetMetricData, up to 500 in one call.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import AutoscalerError, SetupError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_aws.clients import Clients
from autoscaler_aws.cloudwatch_answers import ODD, newest, page, unfinished
from autoscaler_aws.cloudwatch_queries import CloudWatchQuestion, cloudwatch_question
from autoscaler_aws.faults import blames_the_text, said
from autoscaler_aws.settings import AwsSettings
from autoscaler_sources.asking import ask_each
from autoscaler_sources.fields import look_back, understood
from autoscaler_sources.freshness import fresh
from autoscaler_sources.moments import clock
from autoscaler_sources.numbers import Value

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import GetMetricDataInputTypeDef, GetMetricDataOutputTypeDef, MetricDataQueryTypeDef

IN_ONE_CALL = 500
MOST_PAGES = 20
"""Of one call: 2,000,000 datapoints, which nobody means."""

Batch = tuple[CloudWatchQuestion, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A value, what the source's clock showed, and when it was asked by ours."""

    value: Value | Unknown
    clock: Instant | None
    at: Instant


Answers = Mapping[CloudWatchQuestion, _Found]


class CloudWatchReader:
    """CloudWatch in one region of one account."""

    def __init__(self, settings: AwsSettings, site: Site) -> None:
        self._site = site
        self._clients: Clients[CloudWatchClient] = Clients(
            settings, site.runtime, lambda session, config, url: session.client("cloudwatch", config=config, endpoint_url=url)
        )

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """Alike questions once, all others in as few calls as there are 500 of them."""
        questions = {query.text: understood(cloudwatch_question, query.text) for query in queries}
        distinct = tuple(dict.fromkeys(one for one in questions.values() if isinstance(one, CloudWatchQuestion)))
        found = self._ask_all(distinct, look_back(queries), deadline)
        return tuple(_reading(questions[query.text], query.stale_after, found) for query in queries)

    def _ask_all(self, distinct: Batch, oldest: Duration, deadline: Duration) -> Answers:
        if not distinct:
            return {}
        batches = [distinct[start : start + IN_ONE_CALL] for start in range(0, len(distinct), IN_ONE_CALL)]
        call = _Call(self._clients.within(deadline), self._site.runtime, oldest)
        try:
            answers = ask_each(self._site, batches, deadline, call.answers)
        except SetupError:
            self._clients.forget()
            raise
        now = self._site.runtime.now()
        return {
            question: _Found(answer, None, now) if isinstance(answer, Unknown) else answer[question]
            for batch, answer in answers.items()
            for question in batch
        }


@dataclass(frozen=True, slots=True)
class _Call:
    """How one batch is asked. `oldest`: how far back a datapoint may lie."""

    client: "CloudWatchClient"
    runtime: Runtime
    oldest: Duration

    def answers(self, batch: Batch, within: Duration) -> Answers:
        """What each question reads. A text that AWS refuses after all is found by halving: it must not take the others with it."""
        asked, ends = self.runtime.now(), self.runtime.monotonic() + within.ms
        try:
            replies = self._replies(batch, asked, ends)
        except Exception as error:  # botocore's parsers raise whatever a strange body leads them to
            found, left = said(error), Duration(ends - self.runtime.monotonic())
            if isinstance(found, AutoscalerError):
                raise found from error
            if blames_the_text(error) and len(batch) > 1 and left.ms > 0:
                half = len(batch) // 2
                return {**self.answers(batch[:half], left), **self.answers(batch[half:], left)}
            return dict.fromkeys(batch, _Found(found, None, asked))
        return _answers(batch, replies, Instant((asked + self.runtime.now()) // 2))

    def _replies(self, batch: Batch, asked: Instant, ends: int) -> "list[GetMetricDataOutputTypeDef]":
        replies = [self._page(batch, asked, "")]
        while replies[-1].get("NextToken") and len(replies) < MOST_PAGES and self.runtime.monotonic() < ends:
            replies.append(self._page(batch, asked, replies[-1]["NextToken"]))
        return replies

    def _page(self, batch: Batch, asked: Instant, token: str) -> "GetMetricDataOutputTypeDef":
        start, end = _window(batch, asked, self.oldest)
        queries = [_metric(name, question) for name, question in zip(_names(batch), batch, strict=True)]
        wanted: GetMetricDataInputTypeDef = {
            "MetricDataQueries": queries,
            "StartTime": start,
            "EndTime": end,
            "ScanBy": "TimestampDescending",
        }
        if token:
            wanted["NextToken"] = token
        return self.client.get_metric_data(**wanted)


def _answers(batch: Batch, replies: "Sequence[GetMetricDataOutputTypeDef]", at: Instant) -> Answers:
    theirs, cut = clock(_date(replies[0])), _cut(replies)
    over = at if theirs is None else theirs
    pages = [page(reply.get("MetricDataResults"), reply.get("Messages")) for reply in replies]
    return {
        question: _Found(
            cut if cut and unfinished(pages, name) else newest(pages, name, question.period, Instant(over - question.settle.ms)),
            theirs,
            at,
        )
        for name, question in zip(_names(batch), batch, strict=True)
    }


def _reading(question: CloudWatchQuestion | Unknown, stale_after: Duration, found: Answers) -> Reading:
    if isinstance(question, Unknown):
        return question
    one = found[question]
    return one.value if isinstance(one.value, Unknown) else fresh(one.value, clock=one.clock, now=one.at, stale_after=stale_after)


def _names(batch: Batch) -> list[str]:
    """Ids of the questions: they begin with a small letter, as CloudWatch wants it."""
    return [f"q{number}" for number in range(len(batch))]


def _window(batch: Batch, asked: Instant, oldest: Duration) -> tuple[datetime, datetime]:
    """From before the oldest period that may still be fresh, on the longest period's own beginning; stale ones are seen as such."""
    longest, latest = max(question.period.ms for question in batch), max(question.settle.ms for question in batch)
    start = asked - 2 * oldest.ms - 2 * longest - latest
    return _moment(start - start % longest), _moment(asked)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def _metric(name: str, question: CloudWatchQuestion) -> "MetricDataQueryTypeDef":
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": question.namespace,
                "MetricName": question.metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in question.dimensions],
            },
            "Period": question.period.ms // 1000,
            "Stat": question.statistic,
        },
        "ReturnData": True,
    }


def _date(reply: "GetMetricDataOutputTypeDef") -> str:
    return reply["ResponseMetadata"]["HTTPHeaders"].get("date", "")


def _cut(replies: "Sequence[GetMetricDataOutputTypeDef]") -> Unknown | None:
    """Why there should be more than was read, if so. Of a body that is no JSON botocore makes an answer without results."""
    if not all(isinstance(reply.get("MetricDataResults"), list) for reply in replies):
        return ODD
    if not replies[-1].get("NextToken"):
        return None
    if len(replies) < MOST_PAGES:
        return Unknown(Code.LATE, "the answer goes on, and no time is left")
    return Unknown(Code.TOO_LARGE, f"the answer goes on after {MOST_PAGES} pages")
