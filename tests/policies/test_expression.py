"""Formulas of the user's own: what they come to, what is refused and where, and that none can do harm."""

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import integers, text

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.formula import Formula, MissingError, UndefinedError
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler.model.votes import MOST, Vote
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.expression import Expression, Kind

NOW = Instant(10_000_000)
VALUES = {"a": Fraction(7), "b": Fraction(2), "gone": None}


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        pytest.param("1 + 2 * 3", 7, id="products before sums"),
        pytest.param("(1 + 2) * 3", 9, id="brackets before both"),
        pytest.param("10 - 4 - 3", 3, id="left before right"),
        pytest.param("a / b", Fraction(7, 2), id="division is exact"),
        pytest.param("a % b", 1, id="what is left over"),
        pytest.param("-a + 10", 3, id="a sign"),
        pytest.param("a > 5 && b > 5 || 1", 1, id="and before or"),
        pytest.param("!(a > 5)", 0, id="not"),
        pytest.param("a >= 7", 1, id="what holds is 1"),
        pytest.param("a != 7", 0, id="what does not hold is 0"),
        pytest.param("a > 5 ? 10 : 20", 10, id="a condition that holds"),
        pytest.param("a > 9 ? 10 : a > 6 ? 15 : 20", 15, id="conditions in a row"),
        pytest.param("a > 9 ? gone : 4", 4, id="a branch not taken needs nothing"),
        pytest.param("gone ?? 3", 3, id="instead of what is missing"),
        pytest.param("a + gone ?? b * 2", 11, id="?? binds tightest"),
        pytest.param("(a + gone) ?? b", 2, id="whatever is missing inside"),
        pytest.param("gone ?? gone ?? 5", 5, id="one after the other"),
        pytest.param("a > 5 || gone", 1, id="what decides already needs no more"),
        pytest.param("min(a, b, 9)", 2, id="the least of several"),
        pytest.param("max(a, b)", 7, id="the most"),
        pytest.param("ceil(a / b) + floor(a / b) + round(a / b) + abs(-1)", 12, id="rounding"),
        pytest.param("a / (gone ?? b)", Fraction(7, 2), id="a division by what may be something else"),
        pytest.param('"a" + 0.25', Fraction(29, 4), id="a name in quotes, and a fraction"),
    ],
)
def test_what_it_comes_to(formula: str, result: int | Fraction) -> None:
    assert Formula.parse(formula).of(VALUES) == result


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        pytest.param("a +", "no value at character 4, 'its end'", id="half of a sum"),
        pytest.param("a b", "something after its end at character 3, 'b'", id="two values"),
        pytest.param("(a", "no ')' at character 3", id="an open bracket"),
        pytest.param("a ? 1", "no ':' at character 6", id="half of a choice"),
        pytest.param("a.b", "nothing of a formula at character 2, '.b'", id="an attribute"),
        pytest.param("open(a)", "something after its end at character 5", id="a call of something else"),
        pytest.param("a ** 9", "no value at character 4", id="a power"),
        pytest.param("ceil(a, b)", "too many values at character 1", id="a function of one with two"),
        pytest.param("a / 0", "a division by zero at character 3", id="a division by zero"),
        pytest.param("a / (2 - 2)", "a division by zero at character 3", id="a division by what is always zero"),
        pytest.param("(" * 41 + "a" + ")" * 41, "more than 40 levels", id="too deep"),
        pytest.param("-" * 50 + "a", "more than 40 levels", id="too many signs"),
        pytest.param("a+" * 260 + "a", "521 characters is too long", id="too long"),
        pytest.param("   ", "no value", id="nothing"),
    ],
)
def test_what_is_refused_says_where(formula: str, says: str) -> None:
    with pytest.raises(PolicyError) as refused:
        Formula.parse(formula)
    assert says in str(refused.value)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MissingError, match="gone"):
        Formula.parse("a + gone").of(VALUES)


@given(text(alphabet='ab1.0+-*/%()<>=!&|?:," ', max_size=60))
def test_no_text_breaks_it(formula: str) -> None:
    """It is refused, or comes to a number, or divides by what happens to be zero: with a value for every name nothing is missing."""
    try:
        read = Formula.parse(formula)
    except PolicyError as refused:
        assert refused.hint  # noqa: PT017 - that it is refused is as good as that it is not
        return
    with suppress(UndefinedError):
        assert isinstance(read.of(dict.fromkeys(read.names(), Fraction(1))), Fraction)


def vote(formula: str, as_: Kind = Kind.WANT, replicas: int = 4, **milli: int | Reading) -> Vote:
    rule = Expression(formula=Formula.parse(formula), as_=as_)
    seen = {MetricName(name): Sample(one, NOW) if isinstance(one, int) else one for name, one in milli.items()}
    return rule.vote(Situation(target=Target(name="shop/web", replicas=replicas, ready=replicas - 1), now=NOW, samples=seen))


@pytest.mark.parametrize(
    ("formula", "as_", "kind", "count"),
    [
        pytest.param("jobs / 10", Kind.WANT, "want", 3, id="a part of a replica is a whole one"),
        pytest.param("jobs / 10", Kind.AT_LEAST, "at_least", 3, id="as a bound from below"),
        pytest.param("jobs / 10", Kind.AT_MOST, "at_most", 3, id="as a bound from above"),
        pytest.param("replicas + ready + jobs * 0", Kind.WANT, "want", 7, id="the counts have names"),
        pytest.param("jobs - 100", Kind.WANT, "unknown", None, id="less than none is no count"),
        pytest.param("jobs / (replicas - 4)", Kind.WANT, "unknown", None, id="divided by what happens to be zero"),
        pytest.param("jobs + gone", Kind.WANT, "unknown", None, id="a metric that cannot be read"),
        pytest.param("max(jobs / 10, gone ?? 8)", Kind.WANT, "want", 8, id="and what to take instead"),
        pytest.param("jobs * 999999999999 * 999999999999", Kind.WANT, "want", MOST, id="no more than counts go"),
    ],
)
def test_votes(formula: str, as_: Kind, kind: str, count: int | None) -> None:
    found = vote(formula, as_, jobs=25_000, gone=Unknown(Code.STALE))
    assert (found.kind.value, found.count) == (kind, count)


def test_why_it_cannot_tell() -> None:
    assert vote("jobs + gone", jobs=1, gone=Unknown(Code.STALE)).reasons[0].code is Code.STALE
    assert vote("jobs / (replicas - 4)", jobs=1).reasons[0].code is Code.DIVIDED_BY_ZERO
    assert vote("jobs - 9", jobs=1).reasons[0].code is Code.BELOW_NONE


def test_it_needs_the_metrics_it_names() -> None:
    needs = Expression(formula=Formula.parse("cpu * replicas + jobs + min(jobs, ready)")).needs()
    assert [(need.metric, need.per_replica) for need in needs] == [("cpu", True), ("jobs", False)]


def test_a_formula_of_nothing_but_numbers_is_refused() -> None:
    with pytest.raises(PolicyError, match="always says the same"):
        Expression(formula=Formula.parse("1 + 2"))


@given(jobs=integers(0, 10**12), replicas=integers(0, 1000))
def test_a_count_is_never_below_none_nor_beyond_all_bounds(jobs: int, replicas: int) -> None:
    found = vote("jobs / 10 - replicas * 3 + jobs * replicas", replicas=replicas, jobs=jobs)
    assert found.count is None or 0 <= found.count <= MOST


class TestExpression(RuleContract):
    @pytest.fixture
    def rule(self) -> Rule:
        return Expression(formula=Formula.parse("ceil(jobs / 10) + cpu * replicas"))
