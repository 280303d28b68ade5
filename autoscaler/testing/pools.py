"""Promises of a pool: `PoolReader` and `PoolWriter`."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import pytest

from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.contracts.pool_writer import PoolWriter
from autoscaler.errors import ConflictError, NoCapacityError, NotFoundError, OutcomeUnknownError, SetupError, UnavailableError
from autoscaler.model.nodes import InstanceState
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, Token

SOON = Duration(10_000)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What the fixture gives: a pool with two running instances and room for three more.

    `settle` waits until nothing launches or stops any more. All that follows is None where a test cannot do that.
    `nobody` reads a pool that does not exist. `sell_out` makes the cloud refuse every further launch, `break_down` makes every call fail.
    `leave` so many machines that can be had. `lose_reply`: the next write is done, and no reply comes. `throttle`, `deny`: the next call is
    refused so. `hide`: machines launched from now on are not listed. `spoil`: the next machine never comes up. `resize`: somebody
    else sets the count. `stand_by`: so many machines are made and stopped, until growing starts them.
    """

    reader: PoolReader
    writer: PoolWriter
    settle: Callable[[], None]
    nobody: PoolReader | None = None
    sell_out: Callable[[], None] | None = None
    break_down: Callable[[], None] | None = None
    leave: Callable[[int], None] | None = None
    lose_reply: Callable[[], None] | None = None
    throttle: Callable[[], None] | None = None
    deny: Callable[[], None] | None = None
    hide: Callable[[], None] | None = None
    spoil: Callable[[], None] | None = None
    resize: Callable[[int], None] | None = None
    stand_by: Callable[[int], None] | None = None

    def look(self) -> PoolState:
        """The pool now."""
        return self.reader.observe(SOON)

    def running(self) -> frozenset[InstanceRef]:
        """Its running instances now."""
        return frozenset(one.ref for one in self.look().instances if one.state is InstanceState.RUNNING)

    def ready(self) -> int:
        """How many machines stand by now."""
        return sum(one.standby for one in self.look().offerings)


Able = TypeVar("Able", bound=Callable[..., None])


def able(hook: Able | None) -> Able:
    """The hook; a test whose fixture has none is skipped."""
    if hook is None:
        pytest.skip("the fixture cannot do that to this cloud")
    return hook


def _grow_where_some_stand_by(pool: Pool, wanted: int) -> None:
    """Of the kind that stands by."""
    wish = max(pool.look().offerings, key=lambda one: one.standby).name
    pool.writer.grow(seen=2, wanted=wanted, token=Token("a"), offering=wish)


def _change(pool: Pool, change: str, victim: frozenset[InstanceRef]) -> None:
    if change == "grow":
        pool.writer.grow(seen=2, wanted=3, token=Token("a"))
    else:
        pool.writer.release(victim, token=Token("a"))


