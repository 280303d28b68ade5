"""What a policy file says of a Prometheus: `sources: {prom: {prometheus: {url: "http://prometheus:9090", token: "${file:…}"}}}`."""

from dataclasses import dataclass

from autoscaler.config.secrets import Secret, Url
from autoscaler.model.quantities import Duration, Memory
from autoscaler_sources.http_settings import check_http


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusSettings:
    """`url`: where its API begins. `token`: sent as a bearer token. `timeout`: of one query. `max_answer`: larger answers are unknown."""

    url: Url
    token: Secret | None = None
    timeout: Duration = Duration(5000)
    max_answer: Memory = Memory(2**20)

    def __post_init__(self) -> None:
        check_http(self.url, self.timeout, self.max_answer, what="a Prometheus", example="http://prometheus:9090")

    @property
    def query_url(self) -> str:
        """Where instant queries go."""
        return self.url.text.rstrip("/") + "/api/v1/query"

    @property
    def range_url(self) -> str:
        """Where range queries go."""
        return self.url.text.rstrip("/") + "/api/v1/query_range"
