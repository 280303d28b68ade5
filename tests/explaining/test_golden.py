"""The texts themselves, as a reader gets them. `golden/` holds them; what changes there is meant to be read in review."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.explaining import bounds_as_text, decision_as_text, journal_as_text, plan_as_text, status_as_text
from autoscaler.model.commitments import NO_COMMITMENTS
from autoscaler.model.decisions import PoolBounds, RuleVote
from autoscaler.model.observations import PoolView
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.samples import Unknown
from autoscaler.model.votes import Vote
from tests.explaining.building import AT, DECISION, GENERAL, NOTHING, PLAN, SHOP
from tests.explaining.running import COMMITMENTS, FREEZES, OBSERVATION, POLICIES

GOLDEN = Path(__file__).parent / "golden"
UNREAD = replace(OBSERVATION, state=Unknown(Code.LATE, "10s"), pools=(PoolView(pool=GENERAL, state=Unknown(Code.LATE)),), rotations=())
WARM = PoolBounds(
    pool="general",
    min=4,
    max=9,
    votes=(RuleVote(rule="schedule[0]", vote=Vote.at_least(4, Reason(Code.IN_SCHEDULE, (AT,), "instant", ("0 7 * * *", "UTC")))),),
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("plan", plan_as_text(PLAN, (DECISION,)), id="a plan"),
        pytest.param("narrow_plan", plan_as_text(PLAN, (DECISION,), width=60), id="a plan on a narrow screen"),
        pytest.param("nothing", plan_as_text(NOTHING), id="a plan of nothing"),
        pytest.param("decision", decision_as_text(DECISION), id="a decision"),
        pytest.param("grown", decision_as_text(replace(DECISION, current=4, eventually=6)), id="a decision that grows"),
        pytest.param("bounds", bounds_as_text(WARM), id="a pool's bounds"),
        pytest.param("journal", journal_as_text(COMMITMENTS), id="a plan being carried out"),
        pytest.param("no_journal", journal_as_text(NO_COMMITMENTS), id="no plan being carried out"),
        pytest.param("status", status_as_text(OBSERVATION, POLICIES, FREEZES), id="a cluster"),
        pytest.param("unread_status", status_as_text(UNREAD, ClusterPolicies(cluster=SHOP)), id="a cluster that cannot be read"),
    ],
)
def test_texts(name: str, text: str) -> None:
    assert text == (GOLDEN / f"{name}.txt").read_text()
