"""What is found alike at all clouds."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from autoscaler.errors import SetupError
from autoscaler.model.quantities import Instant
from autoscaler_clouds.findings import Findings
from autoscaler_clouds.permissions import Row

NOW = Instant(1_795_000_000_000)
LOOK = Row(call="a.Look", role="observer", permission="look", on="any", page="")
ACT = Row(call="a.Act", role="actor", permission="act", on="any", page="")
MORE = Row(call="a.More", role="actor", permission="more", on="any", page="")


def denied() -> None:
    raise SetupError("denied", hint="grant it")


@pytest.mark.parametrize(
    ("off", "ok", "says"),
    [
        pytest.param(0, True, "within 30s", id="right"),
        pytest.param(29_000, True, "within 30s", id="nearly"),
        pytest.param(-300_000, False, "ahead", id="ours is ahead"),
        pytest.param(300_000, False, "behind", id="ours is behind"),
    ],
)
def test_clocks(off: int, says: str, *, ok: bool) -> None:
    found = Findings("pool general")
    found.clock(format_datetime(datetime.fromtimestamp((NOW + off) / 1000, UTC), usegmt=True), NOW)
    assert (found.found[0].ok, says in found.found[0].says) == (ok, True)


def test_a_clock_that_is_not_told_is_not_known() -> None:
    found = Findings("pool general")
    found.clock("", NOW)
    assert (found.found[0].ok, bool(found.found[0].hint)) == (True, True)


@pytest.mark.parametrize(
    ("lacking", "oks", "says"),
    [
        pytest.param(set(), [True], "all 3 that were looked at are there", id="nothing lacks"),
        pytest.param({"more"}, [False], "more is lacking: More", id="one of the actor's"),
        pytest.param({"act", "more"}, [True, True], "change nothing", id="all of the actor's: who looks is not meant to act"),
        pytest.param({"act", "more", "look"}, [True, False], "change nothing", id="and not even that"),
    ],
)
def test_permissions(lacking: set[str], oks: list[bool], says: str) -> None:
    found = Findings("pool general")
    found.permissions([LOOK, ACT, MORE], lacking, "grant it")
    assert [one.ok for one in found.found] == oks
    assert says in found.found[0].says


@pytest.mark.parametrize(
    ("used", "told"),
    [
        pytest.param([("CPUS", 79, 100)], ["of 1 none is used by 80%"], id="there is room"),
        pytest.param([("CPUS", 80, 100), ("GPUS", 0, 0)], ["80 of 100 CPUS are used"], id="nearly full"),
        pytest.param([("GPUS", 0, 0)], ["of 0 none is used by 80%"], id="what may not be had at all is no news"),
    ],
)
def test_quotas(used: list[tuple[str, int, int]], told: list[str]) -> None:
    found = Findings("pool general")
    found.quotas(used, "ask for more", region="eu")
    assert [one.says for one in found.found] == told


def test_what_is_of_the_account_has_its_name_whichever_pool_it_was_found_at() -> None:
    names = set()
    for pool in ("general", "batch"):
        found = Findings(f"pool {pool}", "aws 123456789012")
        found.fine("identity", "we are we")
        found.quotas([], "ask for more", region="eu")
        found.fine("group", "nobody else sets its count")
        names |= {one.name for one in found.found}
    own = {"pool general group", "pool batch group"}
    assert names == {"account aws 123456789012 identity", "account aws 123456789012 eu quota"} | own


def test_a_part_that_fails_is_broken_or_only_not_known() -> None:
    found = Findings("pool general")
    assert (found.part("group", denied), found.guess("policies", denied), found.part("fine", lambda: None)) == (False, False, True)
    assert [(one.name, one.ok, one.hint) for one in found.found] == [
        ("pool general group", False, "grant it"),
        ("pool general policies", True, "grant it"),
    ]
