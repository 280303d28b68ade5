"""What databases offer: `sources: {orders: {sql: {…}}}`. It only reads."""

from autoscaler.contracts.provider import Entry, Provider
from autoscaler_sql.metrics_reader import SqlReader
from autoscaler_sql.settings import SqlSettings

PROVIDER = Provider(name="sql", sources={"sql": Entry(config=SqlSettings, open=SqlReader)})
