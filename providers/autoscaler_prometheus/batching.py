"""One question for many workloads, where their queries differ in one label's value alone. Pure.

`sum(rate(http_requests_total{service="web"}[1m]))` for `web`, and the same for `api`, become
`sum by (service) (rate(http_requests_total{service=~"api|web"}[1m]))`: each workload's answer carries its name. Only queries of the few
forms for which that is sure are put together; any other is asked by itself.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from autoscaler.model.quantities import Duration
from autoscaler.model.samples import MetricQuery

TOKEN = re.compile(
    r"""\s+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_:][A-Za-z0-9_:]*|[0-9][0-9A-Za-z.]*|\.[0-9]+|=~|!~|!=|[-+*/(){}\[\],=]"""
)
NAME = re.compile(r"[A-Za-z0-9_.-]+")
"""Names that mean the same in a pattern, but for the dot."""

AGGREGATIONS = frozenset({"sum", "avg", "min", "max", "count"})
FUNCTIONS = frozenset(
    {
        *("abs", "ceil", "clamp_max", "clamp_min", "floor", "histogram_quantile", "round"),
        *("delta", "deriv", "idelta", "increase", "irate", "rate"),
        *(f"{kind}_over_time" for kind in ("avg", "count", "last", "max", "min", "quantile", "sum")),
    }
)
"""Functions of which each series keeps its labels."""

OPERATORS = frozenset("+-*/,()[]")
LABEL = re.compile(r"(?!__|le$)[A-Za-z_][A-Za-z0-9_]*")
"""Labels that an answer keeps: not a metric's name, nor a bucket's end, which functions take away."""

LABELLED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KEYWORDS = frozenset({"and", "or", "unless", "bool", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "atan2"})

LONGEST = 1500
"""Letters of names in one question, where each may stand a few times: proxies refuse addresses over 8 KiB."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it is asked. `form`: of one for several workloads, what their queries have in common."""

    text: str
    stale_after: Duration
    form: "Form | None" = None


@dataclass(frozen=True, slots=True)
class Form:
    """A query without the name: `parts` around the places where a matcher of `label` has it."""

    label: str
    parts: tuple[str, ...]

    def of(self, names: Iterable[str]) -> str:
        """The query for all of these."""
        pattern = "|".join(name.replace(".", "[.]") for name in names)
        return f'{self.label}=~"{pattern}"'.join(self.parts)


@lru_cache(maxsize=20_000)
def form_of(text: str, name: str) -> Form | None:
    """What a query is for others of its kind; None where that is not sure."""
    tokens = _tokens(text)
    labels = _labels(tokens, name) if tokens and NAME.fullmatch(name) else set()
    return _Writer(tokens, name, labels.pop()).form() if len(labels) == 1 else None


def questions(queries: Iterable[MetricQuery], apart: Container[Form]) -> dict[MetricQuery, Question]:
    """What to ask for each query. Those of forms that stand `apart` are asked one by one."""
    found: dict[MetricQuery, Question] = {}
    kinds: dict[tuple[Form, Duration], list[MetricQuery]] = {}
    for query in queries:
        form = form_of(query.text, query.workload.name)
        found[query] = Question(query.text, query.stale_after)
        if form and form not in apart:
            kinds.setdefault((form, query.stale_after), []).append(query)
    for (form, stale_after), alike in kinds.items():
        names = sorted({query.workload.name for query in alike})
        for some in _portions(names) if len(names) > 1 else ():
            asked = Question(form.of(some), stale_after, form)
            found |= {query: asked for query in alike if query.workload.name in some}
    return found


def _portions(names: list[str]) -> Iterator[list[str]]:
    some: list[str] = []
    for name in names:
        if some and sum(map(len, some)) + len(some) + len(name) > LONGEST:
            yield some
            some = []
        some.append(name)
    yield some


def _tokens(text: str) -> list[str]:
    """Its words, without spaces; none at all where one is not known."""
    tokens, place = [], 0
    while place < len(text):
        found = TOKEN.match(text, place)
        if not found:
            return []
        tokens.append(found[0])
        place = found.end()
    return [token for token in tokens if token.strip()]


