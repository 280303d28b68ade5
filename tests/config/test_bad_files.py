"""What an author is told: the code, the place, and what to write instead."""

import pytest

from tests.config.bad import WHOLE, problems_of, read, told

HEAD = "apiVersion: autoscaler/v1\n"
CLUSTER = HEAD + "clusters: {shop: {swarm: {}}}\n"
POOL = CLUSTER + "pools:\n  general:\n    cluster: shop\n    lab: {}\n    nodes: {min: 1, max: 4}\n"
POLICY = CLUSTER + "policies:\n  web:\n    workload: shop/web\n    replicas: {min: 1, max: 9}\n"
SOURCE = HEAD + "sources:\n  prom:\n    prometheus:\n"


def rule(text: str) -> str:
    return POLICY + f"    rules:\n      - {text}\n"


def metrics(**fallbacks: str) -> str:
    lines = (f"  {name}: {{source: prom, query: q, fallback: {{metric: {other}}}}}\n" for name, other in fallbacks.items())
    return HEAD + "sources: {prom: {prometheus: {url: http://a}}}\nmetrics:\n" + "".join(lines)


def test_the_file_they_are_spoilt_from_is_right() -> None:
    assert read(WHOLE).clusters[0].name == "shop"
    assert read(POLICY).clusters[0].policies.policies[0].name == "web"


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        # What YAML allows and we do not, and what is no YAML.
        pytest.param("", "unreadable 1:1", "begin with `apiVersion", id="an empty file"),
        pytest.param("# nothing\n", "unreadable 1:1", "begin with", id="a file of comments"),
        pytest.param("---\n", "unreadable 2:1", "begin with", id="an empty document"),
        pytest.param("apiVersion: 'x\n", "syntax 1:13", "close the quote", id="a quote never closed"),
        pytest.param("a: [1, 2\nb: 3\n", "syntax 1:4", "close the bracket", id="a bracket never closed"),
        pytest.param("a: b: c\n", "syntax 1:5", "in quotes", id="two colons in a line"),
        pytest.param("a:\n\tb: 1\n", "syntax 2:1", "with spaces", id="a tab"),
        pytest.param("a: @b\n", "syntax 1:4", "in quotes", id="an indicator that begins text"),
        pytest.param("a: *b\n", "syntax 1:4", "write &b", id="an alias of nothing"),
        pytest.param("a: &b [*b]\n", "unsupported 1:8", "write the value out", id="an alias of itself"),
        pytest.param(CLUSTER + "---\nb: 1\n", "unsupported 3:1", "a file of its own", id="a second document"),
        pytest.param(HEAD + "policies: !!map {}\n", "unsupported 2:11", "remove it", id="a tag"),
        pytest.param(HEAD + "policies: !!python/object:os.system {}\n", "unsupported 2:11", "remove it", id="a tag that means harm"),
        pytest.param(HEAD + "policies:\n  <<: {}\n", "unsupported 3:3", "write the keys out", id="a merge key"),
        pytest.param(HEAD + "policies:\n  ? [a]\n  : {}\n", "unsupported 3:5", "write a word", id="a list as a key"),
        pytest.param(HEAD + "apiVersion: autoscaler/v1\n", "duplicate_key 2:1", "the first is on line 1", id="a key twice"),
        pytest.param("a: \x07\n", "unreadable 1:4", "remove it", id="a control character"),
        pytest.param(b"a: b\nc: \xff\xfe\n", "unreadable 2:4", "save it as UTF-8", id="no UTF-8"),
        pytest.param("a: \udce4\n", "unreadable 1:4", "save it as UTF-8", id="half a character"),
        # Keys.
        pytest.param("[a, b]\n", "wrong_type 1:1", "write a map with apiVersion", id="a list for a file"),
        pytest.param("clusters: {}\n", "missing_key 1:1", "add `apiVersion:`", id="no version"),
        pytest.param("apiVersion: autoscaler/v2\n", "wrong_value 1:13", "autoscaler/v1", id="a version we do not read"),
        pytest.param(HEAD + "polices: {}\n", "unknown_key 2:1", "did you mean 'policies'?", id="a section misspelt"),
        pytest.param(HEAD + "banana: {}\n", "unknown_key 2:1", "what may stand here: apiVersion, clusters", id="a section of nothing"),
        pytest.param(POLICY + "    min_replicas: 3\n", "unknown_key 7:5", "what may stand here", id="a key of another tool"),
        pytest.param(POLICY + "    availabilty: {}\n", "unknown_key 7:5", "did you mean 'availability'?", id="a key misspelt"),
        pytest.param(POLICY.replace("max: 9", "mx: 9"), "unknown_key 6:24", "did you mean 'max'?", id="a needed key misspelt, told once"),
        pytest.param(POLICY.replace(", max: 9", ""), "missing_key 6:5", "add `max:`", id="a needed key missing"),
        pytest.param(POLICY.replace("    workload: shop/web\n", ""), "missing_key 4:3", "`workload` and `workloads`", id="no workload"),
        pytest.param(
            POLICY + "    workloads: {cluster: shop, labels: {a: b}}\n", "wrong_value 7:5", "remove one", id="a workload and a selector"
        ),
        pytest.param(POLICY.replace("web:\n", "-web:\n"), "wrong_value 4:3", "use letters", id="a name that is none"),
        pytest.param(POLICY.replace("web:\n", "a/b:\n"), "wrong_value 4:3", "use letters", id="a name with a slash"),
        # Values.
        pytest.param(POLICY + "    mode: actve\n", "wrong_value 7:11", "did you mean 'active'?", id="a choice misspelt"),
        pytest.param(POLICY + "    mode: [active]\n", "wrong_type 7:11", "write active or", id="a list for a choice"),
        pytest.param(POLICY + "    mode:\n", "wrong_type 7:10", "write active or", id="nothing after the colon"),
        pytest.param(POLICY + "    rules: {}\n", "wrong_type 7:12", "write a list", id="a map for a list"),
        pytest.param(POLICY + "    availability: no\n", "wrong_type 7:19", "write a map", id="text for a map"),
        pytest.param(POLICY + "    availability: {allow_gap: yes}\n", "wrong_type 7:31", "write true", id="yes is no flag"),
        pytest.param(POLICY + "    availability: {allow_gap: off}\n", "wrong_type 7:31", "write false", id="off is no flag"),
        pytest.param(POLICY + '    availability: {allow_gap: "true"}\n', "wrong_type 7:31", "true or false", id="a flag in quotes"),
        pytest.param(POLICY + "    availability: {floor: 0.9}\n", "wrong_type 7:27", "write 60%", id="a share without %"),
        pytest.param(POLICY + "    availability: {floor: 101%}\n", "wrong_value 7:27", "from 0% to 100%", id="a floor above all"),
        pytest.param(POLICY + "    availability: {drain: 30}\n", "wrong_type 7:27", "write 15s", id="a duration without a unit"),
        pytest.param(POLICY + "    availability: {drain: 30sec}\n", "wrong_value 7:27", "write 15s", id="a unit we do not know"),
        pytest.param(POLICY + "    availability: {surge: -1}\n", "wrong_type 7:27", "whole number from 0", id="a surge below nothing"),
        pytest.param(POLICY.replace("max: 9", "max: nine"), "wrong_type 6:29", "a whole number", id="a number in words"),
        pytest.param(POLICY.replace("max: 9", 'max: "9"'), "wrong_type 6:29", "without quotes", id="a number in quotes"),
        pytest.param(POLICY.replace("max: 9", "max: 9.5"), "wrong_value 6:29", "a whole number", id="half a replica"),
        pytest.param(POLICY.replace("max: 9", "max: 0x10"), "wrong_value 6:29", "a whole number", id="a number in hexadecimal"),
        pytest.param(POLICY.replace("max: 9", "max: 9" + "9" * 5000), "wrong_value 6:29", "a whole number", id="a number of 5,000 digits"),
        pytest.param(POLICY.replace("min: 1", "min: 10"), "refused 6:21", "a min that is at most max", id="min above max"),
        pytest.param(POLICY.replace("shop/web", "web"), "wrong_value 5:15", "write cluster/name", id="a workload without its cluster"),
        pytest.param(CLUSTER + "defaults: {request: {memory: 256}}\n", "wrong_type 3:30", "write 256Mi", id="a bare number of bytes"),
        pytest.param(CLUSTER + "defaults: {request: {cpu: 0}}\n", "wrong_value 3:27", "more than zero", id="a request of nothing"),
        pytest.param(POOL.replace("lab: {}", "lab: {price: 3}"), "wrong_type 6:18", "write 0.096 USD", id="money without its currency"),
        pytest.param(POOL.replace("lab: {}", "lab: {labels: {a: 1}}"), "wrong_type 6:23", 'as in "5"', id="a number for text"),
        pytest.param(HEAD + "service: {listen: 9464}\n", "wrong_type 2:19", "host:port", id="a port alone"),
        pytest.param(HEAD + "service: {interval: 0s}\n", "wrong_value 2:21", "more than zero", id="an interval of nothing"),
        # Plugins.
        pytest.param(HEAD + "clusters: {shop: {swrm: {}}}\n", "unknown_plugin 2:19", "did you mean 'swarm'?", id="a plugin misspelt"),
        pytest.param(HEAD + "clusters: {shop: {ecs: {}}}\n", "unknown_plugin 2:19", "poolkeeper[ecs]", id="a plugin not installed"),
        pytest.param(HEAD + "clusters: {shop: {}}\n", "wrong_value 2:12", "write one of simulated, swarm", id="no plugin"),
        pytest.param(
            HEAD + "clusters: {shop: {swarm: {}, simulated: {}}}\n", "wrong_value 2:30", "simulated, swarm", id="two plugins for one"
        ),
        pytest.param(HEAD + "clusters: {shop: swarm}\n", "wrong_type 2:18", "names a cluster", id="a plugin without settings"),
        pytest.param(HEAD + "clusters: {shop: {swarm: {endpont: x}}}\n", "unknown_key 2:27", "'endpoint'", id="a plugin's key misspelt"),
        pytest.param(POOL.replace("    lab: {}\n", ""), "missing_key 4:3", "write one of lab, simulated", id="a pool nobody makes"),
        pytest.param(POOL.replace("lab: {}", "aws: {}"), "unknown_plugin 6:5", "poolkeeper[aws]", id="a pool of a plugin not installed"),
        pytest.param(POOL.replace("lab: {}", "lab: {}\n    simulated: {}"), "unknown_key 7:5", "remove it", id="a pool two make"),
        pytest.param(POOL.replace("nodes:", "node:"), "unknown_key 7:5", "did you mean 'nodes'?", id="a pool's key misspelt"),
        pytest.param(rule("target_trackin: {}"), "unknown_plugin 8:9", "did you mean 'target_tracking'?", id="a rule misspelt"),
        pytest.param(rule("dwim: {}"), "unknown_plugin 8:9", "installed: schedule, target_tracking", id="a rule not installed"),
        pytest.param(rule("target_tracking: {metric: cpu}"), "missing_key 8:9", "add `target:`", id="a rule's key missing"),
        pytest.param(rule("target_tracking: {metric: cpu, target: 60m}"), "wrong_type 8:48", "write 60% or 2.5%, or", id="no target"),
        pytest.param(rule("target_tracking: {metric: cpu, target: 0%}"), "refused 8:48", "write 1 or more", id="what a rule refuses"),
        pytest.param(rule("schedule: {cron: '* *', for: 1h}"), "refused 8:26", "five fields", id="what a rule refuses, by its value"),
        pytest.param(
            rule("schedule: {cron: '* * * * *', for_: 1h}"), "unknown_key 8:39", "did you mean 'for'?", id="Python's own spelling"
        ),
        pytest.param(rule("headroom: {cpu: 10%}"), "unknown_plugin 8:9", "put it under a pool's rules", id="a rule that only pools have"),
        pytest.param(
            POOL + "    rules: [{headrom: {cpu: 10%}}]\n", "unknown_plugin 8:14", "did you mean 'headroom'?", id="a pool's rule misspelt"
        ),
        pytest.param(POOL + "    rules: [{headroom: {}}]\n", "refused 8:14", "write cpu", id="what a pool's rule refuses"),
        # Secrets.
        pytest.param(SOURCE + "      url: https://a:b@c\n", "not_secret 5:12", "remove it", id="a password in an address"),
        pytest.param(SOURCE + "      url: prometheus\n", "not_secret 5:12", "write a scheme", id="no address"),
        pytest.param(SOURCE + "      {url: http://a, token: abc}\n", "not_secret 5:30", "${NAME}", id="a secret in the file"),
        pytest.param(SOURCE + "      {url: http://a, token: ${file:x}}\n", "syntax 5:7", "", id="braces without quotes in a flow map"),
        pytest.param(
            SOURCE + '      {url: http://a, token: "${file:x}"}\n', "not_secret 5:30", "${file:/run", id="a secret's file, not absolute"
        ),
        pytest.param(HEAD + "service: {store: postgresql://a:b@c/d}\n", "not_secret 2:18", "~/.pgpass", id="a password for the store"),
        # Names.
        pytest.param(POLICY.replace("shop/web", "shp/web"), "unknown_name 5:15", "did you mean 'shop'?", id="a workload's cluster unknown"),
        pytest.param(POOL.replace("cluster: shop", "cluster: other"), "unknown_name 5:14", "there is: shop", id="a pool's cluster unknown"),
        pytest.param(rule("target_tracking: {metric: cpuu, target: 6%}"), "unknown_name 8:35", "'cpu'", id="a metric unknown"),
        pytest.param(POLICY + "    availability: {traffic: x}\n", "unknown_name 7:29", "define it under traffic", id="a traffic unknown"),
        pytest.param(HEAD + "metrics: {a: {source: b, query: c}}\n", "unknown_name 2:23", "under sources", id="a source unknown"),
        pytest.param(metrics(a="a"), "refused 4:50", "`count: 6` or `at_least: 6`", id="a metric that falls back to itself"),
        pytest.param(metrics(a="b", b="a"), "refused 5:50", "does not lead back here", id="two that fall back to each other"),
        pytest.param(metrics(z="a", a="b", b="c", c="a"), "refused 7:50", "lead back", id="a ring of three, with a way into it"),
        pytest.param(
            WHOLE.replace("metrics: {rps:", "metrics: {cpu:"), "defined_twice 4:11", "by another name", id="a built-in defined anew"
        ),
        pytest.param(
            POLICY + "  again:\n    workload: shop/web\n    replicas: {min: 1, max: 2}\n",
            "defined_twice 8:15",
            "the first is at x.yaml:5:15",
            id="two policies on one workload",
        ),
    ],
)
def test_one_slip_is_told_once_at_its_place(text: str | bytes, where: str, hint: str) -> None:
    (problem,) = problems_of(text)
    assert f"{problem.code} {problem.line}:{problem.column}" == where
    assert hint in problem.hint


