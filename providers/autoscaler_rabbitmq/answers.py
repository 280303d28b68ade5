"""From what the API tells of one queue to a value, or to the reason there is none. Pure."""

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_rabbitmq.queries import LENGTHS, RATES, Asked
from autoscaler_sources.http_faults import HTTP_OK, fault
from autoscaler_sources.json_values import counted, load, member
from autoscaler_sources.numbers import Value
from autoscaler_sources.wording import unknown

DOWN = ("down", "crashed", "stopped", "minority")
"""States of a queue whose counts, where it still has some, are those of before."""


def value(asked: Asked, status: int, body: bytes) -> Value | Unknown:
    """The one value asked for."""
    told = load(body)
    if status != HTTP_OK:
        return fault(status, _words(told))
    if isinstance(told, Unknown) or not isinstance(told, dict):
        return Unknown(Code.MALFORMED, "the answer is no JSON object; is this RabbitMQ's management?")
    state = told.get("state")
    if state in DOWN:
        return unknown(Code.UNAVAILABLE, f"the queue is {state}")
    if told.get("name") != asked.queue.name or told.get("vhost") != asked.queue.vhost:
        return Unknown(Code.MALFORMED, "the answer does not tell of the queue that was asked for")
    return _count(asked.what, told)


def _words(told: object) -> str:
    parts = (member(told, key) for key in ("error", "reason"))
    return ": ".join(part for part in parts if isinstance(part, str))


def _count(what: str, told: dict[str, object]) -> Value | Unknown:
    if what in LENGTHS:
        found = counted(member(told, LENGTHS[what]))
    else:
        found = counted(member(_within(_within(told, "message_stats"), RATES[what]), "rate"))
    return found if isinstance(found, Unknown) else Value(found)


def _within(told: object, key: str) -> object:
    """What a key holds; the reason it holds nothing goes on."""
    return told if isinstance(told, Unknown) else member(told, key)
