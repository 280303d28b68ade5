"""Pool rules move a pool's bounds, inside what the file allows."""

import pytest

from autoscaler.contracts.policy import ClusterPolicies, PoolPolicy
from autoscaler.contracts.rule import Rule
from autoscaler.deciding import bounds
from autoscaler.model.history import Histories
from autoscaler.model.observations import Observation, PoolView
from autoscaler.model.pools import PoolSpec, PoolState
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PoolName
from autoscaler.model.samples import Unknown
from tests.deciding.building import BLIND, HOLDS, NOW, SHOP, at_least, at_most, named, want

GENERAL = PoolName("general")


def pool(*rules: Rule) -> ClusterPolicies:
    spec = PoolSpec(name=GENERAL, cluster=SHOP, min=2, max=10)
    return ClusterPolicies(cluster=SHOP, pools=(PoolPolicy(spec=spec, rules=named(*rules)),))


def seen(count: int | None) -> Observation:
    known = PoolState(pool=GENERAL, read_at=NOW, wanted=count or 0, instances=(), offerings=())
    view = PoolView(pool=GENERAL, state=Unknown(Code.LATE) if count is None else known)
    return Observation(cluster=SHOP, at=NOW, state=Unknown(Code.MISSING), pools=(view,))


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        pytest.param([], (2, 10), id="no rules: the file's"),
        pytest.param([at_least(4), at_least(5)], (5, 10), id="at least"),
        pytest.param([at_most(6), at_most(7)], (2, 6), id="at most"),
        pytest.param([want(4)], (4, 4), id="a want is both"),
        pytest.param([at_least(99)], (10, 10), id="the file's maximum wins"),
        pytest.param([at_most(0)], (2, 2), id="the file's minimum wins"),
        pytest.param([at_least(7), at_most(4)], (7, 7), id="of a contradiction at_least wins"),
        pytest.param([BLIND], (6, 10), id="who cannot see keeps what there is"),
        pytest.param([BLIND, at_most(3)], (6, 6), id="also against at_most"),
        pytest.param([HOLDS], (2, 10), id="a hold binds nothing"),
    ],
)
def test_bounds(rules: list[Rule], found: tuple[int, int]) -> None:
    (only,) = bounds(pool(*rules), seen(6), Histories())
    assert ((only.min, only.max), only.pool, len(only.votes)) == (found, GENERAL, len(rules))


def test_a_pool_that_could_not_be_read_has_bounds_too() -> None:
    (only,) = bounds(pool(at_least(4)), seen(None), Histories())
    assert (only.min, only.max) == (4, 10)
