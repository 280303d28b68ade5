"""The promises of a metrics source, kept by a server on the loopback."""

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_http_json.metrics_reader import HttpJsonReader
from autoscaler_http_json.settings import HttpJsonSettings
from tests.providers.loopback import Reply, answer, seconds
from tests.providers.sources.fake_http import FakeHttp


class TestHttpJson(MetricsContract):
    @pytest.fixture
    def metrics(self, api: FakeHttp, settings: HttpJsonSettings, site: Site) -> Metrics:
        web = WorkloadRef(site.cluster, "web")
        texts = ("/stats#/rps at /time", "/stats#/queues/1/depth", "/load#/0")
        stats = {"rps": 12.3456, "time": seconds(), "queues": [{}, {"depth": "7"}]}
        api.answers = {"/stats": answer(stats), "/load": answer([0.5])}

        def becomes(reply: Reply) -> None:
            api.answers["/stats"] = reply

        return Metrics(
            reader=HttpJsonReader(settings, site),
            good=tuple(MetricQuery(metric=MetricName("m"), workload=web, text=text) for text in texts),
            values=(12_346, 7000, 500),
            bad={
                Code.NOT_A_NUMBER: lambda: becomes(answer({**stats, "rps": float("nan")})),
                Code.MISSING: lambda: becomes(answer({"time": seconds()})),
                Code.STALE: lambda: becomes(answer({**stats, "time": seconds() - 90})),
                Code.CONTRADICTORY: lambda: becomes(Reply(body=b'{"rps": 1, "time": 1, "rps": 2}')),
                Code.TOO_LARGE: lambda: becomes(Reply(body=b"x" * (2**20 + 1))),
                Code.MALFORMED: lambda: becomes(Reply(body=b"<html>proxy</html>")),
            },
            break_down=api.stop,
        )
