"""Which call of a provider needs which permission: the table that Terraform's roles are made of, shipped with each provider."""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ANYONE = "anyone"
"""The role that needs no permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`call` needs `permission` on such objects, and `role` is the one that has it; `page` says so."""

    call: str
    role: str
    permission: str
    on: str
    page: str


@cache
def table(package: str) -> tuple[Row, ...]:
    """A provider's own."""
    lines = (files(package) / "permissions.csv").read_text().splitlines()
    return tuple(Row(**line) for line in csv.DictReader(lines))


def calls_without(rows: Iterable[Row], lacking: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """By each permission that lacks, the calls that are refused for it."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.permission in lacking:
            found.setdefault(row.permission, {})[row.call.rpartition(".")[2]] = None
    return {permission: tuple(calls) for permission, calls in sorted(found.items())}
