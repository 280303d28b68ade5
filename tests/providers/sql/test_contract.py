"""The promises of a metrics source, kept over what a database answers."""

from datetime import UTC, datetime, timedelta

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_sql.answers import Row
from autoscaler_sql.metrics_reader import SqlReader
from autoscaler_sql.settings import SqlSettings
from tests.providers.sql.fake_database import RUNTIME, FakeDatabase


def ago(seconds: float) -> datetime:
    return datetime.fromtimestamp(RUNTIME.now() / 1000, UTC) - timedelta(seconds=seconds)


class TestSql(MetricsContract):
    @pytest.fixture
    def metrics(self) -> Metrics:
        settings = SqlSettings(url=Url("postgresql://reader@db/shop"))
        reader = SqlReader(settings, Site(name="orders", cluster=ClusterName("shop"), runtime=RUNTIME))
        database = reader._database = FakeDatabase(settings)
        database.rows = {"SELECT a": [(12.3456,)], "SELECT b": [(7, ago(2))]}

        def becomes(*rows: Row) -> None:
            database.rows["SELECT a"] = list(rows)

        return Metrics(
            reader=reader,
            good=tuple(MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text) for text in database.rows),
            values=(12_346, 7000),
            bad={
                Code.NOT_A_NUMBER: lambda: becomes((float("nan"),)),
                Code.MISSING: becomes,
                Code.STALE: lambda: becomes((1, ago(90))),
                Code.CONTRADICTORY: lambda: becomes((1,), (2,)),
                Code.MALFORMED: lambda: becomes(("many",)),
            },
            break_down=lambda: setattr(database, "down", True),
        )
