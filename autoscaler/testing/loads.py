"""What every store promises of loads and of what is foreseen: a part of `StoreContract`."""

import pytest

from autoscaler.contracts.store import Lease, Load, Store, TickRecord
from autoscaler.errors import LostLeaseError
from autoscaler.model.forecasts import Forecast, ForecastNeed
from autoscaler.model.history import Recommendation
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.refs import ClusterName, MetricName
from autoscaler.testing.runtime import VirtualRuntime

SHOP = ClusterName("shop")
RPS = MetricName("rps")
TTL = Duration(15_000)
DAY_MS = 86_400_000


class LoadsContract:
    """Fixtures to give: as `StoreContract`."""

    @pytest.fixture
    def lease(self, store: Store) -> Lease:
        return store.leases.acquire(SHOP, "one", TTL)

    def test_only_the_last_forecasts_are_kept(self, store: Store, lease: Lease) -> None:
        begun = ("shop/web", Recommendation(Instant(1000), 3))
        store.records(SHOP).remember(TickRecord(at=Instant(1000), recommendations=(begun,)), lease)
        for at in (1000, 601_000):
            told = (_forecast("predictive[0]", at), _forecast("night", at + 1))
            store.records(SHOP).remember(TickRecord(at=Instant(at), forecasts=(("shop/web", told),)), lease)
        assert store.records(SHOP).histories(Instant(601_000)).of("shop/web").forecasts == told

    def test_the_last_load_of_each_minute_is_kept_for_its_subject_and_metric(self, store: Store, lease: Lease) -> None:
        seen = [
            ("shop/web", RPS, 59_999, 1),
            ("shop/web", RPS, 60_000, 2500),
            ("shop/web", RPS, 119_999, 3500),
            ("shop/web", RPS, 300_000, 0),
        ]
        for subject, metric, at, milli in (*seen, ("shop/api", RPS, 60_000, 9), ("shop/web", MetricName("jobs"), 60_000, 9)):
            load = Load(subject=subject, metric=metric, at=Instant(at), milli=milli)
            store.records(SHOP).remember(TickRecord(at=load.at, loads=(load,)), lease)
        found = store.series(SHOP).read("shop/web", RPS, Instant(60_000))
        assert found == ((Instant(60_000), 3.5), (Instant(300_000), 0.0))
        assert store.series(ClusterName("bank")).read("shop/web", RPS, Instant(0)) == ()

    def test_loads_are_dropped_after_thirty_five_days(self, store: Store, lease: Lease) -> None:
        for day in (0, 1, 36):
            load = Load(subject="shop/web", metric=RPS, at=Instant(day * DAY_MS), milli=day)
            store.records(SHOP).remember(TickRecord(at=load.at, loads=(load,)), lease)
        assert [at for at, _ in store.series(SHOP).read("shop/web", RPS, Instant(0))] == [DAY_MS, 36 * DAY_MS]

    def test_an_old_term_remembers_no_load(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        runtime.advance(TTL)
        store.leases.acquire(SHOP, "two", TTL)
        load = Load(subject="shop/web", metric=RPS, at=Instant(0), milli=1)
        with pytest.raises(LostLeaseError):
            store.records(SHOP).remember(TickRecord(at=load.at, loads=(load,)), lease)
        assert store.series(SHOP).read("shop/web", RPS, Instant(0)) == ()


def _forecast(rule: str, at: int) -> Forecast:
    share, day = Share(500), Duration(DAY_MS)
    need = ForecastNeed(metric=RPS, target=Number(1000), season=day, quantile=share, lead=day, over=day, cost=share)
    return Forecast(
        rule=rule,
        need=need,
        at=Instant(at),
        expected=(1, 2),
        upper=(3, 4),
        margin=share,
        short=share,
        plain_short=share,
        cost=share,
        coverage=share,
        better=True,
    )
