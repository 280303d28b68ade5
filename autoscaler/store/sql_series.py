"""Loads of one cluster in a database, one a minute."""

from sqlalchemy import Connection, delete, select

from autoscaler.contracts.past_reader import Moments
from autoscaler.contracts.store import Load
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import ClusterName, MetricName
from autoscaler.store.database import Database
from autoscaler.store.folding import minute_of
from autoscaler.store.tables import LOADS


class SqlSeries:
    """What ticks have seen."""

    def __init__(self, database: Database, cluster: ClusterName) -> None:
        self._database = database
        self._cluster = cluster

    def read(self, subject: str, metric: MetricName, since: Instant) -> Moments:
        """As the contract."""
        mine = (LOADS.c.cluster == self._cluster) & (LOADS.c.subject == subject) & (LOADS.c.metric == metric)
        wanted = select(LOADS.c.minute, LOADS.c.milli).where(mine, LOADS.c.minute >= since).order_by(LOADS.c.minute)
        with self._database.reading() as connection:
            return tuple((Instant(minute), milli / 1000) for minute, milli in connection.execute(wanted))


def add_loads(connection: Connection, cluster: ClusterName, loads: tuple[Load, ...]) -> None:
    """The last of a minute stands."""
    for one in loads:
        key = {"cluster": cluster, "subject": one.subject, "metric": one.metric, "minute": minute_of(one.at)}
        connection.execute(delete(LOADS).where(*(LOADS.c[name] == value for name, value in key.items())))
        connection.execute(LOADS.insert().values(milli=one.milli, **key))


def prune_loads(connection: Connection, cluster: ClusterName, before: Instant) -> None:
    """Drop what is older."""
    connection.execute(delete(LOADS).where(LOADS.c.cluster == cluster, LOADS.c.minute < before))
