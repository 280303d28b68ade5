"""A store in a database."""

from sqlalchemy import delete, select

from autoscaler.contracts.store import Request
from autoscaler.model.codec import dumps, loads
from autoscaler.model.refs import ClusterName, StoreId
from autoscaler.store.database import Database
from autoscaler.store.sql_journal import SqlJournal
from autoscaler.store.sql_leases import SqlLeases
from autoscaler.store.sql_records import SqlRecords
from autoscaler.store.sql_series import SqlSeries
from autoscaler.store.tables import REQUESTS


class SqlStore:
    """All parts, over one database that `migrations.prepare` made ready."""

    def __init__(self, database: Database, store: StoreId) -> None:
        self._database = database
        self._id = store
        self._leases = SqlLeases(database, store)
        self._records: dict[ClusterName, SqlRecords] = {}

    @property
    def id(self) -> StoreId:
        """Made once, with the database."""
        return self._id

    @property
    def leases(self) -> SqlLeases:
        """The leases of all clusters."""
        return self._leases

    def journal(self, cluster: ClusterName) -> SqlJournal:
        """One cluster's journal."""
        return SqlJournal(self._database, cluster)

    def records(self, cluster: ClusterName) -> SqlRecords:
        """One cluster's past."""
        return self._records.setdefault(cluster, SqlRecords(self._database, cluster))

    def series(self, cluster: ClusterName) -> SqlSeries:
        """One cluster's loads."""
        return SqlSeries(self._database, cluster)

    def requests(self, cluster: ClusterName) -> "SqlRequests":
        """One cluster's hand-over."""
        return SqlRequests(self._database, cluster)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


class SqlRequests:
    """One cluster's hand-over."""

    def __init__(self, database: Database, cluster: ClusterName) -> None:
        self._database = database
        self._cluster = cluster

    def submit(self, request: Request) -> None:
        """As the contract."""
        mine = (REQUESTS.c.cluster == self._cluster) & (REQUESTS.c.id == request.id)
        with self._database.writing() as connection:
            if connection.execute(select(REQUESTS.c.id).where(mine)).one_or_none():
                return
            values = {"id": request.id, "at": request.at, "pending": not request.outcome, "body": dumps(request, kind="request")}
            connection.execute(REQUESTS.insert().values(cluster=self._cluster, **values))

    def pending(self) -> tuple[Request, ...]:
        """As the contract."""
        mine = (REQUESTS.c.cluster == self._cluster) & REQUESTS.c.pending
        with self._database.reading() as connection:
            bodies = connection.execute(select(REQUESTS.c.body).where(mine).order_by(REQUESTS.c.at, REQUESTS.c.id)).scalars()
            return tuple(loads(body, Request, kind="request") for body in bodies)

    def close(self, request: Request) -> None:
        """As the contract."""
        mine = (REQUESTS.c.cluster == self._cluster) & (REQUESTS.c.id == request.id)
        with self._database.writing() as connection:
            connection.execute(delete(REQUESTS).where(mine))
            values = {"id": request.id, "at": request.at, "pending": not request.outcome, "body": dumps(request, kind="request")}
            connection.execute(REQUESTS.insert().values(cluster=self._cluster, **values))

    def find(self, request_id: str) -> Request | None:
        """As the contract."""
        mine = (REQUESTS.c.cluster == self._cluster) & (REQUESTS.c.id == request_id)
        with self._database.reading() as connection:
            body = connection.execute(select(REQUESTS.c.body).where(mine)).scalar()
        return loads(body, Request, kind="request") if body else None
