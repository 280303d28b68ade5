"""From a query's words to the one command that answers it. Pure."""

from dataclasses import dataclass

from autoscaler.model.samples import Unknown
from autoscaler_sources.query_words import Form, understood

LONGEST_NUMBER = 64
"""Bytes of a key that holds a number; no more of it is fetched, whatever it holds."""

ONE_KEY = {
    "list": "LLEN",
    "set": "SCARD",
    "sorted-set": "ZCARD",
    "stream": "XLEN",
}
OF_A_GROUP = ("stream-lag", "stream-pending", "stream-backlog")
FORMS = (
    *(Form(what, ("KEY",)) for what in (*ONE_KEY, "number")),
    *(Form(what, ("KEY", "GROUP")) for what in OF_A_GROUP),
)


@dataclass(frozen=True, slots=True)
class Command:
    """What is sent, and what is looked for in the reply: `what` is the query's first word, `group` the consumers it speaks of."""

    what: str
    sent: tuple[bytes, ...]
    group: bytes = b""


def command(query: str) -> Command | Unknown:
    """The command; REFUSED with the place for a query nobody understands."""
    words = understood(query, FORMS)
    if isinstance(words, Unknown):
        return words
    key, *group = (name.encode(errors="surrogatepass") for name in words.names)
    if words.what == "number":
        return Command(words.what, (b"GETRANGE", key, b"0", str(LONGEST_NUMBER).encode()))
    if group:
        return Command(words.what, (b"XINFO", b"GROUPS", key), group[0])
    return Command(words.what, (ONE_KEY[words.what].encode(), key))
