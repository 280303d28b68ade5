"""`autoscaler backtest`: two policies side by side, as text, as a document and as drawings, and bad input."""

import json
from pathlib import Path

import pytest

from autoscaler.contracts.policy import Policy
from autoscaler.rehearsing.backtest import Replayed, Setting, backtest
from autoscaler.rehearsing.load import Load
from tests.cli.calling import Call
from tests.cli.shop import write_shop


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    write_shop(tmp_path, least=1)
    text = (tmp_path / "autoscaler.yaml").read_text()
    (tmp_path / "slow.yaml").write_text(text.replace("target: 60%", "target: 40%"))
    rows = (f"{minute * 60},{300 if minute % 60 < 30 else 900}" for minute in range(240))
    (tmp_path / "load.csv").write_text("\n".join(rows))


def test_policies_side_by_side(call: Call) -> None:
    ran = call("backtest", "autoscaler.yaml", "slow.yaml", "--load", "load.csv", "--capacity", "100")
    assert (ran.code, ran.err) == (0, "")
    assert "autoscaler.yaml  slow.yaml" in ran.out
    assert "load.csv: 240 values over 3h59m, decided every 15s on what was seen 30s before." in ran.out


def test_the_same_bytes_every_time(call: Call, tmp_path: Path) -> None:
    for name in ("one", "two"):
        ran = call("backtest", "--load", "load.csv", "--capacity", "100", "--plot", f"{name}.html", "--save", f"{name}.json")
        assert (ran.code, call("backtest", "--load", "load.csv", "--capacity", "100", "--plot", f"{name}.png").code) == (0, 0)
    for suffix in ("html", "png", "json"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    assert b"its target 60%" in (tmp_path / "one.html").read_bytes()


def test_as_a_document(call: Call) -> None:
    ran = call("backtest", "--load", "load.csv", "--capacity", "100", "--per-machine", "4", "--output", "json")
    value = json.loads(ran.out)["value"]
    assert (value["ticks"], value["per_machine"], value["policies"][0]["policy"]) == (957, 4, "autoscaler.yaml")


def test_a_part_of_it(call: Call) -> None:
    given = ("--start", "1970-01-01T01:00", "--end", "1970-01-01T02:00", "--output", "json")
    assert json.loads(call("backtest", "--load", "load.csv", "--capacity", "100", *given).out)["value"]["rows"] == 61


def test_what_nobody_says_is_guessed_and_said(call: Call) -> None:
    assert "taken is 150" in call("backtest", "--load", "load.csv").err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(["--load", "gone.csv"], 64, "gone.csv", id="no such load"),
        pytest.param(["--load", "autoscaler.yaml"], 64, "row 1 has one column", id="no load at all"),
        pytest.param(["--load", "load.csv", "--plot", "x.svg"], 64, "a .png or an .html", id="another kind of drawing"),
        pytest.param(["--load", "load.csv", "--bears", "0%"], 64, "serves nobody", id="replicas that bear nothing"),
        pytest.param(["--load", "load.csv", "--bears", "lots"], 64, "is not a share", id="a share that is none"),
        pytest.param(["--load", "load.csv", "--every", "0s"], 64, "every 0s", id="no time between ticks"),
        pytest.param(["--load", "load.csv", "--workload", "shop/wbe"], 64, "there is: web (shop/web)", id="a workload without a policy"),
        pytest.param(
            ["--load", "load.csv", "--start", "2030-01-01"],
            64,
            "it goes from 1970-01-01T00:00:00+00:00 to 1970-01-01T03:59:00+00:00",
            id="no values",
        ),
        pytest.param(["--load", "load.csv", "--start", "2h", "--end", "3h"], 64, "not before --end", id="an end before the start"),
        pytest.param(["--load", "."], 64, ".: Is a directory", id="a folder for a load"),
        pytest.param(["--load", "load.csv", "--start", "nan"], 64, "'nan' is no time", id="a start that is none"),
        pytest.param(["--load", "load.csv", "--lag", "nan"], 64, "'nan' is not a duration", id="a span that is none"),
        pytest.param(["--load", "load.csv", "--capacity", "nan"], 64, "no amount of load", id="replicas that take nobody knows what"),
        pytest.param(["--load", "load.csv", "--capacity", "1e-320"], 64, "no amount of load", id="replicas that take next to nothing"),
        pytest.param(["--load", "load.csv", "--capacity", "0"], 64, "--capacity", id="replicas that take nothing"),
    ],
)
def test_bad_input(call: Call, arguments: list[str], code: int, says: str) -> None:
    ran = call("backtest", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err


LABELLED = """\
  tier:
    workloads: {cluster: shop, labels: {tier: api, team: eu}}
    replicas: {min: 2, max: 7}
    rules: [{target_tracking: {metric: cpu, target: 60%}}]
"""


@pytest.fixture
def labelled(files: None, tmp_path: Path) -> None:
    """A file with a policy of a workload, and one for all that carry labels."""
    with (tmp_path / "autoscaler.yaml").open("a") as file:
        file.write(LABELLED)


@pytest.mark.parametrize(
    ("named", "most"),
    [
        pytest.param(["--policy", "tier"], 7, id="one by labels, by its name"),
        pytest.param(["--policy", "web"], 20, id="one of a workload, by its name"),
        pytest.param(["--workload", "shop/web"], 20, id="one of a workload, by that"),
        pytest.param(["--policy", "web", "--workload", "shop/web"], 20, id="by both"),
    ],
)
def test_which_policy_is_replayed(call: Call, labelled: None, monkeypatch: pytest.MonkeyPatch, named: list[str], most: int) -> None:
    replayed: list[Policy] = []

    def replay(policy: Policy, load: Load, setting: Setting) -> Replayed:
        replayed.append(policy)
        return backtest(policy, load, setting)

    monkeypatch.setattr("autoscaler.cli.backtest.replay", replay)
    ran = call("backtest", "--load", "load.csv", "--capacity", "100", *named)
    assert (ran.code, ran.err) == (0, "")
    assert [policy.bounds.max for policy in replayed] == [most]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        pytest.param([], "has 2 policies to replay", id="no name where there are two"),
        pytest.param(["--policy", "teir"], "has 0 policies to replay", id="a name that nothing has"),
        pytest.param(["--policy", "tier", "--workload", "shop/web"], "has 0 policies to replay", id="two names of two policies"),
        pytest.param(["--workload", "shop/tier"], "has 0 policies to replay", id="a workload that one by labels may have or not"),
        pytest.param(["--workload", "web"], "has 0 policies to replay", id="half the name of a workload"),
    ],
)
def test_no_policy_is_replayed_but_one_that_is_meant(call: Call, labelled: None, named: list[str], says: str) -> None:
    ran = call("backtest", "--load", "load.csv", "--capacity", "100", *named)
    assert (ran.code, ran.out) == (64, "")
    assert says in ran.err
    assert "web (shop/web); tier (shop, by labels team=eu, tier=api)" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([], "a replay needs one load", id="none at all"),
        pytest.param(["--load", "load.csv", "--from-prometheus", "rps", "--start", "1d"], "a replay needs one load", id="both"),
        pytest.param(["--from-prometheus", "rps"], "needs --start", id="no time"),
        pytest.param(["--from-prometheus", "rps", "--start", "1d"], "0 sources could be asked", id="policies without a source"),
        pytest.param(["--from-prometheus", "rps", "--start", "1d", "--step", "0s"], "no value lies between", id="no step"),
    ],
)
def test_where_the_load_is(call: Call, arguments: list[str], says: str) -> None:
    ran = call("backtest", *arguments)
    assert (ran.code, ran.out) == (64, "")
    assert says in ran.err
