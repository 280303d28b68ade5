"""Rules that only pools have: what each asks placement for, and what none may ask."""

from collections.abc import Callable

import pytest

from autoscaler.contracts.rule import PoolRule
from autoscaler.errors import PolicyError
from autoscaler.model.pool_asks import Ceiling, Diverse, PoolAsk, RoomFor, SpotShare, Utilisation, ZoneRatio
from autoscaler.model.pool_asks import Headroom as Free
from autoscaler.model.pool_asks import Warm as Spare
from autoscaler.model.quantities import Cpu, Memory, Money, Share
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.testing.rules import PoolRuleContract
from autoscaler_policies.headroom import Headroom
from autoscaler_policies.price_ceiling import PriceCeiling
from autoscaler_policies.spot import Spot
from autoscaler_policies.target_utilisation import TargetUtilisation
from autoscaler_policies.warm import Warm
from autoscaler_policies.zones import Zones

WEB = WorkloadRef(ClusterName("shop"), "web")
TEN = Share(100)


@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        pytest.param(Headroom(cpu=TEN), (Free(cpu=TEN),), id="a share of what is requested"),
        pytest.param(Headroom(cpu=Cpu(1500), memory=Memory(2**30)), (Free(cpu=1500, memory=2**30),), id="amounts"),
        pytest.param(Headroom(replicas=(("shop/web", 2),)), (RoomFor(workload=WEB, count=2),), id="room for replicas alone"),
        pytest.param(Headroom(memory=TEN, replicas=(("shop/web", 1),)), (Free(memory=TEN), RoomFor(workload=WEB, count=1)), id="both"),
        pytest.param(TargetUtilisation(cpu=Share(800)), (Utilisation(cpu=Share(800)),), id="how full nodes may be"),
        pytest.param(Warm(nodes=2), (Spare(nodes=2),), id="whole machines"),
        pytest.param(Spot(share=TEN, on_demand=1), (SpotShare(share=TEN, on_demand=1),), id="a share of spot"),
        pytest.param(Spot(share=TEN, of_one=TEN), (SpotShare(share=TEN), Diverse(share=TEN)), id="a share of spot, and of one kind"),
        pytest.param(Zones(ratio=(("a", 2), ("b", 1))), (ZoneRatio(weights=(("a", 2), ("b", 1))),), id="a ratio of zones"),
        pytest.param(PriceCeiling(per_hour=Money(9)), (Ceiling(price=Money(9)),), id="a price"),
    ],
)
def test_what_each_asks_for(rule: PoolRule, asks: tuple[PoolAsk, ...]) -> None:
    assert rule.asks() == asks


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(Headroom, "keeps no room", id="a headroom of nothing"),
        pytest.param(TargetUtilisation, "has no target", id="a utilisation of nothing"),
    ],
)
def test_what_asks_for_nothing_is_refused(make: Callable[[], object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        make()


class TestHeadroom(PoolRuleContract):
    @pytest.fixture
    def rule(self) -> PoolRule:
        return Headroom(cpu=TEN, replicas=(("shop/web", 2),))


class TestTargetUtilisation(PoolRuleContract):
    @pytest.fixture
    def rule(self) -> PoolRule:
        return TargetUtilisation(memory=TEN)


class TestWarm(PoolRuleContract):
    @pytest.fixture
    def rule(self) -> PoolRule:
        return Warm(nodes=1)


class TestSpot(PoolRuleContract):
    @pytest.fixture
    def rule(self) -> PoolRule:
        return Spot(share=TEN)


class TestZones(PoolRuleContract):
    @pytest.fixture
    def rule(self) -> PoolRule:
        return Zones(ratio=(("a", 1),))


class TestPriceCeiling(PoolRuleContract):
    @pytest.fixture
    def rule(self) -> PoolRule:
        return PriceCeiling(per_hour=Money(1))
