"""How each kind of database is told to only read, to hurry, and to say what time it is. Pure."""

from dataclasses import dataclass, replace

CONNECT_S = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`clock`: the server's time in seconds since 1970. `prepare`: what is said before a query that may take `{ms}` or `{s}`.

    `connect`, `verified`: what the driver is told always, and when the server is to be checked by a file of authorities. `options`:
    what SQLAlchemy is told. `reads_in_time`: the driver can be told how long to wait for the server. `naive_is_utc`: a time without a
    zone is one, because the server has no others and `prepare` sets the session to UTC.
    """

    driver: str
    extra: str
    clock: str
    prepare: tuple[str, ...]
    ca_field: str
    verified: tuple[tuple[str, object], ...]
    connect: tuple[tuple[str, object], ...]
    reads_in_time: bool = False
    naive_is_utc: bool = False
    options: tuple[tuple[str, bool], ...] = ()


POSTGRESQL = Dialect(
    driver="postgresql+psycopg",
    extra="postgresql",
    clock="extract(epoch from clock_timestamp())",
    prepare=("SET LOCAL statement_timeout = {ms}",),
    ca_field="sslrootcert",
    verified=(("sslmode", "verify-full"),),
    # A prepared statement would not survive a pooler between us and the server.
    connect=(("connect_timeout", CONNECT_S), ("prepare_threshold", None)),
    options=(("postgresql_readonly", True),),
)
_MYSQL_READS = ("SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'")
MYSQL = Dialect(
    driver="mysql+pymysql",
    extra="mysql",
    clock="unix_timestamp(sysdate(3))",
    prepare=(*_MYSQL_READS, "SET SESSION max_execution_time = {ms}", "COMMIT"),
    ca_field="ssl_ca",
    verified=(("ssl_verify_cert", True), ("ssl_verify_identity", True)),
    connect=(("connect_timeout", CONNECT_S),),
    reads_in_time=True,
    naive_is_utc=True,
)
MARIADB = replace(MYSQL, driver="mariadb+pymysql", prepare=(*_MYSQL_READS, "SET SESSION max_statement_time = {s}", "COMMIT"))
DIALECTS = {"postgresql": POSTGRESQL, "mysql": MYSQL, "mariadb": MARIADB}


def one_row(query: str, dialect: Dialect) -> str:
    """The query with the server's time beside it, of which at most two rows are sent.

    As a part of ours it can be nothing but a SELECT; and because a parameter is sent with it, PostgreSQL takes no second statement.
    """
    return f"SELECT answer.*, {dialect.clock} FROM (\n{query.replace('%', '%%')}\n) AS answer LIMIT %s"  # noqa: S608 - the query is the policy's own, and only reads
