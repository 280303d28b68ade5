"""The past of one cluster in a database."""

from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, select, true, update

from autoscaler.contracts.store import DecisionRecord, Lease, TickRecord
from autoscaler.model.codec import dumps, loads
from autoscaler.model.commitments import StepRecord
from autoscaler.model.forecasts import Forecast
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Arrivals, Histories, History, Lesson, Note, Notice, Recommendation, Refusal, ScaleEvent
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import ClusterName, DecisionId, PlanId, WorkloadRef
from autoscaler.store.database import Database
from autoscaler.store.folding import LOADS, PRUNE_EVERY, RETENTION, Run, lengthened, told
from autoscaler.store.sql_decisions import add_decision, prune_decisions, read_decisions
from autoscaler.store.sql_journal import prune_plans, read_plans, read_steps
from autoscaler.store.sql_leases import check
from autoscaler.store.sql_series import add_loads, prune_loads
from autoscaler.store.sql_ticks import add_tick, prune_ticks, read_idle_plan
from autoscaler.store.tables import EVENTS, FREEZES, RUNS, SUBJECTS


class SqlRecords:
    """Decisions, recommendations, events, ticks, freezes."""

    def __init__(self, database: Database, cluster: ClusterName) -> None:
        self._database = database
        self._cluster = cluster
        self._pruned_at = Instant(0)

    def histories(self, since: Instant, subjects: frozenset[str] | None = None) -> Histories:
        """As the contract."""
        with self._database.reading() as connection:
            runs, events = self._runs(connection, since, subjects), self._events(connection, since, subjects)
            mine = (SUBJECTS.c.cluster == self._cluster) & _among(SUBJECTS, subjects)
            columns = (
                SUBJECTS.c.subject,
                SUBJECTS.c.began,
                SUBJECTS.c.lesson,
                SUBJECTS.c.notes,
                SUBJECTS.c.forecasts,
                SUBJECTS.c.refusals,
                SUBJECTS.c.notices,
                SUBJECTS.c.arrivals,
            )
            known = connection.execute(select(*columns).where(mine)).all()
        return Histories(
            tuple(
                History(
                    subject=subject,
                    began=Instant(began),
                    recommendations=told(runs.get(subject, []), since),
                    events=tuple(events.get(subject, [])),
                    lesson=loads(lesson, Lesson, kind="lesson") if lesson else None,
                    notes=loads(notes, tuple[Note, ...], kind="notes") if notes else (),
                    forecasts=loads(forecasts, tuple[Forecast, ...], kind="forecasts") if forecasts else (),
                    refusals=loads(refusals, tuple[Refusal, ...], kind="refusals") if refusals else (),
                    notices=loads(notices, tuple[Notice, ...], kind="notices") if notices else (),
                    arrivals=loads(arrivals, Arrivals, kind="arrivals") if arrivals else Arrivals(),
                )
                for subject, began, lesson, notes, forecasts, refusals, notices, arrivals in sorted(known, key=itemgetter(0))
            )
        )

    def remember(self, tick: TickRecord, lease: Lease) -> tuple[DecisionId, ...]:
        """As the contract."""
        with self._database.writing() as connection:
            check(connection, lease)
            ids = [add_decision(connection, self._cluster, one, DecisionId(self._database.new_id())) for one in tick.decisions]
            self._begin_subjects(connection, tick)
            for subject, recommendation in tick.recommendations:
                self._lengthen(connection, subject, recommendation)
            for subject, lesson in tick.lessons:
                self._set(connection, subject, lesson=dumps(lesson, kind="lesson"))
            for subject, notes in tick.notes:
                self._set(connection, subject, notes=dumps(notes, kind="notes"))
            for subject, forecasts in tick.forecasts:
                self._set(connection, subject, forecasts=dumps(forecasts, kind="forecasts"))
            for subject, refusals in tick.refusals:
                self._set(connection, subject, refusals=dumps(refusals, kind="refusals"))
            for subject, notices in tick.notices:
                self._set(connection, subject, notices=dumps(notices, kind="notices"))
            for subject, arrivals in tick.arrivals:
                self._set(connection, subject, arrivals=dumps(arrivals, kind="arrivals"))
            add_loads(connection, self._cluster, tick.loads)
            self._add_events(connection, tick)
            if tick.plan:
                add_tick(connection, self._cluster, tick.at, tick.plan)
            if tick.at - self._pruned_at >= PRUNE_EVERY.ms:
                self._prune(connection, Instant(tick.at - RETENTION.ms))
                prune_loads(connection, self._cluster, Instant(tick.at - LOADS.ms))
        self._pruned_at = tick.at if tick.at - self._pruned_at >= PRUNE_EVERY.ms else self._pruned_at
        return tuple(ids)

    def decisions(self, workload: WorkloadRef | None, *, until: Instant | None = None, limit: int = 20) -> tuple[DecisionRecord, ...]:
        """As the contract."""
        with self._database.reading() as connection:
            return read_decisions(connection, self._cluster, workload, until, limit)

    def plans(self, *, until: Instant | None = None, limit: int = 20) -> tuple[Plan, ...]:
        """As the contract."""
        with self._database.reading() as connection:
            return read_plans(connection, self._cluster, until=until, limit=limit)

    def idle_plan(self, *, until: Instant | None = None) -> Plan | None:
        """As the contract."""
        with self._database.reading() as connection:
            return read_idle_plan(connection, self._cluster, until)

    def steps(self, plan: PlanId) -> tuple[StepRecord, ...]:
        """As the contract."""
        with self._database.reading() as connection:
            return read_steps(connection, self._cluster, plan)

    def freezes(self) -> tuple[Freeze, ...]:
        """As the contract."""
        with self._database.reading() as connection:
            wanted = select(FREEZES.c.body).where(FREEZES.c.cluster == self._cluster).order_by(FREEZES.c.subject)
            return tuple(loads(body, Freeze, kind="freeze") for body in connection.execute(wanted).scalars())

    def freeze(self, freeze: Freeze) -> None:
        """As the contract."""
        with self._database.writing() as connection:
            self._lift(connection, freeze.subject)
            body = dumps(freeze, kind="freeze")
            connection.execute(FREEZES.insert().values(cluster=self._cluster, subject=freeze.subject, body=body))

    def resume(self, subject: str) -> bool:
        """As the contract."""
        with self._database.writing() as connection:
            return self._lift(connection, subject) > 0

    def _lift(self, connection: Connection, subject: str) -> int:
        mine = (FREEZES.c.cluster == self._cluster) & (FREEZES.c.subject == subject)
        return connection.execute(delete(FREEZES).where(mine)).rowcount

    def _runs(self, connection: Connection, since: Instant, subjects: frozenset[str] | None) -> dict[str, list[Run]]:
        mine = (RUNS.c.cluster == self._cluster) & (RUNS.c.last >= since) & _among(RUNS, subjects)
        rows = connection.execute(select(RUNS).where(mine).order_by(RUNS.c.subject, RUNS.c.first)).mappings()
        grouped = groupby(rows, key=lambda row: str(row["subject"]))
        return {subject: [_run(row) for row in group] for subject, group in grouped}

    def _events(self, connection: Connection, since: Instant, subjects: frozenset[str] | None) -> dict[str, list[ScaleEvent]]:
        mine = (EVENTS.c.cluster == self._cluster) & (EVENTS.c.at >= since) & _among(EVENTS, subjects)
        rows = connection.execute(select(EVENTS).where(mine).order_by(EVENTS.c.subject, EVENTS.c.number)).mappings()
        grouped = groupby(rows, key=lambda row: str(row["subject"]))
        return {
            subject: [ScaleEvent(Instant(row["at"]), row["change"], foreign=row["foreign_change"]) for row in group]
            for subject, group in grouped
        }

    def _begin_subjects(self, connection: Connection, tick: TickRecord) -> None:
        subjects = {subject for subject, _ in (*tick.recommendations, *tick.events, *tick.refusals, *tick.notices, *tick.arrivals)}
        mine = SUBJECTS.c.cluster == self._cluster
        known = set(connection.execute(select(SUBJECTS.c.subject).where(mine)).scalars())
        rows = [{"cluster": self._cluster, "subject": one, "began": tick.at} for one in sorted(subjects - known)]
        if rows:
            connection.execute(SUBJECTS.insert(), rows)

    def _lengthen(self, connection: Connection, subject: str, one: Recommendation) -> None:
        mine = (RUNS.c.cluster == self._cluster) & (RUNS.c.subject == subject)
        row = connection.execute(select(RUNS).where(mine).order_by(RUNS.c.first.desc()).limit(1)).mappings().one_or_none()
        last = _run(row) if row else None
        *_, run = lengthened(last, one)
        # A clock that stepped back can begin a run where one is already: the newer one stands.
        gone = delete(RUNS).where(mine, RUNS.c.first == run.first)
        if last and run.first == last.first:
            gone_or_longer = update(RUNS).where(mine, RUNS.c.first == run.first).values(last=run.last, count=run.count)
            connection.execute(gone_or_longer)
            return
        connection.execute(gone)
        values = {"first": run.first, "last": run.last, "count": run.count, "ready": run.ready}
        connection.execute(RUNS.insert().values(cluster=self._cluster, subject=subject, **values))

    def _set(self, connection: Connection, subject: str, **columns: str) -> None:
        mine = (SUBJECTS.c.cluster == self._cluster) & (SUBJECTS.c.subject == subject)
        connection.execute(update(SUBJECTS).where(mine).values(**columns))

    def _add_events(self, connection: Connection, tick: TickRecord) -> None:
        rows = [
            {
                "cluster": self._cluster,
                "subject": subject,
                "at": one.at,
                "change": one.change,
                "foreign_change": one.foreign,
            }
            for subject, one in tick.events
        ]
        if rows:
            connection.execute(EVENTS.insert(), rows)

    def _prune(self, connection: Connection, before: Instant) -> None:
        prune_decisions(connection, self._cluster, before)
        prune_plans(connection, self._cluster, before)
        connection.execute(delete(RUNS).where(RUNS.c.cluster == self._cluster, RUNS.c.last < before))
        connection.execute(delete(EVENTS).where(EVENTS.c.cluster == self._cluster, EVENTS.c.at < before))
        prune_ticks(connection, self._cluster, before)


def _run(row: RowMapping) -> Run:
    return Run(first=row["first"], last=row["last"], count=row["count"], ready=row["ready"])


def _among(table: Table, subjects: frozenset[str] | None) -> ColumnElement[bool]:
    return true() if subjects is None else table.c.subject.in_(sorted(subjects))
