"""Leases in a database, and the one check that fences every other write."""

from sqlalchemy import Connection, RowMapping, select, update

from autoscaler.contracts.store import Lease
from autoscaler.model.quantities import Duration, Instant, later
from autoscaler.model.refs import ClusterName, StoreId
from autoscaler.store.database import Database
from autoscaler.store.folding import lost, taken, timed
from autoscaler.store.tables import LEASES


class SqlLeases:
    """One row per cluster; a free lease keeps its row, so that no term is used twice."""

    def __init__(self, database: Database, store: StoreId) -> None:
        self._database = database
        self._store = store

    def acquire(self, cluster: ClusterName, holder: str, ttl: Duration) -> Lease:
        """As the contract; a lease that ran out begins a new term, whoever held it."""
        asked = self._database.runtime.monotonic()
        with self._database.writing() as connection:
            now, row = self._database.clock(connection), _row(connection, cluster)
            held = self._lease(row) if row and row["holder"] else None
            if held and held.until > now:
                if held.holder != holder:
                    raise taken(held)
                lease = self._extend(connection, held, later(now, ttl))
            else:
                lease = Lease(
                    cluster=cluster,
                    holder=holder,
                    term=(row["term"] if row else 0) + 1,
                    until=later(now, ttl),
                    store=self._store,
                    began=now if held else Instant(0),
                )
                _put(connection, lease, new=row is None)
        return timed(lease, ttl, asked, now=now, runtime=self._database.runtime)

    def renew(self, lease: Lease, ttl: Duration) -> Lease:
        """As the contract."""
        asked = self._database.runtime.monotonic()
        with self._database.writing() as connection:
            check(connection, lease)
            now = self._database.clock(connection)
            longer = self._extend(connection, lease, later(now, ttl))
        return timed(longer, ttl, asked, now=now, runtime=self._database.runtime)

    def release(self, lease: Lease) -> None:
        """As the contract."""
        with self._database.writing() as connection:
            ours = (LEASES.c.cluster == lease.cluster) & (LEASES.c.term == lease.term) & (LEASES.c.holder == lease.holder)
            connection.execute(update(LEASES).where(ours).values(holder="", until=0))

    def current(self, cluster: ClusterName) -> Lease | None:
        """As the contract."""
        with self._database.reading() as connection:
            row = _row(connection, cluster)
            return self._lease(row) if row and row["holder"] else None

    def _extend(self, connection: Connection, held: Lease, until: Instant) -> Lease:
        connection.execute(update(LEASES).where(LEASES.c.cluster == held.cluster).values(until=until))
        row = _row(connection, held.cluster)
        return self._lease(row) if row else held

    def _lease(self, row: RowMapping) -> Lease:
        return Lease(
            cluster=ClusterName(row["cluster"]),
            holder=row["holder"],
            term=row["term"],
            until=Instant(row["until"]),
            store=self._store,
            began=Instant(row["began"]),
        )


def check(connection: Connection, lease: Lease) -> None:
    """LostLeaseError unless this term is the cluster's present one; it stays so until the transaction ends."""
    row = _row(connection, lease.cluster, lock=True)
    if row is None or (row["term"], row["holder"]) != (lease.term, lease.holder):
        raise lost(lease.cluster, lease.term)


def _row(connection: Connection, cluster: ClusterName, *, lock: bool = False) -> RowMapping | None:
    wanted = select(LEASES).where(LEASES.c.cluster == cluster)
    # Where writers run side by side the row is locked; SQLite has one writer at a time and knows no such clause.
    return connection.execute(wanted.with_for_update() if lock else wanted).mappings().one_or_none()


def _put(connection: Connection, lease: Lease, *, new: bool) -> None:
    values = {"holder": lease.holder, "term": lease.term, "until": lease.until, "began": lease.began}
    if new:
        connection.execute(LEASES.insert().values(cluster=lease.cluster, **values))
    else:
        connection.execute(update(LEASES).where(LEASES.c.cluster == lease.cluster).values(**values))
