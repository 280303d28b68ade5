"""W1 is what its definition says, and sharing it out among zones breaks none of its rules."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.karpenter.w1 import LABELS, Rule, pods, question, zoned


def test_a_fifth_of_the_replicas_has_each_rule_and_the_rest_is_plain() -> None:
    assert Counter(one.rule for one in pods(1003)) == {Rule.NONE: 203} | {rule: 200 for rule in Rule if rule is not Rule.NONE}


@given(st.integers(0, 400), st.integers(0, 99))
def test_every_replica_is_in_a_zone_and_no_skew_exceeds_one(count: int, seed: int) -> None:
    some = pods(count, seed)
    zones = zoned(some)
    assert Counter(one for zone in zones for one in zone) == Counter(some)
    for label in LABELS:
        there = [sum(one.label == label and one.rule is not Rule.SAME_ZONE for one in zone) for zone in zones]
        assert max(there) - min(there) <= 1


@given(st.integers(0, 400), st.integers(0, 99))
def test_a_group_stands_in_one_zone(count: int, seed: int) -> None:
    groups = [{one.label for one in zone if one.rule is Rule.SAME_ZONE} for zone in zoned(pods(count, seed))]
    assert sum(len(one) for one in groups) == len(set().union(*groups))


@given(st.integers(0, 400), st.integers(0, 99))
def test_a_question_asks_for_every_replica(count: int, seed: int) -> None:
    some = pods(count, seed)
    asked = question(some, types=5)
    total = [sum(one.cpu for one in some), sum(one.memory for one in some), count]
    assert (asked.requests * asked.counts[:, None]).sum(axis=0).tolist() == total
