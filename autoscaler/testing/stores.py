"""What every store promises. Inherit `StoreContract` and give its two fixtures."""

from dataclasses import replace

import pytest

from autoscaler.contracts.store import Lease, Request, RequestKind, Store, TickRecord
from autoscaler.errors import LostLeaseError, RefusedError, StoreError
from autoscaler.model.commitments import NO_COMMITMENTS, Intent, StepRecord, StepStatus
from autoscaler.model.decisions import Decision, RuleVote
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Arrival, Arrivals, History, Lesson, Note, Notice, Recommendation, Refusal, ScaleEvent
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.policies import Mode
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, OfferingName, PlanId, PolicyName, Token, WorkloadRef
from autoscaler.model.steps import Fence
from autoscaler.model.votes import Vote
from autoscaler.store import verify_chain
from autoscaler.testing import scenes
from autoscaler.testing.idle_plans import IdlePlansContract
from autoscaler.testing.loads import LoadsContract
from autoscaler.testing.runtime import VirtualRuntime

SHOP = ClusterName("shop")
WEB = WorkloadRef(SHOP, "web")
API = WorkloadRef(SHOP, "api")
TTL = Duration(15_000)
DAY_MS = 86_400_000


def a_plan(name: str, *, steps: int = 2, made_at: int = 0) -> Plan:
    """A plan of so many fences, one after the other."""
    return replace(scenes.a_plan(*steps_of(name, steps), made_at=Instant(made_at)), id=PlanId(name))


def records_of(plan: Plan) -> tuple[StepRecord, ...]:
    """Its steps' records, nothing begun."""
    return tuple(StepRecord(plan=plan.id, planned=step) for step in plan.steps)


def a_decision(at: int, *, count: int = 4, seen: int = 900, workload: WorkloadRef = WEB) -> Decision:
    """A rule wants `count`, having seen `seen`."""
    vote = Vote.want(count, Reason(Code.OFF_TARGET, (seen, 600), "milli"))
    return Decision(
        policy=PolicyName("web"),
        workload=workload,
        at=Instant(at),
        mode=Mode.ACTIVE,
        current=3,
        recommended=count,
        eventually=count,
        count=count,
        votes=(RuleVote(rule="target_tracking[0]", vote=vote),),
        stages=(),
    )


def steps_of(name: str, count: int) -> tuple[PlannedStep, ...]:
    """Fences, one after the other."""
    fence = Fence(node=scenes.node_ref("n1"))
    return tuple(scenes.planned(f"{name}-{n}", fence, *([f"{name}-{n - 1}"] if n else []), operation="close n1") for n in range(count))


