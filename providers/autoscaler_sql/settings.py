"""What a policy file says of a database: `sources: {orders: {sql: {url: "postgresql://reader@db/shop", password: "${file:…}"}}}`."""

from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from autoscaler.config.secrets import Secret, Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler_sql.dialects import DIALECTS, Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSettings:
    """`url`: kind, user, host and database. `ca`: a file of authorities, by which the server is checked. `timeout`: of one query."""

    url: Url
    password: Secret | None = None
    ca: str = ""
    timeout: Duration = Duration(5000)

    def __post_init__(self) -> None:
        found = self.parts
        if found.scheme not in DIALECTS or not (found.hostname and self.database) or found.query or found.fragment:
            hint = "write postgresql://reader@db:5432/shop, mysql://… or mariadb://…, with nothing behind the database"
            raise PolicyError("this is no address of a database we can ask", hint=hint)
        if not self.timeout.ms:
            raise PolicyError("a query without time has no answer", hint="write `timeout: 5s`, or leave it out")
        if self.ca and not self.ca.startswith("/"):
            raise PolicyError(f"{self.ca[:40]!r} is no whole path", hint="write the whole path, as in /etc/ssl/db-ca.pem")

    @property
    def parts(self) -> SplitResult:
        """The address, taken apart."""
        return urlsplit(self.url.text)

    @property
    def dialect(self) -> Dialect:
        """How this kind of database is spoken to."""
        return DIALECTS[self.parts.scheme]

    @property
    def user(self) -> str | None:
        """Who asks; None leaves it to the driver."""
        return unquote(self.parts.username) if self.parts.username else None

    @property
    def database(self) -> str:
        """Its name."""
        return unquote(self.parts.path.strip("/"))

    @property
    def shown(self) -> str:
        """The address for errors."""
        return f"{self.parts.scheme}://{self.parts.hostname}/{self.database}"
