"""Machines of a set with terminate notifications: they are given back as others, and go later."""

from collections.abc import Iterator

import pytest

from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, Token
from autoscaler_standins.machines import Condition, Machine
from tests.providers.azure.standin import Azure, listening, model, reader_of, writer_of

SOON = Duration(10_000)
FIVE_MINUTES = Duration(300_000)


@pytest.fixture(params=[False, True], ids=["uniform", "flexible"])
def azure(request: pytest.FixtureRequest, no_proxy: None) -> Iterator[Azure]:
    with listening(model(flexible=request.param), count=3) as found:
        found.set.lingers = FIVE_MINUTES
        yield found
    assert found.standin.mistakes == []


def release(azure: Azure) -> InstanceRef:
    """The oldest."""
    first = min(reader_of(azure).observe(SOON).instances, key=lambda one: (one.launched_at, one.ref))
    writer_of(azure).release(frozenset({first.ref}), token=Token("a"))
    return first.ref


def going(azure: Azure) -> Machine:
    (found,) = [one for one in azure.machines if one.condition is Condition.STOPPING]
    return found


def test_one_that_lingers_stops_and_counts_no_more(azure: Azure) -> None:
    gone = release(azure)
    azure.runtime.advance(Duration(200_000))
    assert azure.set.running_on(going(azure))
    state = reader_of(azure).observe(SOON)
    assert state.wanted == 2
    assert {one.ref: one.state for one in state.instances}[gone] is InstanceState.STOPPING
    azure.settle()
    assert gone not in {one.ref for one in reader_of(azure).observe(SOON).instances}


def test_one_that_approves_goes_at_once(azure: Azure) -> None:
    gone = release(azure)
    azure.set.approve(going(azure))
    azure.runtime.advance(Duration(60_000))
    azure.cloud.machines.age()
    assert gone not in {one.ref for one in reader_of(azure).observe(SOON).instances}


def test_giving_it_back_again_while_it_lingers_sends_nothing(azure: Azure) -> None:
    gone = release(azure)
    azure.standin.reset()
    writer_of(azure).release(frozenset({gone}), token=Token("b"))
    assert azure.standin.changed() == []


def test_machines_are_launched_while_others_linger(azure: Azure) -> None:
    release(azure)
    writer_of(azure).grow(seen=2, wanted=4, token=Token("b"))
    state = reader_of(azure).observe(SOON)
    assert (state.wanted, sum(one.state is InstanceState.LAUNCHING for one in state.instances)) == (4, 2)


def test_spot_machines_are_never_notified(no_proxy: None) -> None:
    with listening(model(spot=True), count=3) as azure:
        azure.set.lingers = FIVE_MINUTES
        gone = release(azure)
        azure.runtime.advance(Duration(60_000))
        azure.cloud.machines.age()
        assert gone not in {one.ref for one in reader_of(azure).observe(SOON).instances}