class StoreContract(LoadsContract, IdlePlansContract):
    """Fixtures to give: `runtime`, a VirtualRuntime, and `store`, an empty store that lives by its clock."""

    # Leases.

    def test_the_store_keeps_its_name(self, store: Store) -> None:
        assert store.id == store.id != ""

    def test_a_free_lease_is_had_under_the_first_term(self, store: Store, runtime: VirtualRuntime) -> None:
        lease = store.leases.acquire(SHOP, "one", TTL)
        assert (lease.holder, lease.term, lease.store, lease.began) == ("one", 1, store.id, 0)
        assert lease.until == runtime.now() + TTL.ms

    def test_a_lease_that_runs_is_refused_to_others_and_names_its_holder(self, store: Store) -> None:
        store.leases.acquire(SHOP, "one", TTL)
        with pytest.raises(RefusedError, match="one"):
            store.leases.acquire(SHOP, "two", TTL)

    def test_its_own_holder_gets_it_again_under_its_term(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        runtime.advance(Duration(5000))
        again = store.leases.acquire(SHOP, "one", TTL)
        assert (again.term, again.until) == (lease.term, lease.until + 5000)

    def test_a_lease_that_ran_out_begins_a_new_term_and_says_when(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        runtime.advance(TTL)
        taken = store.leases.acquire(SHOP, "two", TTL)
        assert (taken.term, taken.began) == (lease.term + 1, runtime.now())

    def test_a_released_lease_is_free_and_its_term_is_never_used_again(self, store: Store, lease: Lease) -> None:
        store.leases.release(lease)
        assert store.leases.current(SHOP) is None
        assert store.leases.acquire(SHOP, "two", TTL).term == lease.term + 1

    def test_releasing_a_lost_lease_is_harmless(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        runtime.advance(TTL)
        taken = store.leases.acquire(SHOP, "two", TTL)
        store.leases.release(lease)
        assert store.leases.current(SHOP) == taken

    def test_renewing_is_longer(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        runtime.advance(Duration(9000))
        assert store.leases.renew(lease, TTL).until == lease.until + 9000

    def test_renewing_after_another_term_began_is_a_lost_lease(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        runtime.advance(TTL)
        store.leases.acquire(SHOP, "two", TTL)
        with pytest.raises(LostLeaseError):
            store.leases.renew(lease, TTL)

    def test_clusters_have_leases_of_their_own(self, store: Store) -> None:
        store.leases.acquire(SHOP, "one", TTL)
        assert store.leases.acquire(ClusterName("bank"), "two", TTL).term == 1

    def test_the_current_lease_is_shown_though_it_ran_out(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        runtime.advance(Duration(DAY_MS))
        assert store.leases.current(SHOP) == lease

    # The journal.

    def test_an_empty_journal_has_no_plan(self, store: Store) -> None:
        assert store.journal(SHOP).commitments() == NO_COMMITMENTS

    def test_what_was_adopted_is_the_current_plan_in_its_order(self, store: Store, lease: Lease) -> None:
        plan = a_plan("p", steps=12)
        store.journal(SHOP).adopt(plan, records_of(plan), lease)
        found = store.journal(SHOP).commitments()
        assert (found.plan, found.records) == (plan, records_of(plan))

    def test_a_written_step_is_read_back_whole(self, store: Store, lease: Lease) -> None:
        plan = a_plan("p")
        store.journal(SHOP).adopt(plan, records_of(plan), lease)
        written = replace(records_of(plan)[0], status=StepStatus.INTENDED, intent=Intent(token=Token("t"), term=1), tries=1)
        store.journal(SHOP).write(written, lease)
        assert store.journal(SHOP).commitments().records == (written, records_of(plan)[1])
        assert store.records(SHOP).steps(plan.id) == (written, records_of(plan)[1])

    def test_a_plan_adopted_again_has_exactly_the_records_given(self, store: Store, lease: Lease) -> None:
        plan = a_plan("p", steps=3)
        store.journal(SHOP).adopt(plan, records_of(plan), lease)
        store.journal(SHOP).adopt(plan, records_of(plan)[:1], lease)
        assert store.journal(SHOP).commitments().records == records_of(plan)[:1]

    def test_a_newer_plan_replaces_the_older_whose_records_stay(self, store: Store, lease: Lease) -> None:
        old, new = a_plan("old"), a_plan("new", steps=1)
        store.journal(SHOP).adopt(old, records_of(old), lease)
        carried = replace(records_of(old)[0], status=StepStatus.SENT)
        store.journal(SHOP).adopt(new, (*records_of(new), carried), lease)
        assert store.journal(SHOP).commitments().records == (*records_of(new), carried)
        assert store.records(SHOP).steps(old.id) == (carried, records_of(old)[1])
        assert store.records(SHOP).plans() == (new, old)

    def test_a_carried_step_is_written_like_any_other(self, store: Store, lease: Lease) -> None:
        old, new = a_plan("old"), a_plan("new", steps=1)
        store.journal(SHOP).adopt(old, records_of(old), lease)
        store.journal(SHOP).adopt(new, (*records_of(new), records_of(old)[0]), lease)
        done = replace(records_of(old)[0], status=StepStatus.DONE)
        store.journal(SHOP).write(done, lease)
        assert store.journal(SHOP).commitments().records == (*records_of(new), done)
        assert store.records(SHOP).steps(old.id)[0] == done

    def test_a_step_of_no_adopted_plan_is_a_store_error(self, store: Store, lease: Lease) -> None:
        with pytest.raises(StoreError):
            store.journal(SHOP).write(records_of(a_plan("p"))[0], lease)

    def test_an_old_term_adopts_nothing(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        self._lose(store, runtime)
        with pytest.raises(LostLeaseError):
            store.journal(SHOP).adopt(a_plan("p"), (), lease)
        assert store.journal(SHOP).commitments() == NO_COMMITMENTS

    def test_an_old_term_writes_nothing(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        plan = a_plan("p")
        store.journal(SHOP).adopt(plan, records_of(plan), lease)
        self._lose(store, runtime)
        with pytest.raises(LostLeaseError):
            store.journal(SHOP).write(replace(records_of(plan)[0], status=StepStatus.INTENDED), lease)
        assert store.journal(SHOP).commitments().records == records_of(plan)

    def test_a_released_term_writes_nothing(self, store: Store, lease: Lease) -> None:
        store.leases.release(lease)
        with pytest.raises(LostLeaseError):
            store.journal(SHOP).adopt(a_plan("p"), (), lease)

    def test_journals_of_two_clusters_know_nothing_of_each_other(self, store: Store, lease: Lease) -> None:
        plan = a_plan("p")
        store.journal(SHOP).adopt(plan, records_of(plan), lease)
        assert store.journal(ClusterName("bank")).commitments() == NO_COMMITMENTS

    # The past.

    def test_a_subject_begins_with_its_first_recommendation(self, store: Store, lease: Lease) -> None:
        self._recommend(store, lease, (1000, 3), (2000, 4))
        found = store.records(SHOP).histories(Instant(0)).of("shop/web")
        assert (found.began, found.recommendations) == (1000, (Recommendation(Instant(1000), 3), Recommendation(Instant(2000), 4)))

    def test_a_subject_never_heard_of_has_no_history(self, store: Store) -> None:
        assert store.records(SHOP).histories(Instant(0)).of("shop/web") == History(subject="shop/web")

    def test_a_run_of_equal_recommendations_keeps_its_ends(self, store: Store, lease: Lease) -> None:
        self._recommend(store, lease, *((n * 15_000, 3) for n in range(20)), (300_000, 2))
        found = store.records(SHOP).histories(Instant(0)).of("shop/web").recommendations
        assert found == (Recommendation(Instant(0), 3), Recommendation(Instant(285_000), 3), Recommendation(Instant(300_000), 2))

    def test_a_run_that_began_before_the_window_still_fills_it(self, store: Store, lease: Lease) -> None:
        self._recommend(store, lease, *((n * 15_000, 3) for n in range(20)))
        found = store.records(SHOP).histories(Instant(100_000)).of("shop/web").recommendations
        assert found == (Recommendation(Instant(100_000), 3), Recommendation(Instant(285_000), 3))

    def test_nothing_is_made_up_for_a_time_without_ticks(self, store: Store, lease: Lease) -> None:
        self._recommend(store, lease, (0, 3), (3_600_000, 3))
        found = store.records(SHOP).histories(Instant(1000)).of("shop/web").recommendations
        assert found == (Recommendation(Instant(3_600_000), 3),)

    def test_a_change_of_how_many_were_ready_begins_a_new_run(self, store: Store, lease: Lease) -> None:
        told = tuple(Recommendation(Instant(15_000 * n), 3, ready) for n, ready in enumerate((2, 3, 3)))
        for one in told:
            store.records(SHOP).remember(TickRecord(at=one.at, recommendations=(("shop/web", one),)), lease)
        assert store.records(SHOP).histories(Instant(0)).of("shop/web").recommendations == told

    def test_only_the_last_lesson_is_kept(self, store: Store, lease: Lease) -> None:
        self._recommend(store, lease, (1000, 3))
        first, last = _lesson(1000), _lesson(601_000)
        for one in (first, last):
            store.records(SHOP).remember(TickRecord(at=one.at, lessons=(("shop/web", one),)), lease)
        assert store.records(SHOP).histories(Instant(601_000)).of("shop/web").lesson == last

    def test_only_the_subjects_asked_for_are_told(self, store: Store, lease: Lease) -> None:
        one = Recommendation(Instant(1000), 3)
        told = (("shop/web", one), ("shop/api", one), ("pool:general", one))
        store.records(SHOP).remember(TickRecord(at=one.at, recommendations=told), lease)
        found = store.records(SHOP).histories(Instant(0), frozenset({"shop/api", "shop/none"}))
        assert [(each.subject, each.recommendations) for each in found.entries] == [("shop/api", (one,))]

    def test_only_the_last_notes_are_kept(self, store: Store, lease: Lease) -> None:
        self._recommend(store, lease, (1000, 3))
        for at in (1000, 601_000):
            told = (Note("panic[0]", Instant(at), (at, -1)), Note("window_max[1]", Instant(at), ()))
            store.records(SHOP).remember(TickRecord(at=Instant(at), notes=(("shop/web", told),)), lease)
        assert store.records(SHOP).histories(Instant(601_000)).of("shop/web").notes == told

    def test_only_the_last_refusals_are_kept(self, store: Store, lease: Lease) -> None:
        for at in (1000, 601_000):
            told = (Refusal(OfferingName("large/a"), Instant(at), 2),)
            store.records(SHOP).remember(TickRecord(at=Instant(at), refusals=(("pool:general", told),)), lease)
        assert store.records(SHOP).histories(Instant(601_000)).of("pool:general").refusals == told

    def test_only_the_last_notices_are_kept(self, store: Store, lease: Lease) -> None:
        for at in (1000, 601_000):
            told = (Notice("i-1", Instant(at), Instant(at + 120_000), "spot"),)
            store.records(SHOP).remember(TickRecord(at=Instant(at), notices=(("notices", told),)), lease)
        assert store.records(SHOP).histories(Instant(601_000)).of("notices").notices == told

    def test_only_the_last_arrivals_are_kept(self, store: Store, lease: Lease) -> None:
        for at in (1000, 601_000):
            told = Arrivals((Arrival("i-1", Instant(at)), Arrival("i-2", joined=True)), missed_at=Instant(at), times=2)
            store.records(SHOP).remember(TickRecord(at=Instant(at), arrivals=(("pool:general", told),)), lease)
        assert store.records(SHOP).histories(Instant(601_000)).of("pool:general").arrivals == told

    def test_events_are_kept_in_order(self, store: Store, lease: Lease) -> None:
        events = (("shop/web", ScaleEvent(Instant(5), 2)), ("shop/web", ScaleEvent(Instant(5), -1, foreign=True)))
        store.records(SHOP).remember(TickRecord(at=Instant(5), events=events), lease)
        assert store.records(SHOP).histories(Instant(5)).of("shop/web").events == tuple(event for _, event in events)
        assert store.records(SHOP).histories(Instant(6)).of("shop/web").events == ()

    def test_the_same_decision_again_is_counted(self, store: Store, lease: Lease) -> None:
        for at, seen in ((1000, 900), (2000, 910), (3000, 905)):
            self._decide(store, lease, a_decision(at, seen=seen))
        (record,) = store.records(SHOP).decisions(WEB)
        assert (record.decision, record.times, record.last) == (a_decision(1000, seen=900), 3, 3000)

    def test_a_decision_made_again_keeps_its_id(self, store: Store, lease: Lease) -> None:
        first, again, other = (
            store.records(SHOP).remember(TickRecord(at=one.at, decisions=(one, a_decision(9, workload=API))), lease)
            for one in (a_decision(1000), a_decision(2000), a_decision(3000, count=5))
        )
        assert first == again
        assert other[0] not in first
        assert other[1] == first[1]
        assert {one.id for one in store.records(SHOP).decisions(None)} == {*first, *other}

    @pytest.mark.parametrize(
        "changed", [pytest.param({"count": 5}, id="another count"), pytest.param({"workload": API}, id="another workload")]
    )
    def test_a_changed_decision_is_a_new_record(self, store: Store, lease: Lease, changed: dict[str, int]) -> None:
        self._decide(store, lease, a_decision(1000))
        self._decide(store, lease, a_decision(2000, **changed))  # type: ignore[arg-type] # either of two fields
        assert [one.times for one in store.records(SHOP).decisions(None)] == [1, 1]

    def test_decisions_come_newest_first_bounded_by_time_and_number(self, store: Store, lease: Lease) -> None:
        for n in range(5):
            self._decide(store, lease, a_decision(n * 1000, count=n))
        found = store.records(SHOP).decisions(WEB, until=Instant(3000), limit=2)
        assert [one.decision.count for one in found] == [3, 2]

    def test_the_chain_of_decisions_is_sound_and_shows_a_changed_one(self, store: Store, lease: Lease) -> None:
        for n in range(4):
            self._decide(store, lease, a_decision(n * 1000, count=n))
        found = store.records(SHOP).decisions(None)
        assert verify_chain(found) is None
        forged = tuple(replace(one, decision=a_decision(1000, count=9)) if one.decision.count == 1 else one for one in found)
        assert verify_chain(forged) == next(one.id for one in found if one.decision.count == 1)
        assert verify_chain(found[:1] + found[2:]) == found[0].id

    def test_an_old_term_remembers_nothing(self, store: Store, lease: Lease, runtime: VirtualRuntime) -> None:
        self._lose(store, runtime)
        with pytest.raises(LostLeaseError):
            self._decide(store, lease, a_decision(1000))
        assert store.records(SHOP).decisions(None) == ()

    def test_after_thirty_days_the_past_is_dropped_and_the_present_kept(self, store: Store, lease: Lease) -> None:
        plan, old = a_plan("current"), a_plan("old")
        store.journal(SHOP).adopt(old, records_of(old), lease)
        store.journal(SHOP).adopt(plan, records_of(plan), lease)
        self._recommend(store, lease, (0, 3))
        self._decide(store, lease, a_decision(0))
        self._decide(store, lease, a_decision(31 * DAY_MS, count=5))
        assert [one.decision.count for one in store.records(SHOP).decisions(None)] == [5]
        assert verify_chain(store.records(SHOP).decisions(None)) is None
        assert store.records(SHOP).plans() == (plan,)
        assert store.records(SHOP).histories(Instant(0)).of("shop/web").recommendations == ()
        assert store.records(SHOP).histories(Instant(0)).of("shop/web").began == 0

    def test_plans_are_told_as_they_were_then(self, store: Store, lease: Lease) -> None:
        plans = [a_plan(f"p{at}", made_at=at) for at in (1000, 2000, 3000)]
        for plan in plans:
            store.journal(SHOP).adopt(plan, records_of(plan), lease)
        assert store.records(SHOP).plans(until=Instant(2000)) == (plans[1], plans[0])
        assert store.records(SHOP).plans(until=Instant(2999), limit=1) == (plans[1],)

    def test_freezing_needs_no_lease_and_stays_until_resumed(self, store: Store) -> None:
        freeze = Freeze(subject="shop/web", who="ann", why="sale", at=Instant(0), until=Instant(1))
        store.records(SHOP).freeze(replace(freeze, why="oops"))
        store.records(SHOP).freeze(freeze)
        assert store.records(SHOP).freezes() == (freeze,)
        assert store.records(SHOP).resume("shop/web")
        assert not store.records(SHOP).resume("shop/web")
        assert store.records(SHOP).freezes() == ()

    # Hand-over.

    def test_a_request_is_pending_until_it_is_closed(self, store: Store) -> None:
        requests = store.requests(SHOP)
        late = Request(id="b", kind=RequestKind.DRAIN, subject="n1", who="ann", at=Instant(2))
        early = Request(id="c", kind=RequestKind.APPLY, subject="p", who="ann", at=Instant(1), plan=a_plan("p"))
        for request in (late, early, replace(late, subject="n2")):
            requests.submit(request)
        assert requests.pending() == (early, late)
        closed = replace(early, outcome="applied", exit_code=0)
        requests.close(closed)
        assert requests.pending() == (late,)
        assert (requests.find("c"), requests.find("x")) == (closed, None)
        assert store.requests(ClusterName("bank")).pending() == ()

    # Helpers.

    def _lose(self, store: Store, runtime: VirtualRuntime) -> None:
        runtime.advance(TTL)
        store.leases.acquire(SHOP, "two", TTL)

    def _recommend(self, store: Store, lease: Lease, *said: tuple[int, int]) -> None:
        for at, count in said:
            recommendation = ("shop/web", Recommendation(Instant(at), count))
            store.records(SHOP).remember(TickRecord(at=Instant(at), recommendations=(recommendation,)), lease)

    def _decide(self, store: Store, lease: Lease, decision: Decision) -> None:
        store.records(SHOP).remember(TickRecord(at=decision.at, decisions=(decision,)), lease)


def _lesson(at: int) -> Lesson:
    share, minute = Share(500), Duration(60_000)
    return Lesson(at=Instant(at), hold=minute, ahead=share, lead=minute, reserve=share, floor=3, short=share, plain_short=share, cost=share)
