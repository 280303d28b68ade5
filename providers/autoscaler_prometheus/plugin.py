"""What Prometheus offers: `sources: {prom: {prometheus: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_prometheus.metrics_reader import PrometheusReader
from autoscaler_prometheus.settings import PrometheusSettings

PROVIDER = Provider(name="prometheus", sources={"prometheus": Entry(config=PrometheusSettings, open=PrometheusReader)})
