"""The store's tables. Bodies are documents of `model/codec.py`; beside them only what is searched or ordered by."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

NAME = String(200)

META = Table("meta", METADATA, Column("key", NAME, primary_key=True), Column("value", Text, nullable=False))

LEASES = Table(
    "leases",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("holder", NAME, nullable=False),  # empty: free; the row stays, for no term is ever used twice
    Column("term", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("began", BigInteger, nullable=False),
)

PLANS = Table(
    "plans",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("id", NAME, primary_key=True),
    Column("number", Integer, nullable=False),  # the highest is the current one
    Column("made_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

STEPS = Table(
    "steps",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("plan", NAME, primary_key=True),
    Column("step", NAME, primary_key=True),
    Column("place", Integer, nullable=False),  # the plan's order
    Column("body", Text, nullable=False),
)

SUBJECTS = Table(
    "subjects",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("subject", NAME, primary_key=True),
    Column("began", BigInteger, nullable=False),
    Column("lesson", Text),
    Column("notes", Text),
    Column("forecasts", Text),
    Column("refusals", Text),
    Column("arrivals", Text),
    Column("notices", Text),
)

LOADS = Table(
    "loads",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("subject", NAME, primary_key=True),
    Column("metric", NAME, primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("milli", BigInteger, nullable=False),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("subject", NAME, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("ready", BigInteger, nullable=False, server_default="0"),
    Index("runs_by_last", "cluster", "last"),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("cluster", NAME, nullable=False),
    Column("subject", NAME, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("foreign_change", Boolean, nullable=False),
    Index("events_by_time", "cluster", "at"),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("id", NAME, nullable=False),
    Column("workload", NAME, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("essence", String(64), nullable=False),
    Column("chain", String(129), nullable=False),
    Column("body", Text, nullable=False),
    Index("decisions_by_workload", "cluster", "workload", "number"),
)

FREEZES = Table(
    "freezes",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("subject", NAME, primary_key=True),
    Column("body", Text, nullable=False),
)

REQUESTS = Table(
    "requests",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("id", NAME, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)

TICKS = Table(
    "ticks",
    METADATA,
    Column("cluster", NAME, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("gist", String(64), nullable=False),  # empty: there were steps to take
    Column("body", Text),
)
