"""Types and prices as people write them: a row for each type, in CSV or JSON, its values as in a policy file."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from autoscaler.errors import PolicyError, UsageError
from autoscaler.model.catalogue import MachineType, Quotation
from autoscaler.model.quantities import Cpu, Instant, Memory, Money

PRICES = ("price", "spot_price")
COLUMNS = (*(one.name for one in fields(MachineType) if one.name != "quotations"), *PRICES)
NEEDED = ("name", "cpu", "memory")
HINT = f"write a head of {','.join(COLUMNS)}, or a JSON list of objects with such keys; only {', '.join(NEEDED)} must be there"


def from_rows(content: bytes, name: str, at: Instant) -> tuple[MachineType, ...]:
    """The types of a file called `name`, its prices as of `at`. UsageError says which row is wrong, and how it should be."""
    found: dict[str, MachineType] = {}
    for number, row in _rows(content, name):
        try:
            made = _type(row, name, at)
        except PolicyError as error:
            raise UsageError(f"{name}: row {number}: {error}", hint=error.hint) from error
        if made.name in found:
            raise UsageError(f"{name}: row {number}: {made.name} is there already", hint="write each type once")
        found[made.name] = made
    return tuple(found[each] for each in sorted(found))


def _rows(content: bytes, name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
        rows = json.loads(text) if text.lstrip().startswith("[") else list(csv.DictReader(io.StringIO(text), strict=True))
    except (ValueError, RecursionError, csv.Error) as error:
        raise UsageError(f"{name}: {str(error)[:200]}", hint=HINT) from error
    if not rows:
        raise UsageError(f"{name}: no types are in it", hint=HINT)
    for number, row in enumerate(rows, start=1):
        yield number, _texts(row, f"{name}: row {number}")


def _texts(row: Any, where: str) -> Mapping[str, str]:  # noqa: ANN401 - whatever JSON holds
    """Each value as text. Numbers of JSON are read as they are written; a list is a list of zones."""
    if not isinstance(row, dict) or not {*NEEDED} <= {key for key, value in row.items() if value not in (None, "")}:
        raise UsageError(f"{where}: {', '.join(NEEDED)} must be there", hint=HINT)
    if strange := [str(key)[:40] for key in row if key not in COLUMNS]:
        raise UsageError(f"{where}: {strange[0]!r} means nothing here", hint=HINT)
    return {
        key: " ".join(map(str, value)) if isinstance(value, list) else str(value).strip() for key, value in row.items() if value is not None
    }


def _type(row: Mapping[str, str], name: str, at: Instant) -> MachineType:
    prices = [(Money.parse(row[key]), key == PRICES[1]) for key in PRICES if row.get(key)]
    return MachineType(
        name=row["name"],
        cpu=Cpu.parse(row["cpu"]),
        memory=Memory.parse(row["memory"]),
        gpus=_count(row.get("gpus") or "0"),
        gpu=row.get("gpu", ""),
        architecture=row.get("architecture", ""),
        zones=tuple(sorted(row.get("zones", "").split())),
        quotations=tuple(Quotation(price=price, at=at, source=name, spot=spot) for price, spot in prices),
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise PolicyError(f"{text[:40]!r} is no count", hint="write 0, 1, 2")
    return int(text)
