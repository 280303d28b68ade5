"""The promises of a metrics source, kept by a server on the loopback."""

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_prometheus.metrics_reader import PrometheusReader
from autoscaler_prometheus.settings import PrometheusSettings
from tests.providers.loopback import Reply
from tests.providers.prometheus.fake_prometheus import FakePrometheus, timed, vector


class TestPrometheus(MetricsContract):
    @pytest.fixture
    def metrics(self, prometheus: FakePrometheus, settings: PrometheusSettings, site: Site) -> Metrics:
        web = WorkloadRef(site.cluster, "web")
        good = tuple(MetricQuery(metric=MetricName(name), workload=web, text=name) for name in ("rps", "depth"))
        prometheus.answers = {"rps": vector(("12.3456", 0)), "depth": timed("7", 2)}

        def becomes(reply: Reply) -> None:
            prometheus.answers["rps"] = reply

        return Metrics(
            reader=PrometheusReader(settings, site),
            good=good,
            values=(12_346, 7000),
            bad={
                Code.NOT_A_NUMBER: lambda: becomes(vector(("NaN", 0))),
                Code.MISSING: lambda: becomes(vector()),
                Code.STALE: lambda: becomes(timed("1", 90)),
                Code.CONTRADICTORY: lambda: becomes(vector(("1", 0), ("2", 0))),
                Code.TOO_LARGE: lambda: becomes(Reply(body=b"x" * (2**20 + 1))),
                Code.MALFORMED: lambda: becomes(Reply(body=b"<html>proxy</html>")),
            },
            break_down=prometheus.stop,
        )
