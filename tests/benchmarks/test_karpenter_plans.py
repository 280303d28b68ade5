"""What is bought for W1 keeps to every rule of every replica, as counted by what shares nothing with the engine; and that counts right."""

from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.karpenter.checking import MIB, Machine, Standing, broken
from benchmarks.karpenter.cluster import mixed, offerings, placed, preferring
from benchmarks.karpenter.judging import judged
from benchmarks.karpenter.w1 import Pod, Rule, pods

ROOMY = Machine(zone="zone-1", cpu=10_000, memory=10_000 * MIB, pods=10)
MACHINES = {"one": ROOMY, "two": ROOMY, "other": replace(ROOMY, zone="zone-2"), "small": replace(ROOMY, pods=1)}


def pod(rule: Rule, label: str = "a", selector: str | None = "a") -> Pod:
    return Pod(rule=rule, label=label, selector=selector, cpu=100, memory=100)


PLAIN = pod(Rule.NONE, selector=None)


@pytest.mark.parametrize(
    ("some", "said"),
    [
        pytest.param([(PLAIN, "one"), (PLAIN, "one")], {}, id="the plain may stand anywhere"),
        pytest.param([(PLAIN, "small"), (PLAIN, "small")], {"overfull": 1}, id="a machine has so many places"),
        pytest.param([(replace(PLAIN, cpu=10_001), "one")], {"overfull": 1}, id="a machine has so much of a processor"),
        pytest.param([(replace(PLAIN, memory=10_001), "one")], {"overfull": 1}, id="a machine has so much memory"),
        pytest.param([(pod(Rule.SPREAD_ZONES), "one"), (pod(Rule.SPREAD_ZONES), "two")], {"spread_zones": 2}, id="zones are uneven"),
        pytest.param([(pod(Rule.SPREAD_ZONES), "one"), (PLAIN, "other")], {}, id="whoever has the label counts"),
        pytest.param([(pod(Rule.SPREAD_HOSTS), "one"), (PLAIN, "one")], {"spread_hosts": 1}, id="two on a machine are one too many"),
        pytest.param([(pod(Rule.SPREAD_HOSTS), "one"), (pod(Rule.SAME_ZONE), "one")], {}, id="another key is another label"),
        pytest.param([(pod(Rule.SAME_ZONE), "one"), (pod(Rule.SAME_ZONE), "other")], {"same_zone": 2}, id="a group is torn apart"),
        pytest.param([(pod(Rule.OWN_HOST), "one"), (pod(Rule.OWN_HOST), "one")], {"own_host": 2}, id="they refuse each other"),
    ],
)
def test_it_is_said_what_is_wrong(some: list[tuple[Pod, str]], said: dict[str, int]) -> None:
    standing = [Standing(pod=one, machine=name, count=1) for one, name in Counter(some) for _ in range(Counter(some)[one, name])]
    assert broken([one for one, _ in some], MACHINES, standing) == said


def test_who_has_no_place_is_missing() -> None:
    assert broken([PLAIN, PLAIN], MACHINES, [Standing(pod=PLAIN, machine="one", count=1)]) == {"missing": 1}


def test_offers_are_as_they_are_defined() -> None:
    every = offerings(400)
    last = every[-1]
    assert (len(every), sum(one.spot for one in every), {one.zone for one in every if one.spot}) == (2000, 800, {"zone-1", "zone-2"})
    assert (last.capacity.cpu, last.capacity.memory, last.capacity.of("pods")) == (399_900, (800 * 1024 - 10) * MIB, 4000)


@pytest.mark.compiled
@pytest.mark.parametrize(("count", "seed"), [*((200, seed) for seed in range(20)), *((1000, seed) for seed in range(6))])
def test_every_rule_is_kept_on_no_more_machines_than_it_takes(count: int, seed: int) -> None:
    some = pods(count, seed)
    found = placed(mixed(some))
    assert judged(some, found) == {}
    assert len(found.opens) == count // 5


@pytest.mark.parametrize("honoured", [False, True])
def test_who_would_rather_stand_elsewhere_has_a_place(*, honoured: bool) -> None:
    found = placed(preferring(100, honoured=honoured))
    assert sum(one.count for one in found.assignments) == 100
