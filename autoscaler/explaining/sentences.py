"""A reason's sentence. Says all that the reason says: what its template does not place is added at the end."""

import re

from autoscaler.explaining.amounts import amount, with_unit
from autoscaler.explaining.templates import TEMPLATES
from autoscaler.model.reasons import Reason

PLACE = re.compile(r"\{(\w+)\}")
NAMED = ("a", "b", "c")


def sentence(reason: Reason) -> str:
    """One clause without a full stop: `the average of cpu, 90%, is off its target of 60%`."""
    places = _places(reason)
    template = next(one for one in TEMPLATES[reason.code] if _needs(one) <= places.keys())
    return PLACE.sub(lambda found: places[found[1]], template) + _rest(reason, _needs(template))


def because(reasons: tuple[Reason, ...]) -> str:
    """Several reasons in one line."""
    return "; ".join(sentence(reason) for reason in reasons)


def _needs(template: str) -> set[str]:
    return set(PLACE.findall(template))


def _places(reason: Reason) -> dict[str, str]:
    places = {str(index): amount(number, reason.unit) for index, number in enumerate(reason.numbers)}
    places |= dict(zip(NAMED, reason.names, strict=False))
    return places | ({"names": ", ".join(reason.names)} if reason.names else {})


def _rest(reason: Reason, used: set[str]) -> str:
    told = set(reason.names) if "names" in used else {name for place, name in zip(NAMED, reason.names, strict=False) if place in used}
    names = [name for name in reason.names if name not in told]
    numbers = [with_unit(number, reason.unit) for index, number in enumerate(reason.numbers) if str(index) not in used]
    return f" ({', '.join(names + numbers)})" if names or numbers else ""
