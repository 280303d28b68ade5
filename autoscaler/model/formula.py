"""Formulas over named numbers: read once, checked as they are read, and worked out exactly, without Python's own evaluator.

    condition ? a : b     a ?? b     || &&     == != < <= > >=     + -     * / %     ! -     min max ceil floor round abs

Numbers are exact fractions. A comparison is 1 or 0, and whatever is not 0 holds. A name without a value makes missing whatever needs it;
`??` gives what to take instead, and a branch that is not taken needs nothing. Length and depth are bounded, and so is the work.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import ClassVar, Self

from autoscaler.errors import PolicyError

LONGEST = 500
DEEPEST = 40
TOKEN = re.compile(r"\s*(?:(\d{1,12}(?:\.\d{1,9})?)|([A-Za-z_][A-Za-z0-9_]*)|\"([^\"]{1,60})\"|(\?\?|\|\||&&|[=!<>]=|[-+*/%<>!?:(),]))")
POWERS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "??": 7}
"""How tightly each binds; of two that bind alike the left one goes first."""

Values = Mapping[str, Fraction | None]
Work = Callable[[Values], Fraction]


class MissingError(Exception):
    """A name without a value was needed."""


class UndefinedError(Exception):
    """There is no such number: something was divided by zero."""


def _divided(a: Fraction, b: Fraction) -> Fraction:
    if b == 0:
        raise UndefinedError
    return a / b


OPERATORS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": lambda a, b: a - b * floor(_divided(a, b)),
    "==": lambda a, b: Fraction(a == b),
    "!=": lambda a, b: Fraction(a != b),
    "<": lambda a, b: Fraction(a < b),
    "<=": lambda a, b: Fraction(a <= b),
    ">": lambda a, b: Fraction(a > b),
    ">=": lambda a, b: Fraction(a >= b),
}
FUNCTIONS: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "min": min,
    "max": max,
    "ceil": lambda found: Fraction(ceil(found[0])),
    "floor": lambda found: Fraction(floor(found[0])),
    "round": lambda found: Fraction(floor(found[0] + Fraction(1, 2))),
    "abs": lambda found: abs(found[0]),
}
SEVERAL = frozenset({"min", "max"})
"""Functions of any number of values; the others take one."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be worked out; two are alike if their texts are."""

    PATTERN: ClassVar[str] = r"[\s\S]{1,500}"
    HINT: ClassVar[str] = 'write a formula such as "ceil(jobs / 10)"'

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read and check it; PolicyError says at which character it is wrong."""
        _work(text)
        return cls(text)

    def names(self) -> tuple[str, ...]:
        """Every name in it, once, in their order."""
        return tuple(dict.fromkeys(one.text for one in _tokens(self.text) if one.kind == "name" and one.text not in FUNCTIONS))

    def of(self, values: Values) -> Fraction:
        """What it comes to; MissingError or UndefinedError where there is no answer."""
        return _work(self.text)(values)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def _work(text: str) -> Work:
    return _Reader(text).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text.rstrip()):
        found = TOKEN.match(text, place)
        if not found:
            raise _refuse(text, place + len(text[place:]) - len(text[place:].lstrip()), "nothing of a formula")
        kind = next(name for name, group in zip(("number", "name", "quoted", "sign"), found.groups(), strict=True) if group is not None)
        at = found.start(found.lastindex or 0)
        yield _Token("name" if kind == "quoted" else kind, found[found.lastindex or 0], at)
        place = found.end()
    yield _Token("end", "", len(text))


def _refuse(text: str, at: int, what: str) -> PolicyError:
    seen = text[at : at + 12] or "its end"
    return PolicyError(f"the formula has {what} at character {at + 1}, {seen!r}", hint=Formula.HINT)


class _Reader:
    """Precedence climbing over the tokens; each part is checked as it is read."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise PolicyError(f"a formula of {len(text)} characters is too long", hint=f"write at most {LONGEST}, or several rules")
        self._text = text
        self._tokens = list(_tokens(text))
        self._place = 0
        self._depth = 0

    def whole(self) -> Work:
        work = self._choice()
        if self._next.kind != "end":
            raise self._wrong("something after its end")
        return work

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, *signs: str) -> str:
        """The next token's text if it is one of these signs, else nothing is taken."""
        token = self._next
        if token.kind != "sign" or token.text not in signs:
            return ""
        self._place += 1
        return token.text

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._wrong(f"no {sign!r}")

    def _wrong(self, what: str) -> PolicyError:
        return _refuse(self._text, self._next.at, what)

    def _choice(self) -> Work:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(f"more than {DEEPEST} levels")
        condition = self._binary(1)
        if self._take("?"):
            then = self._choice()
            self._need(":")
            condition = _chosen(condition, then, self._choice())
        self._depth -= 1
        return condition

    def _binary(self, power: int) -> Work:
        left = self._unary()
        while (bound := POWERS.get(self._next.text, 0) if self._next.kind == "sign" else 0) >= power:
            at, sign, start = self._next.at, self._take(*POWERS), self._place
            right = self._binary(bound + 1)
            constant = all(one.kind != "name" or one.text in FUNCTIONS for one in self._tokens[start : self._place])
            if sign in ("/", "%") and constant and _always_zero(right):
                raise _refuse(self._text, at, "a division by zero")
            left = _joined(sign, left, right)
        return left

    def _unary(self) -> Work:
        sign = self._take("-", "!")
        if not sign:
            return self._value()
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(f"more than {DEEPEST} levels")
        inner = self._unary()
        self._depth -= 1
        return (lambda values: -inner(values)) if sign == "-" else (lambda values: Fraction(inner(values) == 0))

    def _value(self) -> Work:
        token = self._next
        if self._take("("):
            inner = self._choice()
            self._need(")")
            return inner
        if token.kind not in ("number", "name"):
            raise self._wrong("no value")
        self._place += 1
        if token.kind == "number":
            number = Fraction(token.text)
            return lambda _: number
        if token.text in FUNCTIONS:
            return self._call(token)
        return lambda values: _named(values, token.text)

    def _call(self, name: _Token) -> Work:
        self._need("(")
        inner = [self._choice()]
        while self._take(","):
            inner.append(self._choice())
        self._need(")")
        if len(inner) > 1 and name.text not in SEVERAL:
            raise _refuse(self._text, name.at, "too many values")
        function = FUNCTIONS[name.text]
        return lambda values: function([one(values) for one in inner])


def _named(values: Values, name: str) -> Fraction:
    found = values.get(name)
    if found is None:
        raise MissingError(name)
    return found


def _chosen(condition: Work, then: Work, otherwise: Work) -> Work:
    return lambda values: then(values) if condition(values) else otherwise(values)


def _joined(sign: str, left: Work, right: Work) -> Work:
    if sign == "??":
        return lambda values: _instead(left, right, values)
    if sign == "&&":
        return lambda values: Fraction(bool(left(values)) and bool(right(values)))
    if sign == "||":
        return lambda values: Fraction(bool(left(values)) or bool(right(values)))
    operator = OPERATORS[sign]
    return lambda values: operator(left(values), right(values))


def _instead(left: Work, right: Work, values: Values) -> Fraction:
    try:
        return left(values)
    except MissingError:
        return right(values)


def _always_zero(work: Work) -> bool:
    """Whether it is 0 whatever the metrics say."""
    try:
        return work({}) == 0
    except (MissingError, UndefinedError):
        return False
