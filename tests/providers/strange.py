"""Makes answers strange: what a bad server, a proxy or a newer API may send, the same for the same dice."""

import json
from collections.abc import Iterator

from autoscaler.contracts.runtime import Rng

LEAVES: tuple[object, ...] = (
    None, True, False, 0, -0.0, 1, -7, 0.5, 1e300, 10**30, float("nan"), float("inf"), "", "NaN", "1", "-0", "1e9999999", "Complete", "\0",
    [], {}, [[]], {"value": 3}, [1, "2"], "2026-01-01T00:00:00Z", -(10**18), 10**18,
)  # fmt: skip
NOISE = (b"", b"null", b"[]", b"<html>log in first</html>", b"[" * 5000, b'{"a":' * 300, b"\xff\xfe{}", b"{}", b'"text"', b"1" * 5000)


STATUSES = (*(200,) * 30, 204, 301, 400, 401, 403, 404, 418, 429, 500, 503)


def status(dice: Rng) -> int:
    """Mostly that all is well."""
    return dice.choice(STATUSES)


def strange(dice: Rng, good: object) -> bytes:
    """A good answer with some of its parts changed, or bytes that are none."""
    if dice.random() < 0.1:
        return dice.choice(NOISE)
    body = json.dumps(_changed(dice, good, dice.choice((0.02, 0.1, 0.3)))).encode()
    return body[: dice.randrange(len(body))] if dice.random() < 0.1 else body


def _changed(dice: Rng, found: object, chance: float) -> object:
    if dice.random() < chance:
        return dice.choice(LEAVES)
    match found:
        case dict():
            kept = {name: _changed(dice, one, chance) for name, one in found.items() if dice.random() > chance / 2}
            return {**kept, **({dice.choice(list(found)): dice.choice(LEAVES)} if found and dice.random() < chance / 2 else {})}
        case list():
            kept_ones = [_changed(dice, one, chance) for one in found if dice.random() > chance / 2]
            return kept_ones + ([dice.choice(kept_ones)] if kept_ones and dice.random() < chance / 2 else [])
        case _:
            return found


def numbers(body: bytes, *, texts: bool = False) -> set[int]:
    """Every number that stands in a body, in milli-units; with `texts` those written as texts too."""
    found = (_number(one, texts=texts) for one in _leaves(json.loads(body)))
    return {round(one * 1000) for one in found if one is not None}


def _number(found: object, *, texts: bool) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float | str) or (isinstance(found, str) and not texts):
        return None
    try:
        number = float(found)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None


def _leaves(found: object) -> Iterator[object]:
    if isinstance(found, dict | list):
        for one in found.values() if isinstance(found, dict) else found:
            yield from _leaves(one)
    else:
        yield found
