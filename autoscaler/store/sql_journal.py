"""The journal in a database: plans, the records of their steps, and which plan is the current one."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, select, update

from autoscaler.contracts.store import Lease
from autoscaler.model.codec import dumps, loads
from autoscaler.model.commitments import NO_COMMITMENTS, Commitments, StepRecord
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import ClusterName, PlanId
from autoscaler.store.database import Database
from autoscaler.store.folding import unknown_step
from autoscaler.store.sql_leases import check
from autoscaler.store.tables import PLANS, STEPS


class SqlJournal:
    """Steps of one cluster's plans."""

    def __init__(self, database: Database, cluster: ClusterName) -> None:
        self._database = database
        self._cluster = cluster

    def commitments(self) -> Commitments:
        """As the contract."""
        with self._database.reading() as connection:
            plans = read_plans(connection, self._cluster, limit=1)
            if not plans:
                return NO_COMMITMENTS
            return Commitments(plan=plans[0], records=read_steps(connection, self._cluster, plans[0].id))

    def adopt(self, plan: Plan, records: tuple[StepRecord, ...], lease: Lease) -> None:
        """As the contract."""
        with self._database.writing() as connection:
            check(connection, lease)
            self._replace_plan(connection, plan)
            self._close_older(connection, plan, records)
            rows = [
                {
                    "cluster": self._cluster,
                    "plan": plan.id,
                    "step": record.planned.id,
                    "place": place,
                    "body": dumps(record, kind="step"),
                }
                for place, record in enumerate(records)
            ]
            if rows:
                connection.execute(STEPS.insert(), rows)

    def write(self, record: StepRecord, lease: Lease) -> None:
        """As the contract."""
        with self._database.writing() as connection:
            check(connection, lease)
            current = _current(connection, self._cluster)
            if not self._update(connection, record, (current, record.plan)):
                raise unknown_step(record)

    def _replace_plan(self, connection: Connection, plan: Plan) -> None:
        """A plan adopted again begins anew: exactly the records given."""
        highest = connection.execute(select(func.max(PLANS.c.number)).where(PLANS.c.cluster == self._cluster)).scalar()
        for table, column in ((PLANS, PLANS.c.id), (STEPS, STEPS.c.plan)):
            connection.execute(delete(table).where(table.c.cluster == self._cluster, column == plan.id))
        connection.execute(
            PLANS.insert().values(
                cluster=self._cluster,
                id=plan.id,
                number=(highest or 0) + 1,
                made_at=plan.made_at,
                body=dumps(plan, kind="plan"),
            )
        )

    def _close_older(self, connection: Connection, plan: Plan, records: Iterable[StepRecord]) -> None:
        for record in records:
            if record.plan != plan.id:
                self._update(connection, record, (record.plan,))

    def _update(self, connection: Connection, record: StepRecord, plans: tuple[str, ...]) -> int:
        mine = (STEPS.c.cluster == self._cluster) & STEPS.c.plan.in_(plans) & (STEPS.c.step == record.planned.id)
        return connection.execute(update(STEPS).where(mine).values(body=dumps(record, kind="step"))).rowcount


def read_plans(connection: Connection, cluster: ClusterName, *, until: Instant | None = None, limit: int) -> tuple[Plan, ...]:
    """Adopted plans, newest first."""
    wanted = select(PLANS.c.body).where(PLANS.c.cluster == cluster)
    if until is not None:
        wanted = wanted.where(PLANS.c.made_at <= until)
    bodies = connection.execute(wanted.order_by(PLANS.c.number.desc()).limit(limit)).scalars()
    return tuple(loads(body, Plan, kind="plan") for body in bodies)


def read_steps(connection: Connection, cluster: ClusterName, plan: PlanId) -> tuple[StepRecord, ...]:
    """A plan's records, in its order."""
    mine = (STEPS.c.cluster == cluster) & (STEPS.c.plan == plan)
    bodies = connection.execute(select(STEPS.c.body).where(mine).order_by(STEPS.c.place)).scalars()
    return tuple(loads(body, StepRecord, kind="step") for body in bodies)


def prune_plans(connection: Connection, cluster: ClusterName, before: Instant) -> None:
    """Drop plans made earlier, but never the current one."""
    old = (PLANS.c.cluster == cluster) & (PLANS.c.made_at < before) & (PLANS.c.id != _current(connection, cluster))
    names = select(PLANS.c.id).where(old).scalar_subquery()
    connection.execute(delete(STEPS).where(STEPS.c.cluster == cluster, STEPS.c.plan.in_(names)))
    connection.execute(delete(PLANS).where(old))


def _current(connection: Connection, cluster: ClusterName) -> str:
    wanted = select(PLANS.c.id).where(PLANS.c.cluster == cluster).order_by(PLANS.c.number.desc()).limit(1)
    return connection.execute(wanted).scalar() or ""
