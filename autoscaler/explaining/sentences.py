"""A reason's sentence. Says all that the reason says: what its template does not place is added at the end."""

import re
from collections.abc import Iterator

from autoscaler.explaining.amounts import amount, with_unit
from autoscaler.explaining.templates import TEMPLATES
from autoscaler.model.reasons import Reason

PLACE = re.compile(r"\{(\w+)\}")
ONE = re.compile(r"(?<![\w.,/-])1 (replica|node|machine)s\b")
NAMED = ("a", "b", "c", "d")


def sentence(reason: Reason) -> str:
    """One clause without a full stop: `cpu is 90%, its target 60%`."""
    places = _places(reason)
    template = next(one for one in TEMPLATES[reason.code] if _needs(one) <= places.keys())
    told = PLACE.sub(lambda found: places[found[1]], template) + _rest(reason, _needs(template))
    return ONE.sub(r"1 \1", told)


def because(reasons: tuple[Reason, ...]) -> str:
    """Several reasons in one line."""
    return "; ".join(sentence(reason) for reason in reasons)


def _needs(template: str) -> set[str]:
    return set(PLACE.findall(template))


def _places(reason: Reason) -> dict[str, str]:
    places = {place: amount(number, unit) for place, number, unit in _numbers(reason)}
    places |= dict(zip(NAMED, reason.names, strict=False))
    return places | ({"names": ", ".join(reason.names)} if reason.names else {})


def _numbers(reason: Reason) -> Iterator[tuple[str, int, str]]:
    """Each number's place in a template, the number, its unit. Where numbers differ in unit (`try, instant`), it is their place's name."""
    units = reason.unit.split(", ")
    for index, number in enumerate(reason.numbers):
        unit = units[min(index, len(units) - 1)]
        yield (unit if len(units) > 1 else str(index)), number, unit


def _rest(reason: Reason, used: set[str]) -> str:
    told = set(reason.names) if "names" in used else {name for place, name in zip(NAMED, reason.names, strict=False) if place in used}
    names = [name for name in reason.names if name not in told]
    numbers = [with_unit(number, unit) for place, number, unit in _numbers(reason) if place not in used]
    return f" ({', '.join(names + numbers)})" if names or numbers else ""
