"""What is wrong with the files: each problem with its place, all of them told at once."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from autoscaler.config.places import Mark
from autoscaler.config.rendering import mask, show
from autoscaler.errors import PolicyError

SHOWN = 50
KEPT = 1000
"""A file of a million slips is still answered from bounded memory; the rest is counted."""


class ProblemCode(StrEnum):
    """Every way a file can be wrong; the tests and the schema's agreement speak of these."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    SYNTAX = "syntax"
    UNSUPPORTED = "unsupported"
    DUPLICATE_KEY = "duplicate_key"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    WRONG_TYPE = "wrong_type"
    WRONG_VALUE = "wrong_value"
    NOT_SECRET = "not_secret"  # noqa: S105 - a code, no password
    UNKNOWN_PLUGIN = "unknown_plugin"
    BROKEN_PLUGIN = "broken_plugin"
    # Beyond what a JSON Schema can see.
    REFUSED = "refused"
    UNKNOWN_NAME = "unknown_name"
    DEFINED_TWICE = "defined_twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem; no password of a URL is in it. `text` is the source line, empty when there is none or it may hold a secret."""

    code: ProblemCode
    file: str
    line: int
    column: int
    width: int
    text: str
    problem: str
    hint: str

    def __str__(self) -> str:
        return show(f"{self.file}:{self.line}:{self.column}: {self.problem}", self)


@dataclass(slots=True)
class Problems:
    """Collects problems while files are read. `hidden`: lines never shown, for something on them may be a secret."""

    found: list[tuple[ProblemCode, Mark, str, str]] = field(default_factory=list)
    hidden: set[tuple[int, int]] = field(default_factory=set)
    seen: set[tuple[Mark, str]] = field(default_factory=set)
    count: int = 0
    codes: Counter[ProblemCode] = field(default_factory=Counter)

    def add(self, code: ProblemCode, at: Mark, problem: str, hint: str) -> None:
        """Note one problem; the same one at the same place (reached through an alias) only once."""
        if (at, problem) in self.seen:
            return
        self.count += 1
        self.codes[code] += 1
        if len(self.found) < KEPT:
            self.seen.add((at, problem))
            self.found.append((code, at, problem, hint))

    @property
    def guessing(self) -> bool:
        """Whether the next problem will be shown: to guess what was meant for a million more would take minutes."""
        return self.count < SHOWN

    def hide(self, at: Mark, lines: int = 1) -> None:
        """Never show these lines."""
        self.hidden.update((id(at.source), at.line + more) for more in range(lines))

    def told(self) -> tuple[Problem, ...]:
        """All that are kept, by file and place."""
        problems = (self._problem(code, at, problem, hint) for code, at, problem, hint in self.found)
        return tuple(sorted(problems, key=lambda one: (one.file, one.line, one.column)))

    def raise_any(self) -> None:
        """PolicyErrors if there is a problem."""
        if self.count:
            raise PolicyErrors(self.told(), self.count)

    def _problem(self, code: ProblemCode, at: Mark, problem: str, hint: str) -> Problem:
        text = _shown(code, at, hidden=(id(at.source), at.line) in self.hidden)
        name = at.source.name
        return Problem(
            code=code,
            file=name,
            line=at.line,
            column=at.column,
            width=at.width,
            text=mask(text),
            problem=mask(problem),
            hint=mask(hint),
        )


class PolicyErrors(PolicyError):  # noqa: N818 - it is several
    """Every problem of every file; the text shows the first 50."""

    def __init__(self, problems: tuple[Problem, ...], count: int | None = None) -> None:
        self.problems = problems
        self.count = len(problems) if count is None else count
        super().__init__(_all(problems, self.count), hint=_next_step(self.count))

    # As the base class, but made anew from the problems themselves.
    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self.problems, self.count)


def _shown(code: ProblemCode, at: Mark, *, hidden: bool) -> str:
    """The line; of a key out of place only the key, for nobody knows whether its value was to be a secret."""
    line = at.source.line(at.line)
    if code in (ProblemCode.UNKNOWN_KEY, ProblemCode.DUPLICATE_KEY):
        before = line[: at.column - 1]
        lead = before if not before.strip(" -?") else " " * len(before)
        line = lead + line[at.column - 1 : at.column - 1 + at.width]
    return "" if hidden else line


def _all(problems: tuple[Problem, ...], count: int) -> str:
    shown = [str(problem) for problem in problems[:SHOWN]]
    more = count - len(shown)
    return "\n\n".join([*shown, f"and {more} more"] if more else shown)


def _next_step(count: int) -> str:
    return "mend the file as told above" if count == 1 else f"mend the {count} places as told above"
