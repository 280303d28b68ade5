"""Rules that are told the count: fixed in the file, or said by a metric."""

import pytest

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Sample
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.fixed import Fixed
from autoscaler_policies.follow import Follow

NOW = Instant(1_000_000)
TENANTS = Follow(metric=MetricName("tenants"))


@pytest.mark.parametrize(
    ("milli", "kind", "count"),
    [
        pytest.param(3000, "want", 3, id="as many as it says"),
        pytest.param(2001, "want", 3, id="a part of one counts as one"),
        pytest.param(0, "want", 0, id="none"),
        pytest.param(-1, "unknown", None, id="fewer than none is no count"),
    ],
)
def test_a_metric_is_followed(milli: int, kind: str, count: int | None) -> None:
    target = Target(name="shop/web", replicas=7, ready=7)
    found = TENANTS.vote(Situation(target=target, now=NOW, samples={TENANTS.metric: Sample(milli, NOW)}))
    assert (found.kind.value, found.count) == (kind, count)


def test_a_fixed_count_is_fixed() -> None:
    assert Fixed(count=4).vote(Situation(target=Target(name="shop/web", replicas=9, ready=0), now=NOW)).count == 4


def test_a_share_is_no_count() -> None:
    with pytest.raises(PolicyError, match="not a count"):
        Follow(metric=MetricName("cpu"))


class TestContract(RuleContract):
    """What every rule promises."""

    @pytest.fixture(params=[Fixed(count=4), TENANTS], ids=["fixed", "follow"])
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        found: Rule = request.param
        return found
