"""What a real Prometheus answers, and what is made of it."""

import http.server
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.past_reader import Stretch
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_prometheus.metrics_reader import PrometheusReader
from autoscaler_prometheus.settings import PrometheusSettings
from tests.real.prom import Prometheus
from tests.real.waiting import free_port, until

pytestmark = pytest.mark.real
SOON = Duration(10_000)
OLD_S = 100


SERVED = "".join(
    f'load{{service="{name}",pod="{pod}"}} {number * 10 + pod}\n'
    f'time_bucket{{service="{name}",pod="{pod}",le="0.5"}} {number}\ntime_bucket{{service="{name}",pod="{pod}",le="+Inf"}} {number * 2}\n'
    for number, name in enumerate(("web", "api", "x.y", "web-2"), start=1)
    for pod in range(number % 2 + 1)
)
"""Services by name: of web and x.y two replicas each, of the others one."""


class Exposing(http.server.BaseHTTPRequestHandler):
    """Two series of `rps`, one `depth`, and one sample that says itself that it is old."""

    def do_GET(self) -> None:
        old = int((time.time() - OLD_S) * 1000)
        body = f'rps{{pod="a"}} 1.5\nrps{{pod="b"}} 2.5\ndepth 7\nold 1 {old}\n{SERVED}'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exposing)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def prometheus(machine: None, target: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    found = Prometheus(tmp_path_factory.mktemp("prometheus"), {"app": target})
    until(lambda: found.value("depth") == 7, "a scrape", 20)
    yield found
    found.stop()


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("lab/web"), text=text)


@pytest.fixture
def reader(prometheus: Prometheus) -> PrometheusReader:
    site = Site(name="prom", cluster=ClusterName("lab"), runtime=SystemRuntime())
    return PrometheusReader(PrometheusSettings(url=Url(prometheus.url)), site)


class TestRealPrometheus(MetricsContract):
    @pytest.fixture
    def metrics(self, reader: PrometheusReader) -> Metrics:
        def break_down() -> None:
            # The server is shared by these tests: the reader is sent to where nobody listens.
            reader._url = f"http://127.0.0.1:{free_port()}"

        good = (query("sum(rps)"), query("depth"), query('rps{pod="a"}'))
        return Metrics(reader=reader, good=good, values=(4000, 7000, 1500), break_down=break_down)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            pytest.param("depth / 0 * 0", Code.NOT_A_NUMBER, id="no number"),
            pytest.param("nobody", Code.MISSING, id="no sample"),
            pytest.param("old", Code.STALE, id="an old sample"),
            pytest.param("rps", Code.CONTRADICTORY, id="two series"),
            pytest.param("rps[1m]", Code.MALFORMED, id="a range"),
            pytest.param("sum(", Code.REFUSED, id="a query nobody can read"),
        ],
    )
    def test_what_cannot_be_trusted_is_unknown_never_zero(self, reader: PrometheusReader, text: str, why: Code) -> None:  # type: ignore[override]
        (reading,) = reader.read((query(text),), SOON)
        assert isinstance(reading, Unknown)
        assert reading.why is why


def test_a_plain_selectors_time_is_that_of_its_scrape(reader: PrometheusReader) -> None:
    (reading,) = reader.read((query("depth"),), SOON)
    assert isinstance(reading, Sample)
    assert 0 <= time.time() * 1000 - reading.at < 5000


def test_what_it_remembers_is_read_by_range(reader: PrometheusReader) -> None:
    now = Instant(int(time.time() * 1000))
    moments = reader.read_past("depth", Stretch(Instant(now - 5000), now, Duration(1000)))
    assert {value for _, value in moments} == {7.0}
    assert [after - before for (before, _), (after, _) in pairwise(moments)] == [1000] * (len(moments) - 1)


@pytest.mark.parametrize(
    "template",
    [
        "sum(load{service='$workload'})",
        'load{service="$workload"}',
        'load{service="$workload", pod="0"}',
        'max(sum by (pod) (load{service="$workload"}))',
        'sum(load{service="$workload"}) / count(load{service="$workload"})',
        '-avg(load{service="$workload"}) * 2 + 100',
        'histogram_quantile(0.5, sum by (le) (time_bucket{service="$workload"}))',
        'histogram_quantile(0.5, time_bucket{service="$workload"})',
        'sum(avg_over_time(load{service="$workload"}[5s]))',
        'sum(load{service="$workload"}) or vector(0)',
        'topk(1, load{service="$workload"})',
    ],
)
def test_asked_together_each_hears_what_it_would_alone(prometheus: Prometheus, template: str) -> None:
    site = Site(name="prom", cluster=ClusterName("lab"), runtime=SystemRuntime())
    names = ("web", "api", "x.y", "web-2", "xzy", "nobody")
    queries = tuple(replace(query(template.replace("$workload", name)), workload=WorkloadRef.parse(f"lab/{name}")) for name in names)
    reader = PrometheusReader(PrometheusSettings(url=Url(prometheus.url)), site)
    together = [heard(one) for one in reader.read(queries, SOON)]
    alone = [heard(reader.read((one,), SOON)[0]) for one in queries]
    assert together == alone
    assert any(isinstance(one, int) for one in alone)


def heard(reading: Reading) -> object:
    return reading.milli if isinstance(reading, Sample) else reading.why if isinstance(reading, Unknown) else reading