def _labels(tokens: list[str], name: str) -> set[str]:
    """Labels that some matcher holds equal to the name."""
    quoted = (f'"{name}"', f"'{name}'")
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return {label for label, operator, value in triples if operator == "=" and value in quoted and LABEL.fullmatch(label)}


class _UnsureError(Exception):
    """The query is none of the forms we know."""


class _Writer:
    """Writes a query anew, word by word, so that its answer keeps `label`."""

    def __init__(self, tokens: list[str], name: str, label: str) -> None:
        self.tokens, self.label, self.place = tokens, label, 0
        self.quoted = (f'"{name}"', f"'{name}'")
        self.parts: list[str] = [""]
        self.nesting: list[bool] = []  # of each open parenthesis, whether it aggregates
        self.depths: set[int] = set()  # how often selectors are aggregated

    def form(self) -> Form | None:
        """None for what is not sure: also where some of it is aggregated more often than the rest, for then labels may not match."""
        try:
            while self.place < len(self.tokens):
                self._word()
        except (_UnsureError, IndexError):
            return None
        return Form(self.label, tuple(self.parts)) if len(self.depths) == 1 and not self.nesting else None

    def _word(self) -> None:
        word, following = self.tokens[self.place], self._peek()
        if word == "{" or (following == "{" and word not in KEYWORDS and (word[0].isalpha() or word[0] in "_:")):
            self._selector()
        elif word in AGGREGATIONS and following in ("(", "by"):
            self._aggregation()
        elif word in FUNCTIONS and following == "(":
            self._write(word, "(")
            self.nesting.append(False)
        elif word[0].isdigit() or word[0] == "." or word in OPERATORS:
            self._plain(word)
        else:
            raise _UnsureError

    def _plain(self, word: str) -> None:
        if word == "(":
            self.nesting.append(False)
        elif word == ")":
            self.nesting.pop()
        self._write(word)

    def _aggregation(self) -> None:
        self._write(self.tokens[self.place])
        grouped: list[str] = []
        if self.tokens[self.place] == "by":
            grouped = self._grouping()
        if self.tokens[self.place] != "(" or self._after_closing() in ("by", "without"):
            raise _UnsureError
        labels = ", ".join([*grouped, self.label])
        self.parts[-1] += f" by ({labels}) "
        self._write("(")
        self.nesting.append(True)

    def _grouping(self) -> list[str]:
        """The labels it is grouped by; were ours among them, the answer alone would have it where the others' parts do not."""
        end = self.tokens.index(")", self.place) if ")" in self.tokens[self.place :] else -1
        words = self.tokens[self.place + 1 : end]
        grouped = words[1::2]
        if words[:1] != ["("] or set(words[2::2]) - {","} or not all(map(LABELLED.fullmatch, grouped)) or self.label in grouped:
            raise _UnsureError
        self.place = end + 1
        return grouped

    def _after_closing(self) -> str:
        """The word after the parenthesis that closes the one here."""
        depth = 0
        for place in range(self.place, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[place], 0)
            if depth == 0:
                return self.tokens[place + 1] if place + 1 < len(self.tokens) else ""
        raise _UnsureError

    def _selector(self) -> None:
        """`name{label="value", …}`: exactly one of its matchers is the workload's."""
        if self.tokens[self.place] != "{":
            self._write(self.tokens[self.place])
        self._write("{")
        mine = 0
        while self.tokens[self.place] != "}":
            label, operator, value = self.tokens[self.place : self.place + 3]
            if (label, operator) == (self.label, "=") and value in self.quoted:
                mine, self.place = mine + 1, self.place + 3
                self.parts.append("")
            else:
                self._write(label, operator, value)
            if self.tokens[self.place] == ",":
                self._write(",")
        self._write("}")
        if mine != 1:
            raise _UnsureError
        self.depths.add(sum(self.nesting))

    def _write(self, *words: str) -> None:
        for word in words:
            self.parts[-1] += f" {word}" if _clash(self.parts[-1][-1:], word) else word
        self.place += len(words)

    def _peek(self) -> str:
        return self.tokens[self.place + 1] if self.place + 1 < len(self.tokens) else ""


def _clash(before: str, word: str) -> bool:
    """Whether the two would become one word."""
    return (before.isalnum() or before == "_") and (word[0].isalnum() or word[0] in "_.")
