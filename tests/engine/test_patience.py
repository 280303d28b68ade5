"""The search for machines to spare ends with the time there is, and is repeated exactly from what was recorded."""

from autoscaler.engine.dry import SEARCH, look, patience, recall, rethink, think
from autoscaler.model.codec import dumps
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from tests.engine.shop import open_shop


def test_patience_ends_with_its_time_whatever_the_rounds() -> None:
    runtime = VirtualRuntime(1)
    going = patience(runtime)
    assert going(10**9)
    runtime.advance(Duration(SEARCH.ms))
    assert not going(0)


def test_a_search_that_was_cut_off_says_so_and_is_repeated_from_its_recording() -> None:
    shop = open_shop(rps=10, nodes=4)
    engine = shop.engine
    seen, past = look(engine.eyes, engine.policies, engine.deadline), recall(shop.store, engine.policies, shop.runtime.now())
    whole = think(engine.policies, seen, past)
    short = think(engine.policies, seen, past, keep_going=lambda rounds: rounds < 2)
    assert (whole.plan.rounds > 2, short.plan.rounds) == (True, 2)
    assert Code.SEARCH_ENDED in [reason.code for remark in short.plan.remarks for reason in remark.reasons]
    for one in (whole, short):
        again = rethink(engine.policies, one.frame)
        assert dumps(again.frame, kind="frame") == dumps(one.frame, kind="frame")
