"""From a query's words to the queue that is asked for. Pure."""

from dataclasses import dataclass
from urllib.parse import quote

from autoscaler.model.samples import Unknown
from autoscaler_sources.query_words import Form, understood

LENGTHS = {"ready": "messages_ready", "unacknowledged": "messages_unacknowledged", "messages": "messages"}
"""Query word to the field of a queue that counts it."""

RATES = {"published-rate": "publish_details", "delivered-rate": "deliver_get_details", "acknowledged-rate": "ack_details"}
"""Query word to the field of a queue's statistics that holds the rate."""

FORMS = tuple(Form(what, ("QUEUE", "VHOST"), optional=1) for what in (*LENGTHS, *RATES))


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue."""

    vhost: str
    name: str

    @property
    def path(self) -> str:
        """Where the API tells of it; every character that means something in a path is escaped."""
        return f"/api/queues/{_escaped(self.vhost)}/{_escaped(self.name)}"


@dataclass(frozen=True, slots=True)
class Asked:
    """`what` is the query's first word."""

    what: str
    queue: Queue


def asked(query: str, vhost: str) -> Asked | Unknown:
    """The query understood; `vhost` is meant where it names none."""
    words = understood(query, FORMS)
    if isinstance(words, Unknown):
        return words
    name, *named = words.names
    return Asked(words.what, Queue(named[0] if named else vhost, name))


def _escaped(text: str) -> str:
    # A path of one or two dots would be walked, not sent: %2E is not.
    return quote(text, safe="", errors="replace").replace(".", "%2E")
