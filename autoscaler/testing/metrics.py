"""Promises of a metrics source: `MetricsReader`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown

SOON = Duration(10_000)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What the fixture gives: `good` queries that have a value, and what each reads in milli-units.

    `bad`: for a reason, how to bring the source into a state in which `good[0]` reads Unknown for it. `break_down` makes every call fail.
    """

    reader: MetricsReader
    good: tuple[MetricQuery, ...]
    values: tuple[int, ...]
    bad: Mapping[Code, Callable[[], None]] = field(default_factory=dict)
    break_down: Callable[[], None] | None = None

    def read(self, *queries: MetricQuery) -> tuple[Reading, ...]:
        """Ask."""
        return self.reader.read(queries, SOON)


class MetricsContract:
    """Give a fixture `metrics` of `Metrics`."""

    def test_each_query_reads_its_value_in_order(self, metrics: Metrics) -> None:
        readings = metrics.read(*metrics.good)
        assert [one.milli if isinstance(one, Sample) else one for one in readings] == list(metrics.values)

    def test_the_order_is_that_of_the_queries(self, metrics: Metrics) -> None:
        readings = metrics.read(*reversed(metrics.good))
        assert [one.milli if isinstance(one, Sample) else one for one in readings] == list(reversed(metrics.values))

    def test_no_query_needs_no_answer(self, metrics: Metrics) -> None:
        assert metrics.read() == ()

    @pytest.mark.parametrize(
        "why",
        [
            pytest.param(Code.NOT_A_NUMBER, id="no number"),
            pytest.param(Code.MISSING, id="no sample"),
            pytest.param(Code.STALE, id="an old sample"),
            pytest.param(Code.CONTRADICTORY, id="two values for one"),
            pytest.param(Code.TOO_LARGE, id="a body too large"),
            pytest.param(Code.MALFORMED, id="a body of another format"),
        ],
    )
    def test_what_cannot_be_trusted_is_unknown_never_zero(self, metrics: Metrics, why: Code) -> None:
        if why not in metrics.bad:
            pytest.skip("the fixture cannot bring this about")
        metrics.bad[why]()
        (reading,) = metrics.read(metrics.good[0])
        assert isinstance(reading, Unknown)
        assert reading.why is why

    def test_a_source_that_is_down_is_unavailable(self, metrics: Metrics) -> None:
        if metrics.break_down is None:
            pytest.skip("the fixture cannot break this source")
        metrics.break_down()
        with pytest.raises(UnavailableError):
            metrics.read(metrics.good[0])
