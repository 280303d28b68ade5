"""Names that are defined in one place of the files and used in another, checked when all files are read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autoscaler.config.names import listed, suggestion
from autoscaler.config.places import Mark
from autoscaler.config.problems import ProblemCode, Problems
from autoscaler.model.refs import BUILT_IN_METRICS

BUILT_IN = {"metric": BUILT_IN_METRICS}
"""Names that no file defines."""

_WHERE = {"cluster": "clusters", "metric": "metrics", "pool": "pools", "source": "sources", "traffic": "traffic"}


@dataclass(frozen=True, slots=True)
class Name:
    """One name where it stands; `what` says whether it names a cluster, a metric or another object."""

    what: str
    name: str
    at: Mark


@dataclass(slots=True)
class References:
    """All definitions and uses met while binding; and by metric, which one it falls back to."""

    defined: list[Name] = field(default_factory=list)
    used: list[Name] = field(default_factory=list)
    fallbacks: dict[str, Name] = field(default_factory=dict)

    def define(self, what: str, name: str, at: Mark) -> None:
        """`name` is defined here."""
        self.defined.append(Name(what, name, at))

    def use(self, what: str, name: str, at: Mark) -> None:
        """`name` is meant here."""
        self.used.append(Name(what, name, at))


def check_twice(references: References, problems: Problems) -> None:
    """Nothing may be defined twice over all files, nor what is built in defined at all."""
    first: dict[tuple[str, str], Mark] = {}
    for one in references.defined:
        before = first.setdefault((one.what, one.name), one.at)
        if one.name in BUILT_IN.get(one.what, ()):
            problems.add(ProblemCode.DEFINED_TWICE, one.at, f"{one.what} {one.name!r} is built in", "call yours by another name")
        elif before is not one.at:
            hint = f"the first is at {before}: keep one, or rename this one"
            problems.add(ProblemCode.DEFINED_TWICE, one.at, f"{one.what} {one.name!r} is defined twice", hint)


def check_known(references: References, problems: Problems) -> None:
    """Every name in use must be defined somewhere."""
    known = _known(references.defined)
    for use in references.used:
        if use.name not in known[use.what]:
            hint = _hint(use, known[use.what]) if problems.guessing else f"define it under {_where(use)}"
            problems.add(ProblemCode.UNKNOWN_NAME, use.at, f"no {use.what} is named {use.name[:60]!r}", hint)


def check_rings(references: References, problems: Problems) -> None:
    """No metric may fall back to itself: told once for each ring, where it closes."""
    done: set[str] = set()
    for first in references.fallbacks:
        way: list[str] = []
        name = first
        while name in references.fallbacks and name not in done:
            done.add(name)
            way.append(name)
            name = references.fallbacks[name].name
        if name in way:
            _ring(way[way.index(name) :], references.fallbacks[way[-1]].at, problems)


def _ring(names: list[str], closes: Mark, problems: Problems) -> None:
    by = f" by way of {', '.join(repr(name) for name in names[1:])}" if names[1:] else ""
    hint = "name a metric that does not lead back here, or what rules want then: `count: 6` or `at_least: 6`"
    problems.add(ProblemCode.REFUSED, closes, f"metric {names[0]!r} falls back to itself{by}", hint)


def _known(defined: Iterable[Name]) -> Mapping[str, set[str]]:
    known: dict[str, set[str]] = defaultdict(set)
    for what, names in BUILT_IN.items():
        known[what].update(names)
    for one in defined:
        known[one.what].add(one.name)
    return known


def _hint(use: Name, known: Iterable[str]) -> str:
    return suggestion(use.name, known, otherwise=f"define it under {_where(use)}; there is: {listed(known)}")


def _where(use: Name) -> str:
    return _WHERE.get(use.what, use.what)
