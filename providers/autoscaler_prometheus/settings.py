"""What a policy file says of a Prometheus: `sources: {prom: {prometheus: {url: "http://prometheus:9090", token: "${file:…}"}}}`."""

from dataclasses import dataclass

from autoscaler.config.secrets import Secret, Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Memory

SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusSettings:
    """`url`: where its API begins. `token`: sent as a bearer token. `timeout`: of one query. `max_answer`: larger answers are unknown."""

    url: Url
    token: Secret | None = None
    timeout: Duration = Duration(5000)
    max_answer: Memory = Memory(2**20)

    def __post_init__(self) -> None:
        if not self.url.text.startswith(SCHEMES) or "?" in self.url.text or "#" in self.url.text:
            raise PolicyError("a Prometheus is reached by http or https, at a path", hint="write http://prometheus:9090")
        if not (self.timeout.ms and self.max_answer.bytes):
            raise PolicyError(
                "a query without time or room has no answer", hint="write `timeout: 5s` and `max_answer: 1Mi`, or leave them out"
            )

    @property
    def query_url(self) -> str:
        """Where instant queries go."""
        return self.url.text.rstrip("/") + "/api/v1/query"