class PoolContract:
    """Give a fixture `pool` of `Pool`."""

    def test_the_count_is_that_of_the_instances(self, pool: Pool) -> None:
        state = pool.look()
        assert (state.wanted, len(pool.running())) == (2, 2)
        assert len({one.node_name for one in state.instances}) == 2

    def test_every_instance_is_of_a_known_offering(self, pool: Pool) -> None:
        state = pool.look()
        assert {one.offering for one in state.instances} <= {one.name for one in state.offerings}

    def test_two_reads_without_a_change_are_alike(self, pool: Pool) -> None:
        first, second = pool.look(), pool.look()
        assert replace(second, read_at=first.read_at) == first

    def test_a_pool_that_is_not_there_is_not_found_never_empty(self, pool: Pool) -> None:
        if pool.nobody is None:
            pytest.skip("the fixture has no such pool")
        with pytest.raises(NotFoundError):
            pool.nobody.observe(SOON)

    def test_a_cloud_that_is_down_is_unavailable(self, pool: Pool) -> None:
        able(pool.break_down)()
        with pytest.raises(UnavailableError):
            pool.look()

    def test_capabilities_are_constant(self, pool: Pool) -> None:
        assert pool.reader.capabilities == pool.reader.capabilities

    def test_growing_raises_the_count_at_once_and_machines_follow(self, pool: Pool) -> None:
        before = pool.running()
        pool.writer.grow(seen=2, wanted=4, token=Token("a"))
        assert pool.look().wanted == 4
        pool.settle()
        assert (before < pool.running(), len(pool.running())) == (True, 4)

    def test_growing_twice_is_growing_once(self, pool: Pool) -> None:
        for _ in range(2):
            pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        pool.settle()
        assert (pool.look().wanted, len(pool.running())) == (3, 3)

    def test_growing_never_lowers(self, pool: Pool) -> None:
        with pytest.raises(ConflictError):
            pool.writer.grow(seen=1, wanted=1, token=Token("a"))
        assert pool.look().wanted == 2

    def test_another_count_than_seen_is_a_conflict_and_launches_nothing(self, pool: Pool) -> None:
        with pytest.raises(ConflictError):
            pool.writer.grow(seen=3, wanted=4, token=Token("a"))
        assert pool.look().wanted == 2

    def test_a_count_that_is_there_already_is_a_repeat(self, pool: Pool) -> None:
        pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        pool.writer.grow(seen=2, wanted=3, token=Token("b"))
        assert pool.look().wanted == 3

    def test_the_named_offering_is_launched(self, pool: Pool) -> None:
        before = {one.ref for one in pool.look().instances}
        wish = pool.look().offerings[-1].name
        pool.writer.grow(seen=2, wanted=3, token=Token("a"), offering=wish)
        assert [one.offering for one in pool.look().instances if one.ref not in before] in ([wish], [])
        pool.settle()
        assert [one.offering for one in pool.look().instances if one.ref not in before] == [wish]

    def test_sold_out_is_no_capacity_and_the_count_is_true(self, pool: Pool) -> None:
        able(pool.sell_out)()
        with pytest.raises(NoCapacityError):
            pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 2

    def test_what_is_had_in_part_is_no_capacity_and_what_came_is_counted(self, pool: Pool) -> None:
        able(pool.leave)(1)
        with pytest.raises(NoCapacityError):
            pool.writer.grow(seen=2, wanted=4, token=Token("a"))
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 3

    def test_a_launch_whose_reply_is_lost_has_an_unknown_outcome_and_is_seen(self, pool: Pool) -> None:
        able(pool.lose_reply)()
        with pytest.raises(OutcomeUnknownError):
            pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 3

    def test_a_launch_whose_reply_is_lost_is_not_made_twice(self, pool: Pool) -> None:
        able(pool.lose_reply)()
        for _ in range(2):
            with suppress(OutcomeUnknownError):
                pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 3

    def test_a_release_whose_reply_is_lost_is_not_made_twice(self, pool: Pool) -> None:
        victim = frozenset({min(pool.running())})
        able(pool.lose_reply)()
        for _ in range(2):
            with suppress(OutcomeUnknownError):
                pool.writer.release(victim, token=Token("a"))
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 1

    @pytest.mark.parametrize("change", ["grow", "release"])
    def test_what_is_throttled_did_not_happen(self, pool: Pool, change: str) -> None:
        victim = frozenset({min(pool.running())})
        able(pool.throttle)()
        with pytest.raises(UnavailableError):
            _change(pool, change, victim)
        assert pool.look().wanted == len(pool.running()) == 2

    def test_reading_too_often_is_unavailable(self, pool: Pool) -> None:
        able(pool.throttle)()
        with pytest.raises(UnavailableError):
            pool.look()

    @pytest.mark.parametrize("change", ["grow", "release"])
    def test_what_is_denied_is_for_somebody_to_mend_and_did_not_happen(self, pool: Pool, change: str) -> None:
        victim = frozenset({min(pool.running())})
        able(pool.deny)()
        with pytest.raises(SetupError):
            _change(pool, change, victim)
        assert pool.look().wanted == len(pool.running()) == 2

    def test_a_machine_that_is_not_listed_yet_is_counted_once(self, pool: Pool) -> None:
        able(pool.hide)()
        pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        state = pool.look()
        assert (state.wanted, len(state.instances)) in ((3, 2), (3, 3))
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 3

    def test_a_machine_that_never_comes_up_is_told_and_not_taken_for_a_running_one(self, pool: Pool) -> None:
        before = pool.running()
        able(pool.spoil)()
        pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        assert pool.look().wanted == 3
        assert pool.running() == before

    def test_what_somebody_else_changed_is_a_conflict_and_stays(self, pool: Pool) -> None:
        able(pool.resize)(4)
        with pytest.raises(ConflictError):
            pool.writer.grow(seen=2, wanted=3, token=Token("a"))
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 4

    def test_what_stands_by_is_told_and_not_counted(self, pool: Pool) -> None:
        able(pool.stand_by)(2)
        state = pool.look()
        assert (pool.ready(), state.wanted, len(state.instances)) == (2, 2, 2)

    def test_growing_starts_what_stands_by(self, pool: Pool) -> None:
        able(pool.stand_by)(2)
        before = pool.running()
        _grow_where_some_stand_by(pool, 3)
        assert (pool.ready(), pool.look().wanted) == (1, 3)
        pool.settle()
        assert (before < pool.running(), len(pool.running())) == (True, 3)

    def test_what_stands_by_is_started_once(self, pool: Pool) -> None:
        able(pool.stand_by)(2)
        for _ in range(2):
            _grow_where_some_stand_by(pool, 3)
        assert pool.ready() == 1
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 3

    def test_what_is_lacking_beside_what_stands_by_is_launched_once(self, pool: Pool) -> None:
        able(pool.stand_by)(1)
        for _ in range(2):
            _grow_where_some_stand_by(pool, 4)
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 4

    def test_a_start_whose_reply_is_lost_is_not_made_twice(self, pool: Pool) -> None:
        able(pool.stand_by)(2)
        able(pool.lose_reply)()
        for _ in range(2):
            with suppress(OutcomeUnknownError):
                _grow_where_some_stand_by(pool, 3)
        assert pool.ready() == 1
        pool.settle()
        assert pool.look().wanted == len(pool.running()) == 3

    def test_releasing_leaves_what_stands_by(self, pool: Pool) -> None:
        able(pool.stand_by)(2)
        before = pool.running()
        victim = min(before)
        pool.writer.release(frozenset({victim}), token=Token("a"))
        pool.settle()
        assert (pool.running(), pool.look().wanted, pool.ready()) == (before - {victim}, 1, 2)

    def test_exactly_the_named_instance_goes(self, pool: Pool) -> None:
        before = pool.running()
        victim = min(before)
        pool.writer.release(frozenset({victim}), token=Token("a"))
        assert pool.look().wanted == 1
        pool.settle()
        assert pool.running() == before - {victim}

    def test_releasing_twice_is_releasing_once(self, pool: Pool) -> None:
        victim = frozenset({min(pool.running())})
        for _ in range(2):
            pool.writer.release(victim, token=Token("a"))
            pool.settle()
        assert (pool.look().wanted, len(pool.running())) == (1, 1)

    def test_another_incarnation_is_left_alone(self, pool: Pool) -> None:
        before = pool.running()
        pool.writer.release(frozenset({InstanceRef(min(before).id, "another boot"), InstanceRef("nobody", "never")}), token=Token("a"))
        pool.settle()
        assert (pool.running(), pool.look().wanted) == (before, 2)

    def test_releases_to_zero(self, pool: Pool) -> None:
        if not pool.reader.capabilities.to_zero:
            pytest.skip("this cloud keeps one instance")
        pool.writer.release(pool.running(), token=Token("a"))
        pool.settle()
        assert (pool.look().wanted, pool.running()) == (0, frozenset())
