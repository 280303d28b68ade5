"""What goes over the wire to CloudWatch, and what comes of what it answers."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Rng
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown
from autoscaler_aws.cloudwatch import CloudWatchReader
from autoscaler_aws.settings import AwsSettings
from tests.providers.asking import SOON, codes, outcome, query
from tests.providers.aws.fake_aws import FakeAws, Reply, answer, error, result, results
from tests.providers.strange import numbers, status, strange

TEXT = "namespace=Shop metric=rps statistic=Sum"


@pytest.mark.parametrize(
    ("found", "means"),
    [
        pytest.param(lambda: [result((90, 3))], 3000, id="one datapoint"),
        pytest.param(lambda: [result((90, 0))], 0, id="zero is a value"),
        pytest.param(lambda: [result((150, 1), (90, 2), (210, 3))], 2000, id="the newest counts, in whatever order they come"),
        pytest.param(lambda: [result((30, 9), (90, 2))], 2000, id="a period that goes on does not count yet"),
        pytest.param(lambda: [result((30, 9))], Code.MISSING, id="only a period that goes on"),
        pytest.param(lambda: [result((-600, 9), (90, 2))], 2000, id="a period of the future does not count"),
        pytest.param(lambda: [result((90, 2), (90, 2))], 2000, id="the same datapoint twice"),
        pytest.param(lambda: [result((90, 2), (90, 3))], Code.CONTRADICTORY, id="two values of one time"),
        pytest.param(lambda: [result((90, 2)), result((90, 2))], Code.CONTRADICTORY, id="the metric twice"),
        pytest.param(lambda: [result((90, 2), Id="q7")], Code.MISSING, id="another metric"),
        pytest.param(list, Code.MISSING, id="no metric"),
        pytest.param(lambda: [result((90, 2), StatusCode="PartialData")], Code.CONTRADICTORY, id="a part of the data"),
        pytest.param(lambda: [result((90, 2), StatusCode="InternalError")], Code.UNAVAILABLE, id="failed inside"),
        pytest.param(lambda: [result((90, 2), StatusCode="Forbidden")], Code.REFUSED, id="not ours to read"),
        pytest.param(lambda: [result((90, 2), StatusCode="Great")], Code.MALFORMED, id="a status that is none"),
        pytest.param(lambda: [result((90, float("inf")))], Code.NOT_A_NUMBER, id="infinite"),
        pytest.param(lambda: [result((90, float("-inf")))], Code.NOT_A_NUMBER, id="infinitely small"),
        pytest.param(lambda: [result((90, -0.0))], Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param(lambda: [result((90, 1e300))], Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param(lambda: [result((90, 1), Values=["1"])], Code.MALFORMED, id="a number that is a text"),
        pytest.param(lambda: [result((90, 1), Values=[1, 2])], Code.MALFORMED, id="more values than times"),
        pytest.param(lambda: [result((361, 1))], Code.STALE, id="an old datapoint"),
    ],
)
def test_answers(aws: FakeAws, cloudwatch: CloudWatchReader, found: Callable[[], list[dict[str, object]]], means: object) -> None:
    # Made now: a time taken when the tests were collected is long past when this one runs.
    aws.replies["GetMetricData"] = [results(*found())]
    assert codes(cloudwatch.read((query(TEXT),), SOON)) == [means]


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        pytest.param(
            lambda: [results(result((150, 1), StatusCode="PartialData"), NextToken="t"), results(result((90, 2)))],
            2000,
            id="a metric goes on over two pages",
        ),
        pytest.param(
            lambda: [results(result((90, 1), StatusCode="InternalError"), NextToken="t"), results(result((90, 1)))],
            1000,
            id="what failed is there on the next page",
        ),
        pytest.param(lambda: [results(NextToken="t"), results(result((90, 1)))], 1000, id="an empty page comes first"),
        pytest.param(
            lambda: [results(result((150, 1), StatusCode="PartialData"), NextToken="t"), results()],
            Code.CONTRADICTORY,
            id="the rest never comes",
        ),
        pytest.param(lambda: [results(result((90, 1)), NextToken="t")], 1000, id="whole already, though pages go on for ever"),
    ],
)
def test_pages(aws: FakeAws, cloudwatch: CloudWatchReader, pages: Callable[[], list[Reply]], found: object) -> None:
    aws.replies["GetMetricData"] = pages()
    assert codes(cloudwatch.read((query(TEXT),), SOON)) == [found]
    assert [asked.get("NextToken") for _, asked in aws.asked][:2] == [None, "t"]


@pytest.mark.parametrize(
    ("settle", "found"),
    [
        pytest.param("0s", 3000, id="none: the last that is over"),
        pytest.param("45s", 2000, id="less than its age: the one before"),
        pytest.param("20s", 3000, id="more: itself"),
        pytest.param("1h", Code.MISSING, id="more than there is"),
    ],
)
def test_a_period_may_settle_first(aws: FakeAws, cloudwatch: CloudWatchReader, settle: str, found: object) -> None:
    aws.replies["GetMetricData"] = [results(result((90, 3), (150, 2)))]
    assert codes(cloudwatch.read((query(f"{TEXT} settle={settle}"),), SOON)) == [found]


def test_five_hundred_are_one_call_and_alike_ones_are_asked_once(aws: FakeAws, cloudwatch: CloudWatchReader) -> None:
    texts = [f"{TEXT} dimension.Service=s{number}" for number in range(501)]
    queries = tuple(query(text) for text in (*texts, *texts))
    assert set(codes(cloudwatch.read(queries, SOON))) == {Code.MISSING}
    assert sorted(len(asked["MetricDataQueries"]) for _, asked in aws.asked) == [1, 500]


def test_a_text_aws_refuses_takes_no_other_with_it(aws: FakeAws, cloudwatch: CloudWatchReader) -> None:
    refused = error("ValidationError", "The parameter Stat is none")
    aws.replies["GetMetricData"] = [
        refused,
        refused,
        refused,
        results(result((90, 1))),
        results(result((90, 2), Id="q0"), result((90, 3), Id="q1")),
    ]
    queries = tuple(query(f"{TEXT} dimension.Service=s{number}") for number in range(4))
    assert codes(cloudwatch.read(queries, SOON)) == [Code.REFUSED, 1000, 2000, 3000]


def test_a_text_we_refuse_takes_no_other_with_it(aws: FakeAws, cloudwatch: CloudWatchReader) -> None:
    aws.replies["GetMetricData"] = [results(result((90, 1)))]
    bad, good = cloudwatch.read((query("namespace=Shop metrc=rps"), query(TEXT)), SOON)
    assert isinstance(bad, Unknown)
    assert (bad.why, "at character 16: 'metrc' means nothing here" in bad.detail, codes((good,))) == (Code.REFUSED, True, [1000])


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(error("ValidationError"), Code.REFUSED, id="refused"),
        pytest.param(error("AccessDenied", "not authorized to perform: cloudwatch:GetMetricData", 403), Code.REFUSED, id="not allowed"),
        pytest.param(error("InvalidNextToken"), Code.REFUSED, id="a page of which it knows nothing"),
        pytest.param(Reply(body=b"<html>proxy</html>"), Code.MALFORMED, id="a page of a proxy"),
        pytest.param(Reply(body=b""), Code.MALFORMED, id="nothing"),
        pytest.param(answer([]), Code.MALFORMED, id="another JSON"),
        pytest.param(answer({"MetricDataResults": 7}), Code.MALFORMED, id="results that are none"),
    ],
)
def test_what_is_wrong_with_one_call_is_unknown_in_its_own_words(
    aws: FakeAws, cloudwatch: CloudWatchReader, reply: Reply, why: Code
) -> None:
    aws.replies["GetMetricData"] = [reply]
    (found,) = cloudwatch.read((query(TEXT),), SOON)
    assert isinstance(found, Unknown)
    assert (found.why, bool(found.detail), len(found.detail) <= 200) == (why, True, True)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(error("Throttling", "Rate exceeded"), id="throttled"),
        pytest.param(error("ThrottlingException", "Rate exceeded"), id="throttled, in newer words"),
        pytest.param(error("Whatever", status=429), id="too many requests"),
        pytest.param(error("InternalFailure", status=500), id="broken"),
        pytest.param(Reply(body=b"<html>", status=502), id="a proxy that finds nobody"),
    ],
)
def test_a_source_that_is_busy_or_broken_is_unavailable_and_asked_once(aws: FakeAws, cloudwatch: CloudWatchReader, reply: Reply) -> None:
    aws.replies["GetMetricData"] = [reply]
    with pytest.raises(UnavailableError):
        cloudwatch.read((query(TEXT),), SOON)
    assert aws.names() == ["GetMetricData"]


@pytest.mark.parametrize("code", ["ExpiredToken", "SignatureDoesNotMatch", "UnrecognizedClientException"])
def test_keys_that_are_not_accepted_are_the_administrators_to_mend_and_in_no_error(
    aws: FakeAws, cloudwatch: CloudWatchReader, code: str
) -> None:
    aws.replies["GetMetricData"] = [error(code, "the canonical request was x-amz-security-token:hunter2", 403)]
    with pytest.raises(SetupError, match=code) as caught:
        cloudwatch.read((query(TEXT),), SOON)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_keys_that_were_exchanged_are_found_after_the_old_ones_were_refused(
    aws: FakeAws, settings: AwsSettings, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.replies["GetMetricData"] = [error("ExpiredToken"), results(result((90, 1)))]
    reader = CloudWatchReader(settings, site)
    with pytest.raises(SetupError):
        reader.read((query(TEXT),), SOON)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXCHANGED")
    assert codes(reader.read((query(TEXT),), SOON)) == [1000]
    assert aws.keys == ["AKIDEXAMPLE", "AKIDEXCHANGED"]


@pytest.mark.parametrize(
    ("ahead", "found"),
    [pytest.param(20, 1000, id="a little"), pytest.param(40, Code.SKEWED, id="too far"), pytest.param(-40, Code.SKEWED, id="behind")],
)
def test_clocks_apart(aws: FakeAws, cloudwatch: CloudWatchReader, ahead: int, found: object) -> None:
    aws.replies["GetMetricData"] = [replace(results(result((120, 1))), ahead=ahead)]
    assert codes(cloudwatch.read((query(TEXT),), SOON)) == [found]


def test_one_that_is_slow_is_unavailable_within_the_deadline(aws: FakeAws, cloudwatch: CloudWatchReader, site: Site) -> None:
    aws.replies["GetMetricData"] = [Reply(pause=lambda: site.runtime.sleep(Duration(2000)))]
    began = site.runtime.monotonic()
    with pytest.raises(UnavailableError):
        cloudwatch.read((query(TEXT),), Duration(400))
    assert site.runtime.monotonic() - began < 1000


def test_nobody_there_is_unavailable(settings: AwsSettings, site: Site) -> None:
    nobody = CloudWatchReader(replace(settings, endpoint_url=Url("http://127.0.0.1:1")), site)
    with pytest.raises(UnavailableError, match="AWS does not answer"):
        nobody.read((query(TEXT),), SOON)


def generated(dice: Rng) -> bytes:
    good = result((30, 5), (90, dice.randrange(1000)), (150, 1.25), Messages=[{"Code": "c", "Value": "v"}])
    return strange(dice, {"MetricDataResults": [good], "Messages": [], **({"NextToken": "t"} if dice.random() < 0.05 else {})})


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="hundreds"), pytest.param(100_000, id="a hundred thousand", marks=pytest.mark.bodies)]
)
def test_no_answer_of_whatever_shape_raises_or_becomes_a_value_it_does_not_hold(
    aws: FakeAws, cloudwatch: CloudWatchReader, count: int
) -> None:
    seen = Counter[type]()
    for seed in range(count):
        body = generated(dice := Rng(seed))
        aws.replies["GetMetricData"] = [Reply(body=body, status=status(dice))]
        found = outcome(cloudwatch, TEXT)
        seen[type(found)] += 1
        assert not isinstance(found, Sample) or found.milli in numbers(body), (seed, body)
        aws.asked.clear()
    assert min(seen[Sample], seen[Unknown]) > count // 10


def test_looking_at_the_plugin_loads_no_sdk() -> None:
    program = "import sys, autoscaler_aws.plugin; print({'boto3', 'botocore'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "set()"
