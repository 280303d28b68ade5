"""What a query text asks of Service Bus, `namespace=shop queue=mail count=all`, and what the answer means. Pure.

https://learn.microsoft.com/rest/api/servicebus/controlplane-stable/queues/get
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_azure.requests import ArmRequest, Json
from autoscaler_sources.fields import Fields, parse
from autoscaler_sources.numbers import Value

VERSION = "2021-11-01"
ACTIVE, SCHEDULED, DEAD = "activeMessageCount", "scheduledMessageCount", "deadLetterMessageCount"
COUNTS: Mapping[str, tuple[str, ...]] = {
    "active": (ACTIVE,),
    "scheduled": (SCHEDULED,),
    "dead_letter": (DEAD,),
    "all": (ACTIVE, SCHEDULED, DEAD),
}
NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]")
ENTITY = re.compile(r"[A-Za-z0-9_]([\w./-]{0,258}[A-Za-z0-9_])?", re.ASCII)
MOST = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBusQuestion:
    """A queue, or a topic's subscription, and which of its messages are counted (a name in COUNTS)."""

    namespace: str
    entity: str
    count: str

    def request(self, group: str, asked: Instant, oldest: Duration) -> ArmRequest:  # noqa: ARG002 - it tells of now, whenever it is asked
        """The queue's description, which holds all its counts."""
        return ArmRequest(f"{group}/providers/Microsoft.ServiceBus/namespaces/{self.namespace}/{self.entity}", (("api-version", VERSION),))

    def value(self, answer: Json, over: Instant) -> Value | Unknown:
        """How many messages; they have no time of their own, so it is the answer's."""
        match answer:
            case {"properties": {"countDetails": dict() as counts}}:
                found = _messages(counts, self.count)
                return found if isinstance(found, Unknown) else Value(found, over)
            case {"properties": dict()}:
                return Unknown(Code.MISSING, "the answer holds no counts")
            case _:
                return Unknown(Code.MALFORMED, "the answer is not as Service Bus' are")


def _messages(counts: Mapping[str, object], count: str) -> int | Unknown:
    total = 0
    for name in COUNTS[count]:
        found = counts.get(name)
        if found is None:
            return Unknown(Code.MISSING, f"the answer does not say {name}")
        if not isinstance(found, int | float) or isinstance(found, bool):
            return Unknown(Code.MALFORMED, f"{name} is no number")
        if not isinstance(found, int) or not 0 <= found <= MOST:
            return Unknown(Code.NOT_A_NUMBER, f"{name} is {str(found)[:40]}")
        total += found * 1000
    return total


def servicebus_question(text: str) -> ServiceBusQuestion:
    """The question of a text; PolicyError says where it is wrong."""
    fields = parse(text, ("namespace", "queue", "topic", "subscription", "count"))
    namespace = fields.text("namespace")
    if not NAMESPACE.fullmatch(namespace):
        raise fields.wrong("namespace", "is none", "write its name, without .servicebus.windows.net")
    return ServiceBusQuestion(namespace=namespace, entity=_entity(fields), count=fields.choice("count", tuple(COUNTS), "active"))


def _entity(fields: Fields) -> str:
    if "topic" not in fields.found:
        if "subscription" in fields.found:
            raise fields.wrong("subscription", "needs its topic", "write topic=… beside it")
        return f"queues/{_name(fields, 'queue')}"
    if "queue" in fields.found:
        raise fields.wrong("queue", "stands beside a topic", "write queue=…, or topic=… and subscription=…")
    return f"topics/{_name(fields, 'topic')}/subscriptions/{_name(fields, 'subscription')}"


def _name(fields: Fields, name: str) -> str:
    value = fields.text(name)
    if not ENTITY.fullmatch(value) or ".." in value:
        raise fields.wrong(name, "is none", "write its name: letters, digits and ._-/")
    # The Resource Manager writes the slash of a name so.
    return value.replace("/", "~")
