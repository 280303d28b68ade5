"""Files joined: defaults under policies, everything at its cluster."""

import sys
from collections import Counter

import pytest

from autoscaler.config import Configuration, ObjectConfig, PolicyErrors, parse
from autoscaler.contracts.policy import MetricSpec
from autoscaler.model.budgets import Budget, Per
from autoscaler.model.calendars import Window as Opening
from autoscaler.model.policies import SCALE_UP, Availability, Consolidation, Direction, Limits, Mode, Pick, RateLimit, Unmanaged
from autoscaler.model.quantities import Duration, Money, Share
from autoscaler.model.refs import ClusterName, MetricName, SourceName, TrafficName, WorkloadRef
from autoscaler.model.resources import Resources
from tests.config.bad import WHOLE, read
from tests.config.doubles import PLUGINS, PrometheusSettings, Tracking, Window

EVENING = Opening(cron="0 20 * * *", for_=Duration.parse("2h"))
FULL = """\
apiVersion: autoscaler/v1
service: {interval: 2s, listen: "[::1]:9000", store: /var/lib/store.db}
clusters:
  shop: {swarm: {endpoint: "ssh://manager-1", engines: {"*": "ssh://{node}"}}}
  lake: {simulated: {seed: 4, depth: deep, bound: true}}
sources:
  prom: {prometheus: {url: "http://prometheus:9090", token: "${file:/run/secrets/prom}"}}
  other: {simulated: {}}
metrics:
  rps: {source: prom, query: 'sum(rate(x{service="$workload"}[1m]))', stale_after: 90s}
  unused: {source: other, query: up}
traffic:
  edge: {haproxy: {socket: /run/haproxy.sock}}
  rim: {simulated: {}}
pools:
  general:
    cluster: shop
    lab: {cpu: 500m, memory: 4Gi, price: 0.096 USD, labels: {zone: a, disk: "1"}}
    nodes: {min: 2, max: 40, idle: 90s, join_timeout: 15m}
    mode: recommend
    consolidate: {move: 0.02 EUR}
    priority: 7
    budgets: [{nodes: 1, per: zone}, {nodes: 0, during: {cron: "0 8 * * mon-fri", for: 10h}}]
    rules: [{schedule: {cron: "0 8 * * mon-fri", for: 10h, at_least: 4}}]
defaults:
  behaviour: {scale_down: {stabilise: 7m}}
  availability: {floor: 95%, surge: 2, drain: 10s, stays: [{cron: "0 20 * * *", for: 2h}]}
  request: {cpu: 0.25}
  limits: {nodes_per_hour: 7, unhealthy: 30%, fresh: 20s}
  unmanaged: leave
  consolidate: {horizon: 6h, move: 0.01 USD, replace: false}
  budgets: [{nodes: 10%}]
policies:
  web:
    workload: shop/default/deployment/web
    replicas: {min: 3, max: 120}
    rules:
      - target_tracking: {metric: cpu, target: 60%}
      - target_tracking: {metric: rps, target: 0.25, per: replica}
      - schedule: {cron: "0 8 * * mon-fri", timezone: Europe/Berlin, at_least: 10, for: 10h}
    behaviour:
      scale_up: {limits: [{change: 4, per: 15s}, {change: 10%, per: 1m}], pick: least}
    availability: {surge: 25%, traffic: edge, allow_gap: true}
    mode: scale_out_only
  back:
    workloads: {cluster: lake, labels: {tier: back, app: x}}
    replicas: {min: 0, max: 2}
"""


@pytest.fixture(scope="module")
def full() -> Configuration:
    return read(FULL)


def test_clusters_come_by_name_with_their_typed_settings(full: Configuration) -> None:
    assert [(cluster.name, cluster.kind) for cluster in full.clusters] == [("lake", "simulated"), ("shop", "swarm")]
    lake, shop = full.clusters
    assert (lake.settings.seed, lake.settings.depth, lake.settings.bound) == (4, "deep", True)
    assert shop.settings.engines == {"*": "ssh://{node}"}
    assert full.cluster("shop") is shop
    assert full.cluster("moon") is None


