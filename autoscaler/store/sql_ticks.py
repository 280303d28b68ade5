"""What ticks planned while there was nothing to do, in a database: one row for as long as it says the same."""

from sqlalchemy import ColumnElement, Connection, delete, select, update

from autoscaler.model.codec import dumps, loads
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import ClusterName
from autoscaler.store.folding import IDLE_PLANS, gist
from autoscaler.store.tables import TICKS


def add_tick(connection: Connection, cluster: ClusterName, at: Instant, plan: Plan) -> None:
    """A new row, or the last one is longer. A plan with steps is in the journal: here it only ends the one before."""
    mine, said = TICKS.c.cluster == cluster, gist(plan)
    wanted = select(TICKS.c.first, TICKS.c.gist).where(mine).order_by(TICKS.c.first.desc()).limit(1)
    last = connection.execute(wanted).one_or_none()
    if last and last.gist == said:
        connection.execute(update(TICKS).where(mine, TICKS.c.first == last.first).values(last=at))
        return
    # A clock that stepped back: what it said of a time to come is not so.
    connection.execute(delete(TICKS).where(mine, TICKS.c.first >= at))
    body = dumps(plan, kind="plan") if said else None
    connection.execute(TICKS.insert().values(cluster=cluster, first=at, last=at, gist=said, body=body))
    if body:
        _keep_last(connection, mine)


def read_idle_plan(connection: Connection, cluster: ClusterName, until: Instant | None) -> Plan | None:
    """The last one made until then."""
    wanted = select(TICKS.c.body).where(TICKS.c.cluster == cluster, TICKS.c.body.is_not(None))
    if until is not None:
        wanted = wanted.where(TICKS.c.first <= until)
    body = connection.execute(wanted.order_by(TICKS.c.first.desc()).limit(1)).scalar()
    return loads(body, Plan, kind="plan") if body else None


def prune_ticks(connection: Connection, cluster: ClusterName, before: Instant) -> None:
    """Drop what is older."""
    connection.execute(delete(TICKS).where(TICKS.c.cluster == cluster, TICKS.c.last < before))


def _keep_last(connection: Connection, mine: ColumnElement[bool]) -> None:
    """At once, for each may speak of thousands of nodes."""
    newest = select(TICKS.c.first).where(mine, TICKS.c.body.is_not(None)).order_by(TICKS.c.first.desc())
    least = connection.execute(newest.offset(IDLE_PLANS - 1).limit(1)).scalar()
    connection.execute(delete(TICKS).where(mine, TICKS.c.first < (least or 0)))
