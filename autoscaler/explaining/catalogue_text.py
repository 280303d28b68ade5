"""What a region sells, as a table: prices with who told them and when."""

from collections.abc import Sequence

from autoscaler.explaining.amounts import memory, moment, plural
from autoscaler.explaining.layout import page, table
from autoscaler.model.catalogue import OLD, Catalogue, MachineType, Quotation
from autoscaler.model.quantities import Instant, Money, since

HEADS = ("type", "cpu", "memory", "gpus", "arch", "zones", "on demand", "spot", "told")
DAY = 86_400_000


def catalogue_as_text(catalogue: Catalogue) -> str:
    """One region: a line of what it is, then a row for each type."""
    told = f"told by {catalogue.source} at {moment(catalogue.at)}"
    head = f"{catalogue.cloud} {catalogue.region}: {plural(len(catalogue.types), 'type')}, {told}"
    return page([head, *(f"  {line}" for line in table(HEADS, [_row(one) for one in catalogue.types]))])


def old_prices(catalogue: Catalogue, now: Instant) -> str:
    """How many prices may be others by now, and since when; nothing where none may."""
    ages = [since(one.at, now).ms // DAY for each in catalogue.types for one in each.quotations if one.old(now)]
    if not ages:
        return ""
    oldest = plural(max(ages), "day")
    return f"{plural(len(ages), 'price')} of {catalogue.cloud} {catalogue.region} told over {OLD.ms // DAY} days ago, up to {oldest}"


def _row(one: MachineType) -> Sequence[str]:
    cards = " ".join(filter(None, (str(one.gpus), one.gpu))) if one.gpus else ""
    size = (one.name, str(one.cpu), memory(one.memory.bytes), cards, one.architecture)
    prices = (_prices(one.quotations, spot=False), _prices(one.quotations, spot=True))
    return (*size, " ".join(one.zones), *prices, ", ".join(sorted({_told(each) for each in one.quotations})))


def _prices(quotations: Sequence[Quotation], *, spot: bool) -> str:
    """The price, or from the lowest to the highest where zones differ."""
    found = sorted({one.price for one in quotations if one.spot == spot}, key=lambda one: (one.currency, one.micro))
    if not found:
        return ""
    least, most = found[0], found[-1]
    return str(most) if least == most else f"{_bare(least)} to {most}"


def _bare(price: Money) -> str:
    return str(price).partition(" ")[0]


def _told(one: Quotation) -> str:
    return f"{one.source} {moment(one.at)[:10]}"
