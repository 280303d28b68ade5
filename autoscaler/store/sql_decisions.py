"""Decisions in a database: one row per change of mind, each chained to the one before."""

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from autoscaler.contracts.store import DecisionRecord
from autoscaler.model.codec import dumps, loads
from autoscaler.model.decisions import Decision
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import ClusterName, DecisionId, WorkloadRef
from autoscaler.store.folding import fingerprint, linked
from autoscaler.store.tables import DECISIONS


def add_decision(connection: Connection, cluster: ClusterName, decision: Decision, number: DecisionId) -> DecisionId:
    """A new row, or one more time for the workload's last one; the id of either."""
    mine = (DECISIONS.c.cluster == cluster) & (DECISIONS.c.workload == str(decision.workload))
    wanted = select(DECISIONS.c.number, DECISIONS.c.id, DECISIONS.c.essence).where(mine).order_by(DECISIONS.c.number.desc()).limit(1)
    last, essence = connection.execute(wanted).one_or_none(), fingerprint(decision)
    if last and last.essence == essence:
        row = (DECISIONS.c.cluster == cluster) & (DECISIONS.c.number == last.number)
        connection.execute(update(DECISIONS).where(row).values(times=DECISIONS.c.times + 1, last=decision.at))
        return DecisionId(last.id)
    _insert(connection, cluster, decision, number, essence)
    return number


def read_decisions(
    connection: Connection, cluster: ClusterName, workload: WorkloadRef | None, until: Instant | None, limit: int
) -> tuple[DecisionRecord, ...]:
    """Newest first."""
    wanted = select(DECISIONS).where(DECISIONS.c.cluster == cluster)
    if workload is not None:
        wanted = wanted.where(DECISIONS.c.workload == str(workload))
    if until is not None:
        wanted = wanted.where(DECISIONS.c.at <= until)
    rows = connection.execute(wanted.order_by(DECISIONS.c.number.desc()).limit(limit)).mappings()
    return tuple(_record(row) for row in rows)


def prune_decisions(connection: Connection, cluster: ClusterName, before: Instant) -> None:
    """From the oldest up to the first that still counts, so that the chain stays whole."""
    mine = DECISIONS.c.cluster == cluster
    kept = connection.execute(select(func.min(DECISIONS.c.number)).where(mine, DECISIONS.c.last >= before)).scalar()
    connection.execute(delete(DECISIONS).where(mine, DECISIONS.c.last < before, DECISIONS.c.number < (kept or 0)))


def _insert(connection: Connection, cluster: ClusterName, decision: Decision, number: DecisionId, essence: str) -> None:
    wanted = select(DECISIONS.c.number, DECISIONS.c.chain).where(DECISIONS.c.cluster == cluster)
    tip = connection.execute(wanted.order_by(DECISIONS.c.number.desc()).limit(1)).one_or_none()
    connection.execute(
        DECISIONS.insert().values(
            cluster=cluster,
            number=(tip.number if tip else 0) + 1,
            id=number,
            workload=str(decision.workload),
            at=decision.at,
            times=1,
            last=decision.at,
            essence=essence,
            chain=linked(tip.chain if tip else "", number, decision),
            body=dumps(decision, kind="decision"),
        )
    )


def _record(row: RowMapping) -> DecisionRecord:
    return DecisionRecord(
        id=DecisionId(row["id"]),
        decision=loads(row["body"], Decision, kind="decision"),
        times=row["times"],
        last=Instant(row["last"]),
        chain=row["chain"],
    )
