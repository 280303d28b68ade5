"""What Google Cloud offers: `sources: {gcm: {cloud_monitoring: {…}}}` and `sources: {mail: {pubsub: {…}}}`. It only reads."""

from functools import partial

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_gcp.series_queries import monitoring_question, pubsub_question
from autoscaler_gcp.settings import GcpSettings
from autoscaler_gcp.time_series import TimeSeriesReader

PROVIDER = Provider(
    name="gcp",
    sources={
        "cloud_monitoring": Entry(config=GcpSettings, open=partial(TimeSeriesReader, question=monitoring_question)),
        # A subscription's backlog is a metric of Cloud Monitoring: Pub/Sub's own API does not tell it.
        "pubsub": Entry(config=GcpSettings, open=partial(TimeSeriesReader, question=pubsub_question)),
    },
)
