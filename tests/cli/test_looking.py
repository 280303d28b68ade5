"""Commands that only look: what they print, that they write nothing, and that no input breaks them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autoscaler.contracts.store import Request, RequestKind
from autoscaler.model import codec
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.recordings import Recording
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler.store import open_store
from tests.cli.calling import Call
from tests.cli.shop import write_shop

EXAMPLES = Path(__file__).parents[2] / "policies" / "examples"
RULES = [path for path in (EXAMPLES / "rules").glob("*.yaml") if not path.name.endswith(".test.yaml")]
FILES = sorted(
    [*(path for path in EXAMPLES.iterdir() if path.name not in ("recordings", "rules") and not path.name.endswith(".test.yaml")), *RULES]
)
SWARMS = ("swarm-web.yaml", "swarm-aws.yaml", "three-clouds.yaml")
"""Examples for a Swarm, which there is none of here."""

LOOKING = ("observe", "decide", "plan", "status")
CHECK = """
import re, sys
from autoscaler.cli.main import main
code = main(sys.argv[1:])
opened = [name for name in sys.modules if re.match(r"autoscaler_\\w+\\.(writers$|\\w+_writer$)", name)]
sys.exit(f"{code} {opened}" if code or opened else 0)
"""


@pytest.fixture(autouse=True)
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in FILES if path.name not in SWARMS])
def test_plans_every_example(call: Call, path: Path) -> None:
    ran = call("plan", path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1].startswith("Plan: ")


@pytest.mark.parametrize("name", SWARMS)
def test_plans_the_swarm_examples_on_what_was_recorded_of_one(call: Call, name: str) -> None:
    ran = call("plan", EXAMPLES / name, "--from", EXAMPLES / "recordings" / "swarm-web.json")
    assert (ran.code, ran.err) == (0, "")
    assert "shop/web  6 -> 10 replicas" in ran.out


def test_says_of_which_policy_there_is_no_workload(call: Call, shop: Path) -> None:
    shop.write_text(shop.read_text().replace("shop/web", "shop/wbe"))
    assert "shop/wbe: the workload is not seen (not_found)" in call("plan").out


def test_a_plan_with_a_drain_under_way_is_the_same_on_what_was_recorded(call: Call) -> None:
    store = open_store("s.db", SystemRuntime())
    asked = Request(id="d", kind=RequestKind.DRAIN, subject="general-2", who="ops", at=SystemRuntime().now())
    store.requests(ClusterName("shop")).submit(asked)
    store.close()
    live = call("plan", "--store", "s.db", "--record", "now.json", "--output", "json")
    again = call("plan", "--from", "now.json", "--output", "json")
    assert "close general-2" in live.out
    assert again.out == live.out


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in FILES])
def test_every_example_is_valid(call: Call, path: Path) -> None:
    assert call("validate", path).code == 0


@pytest.mark.parametrize("output", ["json", "yaml"])
@pytest.mark.parametrize(
    ("command", "kind"),
    [
        pytest.param("observe", "observation", id="observe"),
        pytest.param("decide", "decisions", id="decide"),
        pytest.param("plan", "plan", id="plan"),
        pytest.param("status", "status", id="status"),
        pytest.param("validate", "validation", id="validate"),
        pytest.param("doctor", "checks", id="doctor"),
        pytest.param("doctor --marks", "marks", id="doctor --marks"),
    ],
)
def test_output_is_one_document(call: Call, command: str, kind: str, output: str) -> None:
    ran = call(*command.split(), "--output", output)
    assert (ran.code, ran.err) == (0, "")
    read = json.loads(ran.out) if output == "json" else yaml.safe_load(ran.out)
    assert (read["format"], read["kind"]) == ("autoscaler/v1", kind)


@pytest.mark.parametrize("command", LOOKING)
def test_nothing_that_can_write_is_opened(tmp_path: Path, command: str) -> None:
    ran = subprocess.run([sys.executable, "-c", CHECK, command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("command", LOOKING)
def test_no_store_is_made_by_looking(call: Call, tmp_path: Path, command: str) -> None:
    assert call(command, "--store", tmp_path / "store.db").code == 0
    assert not (tmp_path / "store.db").exists()
    assert not (tmp_path / "state").exists()


def test_the_plan_ends_with_what_changes(call: Call) -> None:
    ran = call("plan")
    assert "~ shop/web  3 -> 5 replicas" in ran.out
    assert ran.out.splitlines()[-1] == "Plan: 0 to add, 1 to change, 0 to remove."


@pytest.mark.parametrize(
    ("least", "flags", "code"),
    [
        pytest.param(5, [], 0, id="changes are no failure"),
        pytest.param(5, ["--detailed-exitcode"], 2, id="changes are 2 when asked for"),
        pytest.param(3, ["--detailed-exitcode"], 0, id="no changes are 0"),
    ],
)
def test_detailed_exitcode(call: Call, tmp_path: Path, least: int, flags: list[str], code: int) -> None:
    write_shop(tmp_path, least)
    assert call("plan", *flags).code == code


def test_a_plan_file_is_private_and_shows_what_was_planned(call: Call, tmp_path: Path) -> None:
    planned = call("plan", "--out", "shop.plan")
    shown = call("show", "shop.plan")
    assert "apply shop.plan" in planned.err
    assert (tmp_path / "shop.plan").stat().st_mode & 0o777 == 0o600
    assert shown.code == 0
    assert shown.out.splitlines()[-1] == planned.out.splitlines()[-1]
    assert call("show", "shop.plan", "--exit-code").code == 2


def test_a_plan_on_stdout_is_a_plan_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(call("plan", "--output", "json").out)
    assert codec.loads((tmp_path / "p").read_text(), Plan, kind="plan").steps
    assert call("show", "p").code == 0
    assert call("show", "-", stdin=(tmp_path / "p").read_text()).code == 0


def test_an_observation_is_saved(call: Call, tmp_path: Path) -> None:
    assert call("observe", "--out", "seen.json").code == 0
    assert codec.loads((tmp_path / "seen.json").read_text(), Observation, kind="observation").cluster == "shop"


def test_a_recording_gives_the_same_bytes_offline(call: Call, tmp_path: Path) -> None:
    live = call("plan", "--record", "now.json", "--output", "json")
    (tmp_path / "world.json").unlink()
    (tmp_path / "autoscaler.yaml").unlink()
    again = call("plan", "--from", "now.json", "--output", "json")
    assert again.code == 0
    assert again.out == live.out
    assert call("decide", "--from", "now.json").code == 0
    assert not (tmp_path / "world.json").exists()
    recording = codec.loads((tmp_path / "now.json").read_text(), Recording, kind="recording")
    assert recording.frames[0].plan is not None


def test_a_recording_is_planned_under_other_policies(call: Call, tmp_path: Path) -> None:
    call("plan", "--record", "now.json")
    other = write_shop(tmp_path, 9, "other.yaml")
    assert "3 -> 9 replicas" in call("plan", other, "--from", "now.json").out


def test_one_broken_cluster_does_not_hide_another(call: Call, tmp_path: Path) -> None:
    (tmp_path / "world2.json").write_text("broken")
    text = (tmp_path / "autoscaler.yaml").read_text()
    text = text.replace("clusters: {shop:", "clusters: {gone: {simulated: {state: world2.json, world: two}}, shop:")
    (tmp_path / "autoscaler.yaml").write_text(text)
    ran = call("plan")
    assert ran.code == 1
    assert "cluster gone could not be read" in ran.err
    assert "Plan: 0 to add, 1 to change" in ran.out
    assert call("plan", "--cluster", "shop").code == 0
    assert call("observe").code == 1
    assert call("doctor").code == 1


def test_several_clusters_make_one_list(call: Call, tmp_path: Path) -> None:
    text = (tmp_path / "autoscaler.yaml").read_text()
    (tmp_path / "autoscaler.yaml").write_text(text.replace("clusters: {shop:", "clusters: {two: {simulated: {world: two}}, shop:"))
    kinds = {"observe": "observations", "plan": "plans", "status": "statuses"}
    found = {command: json.loads(call(command, "--output", "json").out) for command in kinds}
    assert {command: (one["kind"], len(one["value"])) for command, one in found.items()} == {
        name: (kind, 2) for name, kind in kinds.items()
    }
    assert json.loads(call("decide", "--output", "json").out)["kind"] == "decisions"
    assert call("plan", "--out", "x").code == 64
    assert call("apply", "--yes").code == 64


def test_policies_are_named_by_the_environment(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "autoscaler.yaml").rename(tmp_path / "shop.yaml")
    monkeypatch.setenv("AUTOSCALER_POLICIES", str(tmp_path / "shop.yaml"))
    monkeypatch.setenv("AUTOSCALER_STORE", str(tmp_path / "s.db"))
    assert call("plan").code == 0
    assert call("freeze", "web", "--why", "x").code == 0
    assert (tmp_path / "s.db").exists()
