"""Queries that differ in a workload's name alone are one question, where that is sure; every workload hears what it alone would."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Sample, averaged
from autoscaler_prometheus.batching import LONGEST, Question, form_of, questions
from autoscaler_prometheus.metrics_reader import PrometheusReader
from autoscaler_prometheus.settings import PrometheusSettings
from tests.providers.loopback import Reply, seconds
from tests.providers.prometheus.fake_prometheus import FakePrometheus, answer, vector

SOON = Duration(5000)
MINUTE = Duration(60_000)
RATE = 'sum(rate(http_requests_total{service="$workload"}[1m]))'
BOTH = 'sum by (service) (rate(http_requests_total{service=~"api|web"}[1m]))'


def query(template: str, name: str, stale_after: Duration = MINUTE) -> MetricQuery:
    text = template.replace("$workload", name)
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse(f"shop/{name}"), text=text, stale_after=stale_after)


@pytest.mark.parametrize(
    ("one", "both"),
    [
        pytest.param('depth{queue="web"}', 'depth{queue=~"api|web"}', id="a plain selector"),
        pytest.param("depth{queue='web', host!=\"a\"}", 'depth{queue=~"api|web",host!="a"}', id="with other matchers beside"),
        pytest.param('{__name__="depth",queue="web"}', '{__name__="depth",queue=~"api|web"}', id="without a name before it"),
        pytest.param(RATE.replace("$workload", "web"), BOTH, id="a sum"),
        pytest.param('max(sum by (pod) (a{s="web"}))', 'max by (s) (sum by (pod, s) (a{s=~"api|web"}))', id="of sums by something"),
        pytest.param('sum by (s) (a{s="web"})', 'sum by (s) (a{s=~"api|web"})', id="by that very label"),
        pytest.param('sum(a{s="web"}) / sum(b{s="web"})', 'sum by (s) (a{s=~"api|web"})/sum by (s) (b{s=~"api|web"})', id="a ratio"),
        pytest.param('-avg(a{s="web"}) * 1e3 + .5', '-avg by (s) (a{s=~"api|web"})*1e3+.5', id="with numbers"),
        pytest.param(
            'histogram_quantile(0.9, sum by (le) (rate(x{s="web"}[5m])))',
            'histogram_quantile(0.9,sum by (le, s) (rate(x{s=~"api|web"}[5m])))',
            id="a quantile of a histogram",
        ),
    ],
)
def test_queries_that_can_be_asked_together(one: str, both: str) -> None:
    form = form_of(one, "web")
    assert form
    assert form.of(("api", "web")) == both


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sum(a)", id="without a name in it"),
        pytest.param('sum(a{s=~"web"})', id="a pattern"),
        pytest.param('sum(a{s="web",t="web"})', id="two labels with the name"),
        pytest.param('sum(a{s="web"}) / sum(b)', id="a part that all share"),
        pytest.param('sum(a{s="web"}) / b{s="web"}', id="aggregated and not"),
        pytest.param('sum(a{s="web"}) by (pod)', id="a grouping after it"),
        pytest.param('sum without (pod) (a{s="web"})', id="a grouping by all others"),
        pytest.param('topk(1, a{s="web"})', id="the most of all"),
        pytest.param('sum(a{s="web"}) or vector(0)', id="a value for what is not there"),
        pytest.param('sum(a{s="web"}) > 3', id="a filter"),
        pytest.param('sum(a{s="web"} offset 5m)', id="another time"),
        pytest.param('rate(a{s="web"}[5m:1m])', id="a query in a query"),
        pytest.param('label_replace(a{s="web"}, "s", "x", "", "")', id="another label"),
        pytest.param('absent(a{s="web"})', id="what is not there"),
        pytest.param('sum(a{s="web"}', id="a parenthesis without end"),
        pytest.param('a{s="web"', id="a brace without end"),
        pytest.param('sum(a{s="web"}))', id="one too many"),
        pytest.param('a{s="web"} # "', id="a remark"),
        pytest.param("", id="nothing"),
    ],
)
def test_queries_that_are_asked_by_themselves(text: str) -> None:
    assert form_of(text, "web") is None


@pytest.mark.parametrize("name", ["we b", 'web"', "web|api", "web.*", "(web)", ""])
def test_a_name_that_would_mean_something_in_a_pattern_stands_alone(name: str) -> None:
    assert form_of(f'a{{s="{name}"}}', name) is None


@given(st.text(alphabet="ab{}()[]=~\"',.|/ 15msum by(rate", max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    form = form_of(text, "a")
    assert form is None or re.sub(r"\s", "", text).count('="a"') + re.sub(r"\s", "", text).count("='a'") >= len(form.parts) - 1


def test_only_what_is_alike_is_put_together() -> None:
    asked = [query(RATE, "web"), query(RATE, "api"), query(RATE, "web", Duration(1000)), query('depth{queue="$workload"}', "web")]
    found = questions(asked, frozenset())
    assert [one.text for one in found.values()] == [BOTH, BOTH, asked[2].text, asked[3].text]


def test_many_names_are_several_questions() -> None:
    asked = [query(RATE, f"workload-{number:04}") for number in range(1000)]
    found = {one.text for one in questions(asked, frozenset()).values()}
    assert 3 <= len(found) <= 6
    assert all(len(one) < LONGEST + 200 for one in found)


def test_forms_that_were_refused_are_asked_apart() -> None:
    asked = [query(RATE, "web"), query(RATE, "api")]
    form = form_of(asked[0].text, "web")
    assert form
    assert [*questions(asked, frozenset({form})).values()] == [Question(one.text, MINUTE) for one in asked]


def by_service(**values: list[str]) -> Reply:
    series = [
        {"metric": {"service": name, "n": str(number)}, "value": [seconds(), text]}
        for name, texts in values.items()
        for number, text in enumerate(texts)
    ]
    return answer({"resultType": "vector", "result": series})


@pytest.fixture
def reader(settings: PrometheusSettings, site: Site) -> PrometheusReader:
    return PrometheusReader(settings, site)


def read(reader: PrometheusReader, *names: str) -> list[object]:
    readings = map(averaged, reader.read(tuple(query(RATE, name) for name in names), SOON))
    return [one.milli if isinstance(one, Sample) else one.why for one in readings]


def test_each_workload_hears_its_own_part(prometheus: FakePrometheus, reader: PrometheusReader) -> None:
    prometheus.answers[BOTH] = by_service(web=["2"], api=["NaN"])
    assert read(reader, "web", "api", "web") == [2000, Code.NOT_A_NUMBER, 2000]
    assert prometheus.asked == [BOTH]


def test_one_without_a_series_and_one_with_two_are_unknown_as_they_would_be_alone(
    prometheus: FakePrometheus, reader: PrometheusReader
) -> None:
    prometheus.answers[BOTH] = by_service(web=["2", "3"])
    assert read(reader, "api", "web") == [Code.MISSING, Code.CONTRADICTORY]


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Reply(status=422, body=b'{"status": "error", "error": "too many samples"}'), id="too much for it"),
        pytest.param(Reply(body=b"x" * 2_000_000), id="an answer that is too large"),
        pytest.param(Reply(body=b"{"), id="an answer nobody can read"),
    ],
)
def test_what_cannot_be_asked_together_is_asked_one_by_one_from_then_on(
    prometheus: FakePrometheus, reader: PrometheusReader, refusal: Reply
) -> None:
    prometheus.default = vector(("1", 0))
    prometheus.answers[BOTH] = refusal
    assert read(reader, "web", "api") == [1000, 1000]
    assert read(reader, "web", "api") == [1000, 1000]
    assert prometheus.asked.count(BOTH) == 1
    assert len(prometheus.asked) == 5


def test_a_source_that_is_busy_is_not_asked_again(prometheus: FakePrometheus, reader: PrometheusReader) -> None:
    prometheus.answers[BOTH] = Reply(status=503)
    assert read(reader, "web", "api") == [Code.UNAVAILABLE, Code.UNAVAILABLE]
    assert prometheus.asked == [BOTH]


def test_a_huge_answer_for_many_is_within_each_ones_share(prometheus: FakePrometheus, settings: PrometheusSettings) -> None:
    assert settings.max_answer == Memory(2**20)
    names = [f"workload-{number:04}" for number in range(1000)]
    (largest, *_) = sorted({one.text for one in questions([query(RATE, name) for name in names], frozenset()).values()}, key=len)[::-1]
    assert largest.count("|") * 200 < settings.max_answer.bytes, "two hundred bytes for each series fit"
