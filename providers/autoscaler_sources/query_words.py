"""Queries of a few words: what is counted, then the names it needs. Names with blanks stand in double quotes. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.wording import unknown

WORD = re.compile(r'(?:"(?P<quoted>[^"]+)"|(?P<bare>[^\s"]+))(?=\s|$)')
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask: its first word, and what the words after it name. The last `optional` ones may be left out."""

    what: str
    names: tuple[str, ...]
    optional: int = 0

    def __str__(self) -> str:
        least = len(self.names) - self.optional
        return " ".join([self.what, *self.names[:least], *(f"[{name}]" for name in self.names[least:])])


@dataclass(frozen=True, slots=True)
class Words:
    """A query understood: its form's first word, and the names given."""

    what: str
    names: tuple[str, ...]


def understood(text: str, forms: Sequence[Form]) -> Words | Unknown:
    """The query in words; REFUSED says at which character it goes wrong and what to write."""
    found = split(text)
    if isinstance(found, Unknown):
        return found
    if not found:
        return unknown(Code.REFUSED, f"the query is empty; write {_listed(forms)}")
    (what, at), *rest = found
    form = next((each for each in forms if each.what == what), None)
    if form is None:
        return unknown(Code.REFUSED, f"{what[:SHOWN]!r} at character {at}; write {_listed(forms)}")
    if len(rest) < len(form.names) - form.optional:
        return unknown(Code.REFUSED, f"the {form.names[len(rest)]} is missing at character {len(text) + 1}; write {form}")
    if len(rest) > len(form.names):
        extra, at = rest[len(form.names)]
        return unknown(Code.REFUSED, f"{extra[:SHOWN]!r} at character {at} is too much; write {form}")
    return Words(form.what, tuple(word for word, _ in rest))


def split(text: str) -> list[tuple[str, int]] | Unknown:
    """Each word, and the character at which it begins, from 1."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word = WORD.match(text, at)
        if word is None:
            return unknown(Code.REFUSED, f'a quote is out of place at or after character {at + 1}; write names with blanks as "my queue"')
        found.append((word["quoted"] or word["bare"], at + 1))
        at = word.end()
    return found


def _listed(forms: Sequence[Form]) -> str:
    return " or ".join(str(form) for form in forms)
