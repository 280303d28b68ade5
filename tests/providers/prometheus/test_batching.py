"""Queries that differ in a workload's name alone are one question, where that is sure; every workload hears what it alone would."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Sample, averaged
from autoscaler_prometheus.batching import Question, form_of, questions
from autoscaler_prometheus.metrics_reader import PrometheusReader
from autoscaler_prometheus.selectors import with_time
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
        pytest.param('sum by (s) (a{s="web"})', id="by that very label"),
        pytest.param('sum(sum by (pod) (a{s="web"}) * b{s="web"})', id="some of it aggregated twice"),
        pytest.param('sum by pod) (a{s="web"})', id="a grouping without its parenthesis"),
        pytest.param('sum by (pod zone) (a{s="web"})', id="a grouping without a comma"),
        pytest.param('sum(rate({__name__="web"}[1m]))', id="a metric of that name"),
        pytest.param('sum(a{le="web"})', id="a bucket's end"),
        pytest.param('a{"my.label"="web"}', id="a label in quotes"),
        pytest.param('or{s="web"}', id="a word of the language"),
    ],
)
def test_queries_that_are_asked_by_themselves(text: str) -> None:
    assert form_of(text, "web") is None


def test_words_that_stand_apart_stay_so() -> None:
    form = form_of('a{s="web"} + 1 2', "web")
    assert form
    assert form.of(("web",)) == 'a{s=~"web"}+1 2'


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
    assert 8 <= len(found) <= 20
    assert max(len(quote(with_time(one))) for one in found) < 4000


def test_a_plain_selector_for_many_fits_an_address_twice_for_its_times() -> None:
    asked = [query('depth{queue="$workload"} ', f"workload-{number:04}") for number in range(1000)]
    assert max(len(quote(with_time(one.text))) for one in questions(asked, frozenset()).values()) < 6000


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
    return heard(reader, tuple(query(RATE, name) for name in names))


def heard(reader: PrometheusReader, queries: tuple[MetricQuery, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, reader.read(queries, SOON))]


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


@pytest.mark.parametrize("status", [pytest.param(503, id="busy"), pytest.param(429, id="too much asked of it")])
def test_what_is_too_much_at_once_is_asked_one_by_one_next_time(prometheus: FakePrometheus, reader: PrometheusReader, status: int) -> None:
    prometheus.default = vector(("1", 0))
    prometheus.answers[BOTH] = Reply(status=status)
    assert read(reader, "web", "api") == [Code.UNAVAILABLE, Code.UNAVAILABLE]
    assert prometheus.asked == [BOTH]
    assert read(reader, "web", "api") == [1000, 1000]


def test_one_that_is_not_answered_in_time_is_asked_one_by_one_next_time(
    prometheus: FakePrometheus, settings: PrometheusSettings, site: Site
) -> None:
    prometheus.default = vector(("1", 0))
    prometheus.answers[BOTH] = Reply(pause=lambda: site.runtime.sleep(Duration(1000)))
    reader = PrometheusReader(replace(settings, timeout=Duration(200)), site)
    assert read(reader, "web", "api") == [Code.LATE, Code.LATE]
    assert read(reader, "web", "api") == [1000, 1000]


def test_what_was_answered_stands_though_another_question_was_refused(prometheus: FakePrometheus, reader: PrometheusReader) -> None:
    depths = 'depth{queue=~"api|web"}'
    prometheus.answers |= {BOTH: by_service(web=["2"], api=["3"]), depths: Reply(status=422)}
    prometheus.default = vector(("1", 0))
    asked = tuple(query(template, name) for template in (RATE, 'depth{queue="$workload"}') for name in ("web", "api"))
    assert heard(reader, asked) == [2000, 3000, 1000, 1000]
    assert prometheus.asked.count(BOTH) == 1
