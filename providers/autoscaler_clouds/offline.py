"""Prices that came with a package, for where no cloud can be asked: of apache-libcloud, which collects them between its releases."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autoscaler.errors import SetupError
from autoscaler.model.catalogue import Quotation
from autoscaler.model.quantities import Instant
from autoscaler_clouds.quoting import money

Json = Mapping[str, Any]
PACKAGE = "apache-libcloud"
DOLLARS = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """`prices`: by list, as `ec2_linux`, by type and region, in dollars. `at`: when the package says that they were collected."""

    at: Instant
    source: str
    prices: Json

    def quotations(self, of: str, name: str, region: str) -> tuple[Quotation, ...]:
        """What a list says of a type on demand; nothing where that is nothing, or no price at all."""
        told = self.prices.get(of, {}).get(name)
        price = money(str(told.get(region, "")), DOLLARS) if isinstance(told, dict) else None
        return (Quotation(price=price, at=self.at, source=self.source),) if price else ()


def carried() -> Carried:
    """SetupError where the package is not there, or not as it was."""
    found = find_spec("libcloud")
    if found is None:
        hint = "pip install 'poolkeeper[offline]', or import a table: autoscaler catalogue import"
        raise SetupError(f"{PACKAGE}, whose prices are meant, is not installed", hint=hint)
    try:
        return understood((_home(found) / "data" / "pricing.json").read_bytes(), f"{PACKAGE} {version(PACKAGE)}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(
            f"the prices in {PACKAGE} cannot be read ({type(error).__name__})", hint="install another version of it"
        ) from error


def understood(content: bytes, source: str) -> Carried:
    """The package's file. Its numbers are kept as they are written."""
    told = json.loads(content, parse_float=str)
    return Carried(at=Instant(int(told["updated"]) * 1000), source=source, prices=dict(told["compute"]))


def _home(found: ModuleSpec) -> Path:
    return Path((found.submodule_search_locations or [""])[0])
