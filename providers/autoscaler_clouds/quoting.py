"""Catalogues put together from what a cloud's several APIs tell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import TypeVar

from autoscaler.errors import AutoscalerError
from autoscaler.model.catalogue import MachineType, Quotation
from autoscaler.model.quantities import Money

T = TypeVar("T")

MICRO = Decimal(1_000_000)
MOST = Decimal(10**6)
"""An hour of no machine costs that much."""

ARCHITECTURES: Mapping[str, str] = {"x86_64": "amd64", "x64": "amd64", "arm64": "arm64", "aarch64": "arm64"}
"""As vendors call them, to what orchestrators call them; in small letters."""

Told = Mapping[str, Sequence[Quotation]]
"""Prices by the type's name."""

UNTOLD: Told = {}


def money(text: str, currency: str) -> Money | None:
    """A price as vendors write it, rounded up to a millionth; None for none, for what is free and for what is no number."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not (amount.is_finite() and 0 < amount < MOST and len(currency) == 3):  # noqa: PLR2004 - of ISO 4217
        return None
    return Money(int((amount * MICRO).to_integral_value(ROUND_UP)), currency)


def dearest(told: Iterable[tuple[str, Quotation]]) -> dict[str, tuple[Quotation, ...]]:
    """By type, for each zone and market the dearest that was told: where a vendor lists a type twice, none must be taken for cheap."""
    found: dict[tuple[str, bool, str], Quotation] = {}
    for name, one in told:
        key = (name, one.spot, one.zone)
        if key not in found or one.price.micro > found[key].price.micro:
            found[key] = one
    by_type: dict[str, tuple[Quotation, ...]] = {}
    for (name, _, _), one in sorted(found.items(), key=lambda item: item[0]):
        by_type[name] = (*by_type.get(name, ()), one)
    return by_type


def priced(types: Iterable[MachineType], *told: Told) -> tuple[MachineType, ...]:
    """The types with what was told of each, in order of their names."""
    made = (replace(one, quotations=tuple(each for prices in told for each in prices.get(one.name, ()))) for one in types)
    return tuple(sorted(made, key=lambda one: one.name))


@dataclass(slots=True)
class Parts:
    """What is read part by part: one that does not come is noted, and hinders none of the others."""

    lacking: list[AutoscalerError] = field(default_factory=list)

    def read(self, ask: Callable[[], T], otherwise: T) -> T:
        """What `ask` answers, else that."""
        try:
            return ask()
        except AutoscalerError as error:
            self.lacking.append(error)
            return otherwise
