"""`autoscaler test`: what passes, what fails and how that is shown, and that no file of cases breaks it."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Call
from tests.cli.shop import write_shop

CASES = """\
policies: [.]
cases:
  - name: twice the load
    workload: shop/web
    steps:
      - {replicas: 6, metrics: {cpu: 120%}, expect: 12}
      - {metrics: {cpu: 60%}, expect: 12}
"""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    path = tmp_path / "web.test.yaml"
    path.write_text(CASES)
    return path


def test_cases_of_a_folder_pass_and_are_no_policies(call: Call, cases: Path) -> None:
    ran = call("test", ".")
    assert (ran.code, ran.out, ran.err) == (0, "pass  web.test.yaml: twice the load\n", "")
    assert call("validate", ".").code == 0


def test_a_case_that_fails_shows_the_step_and_the_whole_decision(call: Call, cases: Path) -> None:
    cases.write_text(CASES.replace("{cpu: 60%}, expect: 12", "{cpu: 90%}, expect: 12"))
    ran = call("test")
    assert ran.code == 1
    assert "FAIL  web.test.yaml: twice the load\nStep 2: expected 12, decided 18." in ran.out
    assert "target_tracking[0] wants 18: cpu is 90%, its target 60%" in ran.out
    assert "1 of 1 cases failed" in ran.err


def test_what_came_of_it_as_one_document(call: Call, cases: Path) -> None:
    cases.write_text(CASES.replace("expect: 12}\n", "expect: 13}\n", 1))
    ran = call("test", cases, "--output", "json")
    (tried,) = json.loads(ran.out)["value"]
    assert (tried["outcome"]["failed"], tried["outcome"]["expected"], tried["outcome"]["decided"]["decision"]["count"]) == (1, 13, 12)


def test_a_metric_that_is_unknown_holds(call: Call, cases: Path) -> None:
    cases.write_text(CASES.replace("{cpu: 60%}", "{cpu: unknown}"))
    assert call("test").code == 0


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        pytest.param("{team: shop, tier: front}", 0, id="those it asks for, and one more"),
        pytest.param("{team: shop}", 5, id="one is lacking"),
        pytest.param("{team: shop, tier: back}", 5, id="one is another"),
    ],
)
def test_a_policy_that_selects_by_labels_decides_on_a_case_that_has_them(call: Call, cases: Path, labels: str, code: int) -> None:
    policies = cases.parent / "autoscaler.yaml"
    policies.write_text(policies.read_text().replace("workload: shop/web", "workloads: {cluster: shop, labels: {team: shop, tier: front}}"))
    cases.write_text(CASES.replace("workload: shop/web", f"workload: shop/web\n    labels: {labels}"))
    ran = call("test")
    assert ran.code == code
    assert ("or give it the labels that one selects by" in ran.err) is (code == 5)


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        pytest.param("expect: 12}\n", "expct: 12}\n", 5, "web.test.yaml:6:45: ", id="a misspelt field has its place"),
        pytest.param("replicas: 6, ", "", 5, "does not say how many there are at first", id="no count to begin with"),
        pytest.param("shop/web", "shop/wbe", 5, "no policy decides on shop/wbe", id="a workload nobody decides on"),
        pytest.param("shop/web", "bank/web", 5, "no cluster bank", id="a cluster nobody knows"),
        pytest.param("cpu: 120%", "cpuu: 120%", 5, "no rule looks at cpuu", id="a metric misspelt"),
        pytest.param("replicas: 6", "replicas: 1000000000", 5, "more than 100,000 replicas", id="too many to lay out"),
        pytest.param("cpu: 120%", "cpu: lots", 5, "web.test.yaml:6:38: ", id="a value that is none"),
        pytest.param("policies: [.]", "policies: []", 5, "web.test.yaml:1:", id="no policies"),
        pytest.param("policies: [.]", "policies: [gone]", 5, "gone", id="policies that are not there"),
        pytest.param(CASES, "[" * 100_000, 5, "web.test.yaml:1:", id="brackets without end"),
        pytest.param(CASES, "", 5, "write a map with policies, cases", id="nothing at all"),
        pytest.param(CASES, "# to do\n", 5, "write a map with policies, cases", id="a comment alone"),
        pytest.param(CASES, "[a, b]\n", 5, "write a map with policies, cases", id="a list"),
    ],
)
def test_bad_cases_are_refused_with_their_place(call: Call, cases: Path, old: str, new: str, code: int, says: str) -> None:
    cases.write_text(CASES.replace(old, new))
    ran = call("test")
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err


def test_where_there_are_none_it_says_so(call: Call, tmp_path: Path) -> None:
    ran = call("test", ".")
    assert ran.code == 64
    assert "holds no *.test.yaml" in ran.err
