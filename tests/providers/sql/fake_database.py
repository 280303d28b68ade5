"""What a database answers, without one: `Database` is tested against real ones."""

from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown
from autoscaler.service.runtime import SystemRuntime
from autoscaler_sql.answers import Row
from autoscaler_sql.database import Answer, Database
from autoscaler_sql.settings import SqlSettings

RUNTIME = SystemRuntime()


class FakeDatabase(Database):
    """`rows`: query to rows, without the server's clock, which is `ahead` ms of ours. `asked` lists the queries."""

    def __init__(self, settings: SqlSettings) -> None:
        super().__init__(settings, RUNTIME)
        self.rows: dict[str, list[Row] | Unknown] = {}
        self.asked: list[str] = []
        self.ahead = 0
        self.down = False

    def ask(self, query: str, within: Duration) -> Answer | Unknown:
        """As told."""
        self.asked.append(query)
        if self.down:
            raise UnavailableError("db does not answer", hint="start it")
        rows, now = self.rows[query], RUNTIME.now()
        return rows if isinstance(rows, Unknown) else ([(*row, (now + self.ahead) / 1000) for row in rows], Instant(now))
