"""What a cloud said of its machines is kept, laid over what is seen, and forgotten in time."""

import pytest

from autoscaler.model.history import Histories, History, Notice
from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.notices import KEPT, SUBJECT, Letter, kept, warned, with_notices
from autoscaler.model.observations import Observation, PoolView
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, InstanceRef, OfferingName, PoolName
from autoscaler.model.samples import Unknown

NOW = Instant(KEPT.ms * 2)
POOL = PoolName("general")


def notice(instance: str, ends_at: int = NOW, at: int = NOW) -> Notice:
    return Notice(instance, Instant(at), Instant(ends_at))


def told(*notices: Notice) -> Histories:
    return Histories((History(subject="shop/web"), History(subject=SUBJECT, notices=notices)))


def letters(*notices: Notice | None) -> tuple[Letter, ...]:
    return tuple(Letter(receipt="r", notice=one) for one in notices)


@pytest.mark.parametrize(
    ("known", "came", "left"),
    [
        pytest.param((), (notice("a"),), (notice("a"),), id="what came is kept"),
        pytest.param((), (None,), (), id="news that change nothing are not"),
        pytest.param((notice("a"),), (), (notice("a"),), id="what was kept stays"),
        pytest.param((notice("a"),), (notice("a"),), (notice("a"),), id="once, however often it comes"),
        pytest.param((notice("a"),), (notice("a", NOW - 1),), (notice("a", NOW - 1),), id="of a machine the earlier end"),
        pytest.param((notice("a", NOW - KEPT.ms),), (notice("b"),), (notice("b"),), id="what was over an hour ago is forgotten"),
    ],
)
def test_what_is_kept(known: tuple[Notice, ...], came: tuple[Notice | None, ...], left: tuple[Notice, ...]) -> None:
    assert kept(told(*known), letters(*came), NOW) == left


def seen(*ends: int | None) -> Observation:
    instances = tuple(
        Instance(
            ref=InstanceRef(f"i-{number}", "b"),
            state=InstanceState.RUNNING,
            offering=OfferingName("o"),
            node_name=f"n{number}",
            ends_at=None if end is None else Instant(end),
        )
        for number, end in enumerate(ends)
    )
    state = PoolState(pool=POOL, read_at=NOW, wanted=len(ends), instances=instances, offerings=())
    return Observation(cluster=ClusterName("shop"), at=NOW, state=Unknown(Code.MISSING), pools=(PoolView(pool=POOL, state=state),))


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        pytest.param(None, 50, id="that nobody else told"),
        pytest.param(70, 50, id="earlier than its reader sees"),
        pytest.param(30, 30, id="later than its reader sees"),
    ],
)
def test_a_machine_ends_when_its_cloud_has_said(ends: int | None, shown: int) -> None:
    state = warned(seen(ends, None), told(notice("i-0", 50), notice("another", 10))).pool(POOL)
    assert not isinstance(state, Unknown)
    assert [one.ends_at for one in state.instances] == [shown, None]


def test_a_machine_may_be_named_by_its_boot_which_no_machine_of_another_pool_has() -> None:
    state = warned(seen(None), told(notice("b", 50))).pool(POOL)
    assert not isinstance(state, Unknown)
    assert [one.ends_at for one in state.instances] == [50]


def test_the_past_is_given_with_what_just_came() -> None:
    past = with_notices(told(notice("a")), (notice("b"),))
    assert past.of(SUBJECT).notices == (notice("b"),)
    assert past.of("shop/web") in past.entries
