"""Bodies that no source should send: for what every source must stand without a traceback."""

import json

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    binary,
    booleans,
    composite,
    floats,
    integers,
    lists,
    none,
    recursive,
    sampled_from,
    text,
)
from hypothesis.strategies import dictionaries as dicts

from autoscaler.model.samples import Unknown
from autoscaler_sources.numbers import Value

FEW, MANY = 300, 100_000
AMOUNTS = [pytest.param(FEW, id="some hundreds"), pytest.param(MANY, id="a hundred thousand", marks=pytest.mark.bodies)]
NUMBERS = ["0", "-0", "1.5", "-3", "NaN", "Infinity", "-inf", "1e999", "1e9999999", "", " 1", "0x1", "9" * 400, "null", "٣"]
LONGEST = 200


def of(amount: int) -> settings:
    """As many bodies as are wanted; a slow machine is no failure."""
    return settings(max_examples=amount, suppress_health_check=[HealthCheck.too_slow], database=None)


def leaves() -> SearchStrategy[object]:
    """What may stand where a number should."""
    return none() | booleans() | floats() | integers() | text(max_size=9) | sampled_from(NUMBERS)


def maps(*keys: str) -> SearchStrategy[object]:
    """Maps and lists of any shape, in which the keys that matter are likely."""
    return recursive(
        leaves(), lambda inner: lists(inner, max_size=3) | dicts(sampled_from(keys) | text(max_size=3), inner, max_size=5), max_leaves=12
    )


@composite
def bodies(draw: DrawFn, *keys: str, good: bytes) -> bytes:
    """Noise, JSON of any shape, or a good body of which a piece was cut out, doubled or replaced."""
    match draw(integers(0, 2)):
        case 0:
            return draw(binary(max_size=60))
        case 1:
            return json.dumps(draw(maps(*keys))).encode()
        case _:
            return draw(mangled(good))


@composite
def mangled(draw: DrawFn, good: bytes) -> bytes:
    """A good body with a piece of it replaced by something else."""
    begin = draw(integers(0, len(good)))
    end = draw(integers(begin, min(len(good), begin + 20)))
    return good[:begin] + draw(binary(max_size=4) | sampled_from([each.encode() for each in NUMBERS])) + good[end:]


def sound(found: Value | Unknown) -> bool:
    """A value within bounds, or a reason with words that fit."""
    if isinstance(found, Unknown):
        return 0 < len(found.detail) <= LONGEST
    return 0 <= found.milli <= 10**15
