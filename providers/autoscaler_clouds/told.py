"""What a machine says of itself through a queue, where its cloud tells the machine alone that it takes it. Pure.

One message of version 1: {"poolkeeper": 1, "cloud": "gcp", "scope": "shop-prod", "instance": "shop-general-x7k2", "incarnation": "4711…",
"kind": "preempted", "at": "2027-01-01T00:00:00Z", "ends": "2027-01-01T00:00:30Z"}. The script that sends it is Terraform's module join.
"""

import json
import re
from contextlib import suppress

from autoscaler.model.history import Notice
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown
from autoscaler_sources.moments import moment

VERSION = 1
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,119}", re.ASCII)
KIND = re.compile(r"[A-Za-z][\w-]{0,39}", re.ASCII)
AHEAD = Duration(86_400_000)
"""No cloud tells a machine of an end further off than this: who does is not believed."""


def letter(receipt: str, body: str | bytes, cloud: str) -> Letter:
    """What is no message of ours, of this version and this cloud, is none of a machine's: it has no notice, so that it is dropped."""
    found = None
    with suppress(ValueError, TypeError, LookupError, RecursionError):
        found = _notice(json.loads(body), cloud)
    return Letter(receipt=receipt, notice=found)


def _notice(told: dict[str, object], cloud: str) -> Notice | None:
    """By the boot, which no other machine of any pool has."""
    if type(told["poolkeeper"]) is not int or told["poolkeeper"] != VERSION or told["cloud"] != cloud:
        return None
    instance, boot, kind = (told[name] for name in ("instance", "incarnation", "kind"))
    at, ends = _moment(told["at"]), _moment(told["ends"])
    if not (_is(NAME, instance) and _is(NAME, boot) and _is(KIND, kind)) or at is None or ends is None or ends > at + AHEAD.ms:
        return None
    return Notice(str(boot), at, ends, f"{kind}: {instance}")


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _moment(text: object) -> Instant | None:
    found = moment(text) if isinstance(text, str) else None
    return None if isinstance(found, Unknown) else found
