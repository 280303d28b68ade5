"""What is read before a decision, and whom a policy by label means."""

from dataclasses import replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies, MetricSpec, PolicySelector
from autoscaler.contracts.rule import Rule, Situation
from autoscaler.deciding import needs, resolve, undecided
from autoscaler.model.quantities import Duration, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, SourceName, WorkloadRef
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote
from autoscaler.model.workloads import Workload, WorkloadKind
from autoscaler_policies.target_tracking import TargetTracking
from tests.deciding.building import CPU, SHOP, WEB, observation, policy, state, want, workload

RPS = MetricName("rps")
PROM = SourceName("prom")
BY_CPU = TargetTracking(metric=CPU, target=Share(600))
BY_RPS = TargetTracking(metric=RPS, target=Number(200_000))
FRONT = (("tier", "web"),)


class Broken:
    """Cannot even say what it needs."""

    def needs(self) -> tuple[MetricNeed, ...]:
        raise ValueError

    def vote(self, situation: Situation) -> Vote:
        return Vote.hold()


def spec(query: str, name: MetricName = RPS) -> MetricSpec:
    return MetricSpec(name=name, source=PROM, query=query, stale_after=Duration(30_000))


def cluster(*rules: Rule, workload: WorkloadRef = WEB, metrics: tuple[MetricSpec, ...] = ()) -> ClusterPolicies:
    return ClusterPolicies(cluster=SHOP, policies=(policy(*rules, workload=workload),), metrics=metrics)


def labelled(name: str, *labels: tuple[str, str], kind: WorkloadKind = WorkloadKind.REPLICATED) -> Workload:
    return replace(workload(3, WorkloadRef(SHOP, name)), labels=labels, kind=kind)


def selector(*labels: tuple[str, str], name: str = "front", cluster: str = "shop") -> PolicySelector:
    template = policy(want(5), workload=WorkloadRef(ClusterName(cluster), "*"))
    return PolicySelector(labels=labels, template=replace(template, name=PolicyName(name)))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        pytest.param('rate(x{s="$workload"})', 'rate(x{s="web"})', id="the workload's name"),
        pytest.param('rate(x{s="$path"})', 'rate(x{s="default/deployment/web"})', id="its whole path"),
        pytest.param("$workload-$workload", "web-web", id="every time"),
        pytest.param("$workloads $$ $1 \\1", "$workloads $$ $1 \\1", id="and nothing else"),
    ],
)
def test_a_querys_text_names_the_workload(query: str, text: str) -> None:
    deep = WorkloadRef(SHOP, "default/deployment/web")
    (asked,) = needs(cluster(BY_RPS, workload=deep, metrics=(spec(query),)), None)
    assert (asked.text, asked.metric, asked.workload, asked.stale_after) == (text, RPS, deep, Duration(30_000))


def test_built_in_metrics_have_no_text() -> None:
    assert [(one.metric, one.text) for one in needs(cluster(BY_CPU), None)] == [(CPU, "")]


def test_a_built_in_may_be_given_another_limit_of_age() -> None:
    own = MetricSpec(name=CPU, source=None, stale_after=Duration(5000))
    assert needs(cluster(BY_CPU, metrics=(own,)), None)[0].stale_after == Duration(5000)


def test_what_two_rules_need_is_asked_once() -> None:
    assert len(needs(cluster(BY_CPU, BY_CPU, BY_RPS, metrics=(spec("x"),)), None)) == 2


def test_a_metric_that_nobody_declared_is_not_asked_for() -> None:
    assert needs(cluster(BY_RPS), None) == ()


def test_a_rule_that_cannot_say_what_it_needs_stops_no_other() -> None:
    assert len(needs(cluster(Broken(), BY_CPU), None)) == 1


@pytest.mark.parametrize(
    ("workloads", "found"),
    [
        pytest.param([labelled("a", *FRONT)], ["shop/a"], id="all labels and no more"),
        pytest.param([labelled("a", *FRONT, ("x", "y"))], ["shop/a"], id="other labels do not matter"),
        pytest.param([labelled("a", ("tier", "db"))], [], id="another value"),
        pytest.param([labelled("a")], [], id="no labels"),
        pytest.param([labelled("a", *FRONT, kind=WorkloadKind.GLOBAL)], [], id="one on every node has no count"),
        pytest.param([labelled("b", *FRONT), labelled("a", *FRONT)], ["shop/b", "shop/a"], id="in the order seen"),
    ],
)
def test_a_policy_by_label_finds_its_workloads(workloads: list[Workload], found: list[str]) -> None:
    policies = ClusterPolicies(cluster=SHOP, selectors=(selector(*FRONT),))
    assert [str(one.workload) for one in resolve(policies, state(*workloads)).policies] == found


def test_a_policy_by_name_goes_before_one_by_label() -> None:
    policies = replace(cluster(want(7)), selectors=(selector(*FRONT),))
    resolved = resolve(policies, state(labelled("web", *FRONT)))
    assert [one.name for one in resolved.policies] == ["web"]


def test_of_two_policies_by_label_the_first_wins() -> None:
    policies = ClusterPolicies(cluster=SHOP, selectors=(selector(*FRONT, name="one"), selector(*FRONT, name="two")))
    seen = state(labelled("a", *FRONT))
    assert [one.name for one in resolve(policies, seen).policies] == ["one"]
    assert [(one.subject, one.reasons[0].code, one.reasons[0].names) for one in undecided(policies, observation(seen))] == [
        ("shop/a", Code.SELECTED_TWICE, ("one", "two"))
    ]


def test_a_policy_by_label_means_its_own_cluster() -> None:
    policies = ClusterPolicies(cluster=SHOP, selectors=(selector(*FRONT, cluster="other"),))
    assert resolve(policies, state(labelled("a", *FRONT))).policies == ()


def test_resolving_twice_is_resolving_once() -> None:
    seen = state(labelled("a", *FRONT))
    resolved = resolve(ClusterPolicies(cluster=SHOP, selectors=(selector(*FRONT),)), seen)
    assert resolve(resolved, seen) == resolved


def test_while_the_cluster_is_unknown_policies_by_label_wait() -> None:
    policies = ClusterPolicies(cluster=SHOP, selectors=(selector(*FRONT),))
    assert resolve(policies, None) == policies
