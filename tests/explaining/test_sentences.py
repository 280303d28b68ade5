"""Every code has its sentence, and a sentence loses nothing of its reason."""

import re

import pytest
from hypothesis import given
from hypothesis.strategies import builds, integers, lists, sampled_from, text

from autoscaler.explaining import because, sentence
from autoscaler.explaining.amounts import amount, plural
from autoscaler.explaining.templates import CARRYING_OUT, DECIDING, GUARDING, PLACING, READING, TEMPLATES, VOTING
from autoscaler.model.reasons import Code, Reason

NAMES = lists(text("abcdefgh-", min_size=1, max_size=5), max_size=4).map(tuple)
UNITS = sampled_from(["", "milli", "%", "ms", "bytes", "instant", "micro", "replicas", "try, instant"])
REASONS = builds(Reason, sampled_from(Code), lists(integers(-(10**13), 10**13), max_size=3).map(tuple), UNITS, NAMES)


def test_codes_and_sentences_are_alike() -> None:
    assert set(TEMPLATES) == set(Code)


def test_no_code_has_two_places() -> None:
    assert len(TEMPLATES) == sum(map(len, (READING, VOTING, DECIDING, PLACING, GUARDING, CARRYING_OUT)))


@pytest.mark.parametrize("code", Code)
def test_every_code_can_be_told_without_numbers_and_names(code: Code) -> None:
    assert re.fullmatch(r"[a-z][^{}]+[^{}.]", sentence(Reason(code)))


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        pytest.param(Reason(Code.OFF_TARGET, (905, 600), "%", ("cpu",)), "cpu is 90.5%, its target 60%", id="shares"),
        pytest.param(Reason(Code.NEAR_TARGET, (210_500, 200_000), "milli", ("rps",)), "rps is 210.5, near its target of 200", id="numbers"),
        pytest.param(Reason(Code.NO_HISTORY, (300_000,), "ms"), "no history: a scale-down would wait 5m", id="time"),
        pytest.param(
            Reason(Code.IN_SCHEDULE, (1_774_771_200_000,), "instant", ("0 8 * * *", "UTC")),
            "a window of 0 8 * * * (UTC) is open until 2026-03-29 08:00:00 UTC",
            id="a moment",
        ),
        pytest.param(
            Reason(Code.NO_ROOM, (2 * 2**30,), "bytes"), "no open node has room for it (2Gi)", id="bytes, and what no template places"
        ),
        pytest.param(
            Reason(Code.WAITING, (2,), "replicas in rotation", ("shop/web",)),
            "waiting for shop/web (2 replicas in rotation)",
            id="a unit in words",
        ),
        pytest.param(Reason(Code.RULE_UNKNOWN, names=("a", "b", "c", "d")), "a, b, c, d cannot see, so nothing shrinks", id="many names"),
        pytest.param(Reason(Code.FROZEN, names=("shop/web", "ann", "release")), "shop/web is frozen by ann: release", id="three names"),
        pytest.param(
            Reason(Code.PROVIDER_FAILED, (2, 1_774_771_200_000), "try, instant", ("connection refused",)),
            "try 2 failed, the next is at 2026-03-29 08:00:00 UTC (connection refused)",
            id="numbers of two units",
        ),
        pytest.param(
            Reason(Code.CHANGED_BY_OTHERS, (3, 5), "replicas", ("shop/web",)),
            "somebody else changed shop/web from 3 to 5",
            id="who changed what",
        ),
        pytest.param(
            Reason(Code.NEVER_HEALTHY, (90_000,), "ms"),
            "the replacement did not get healthy within 1m30s: the old one stays",
            id="a failed start",
        ),
        pytest.param(Reason(Code.DONE), "done", id="nothing more to say"),
        pytest.param(
            Reason(Code.PAYS_UNKNOWN, (1,), "replicas"),
            "its price is not known, so moving 1 replica is not held against it",
            id="one is one",
        ),
        pytest.param(
            Reason(Code.KEPT_APART, (3, 4), "nodes", ("shop/web", "zone")),
            "shop/web keeps apart by zone from what stands on 3 of 4 nodes",
            id="so many of so many",
        ),
        pytest.param(
            Reason(Code.SURGE_TOO_SMALL, (2, 1), "replicas", ("shop/web",)),
            "2 of shop/web would have to start elsewhere first, and its surge is 1",
            id="what a floor and a surge do not let",
        ),
        pytest.param(
            Reason(Code.REPLICAS_FIT_NOWHERE_ELSE, (1,), "replicas", ("shop/web",)), "no room elsewhere for 1 replica of shop/web", id="one"
        ),
        pytest.param(
            Reason(Code.NONE_TO_JOIN, names=("shop/web", "zone", "small-b")),
            "shop/web has to stand beside others, who by zone are not where small-b would be",
            id="a rule against an offer",
        ),
        pytest.param(
            Reason(Code.TOO_SMALL, (40_000, 4000), "cpu", ("small", "shop/web", "cpu")),
            "small has 4 of cpu, and one of shop/web needs 40",
            id="what an offer lacks",
        ),
        pytest.param(Reason(Code.NO_OFFERING_FITS, names=("p",)), "nothing that p offers would hold it", id="large enough or not"),
    ],
)
def test_sentences(reason: Reason, says: str) -> None:
    assert sentence(reason) == says


@given(reason=REASONS)
def test_any_reason_is_told_and_nothing_of_it_is_lost(reason: Reason) -> None:
    told = sentence(reason)
    assert "{" not in told
    assert all(name in told for name in reason.names)
    units = reason.unit.split(", ")
    for index, number in enumerate(reason.numbers):
        assert amount(number, units[min(index, len(units) - 1)]) in told


def test_several_reasons_are_one_line() -> None:
    assert because((Reason(Code.DONE), Reason(Code.UNDONE))) == "done; taken back"


@pytest.mark.parametrize(
    ("number", "unit", "says"),
    [
        pytest.param(1500, "milli", "1.5", id="thousandths"),
        pytest.param(-1500, "milli", "-1.5", id="thousandths below zero"),
        pytest.param(25, "%", "2.5%", id="a share"),
        pytest.param(96_000, "micro", "0.096 USD", id="money"),
        pytest.param(3 * 2**30 // 2, "bytes", "1.5Gi", id="memory"),
        pytest.param(2**20, "bytes", "1Mi", id="less memory"),
        pytest.param(10**18, "instant", "9999-12-31 23:59:59 UTC", id="a moment after all dates"),
        pytest.param(3, "nodes", "3", id="a count"),
    ],
)
def test_amounts(number: int, unit: str, says: str) -> None:
    assert amount(number, unit) == says


def test_one_is_not_many() -> None:
    assert [plural(count, "node") for count in (0, 1, 2)] == ["0 nodes", "1 node", "2 nodes"]