def test_all_problems_of_a_file_are_told_at_once() -> None:
    text = WHOLE.replace("min: 1, max: 9", "min: x, maxx: 9").replace("query: up", "query: up, stale: 3").replace("swarm", "swrm")
    assert told(text) == ["unknown_plugin 2:19", "unknown_key 4:42", "wrong_type 11:21", "unknown_key 11:24"]


def test_all_problems_of_all_files_are_told_at_once() -> None:
    found = problems_of(CLUSTER + "x: 1\n", HEAD + "y: 1\n", HEAD + "clusters: {shop: {swarm: {}}}\n")
    assert [(one.file, one.line, one.code) for one in found] == [
        ("x.yaml", 3, "unknown_key"),
        ("y.yaml", 2, "unknown_key"),
        ("z.yaml", 2, "defined_twice"),
    ]


def test_a_name_that_a_broken_file_may_define_is_not_called_unknown() -> None:
    assert [one.code for one in problems_of("clusters: [", POLICY.replace("clusters", "clusters"))] == ["syntax"]


def test_an_object_that_is_broken_itself_is_known_by_its_name() -> None:
    assert told(POLICY.replace("swarm", "swrm")) == ["unknown_plugin 2:19"]


def test_a_section_for_all_files_stands_in_one_of_them() -> None:
    (problem,) = problems_of(CLUSTER + "defaults: {}\n", HEAD + "defaults: {}\n")
    assert (problem.code, problem.file, problem.line) == ("defined_twice", "y.yaml", 2)
