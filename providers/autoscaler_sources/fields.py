"""Query texts of `name=value` words; a value with spaces stands in quotes. Pure."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import MetricQuery, Unknown
from autoscaler_sources.wording import unknown

PAIR = re.compile(r"""([A-Za-z][^\s="']*)=("[^"]*"|'[^']*'|[^\s"']+)(?=\s|\Z)""")
SPACE = re.compile(r"\s*")
LONGEST = 4000
SHOWN = 30
DAY = Duration(86_400_000)
FARTHEST = Duration(7 * 86_400_000)

Meant = TypeVar("Meant")


@dataclass(frozen=True, slots=True)
class Field:
    """A value without its quotes, and the character of the text it begins at, counted from 1."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Fields:
    """The words of one text. Every error is a PolicyError that says at which character, and what to write."""

    found: Mapping[str, Field]

    def text(self, name: str, default: str | None = None) -> str:
        """The value of `name`; without a default it must be there."""
        if name in self.found:
            return self.found[name].value
        if default is None:
            raise PolicyError(f"the query says no {name}", hint=f"write {name}=…")
        return default

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """As `text`, and one of `choices`."""
        value = self.text(name, default)
        if value not in choices:
            raise self.wrong(name, "is none of its values", f"write one of {', '.join(choices)}")
        return value

    def span(self, name: str, default: str) -> Duration:
        """As `text`, read as a duration of a day at most."""
        try:
            found = Duration.parse(self.text(name, default))
        except PolicyError as error:
            raise self.wrong(name, "is not a duration", error.hint) from error
        if found > DAY:
            raise self.wrong(name, "is too long", "write 1d at most")
        return found

    def beneath(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """What is named `prefix` and more, without it, by name."""
        return tuple(sorted((name.removeprefix(prefix), one.value) for name, one in self.found.items() if name.startswith(prefix)))

    def wrong(self, name: str, problem: str, hint: str) -> PolicyError:
        """The error for a value that is there and means nothing."""
        field = self.found[name]
        return PolicyError(f"at character {field.at}: {name} {field.value[:SHOWN]!r} {problem}", hint=hint)


def parse(text: str, names: Collection[str], prefix: str = "") -> Fields:
    """The words of a query, each of them in `names` or, where there is one, beginning with `prefix`; none twice."""
    if len(text) > LONGEST:
        raise PolicyError(f"the query is longer than {LONGEST} characters", hint="shorten it")
    found: dict[str, Field] = {}
    position, end = _skip(text, 0), len(text.rstrip())
    while position < end:
        pair = PAIR.match(text, position)
        at = f"at character {position + 1}:"
        if not pair:
            hint = "put spaces between the words, and a value with spaces or quotes between quotes of the other kind"
            raise PolicyError(f"{at} {text[position : position + SHOWN]!r} is no name=value", hint=hint)
        name, value = pair.groups()
        if name not in names and not (prefix and name.startswith(prefix)):
            known = [*names, f"{prefix}NAME"] if prefix else names
            raise PolicyError(f"{at} {name[:SHOWN]!r} means nothing here", hint=f"write {', '.join(known)}")
        if name in found:
            raise PolicyError(f"{at} {name[:SHOWN]!r} is said twice", hint="say it once")
        found[name] = Field(_bare(value), pair.start(2) + 1)
        position = _skip(text, pair.end())
    return Fields(found)


def _skip(text: str, position: int) -> int:
    space = SPACE.match(text, position)
    return space.end() if space else position


def _bare(value: str) -> str:
    return value[1:-1] if value[0] in "\"'" else value


def understood(read: Callable[[str], Meant], text: str) -> Meant | Unknown:
    """A query text's meaning; one that has none is its author's to mend, and stops no other."""
    try:
        return read(text)
    except PolicyError as error:
        return unknown(Code.REFUSED, f"{error}: {error.hint}")


def look_back(queries: Sequence[MetricQuery]) -> Duration:
    """How far back a value may lie to be fresh for one of them: a week at most, which every cloud still has."""
    return min(FARTHEST, max((query.stale_after for query in queries), default=Duration(0)))
