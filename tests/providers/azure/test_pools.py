"""Pools at Azure when things go wrong: nothing is launched twice, nothing else goes, and what is said is true."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.errors import (
    ConflictError,
    NoCapacityError,
    NotFoundError,
    OutcomeUnknownError,
    ProviderError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.nodes import InstanceState
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant, later
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_azure.pool_writer import ScaleSetWriter
from autoscaler_azure.settings import NodeName
from autoscaler_clouds.launches import AGAIN, FORGET
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import Azure, listening, model, reader_of, settings_of, site_of, writer_of

UPDATE, DELETE, LOOK = "VirtualMachineScaleSets.Update", "VirtualMachineScaleSets.DeleteInstances", "VirtualMachineScaleSets.Get"
PROTECT = "VirtualMachineScaleSetVMs.Update"
SOON = Duration(10_000)


@pytest.fixture(params=[False, True], ids=["uniform", "flexible"])
def azure(request: pytest.FixtureRequest, no_proxy: None) -> Iterator[Azure]:
    with listening(model(flexible=request.param)) as found:
        yield found
    assert found.standin.mistakes == []


@pytest.fixture
def uniform(no_proxy: None) -> Iterator[Azure]:
    with listening(model()) as found:
        yield found
    assert found.standin.mistakes == []


@pytest.fixture
def flexible(no_proxy: None) -> Iterator[Azure]:
    with listening(model(flexible=True)) as found:
        yield found
    assert found.standin.mistakes == []


def look(azure: Azure) -> PoolState:
    return reader_of(azure).observe(SOON)


def grow(azure: Azure, seen: int, wanted: int) -> None:
    writer_of(azure).grow(seen=seen, wanted=wanted, token=Token("a"))


def oldest(azure: Azure) -> frozenset[InstanceRef]:
    return frozenset({min(look(azure).instances, key=lambda one: (one.launched_at, one.ref)).ref})


def refuse(operation: str, code: str, status: int) -> Fault:
    return Fault(operation=operation, kind=Kind.REFUSE, code=code, status=status)


class TestLostReplies:
    def test_a_launch_whose_reply_was_lost_is_seen_and_its_repeat_launches_nothing_more(self, azure: Azure) -> None:
        azure.befall(Fault(operation=UPDATE, kind=Kind.CUT))
        with pytest.raises(OutcomeUnknownError):
            grow(azure, 2, 4)
        assert look(azure).wanted == 4
        grow(azure, 2, 4)
        azure.settle()
        assert (azure.cloud.machines.launched, look(azure).wanted) == (4, 4)

    def test_a_server_that_fails_may_have_done_it(self, azure: Azure) -> None:
        azure.befall(refuse(UPDATE, "InternalServerError", 500))
        with pytest.raises(OutcomeUnknownError):
            grow(azure, 2, 3)

    def test_a_release_whose_reply_was_lost_is_harmless_to_repeat(self, azure: Azure) -> None:
        gone = oldest(azure)
        azure.befall(Fault(operation=DELETE, kind=Kind.CUT))
        with pytest.raises(OutcomeUnknownError):
            writer_of(azure).release(gone, token=Token("a"))
        writer_of(azure).release(gone, token=Token("a"))
        azure.settle()
        assert (look(azure).wanted, len(azure.machines)) == (1, 1)
        assert azure.standin.changed() == [DELETE]

    def test_what_was_decided_on_an_old_picture_is_refused_by_the_etag(self, azure: Azure) -> None:
        look(azure)
        someone = writer_of(azure)
        someone.grow(seen=2, wanted=3, token=Token("theirs"))
        lists = "VirtualMachines.List" if azure.set.model.flexible else "VirtualMachineScaleSetVMs.List"
        azure.befall(Fault(operation=LOOK, kind=Kind.STALE), Fault(operation=lists, kind=Kind.STALE))
        with pytest.raises(ConflictError):
            grow(azure, 2, 4)
        assert azure.set.capacity == 3

    def test_a_repeat_launches_nothing_while_machines_stop_and_new_ones_are_not_listed(self, azure: Azure) -> None:
        azure.cloud.machines.unlisted = Duration(20_000)
        writer_of(azure).release(oldest(azure), token=Token("a"))
        grow(azure, 1, 2)
        with pytest.raises(ConflictError):
            grow(azure, 1, 2)
        azure.settle()
        grow(azure, 1, 2)
        assert (azure.cloud.machines.launched, look(azure).wanted) == (3, 2)


class TestWhatIsCounted:
    def test_a_machine_that_is_not_listed_yet_counts_once(self, azure: Azure) -> None:
        azure.cloud.machines.unlisted = Duration(20_000)
        grow(azure, 2, 4)
        before = look(azure)
        azure.runtime.advance(Duration(20_000))
        after = look(azure)
        assert ((before.wanted, len(before.instances)), (after.wanted, len(after.instances))) == ((4, 2), (4, 4))

    def test_a_machine_given_back_counts_no_more_even_where_the_capacity_is_shown_late(self, azure: Azure) -> None:
        azure.set.settles = Duration(20_000)
        writer_of(azure).release(oldest(azure), token=Token("a"))
        assert look(azure).wanted == 1
        with pytest.raises(ConflictError, match="1 to 2 machines"):
            grow(azure, 1, 2)
        azure.settle()
        grow(azure, 1, 2)
        assert look(azure).wanted == 2

    def test_somebody_elses_count_is_the_new_one(self, azure: Azure) -> None:
        azure.set.resize(5)
        with pytest.raises(ConflictError, match="5 machines, not 2"):
            grow(azure, 2, 3)
        assert look(azure).wanted == 5

    def test_a_thousand_machines_take_one_call_a_page_and_none_that_changes_anything(self, no_proxy: None) -> None:
        with listening(model(), count=1000) as azure:
            state = look(azure)
            assert (state.wanted, len({one.node_name for one in state.instances})) == (1000, 1000)
            assert (len(azure.standin.calls), azure.standin.changed()) == (11, [])

    def test_a_machine_that_spot_takes_back_counts_no_more(self, no_proxy: None) -> None:
        with listening(model(spot=True)) as azure:
            azure.cloud.machines.reclaim(azure.machines[0], Duration(30_000))
            azure.runtime.advance(Duration(30_000))
            assert look(azure).wanted == 1


class TestNoCapacity:
    @pytest.mark.parametrize("listed", [1, 0], ids=["what is lacking is listed as failed", "what is lacking is not listed"])
    def test_what_there_was_stays_and_the_rest_can_be_had_later(self, azure: Azure, listed: int) -> None:
        azure.set.lists_refused = bool(listed)
        azure.cloud.machines.stock["Standard_D2s_v5", "1"] = 1
        grow(azure, 2, 5)
        assert look(azure).wanted == (3 if listed else 5)
        azure.settle()
        assert look(azure).wanted == 3
        azure.cloud.machines.stock.clear()
        grow(azure, 3, 5)
        azure.settle()
        assert (look(azure).wanted, azure.cloud.machines.launched - listed * 2) == (5, 5)

    def test_what_was_refused_late_is_seen_and_left_alone_for_a_while(self, azure: Azure) -> None:
        azure.set.refuses_after = Duration(30_000)
        azure.sell_out()
        reader = reader_of(azure)
        grow(azure, 2, 3)
        assert reader.observe(SOON).wanted == 3
        azure.settle()
        state = reader.observe(SOON)
        assert (state.wanted, state.failed_launches) == (2, 0)
        assert state.offerings[0].sold_out_until > state.read_at
        azure.runtime.advance(AGAIN)
        assert reader.observe(SOON).offerings[0].sold_out_until == Instant(0)

    def test_a_capacity_beyond_what_is_there_is_never_lowered(self, azure: Azure) -> None:
        azure.set.lists_refused = False
        azure.sell_out()
        with pytest.raises(NoCapacityError):
            grow(azure, 2, 5)
        azure.settle()
        assert look(azure).wanted == 2
        with pytest.raises(NoCapacityError, match="is to have 5 machines"):
            grow(azure, 2, 3)
        assert azure.set.capacity == 5

    def test_quota_is_no_capacity_and_says_so(self, azure: Azure) -> None:
        azure.cloud.machines.quota = 3
        with pytest.raises(NoCapacityError, match="quota"):
            grow(azure, 2, 4)
        assert (look(azure).wanted, azure.cloud.machines.launched) == (2, 2)

    def test_throttling_is_no_quota_though_azure_calls_both_the_same(self, azure: Azure) -> None:
        azure.befall(refuse(UPDATE, "TooManyRequests", 429))
        with pytest.raises(UnavailableError, match="OperationNotAllowed"):
            grow(azure, 2, 3)
        assert azure.set.capacity == 2

    def test_a_kind_that_is_not_sold_here_is_no_capacity(self, azure: Azure) -> None:
        azure.befall(refuse(UPDATE, "SkuNotAvailable", 409))
        with pytest.raises(NoCapacityError, match="SkuNotAvailable"):
            grow(azure, 2, 3)


class TestFailedLaunches:
    def test_a_machine_that_never_boots_is_shown_and_held_against_the_pool_for_a_while(self, azure: Azure) -> None:
        azure.cloud.machines.failing = 1
        reader = reader_of(azure)
        grow(azure, 2, 3)
        azure.settle()
        state = reader.observe(SOON)
        broken = [one.ref for one in state.instances if one.state is InstanceState.FAILED]
        assert (state.wanted, len(broken), state.failed_launches) == (2, 1, 1)
        writer_of(azure).release(frozenset(broken), token=Token("a"))
        azure.settle()
        after = reader.observe(SOON)
        assert (after.wanted, len(after.instances), after.failed_launches) == (2, 2, 1)
        azure.runtime.advance(FORGET)
        assert reader.observe(SOON).failed_launches == 0

    def test_a_launch_that_succeeds_makes_up_for_it(self, azure: Azure) -> None:
        azure.cloud.machines.failing = 1
        grow(azure, 2, 3)
        azure.settle()
        grow(azure, 2, 3)
        azure.settle()
        state = look(azure)
        assert (state.wanted, state.failed_launches) == (3, 0)


class TestRefusals:
    @pytest.mark.parametrize(
        ("code", "status", "kind"),
        [
            pytest.param("TooManyRequests", 429, UnavailableError, id="throttled"),
            pytest.param("ServiceUnavailable", 503, UnavailableError, id="down"),
            pytest.param("InvalidAuthenticationToken", 401, SetupError, id="nobody"),
            pytest.param("AuthorizationFailed", 403, SetupError, id="not allowed"),
            pytest.param("ResourceGroupNotFound", 404, NotFoundError, id="no such group"),
            pytest.param("MissingSubscriptionRegistration", 409, SetupError, id="not registered"),
        ],
    )
    def test_a_look_that_is_refused_says_why_and_changes_nothing(self, azure: Azure, code: str, status: int, kind: type[Exception]) -> None:
        azure.befall(refuse("*", code, status))
        with pytest.raises(kind):
            look(azure)
        assert azure.standin.changed() == []

    @pytest.mark.parametrize(
        ("code", "status", "kind"),
        [
            pytest.param("AuthorizationFailed", 403, SetupError, id="not allowed"),
            pytest.param("PreconditionFailed", 412, ConflictError, id="another etag"),
            pytest.param("Conflict", 409, ConflictError, id="a conflict"),
            pytest.param("SubnetIsFull", 400, SetupError, id="no addresses left"),
        ],
    )
    def test_a_launch_that_is_refused_launches_nothing(self, azure: Azure, code: str, status: int, kind: type[Exception]) -> None:
        azure.befall(refuse(UPDATE, code, status))
        with pytest.raises(kind, match=code):
            grow(azure, 2, 3)
        assert azure.cloud.machines.launched == 2

    def test_nothing_is_sent_where_there_is_no_time_left(self, azure: Azure) -> None:
        with pytest.raises(UnavailableError):
            reader_of(azure).observe(Duration(0))
        assert azure.standin.calls == []

    def test_an_unreachable_cloud_is_unavailable_for_writes_too(self, azure: Azure) -> None:
        writer = writer_of(azure)
        azure.standin.__exit__()
        with pytest.raises(UnavailableError):
            writer.grow(seen=2, wanted=3, token=Token("a"))


class TestReleasing:
    def test_a_machine_that_left_the_set_is_left_alone(self, flexible: Azure) -> None:
        gone = frozenset(one.ref for one in look(flexible).instances)
        other = flexible.cloud.add(replace(flexible.set.model, name="shop-other"), 0)
        for machine in flexible.machines:
            machine.group = other.model.key
        writer_of(flexible).release(gone, token=Token("a"))
        assert flexible.standin.changed() == []

    def test_if_one_went_meanwhile_none_is_deleted_and_it_is_a_conflict(self, azure: Azure) -> None:
        gone = oldest(azure)
        azure.befall(refuse(DELETE, "InvalidParameter: The instanceId 7 is not an active Virtual Machine Scale Set VM instanceId", 400))
        with pytest.raises(ConflictError):
            writer_of(azure).release(gone, token=Token("a"))

    def test_several_go_in_one_call(self, azure: Azure) -> None:
        gone = frozenset(one.ref for one in look(azure).instances)
        writer_of(azure).release(gone, token=Token("a"))
        assert (azure.standin.changed(), look(azure).wanted) == ([DELETE], 0)


class TestProtection:
    def test_machines_that_run_are_protected_from_others_numbers_and_not_from_our_names(self, uniform: Azure) -> None:
        grow(uniform, 2, 3)
        uniform.settle()
        ours = look(uniform)
        uniform.set.resize(1)
        uniform.settle()
        left = look(uniform)
        assert [one.ref for one in left.instances] == [one.ref for one in ours.instances if one.ref.id in ("0", "1")]
        writer_of(uniform).release(oldest(uniform), token=Token("a"))
        assert look(uniform).wanted == 1

    def test_a_launch_is_accepted_whatever_becomes_of_the_protection(self, uniform: Azure) -> None:
        uniform.befall(refuse(PROTECT, "AuthorizationFailed", 403))
        grow(uniform, 2, 3)
        assert look(uniform).wanted == 3

    def test_none_is_where_none_is_wanted(self, uniform: Azure) -> None:
        settings = replace(settings_of(uniform), protect=False)
        ScaleSetWriter(settings, site_of(uniform)).grow(seen=2, wanted=3, token=Token("a"))
        assert uniform.standin.changed() == [UPDATE]


class TestOfferings:
    def test_one_zone_is_promised_and_several_are_not(self, azure: Azure, no_proxy: None) -> None:
        assert look(azure).offerings[0].name == OfferingName("Standard_D2s_v5/westeurope-1")
        with listening(model(zones=("1", "2"))) as wide:
            assert look(wide).offerings[0].name == OfferingName("Standard_D2s_v5")

    def test_of_several_kinds_the_least_is_promised_at_the_highest_price(self, no_proxy: None) -> None:
        with listening(model(flexible=True, kinds=("Standard_E2s_v5", "Standard_D2s_v5"))) as azure:
            (offered,) = look(azure).offerings
        assert (offered.name, offered.capacity.memory, offered.price.micro) == ("mixed/westeurope-1", 8 * 2**30, 126_000)

    def test_spot_has_its_own_price(self, no_proxy: None) -> None:
        with listening(model(spot=True)) as azure:
            (offered,) = look(azure).offerings
        assert (offered.spot, offered.price.micro) == (True, 20_000)

    def test_a_kind_that_is_not_told_is_asked_once_and_has_no_price(self, no_proxy: None) -> None:
        with listening(model(kinds=("Standard_NC4as_T4_v3",))) as azure:
            reader = reader_of(azure)
            (offered,) = (reader.observe(SOON), reader.observe(SOON))[1].offerings
            asked = [one.operation for one in azure.standin.calls].count("ResourceSkus.List")
        assert (offered.capacity.cpu, offered.capacity.memory, len(offered.devices), offered.price.micro, asked) == (
            4000,
            28 * 2**30,
            1,
            0,
            1,
        )

    def test_a_kind_that_azure_does_not_sell_there_is_told_as_such(self, no_proxy: None) -> None:
        with listening(model(kinds=("Standard_Odd",))) as azure, pytest.raises(SetupError, match="Standard_Odd in westeurope"):
            look(azure)

    def test_another_offering_than_the_set_has_is_a_conflict(self, azure: Azure) -> None:
        with pytest.raises(ConflictError, match="offers Standard_D2s_v5/westeurope-1, not big"):
            writer_of(azure).grow(seen=2, wanted=3, token=Token("a"), offering=OfferingName("big"))

    def test_a_node_may_be_called_in_small_letters(self, no_proxy: None) -> None:
        with listening(model(), count=12) as azure:
            names = {one.node_name for one in look(azure).instances}
            lower = ScaleSetReader(replace(settings_of(azure), node_name=NodeName.LOWER), site_of(azure)).observe(SOON)
        assert "shop-general00000B" in names
        assert {one.node_name for one in lower.instances} == {name.lower() for name in names}


def test_launches_are_told_with_their_time(azure: Azure) -> None:
    began = azure.runtime.now()
    azure.runtime.advance(Duration(5000))
    grow(azure, 2, 3)
    assert {one.launched_at for one in look(azure).instances} == {began, later(began, Duration(5000))}


def test_what_is_no_error_of_ours_never_leaves(azure: Azure) -> None:
    azure.befall(refuse(UPDATE, "", 418))
    with pytest.raises((ProviderError, SetupError)):
        grow(azure, 2, 3)
