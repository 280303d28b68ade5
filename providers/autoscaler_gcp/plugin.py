"""What Google Cloud offers to those who only look: pools, traffic, notices of `pubsub`, and metrics of `cloud_monitoring` and `pubsub`."""

from functools import partial

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_gcp.catalogue_answers import understood
from autoscaler_gcp.catalogue_reader import GcpCatalogue, RegionReader
from autoscaler_gcp.inspector import GroupInspector
from autoscaler_gcp.instance_group_reader import GroupTrafficReader
from autoscaler_gcp.instance_group_settings import GcpGroupTraffic
from autoscaler_gcp.notice_reader import PubSubNoticeReader
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_gcp.pool_reader import GroupReader
from autoscaler_gcp.pool_settings import GcpPool
from autoscaler_gcp.series_queries import monitoring_question, pubsub_question
from autoscaler_gcp.settings import GcpSettings
from autoscaler_gcp.time_series import TimeSeriesReader
from autoscaler_gcp.traffic_reader import EndpointReader
from autoscaler_gcp.traffic_settings import GcpTraffic

PROVIDER = Provider(
    name="gcp",
    pools={"gcp": Entry(config=GcpPool, open=GroupReader)},
    traffic={
        "neg": Entry(config=GcpTraffic, open=EndpointReader),
        "instance_group": Entry(config=GcpGroupTraffic, open=GroupTrafficReader),
    },
    notices={"pubsub": Entry(config=GcpNotices, open=PubSubNoticeReader)},
    sources={
        "cloud_monitoring": Entry(config=GcpSettings, open=partial(TimeSeriesReader, question=monitoring_question)),
        # A subscription's backlog is a metric of Cloud Monitoring: Pub/Sub's own API does not tell it.
        "pubsub": Entry(config=GcpSettings, open=partial(TimeSeriesReader, question=pubsub_question)),
    },
    inspections={"gcp": GroupInspector},
    catalogue=Entry(config=GcpCatalogue, open=RegionReader),
    answers=understood,
)
