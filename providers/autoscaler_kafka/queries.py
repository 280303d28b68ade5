"""From a query's words to the topic and the group. Pure."""

import re
from dataclasses import dataclass

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.query_words import SHOWN, Form, understood
from autoscaler_sources.wording import unknown

TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")

FROM_START = "lag-from-start"
FORMS = tuple(Form(what, ("TOPIC", "GROUP")) for what in ("lag", FROM_START))


@dataclass(frozen=True, slots=True)
class Consumed:
    """A topic, as a group of consumers sees it."""

    topic: str
    group: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`from_start`: what a group has committed nothing of, it is to read from its start."""

    consumed: Consumed
    from_start: bool


def asked(query: str) -> Asked | Unknown:
    """The query understood; REFUSED says at which character it goes wrong."""
    words = understood(query, FORMS)
    if isinstance(words, Unknown):
        return words
    topic, group = words.names
    if not TOPIC.fullmatch(topic) or not group.isprintable():
        return unknown(Code.REFUSED, f"{topic[:SHOWN]!r} or {group[:SHOWN]!r} is no name that Kafka allows")
    return Asked(Consumed(topic, group), from_start=words.what == FROM_START)