def test_each_object_goes_with_the_cluster_that_uses_it(full: Configuration) -> None:
    lake, shop = full.clusters
    prom = full.cluster("shop").sources[0].settings if full.cluster("shop") else None  # type: ignore[union-attr]
    assert isinstance(prom, PrometheusSettings)
    assert [one.name for one in shop.pools] == ["general"]
    assert [one.name for one in shop.traffic] == ["edge"]
    assert [one.name for one in shop.sources] == ["prom"]
    assert (lake.pools, lake.traffic, lake.sources) == ((), (), ())
    assert [one.name for one in full.sources] == ["other", "prom"]
    assert full.traffic[1] == ObjectConfig(name="rim", kind="simulated", settings=full.traffic[1].settings)


def test_a_policy_keeps_what_it_says_over_the_defaults(full: Configuration) -> None:
    (web,) = full.clusters[1].policies.policies
    assert web.workload == WorkloadRef(ClusterName("shop"), "default/deployment/web")
    assert (web.bounds.min, web.bounds.max, web.mode) == (3, 120, Mode.SCALE_OUT_ONLY)
    limits = (RateLimit(change=4, per=Duration(15_000)), RateLimit(change=Share(100), per=Duration(60_000)))
    assert web.behaviour.scale_up == Direction(stabilise=Duration(0), limits=limits, pick=Pick.LEAST)
    assert web.behaviour.scale_down.stabilise == Duration(420_000)
    assert web.availability == Availability(
        floor=Share(950), surge=Share(250), traffic=TrafficName("edge"), drain=Duration(10_000), allow_gap=True, stays=(EVENING,)
    )


def test_rules_are_named_by_plugin_and_place(full: Configuration) -> None:
    (web,) = full.clusters[1].policies.policies
    assert [named.name for named in web.rules] == ["target_tracking[0]", "target_tracking[1]", "schedule[2]"]
    _, tracking, window = (named.rule for named in web.rules)
    assert isinstance(tracking, Tracking)
    assert (str(tracking.target), tracking.per) == ("0.25", "replica")
    assert isinstance(window, Window)
    assert window.for_ == Duration(36_000_000)


def test_a_selector_holds_everything_but_the_workload(full: Configuration) -> None:
    (selector,) = full.clusters[0].policies.selectors
    assert selector.labels == (("app", "x"), ("tier", "back"))
    assert (selector.template.name, selector.template.workload.cluster) == ("back", "lake")
    assert selector.template.behaviour.scale_up == SCALE_UP


def test_a_pool_keeps_its_bounds_and_rules(full: Configuration) -> None:
    (pool,) = full.clusters[1].policies.pools
    assert (pool.spec.name, pool.spec.cluster, pool.spec.min, pool.spec.max, pool.spec.idle.ms) == ("general", "shop", 2, 40, 90_000)
    assert pool.spec.join_timeout.ms == 900_000
    assert pool.spec.mode is Mode.RECOMMEND
    assert pool.spec.priority == 7
    assert pool.spec.consolidate == Consolidation(horizon=Duration(6 * 3_600_000), move=Money(20_000, "EUR"), replace=False)
    office = Opening(cron="0 8 * * mon-fri", for_=Duration.parse("10h"))
    assert pool.spec.budgets == (Budget(nodes=1, per=Per.ZONE), Budget(nodes=0, during=office))
    assert [named.name for named in pool.rules] == ["schedule[0]"]
    settings = full.clusters[1].pools[0].settings
    assert (settings.cpu.milli, settings.memory.bytes, settings.price.micro) == (500, 2**32, 96_000)
    assert settings.labels == (("disk", "1"), ("zone", "a"))


def test_what_no_policy_names_is_under_the_defaults(full: Configuration) -> None:
    for cluster in full.clusters:
        assert cluster.policies.availability == Availability(
            floor=Share(950), surge=2, drain=Duration(10_000), managed=False, stays=(EVENING,)
        )
        assert cluster.policies.unmanaged is Unmanaged.LEAVE
        assert cluster.policies.request == Resources(250, 128 * 2**20)
        assert cluster.policies.limits == Limits(nodes_per_hour=7, unhealthy=Share(300), fresh=Duration(20_000))
        assert cluster.policies.digest == full.digest


