"""Promises of a load balancer: `TrafficReader` and `TrafficWriter`."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from autoscaler.contracts.traffic_reader import TrafficReader
from autoscaler.contracts.traffic_writer import TrafficWriter
from autoscaler.errors import NoCapacityError, NotFoundError, OutcomeUnknownError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import Member, MemberState, RotationState

SOON = Duration(10_000)


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """What the fixture gives: a balancer in front of `web`; `addresses` are two that answer, not in rotation yet.

    `settle` waits until the balancer's checks have run and requests in flight have ended. `stranger` is a workload without a backend.
    `slots`: how many members the backend holds, 0 for any number. The rest is None where the fixture cannot do it: `break_down` makes every
    call fail; `lose_reply`: the next write is done, and no reply comes; `throttle`, `deny`: the next call is refused for that.
    """

    reader: TrafficReader
    writer: TrafficWriter
    web: WorkloadRef
    addresses: tuple[str, str]
    settle: Callable[[], None]
    stranger: WorkloadRef | None = None
    slots: int = 0
    break_down: Callable[[], None] | None = None
    lose_reply: Callable[[], None] | None = None
    throttle: Callable[[], None] | None = None
    deny: Callable[[], None] | None = None

    def look(self) -> RotationState:
        """The rotation now."""
        return self.reader.observe((self.web,), SOON)

    def member(self, address: str) -> Member | None:
        """The member of this address now; one that is out counts as none."""
        members = [one for one in self.look().members if one.address == address and one.state is not MemberState.OUT]
        return members[0] if members else None


def able(hook: Callable[[], None] | None) -> Callable[[], None]:
    """The hook; a test whose fixture has none is skipped."""
    if hook is None:
        pytest.skip("the fixture cannot do that to this balancer")
    return hook


class TrafficContract:
    """Give a fixture `rotation` of `Rotation`."""

    def test_who_joins_is_ready_and_up(self, rotation: Rotation) -> None:
        for _ in range(2):
            rotation.writer.join(rotation.web, (rotation.addresses[0],))
        rotation.settle()
        found = rotation.member(rotation.addresses[0])
        assert found is not None
        assert (found.workload, found.state, found.up) == (rotation.web, MemberState.READY, True)
        assert sum(one.address == rotation.addresses[0] for one in rotation.look().members) == 1

    def test_who_leaves_gets_no_more_and_runs_dry(self, rotation: Rotation) -> None:
        rotation.writer.join(rotation.web, (rotation.addresses[0],))
        rotation.settle()
        for _ in range(2):
            rotation.writer.leave(rotation.web, (rotation.addresses[0],))
        found = rotation.member(rotation.addresses[0])
        assert found is None or found.state is MemberState.DRAINING
        rotation.settle()
        after = rotation.member(rotation.addresses[0])
        assert after is None or (after.state is MemberState.DRAINING and not after.sessions)

    def test_who_left_may_join_again(self, rotation: Rotation) -> None:
        rotation.writer.join(rotation.web, (rotation.addresses[0],))
        rotation.writer.leave(rotation.web, (rotation.addresses[0],))
        rotation.writer.join(rotation.web, (rotation.addresses[0],))
        found = rotation.member(rotation.addresses[0])
        assert found is not None
        assert found.state is MemberState.READY

    def test_one_leaving_leaves_the_other_alone(self, rotation: Rotation) -> None:
        for address in rotation.addresses:
            rotation.writer.join(rotation.web, (address,))
        rotation.writer.leave(rotation.web, (rotation.addresses[0],))
        found = rotation.member(rotation.addresses[1])
        assert found is not None
        assert found.state is MemberState.READY

    def test_who_is_removed_is_out_at_once_or_drains_and_its_place_is_free(self, rotation: Rotation) -> None:
        before = dict(rotation.look().free)
        rotation.writer.join(rotation.web, (rotation.addresses[0],))
        for _ in range(2):
            rotation.writer.remove(rotation.web, (rotation.addresses[0],))
        found = rotation.member(rotation.addresses[0])
        itself = rotation.look().drain(rotation.web) is not None
        assert found is None or (itself and found.state is MemberState.DRAINING)
        rotation.settle()
        assert rotation.member(rotation.addresses[0]) is None
        assert dict(rotation.look().free) == before

    def test_several_come_and_go_together(self, rotation: Rotation) -> None:
        rotation.writer.join(rotation.web, rotation.addresses)
        rotation.settle()
        assert [one.up for one in map(rotation.member, rotation.addresses) if one] == [True, True]
        rotation.writer.leave(rotation.web, rotation.addresses)
        left = [one for one in map(rotation.member, rotation.addresses) if one]
        assert all(one.state is MemberState.DRAINING for one in left)
        rotation.writer.remove(rotation.web, rotation.addresses)
        rotation.settle()
        assert list(map(rotation.member, rotation.addresses)) == [None, None]

    def test_a_balancer_that_lets_go_by_itself_does_so_in_its_time(self, rotation: Rotation) -> None:
        rotation.writer.join(rotation.web, rotation.addresses)
        if rotation.look().drain(rotation.web) is None:
            pytest.skip("this balancer keeps who leaves until he is removed")
        rotation.writer.leave(rotation.web, rotation.addresses)
        rotation.settle()
        assert rotation.look().members == ()

    @pytest.mark.parametrize("method", ["leave", "remove"])
    def test_an_address_that_is_not_there_is_harmless(self, rotation: Rotation, method: str) -> None:
        before = rotation.look().members
        getattr(rotation.writer, method)(rotation.web, ("192.0.2.1:9",))
        assert rotation.look().members == before

    def test_two_reads_without_a_change_are_alike(self, rotation: Rotation) -> None:
        first, second = rotation.look(), rotation.look()
        assert replace(second, read_at=first.read_at) == first

    def test_only_the_workloads_asked_for_are_shown(self, rotation: Rotation) -> None:
        rotation.writer.join(rotation.web, (rotation.addresses[0],))
        assert {one.workload for one in rotation.look().members} == {rotation.web}
        assert rotation.reader.observe((), SOON).members == ()

    def test_a_workload_without_a_backend_is_not_found(self, rotation: Rotation) -> None:
        if rotation.stranger is None:
            pytest.skip("the fixture names no stranger")
        with pytest.raises(NotFoundError, match=rotation.stranger.name):
            rotation.reader.observe((rotation.stranger,), SOON)

    def test_a_full_backend_has_no_capacity(self, rotation: Rotation) -> None:
        if not rotation.slots:
            pytest.skip("this backend holds any number")
        taken = len(rotation.look().members)
        for number in range(rotation.slots - taken):
            rotation.writer.join(rotation.web, (f"192.0.2.2:{1000 + number}",))
        with pytest.raises(NoCapacityError):
            rotation.writer.join(rotation.web, ("192.0.2.3:9",))

    def test_a_lost_reply_is_told_and_asking_again_is_harmless(self, rotation: Rotation) -> None:
        able(rotation.lose_reply)()
        with pytest.raises(OutcomeUnknownError):
            rotation.writer.join(rotation.web, (rotation.addresses[0],))
        rotation.writer.join(rotation.web, (rotation.addresses[0],))
        rotation.settle()
        assert [(one.address, one.up) for one in rotation.look().members] == [(rotation.addresses[0], True)]

    @pytest.mark.parametrize("method", ["join", "leave"])
    def test_what_is_throttled_did_not_happen(self, rotation: Rotation, method: str) -> None:
        rotation.writer.join(rotation.web, (rotation.addresses[1],))
        before = rotation.look().members
        able(rotation.throttle)()
        with pytest.raises(UnavailableError):
            getattr(rotation.writer, method)(rotation.web, rotation.addresses)
        assert rotation.look().members == before

    def test_reading_that_is_throttled_is_unavailable(self, rotation: Rotation) -> None:
        able(rotation.throttle)()
        with pytest.raises(UnavailableError):
            rotation.look()

    def test_what_is_denied_is_for_somebody_to_grant(self, rotation: Rotation) -> None:
        able(rotation.deny)()
        with pytest.raises(SetupError):
            rotation.writer.join(rotation.web, rotation.addresses)

    def test_a_balancer_that_is_down_is_unavailable(self, rotation: Rotation) -> None:
        able(rotation.break_down)()
        with pytest.raises(UnavailableError):
            rotation.look()
        with pytest.raises(UnavailableError):
            rotation.writer.join(rotation.web, (rotation.addresses[0],))