def test_a_cluster_knows_the_metrics_its_rules_need(full: Configuration) -> None:
    lake, shop = full.clusters
    built_in = tuple(MetricSpec(name=MetricName(name), source=None) for name in ("cpu", "memory"))
    query = 'sum(rate(x{service="$workload"}[1m]))'
    rps = MetricSpec(name=MetricName("rps"), source=SourceName("prom"), query=query, stale_after=Duration(90_000))
    assert lake.policies.metrics == built_in
    assert shop.policies.metrics == (*built_in, rps)
    assert shop.policies.traffic == ("edge",)


def test_the_service_is_as_written_or_as_usual(full: Configuration) -> None:
    assert (full.service.interval.ms, full.service.listen, full.service.store) == (2000, "[::1]:9000", "/var/lib/store.db")
    usual = read(WHOLE).service
    assert (usual.interval.ms, usual.listen, usual.store) == (15_000, "127.0.0.1:9464", None)


def test_defaults_of_one_file_hold_for_all() -> None:
    defaults = "apiVersion: autoscaler/v1\ndefaults: {availability: {floor: 50%}}\n"
    for files in ([("a.yaml", WHOLE), ("b.yaml", defaults)], [("b.yaml", defaults), ("a.yaml", WHOLE)]):
        (cluster,) = parse(files, PLUGINS).clusters
        assert cluster.policies.policies[0].availability.floor == Share(500)


def test_the_digest_is_of_texts_and_names_not_of_folders() -> None:
    digests = {parse([(name, WHOLE)], PLUGINS).digest for name in ("a.yaml", "/etc/a.yaml", "x/a.yaml")}
    assert len(digests) == 1
    assert parse([("a.yaml", WHOLE + "\n")], PLUGINS).digest not in digests
    assert parse([("a.yaml", WHOLE)], PLUGINS).files == (("a.yaml", WHOLE),)


def test_a_metric_a_rule_needs_is_told_where_it_stands() -> None:
    text = WHOLE + "    rules:\n      - target_tracking:\n          metric: cpuu\n          target: 60%\n"
    with pytest.raises(PolicyErrors) as raised:
        read(text)
    (problem,) = raised.value.problems
    assert (problem.line, problem.column) == (14, 19)


def test_ten_times_the_policies_take_ten_times_the_work() -> None:
    """Counted in calls, which no neighbour on the machine changes: ten times as many may not take much more than ten times the calls."""
    few, many = calls_to_read(10), calls_to_read(100)
    assert many < 12 * few


def calls_to_read(policies: int) -> int:
    """How many functions are called to read a file of so many policies."""
    head, _, policy = FULL.partition("policies:\n")
    web = policy.partition("  back:")[0]
    text = head + "policies:\n" + "".join(web.replace("web", f"web-{number}") for number in range(policies))
    calls = Counter[str]()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, given: calls.update((event,)))
    try:
        found = read(text)
    finally:
        sys.setprofile(before)
    assert sum(len(cluster.policies.policies) for cluster in found.clusters) == policies
    return calls["call"]


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        pytest.param("unhealthy: 900%", "less than 100%", id="a share of nodes that is never passed"),
        pytest.param("fresh: 1d", "30s or less", id="parts of two worlds"),
        pytest.param("closing_at_once: 0", "1 or more", id="a pace of none"),
    ],
)
def test_limits_that_limit_nothing_or_all_are_refused(limit: str, says: str) -> None:
    with pytest.raises(PolicyErrors) as raised:
        read(WHOLE + f"defaults:\n  limits: {{{limit}}}\n")
    (problem,) = raised.value.problems
    assert says in str(problem)


def test_a_cluster_knows_what_stands_in_for_its_metrics_too() -> None:
    links = """stale_after: 90s, fallback: {metric: second}}
  second: {source: other, query: a, fallback: {metric: third}}
  third: {source: other, query: b}
"""
    _, shop = read(FULL.replace("stale_after: 90s}\n", links)).clusters
    assert [metric.name for metric in shop.policies.metrics if metric.source] == ["rps", "second", "third"]
    assert [one.name for one in shop.sources] == ["other", "prom"]
