"""A machine that its cloud tells alone that it takes it tells the cluster, once, and our queue gives what it told."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.notices import SOON
from autoscaler_gcp.notice_queue import PubSubNoticeQueue
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.serving import Standin
from tests.terraform.conftest import Terraform
from tests.terraform.metadata import Cloud, serving
from tests.terraform.test_join import INPUTS, SETTINGS, Machine, script
from tests.terraform.watched import SCRIPTS, hosted, watcher, watching

RUNTIME = SystemRuntime()
TOPIC = "projects/shop-prod/topics/shop-notices"
PREEMPTED, MAINTENANCE = "preempted", "maintenance-event"
MACHINE, BOOT = "shop-general-x7k2", "4711081547110815"
GONE = [(BOOT, 30_000, f"preempted: {MACHINE}")]


@dataclass(frozen=True)
class Stage:
    """A topic at a stand-in that is held to Google's own model, and its subscription."""

    standin: Standin
    folder: Path

    def heard(self, values: Mapping[str, list[str]], name: str) -> str:
        """What a machine said whose `name` was all of these."""
        with hosted(values) as (host, url), watching(self.folder, self.script(url)) as said:
            host.settled(name)
            return said.read_text()

    def script(self, metadata: str) -> str:
        """Its watcher."""
        console = str(self.folder / "console")
        settings = {"metadata": metadata, "console": console, "patience_s": "100", "notices_api": self.standin.url, "notices": TOPIC}
        return watcher(settings, "gcp")

    def told(self) -> list[tuple[str, int, str]]:
        """What is taken out of the queue: whom, how long from then on, and why."""
        settings = GcpNotices(project="shop-prod", subscription="shop-notices", url=Url(self.standin.url))
        queue = PubSubNoticeQueue(settings, Site(name="spot", cluster=ClusterName("shop"), runtime=RUNTIME))
        notices = [one.notice for one in queue.take(SOON)]
        return [(one.instance, one.ends_at - one.at, one.why) for one in notices if one]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    cloud = GoogleCloud(RUNTIME, "shop-prod")
    cloud.pubsub.add("shop-notices", "shop-notices")
    with Standin(cloud, RUNTIME) as standin:
        yield Stage(standin, tmp_path)
    assert standin.mistakes == []


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        pytest.param(PREEMPTED, ["FALSE", "TRUE"], GONE, id="a preemption is told, with thirty seconds"),
        pytest.param(PREEMPTED, ["TRUE"], GONE, id="one that began before the watcher did"),
        pytest.param(PREEMPTED, ["TRUE", "TRUE"], GONE, id="once while it lasts"),
        pytest.param(PREEMPTED, ["FALSE"], [], id="nothing where nothing is"),
        pytest.param(
            MAINTENANCE,
            ["NONE", "TERMINATE_ON_HOST_MAINTENANCE", "NONE", "TERMINATE_ON_HOST_MAINTENANCE"],
            [(BOOT, 60_000, f"maintenance: {MACHINE}")] * 2,
            id="an end by maintenance, with a minute, each time",
        ),
        pytest.param(MAINTENANCE, ["NONE", "MIGRATE_ON_HOST_MAINTENANCE"], [], id="a machine that moves stays"),
    ],
)
def test_what_a_machine_tells(stage: Stage, name: str, values: list[str], told: list[tuple[str, int, str]]) -> None:
    stage.heard({name: values}, name)
    assert stage.told() == told


def test_who_is_told_no_tells_it_again(stage: Stage) -> None:
    stage.standin.faults.add([Fault(operation="*", kind=Kind.REFUSE, times=3, code="backendError", status=503)])
    said = stage.heard({PREEMPTED: ["TRUE"]}, PREEMPTED)
    assert len(stage.told()) == 1
    assert said.count("poolkeeper-notices: not told yet: HTTP 503") == 1
    assert "preempted: this machine ends at 20" in said


def test_the_token_is_said_to_nobody(stage: Stage) -> None:
    stage.standin.faults.add([Fault(operation="*", kind=Kind.REFUSE, times=1, code="forbidden", status=403)])
    assert "ya29" not in stage.heard({PREEMPTED: ["TRUE"]}, PREEMPTED)


WITH = {"gcp": {"notices_api": "https://pubsub.googleapis.com", "notices": TOPIC}}
NOTICES = {"gcp": TOPIC}


def boots(settings: Mapping[str, str], provider: str, orchestrator: str) -> str:
    """The boot script of a machine with a watcher, as the module puts it together."""
    whole, main = script(dict(settings), provider, orchestrator), (SCRIPTS / "main.sh").read_text()
    kept = f"watcher() {{\n    cat <<'WATCHER'\n{watcher(settings, provider)}\nWATCHER\n}}\n"
    written = "\n".join([(SCRIPTS / "notices.sh").read_text(), kept])
    return f"{whole.removesuffix(main)}{written}\n{main}"


@pytest.mark.parametrize("provider", WITH)
class TestBoot:
    @pytest.fixture
    def machine(self, tmp_path: Path) -> Iterator[Machine]:
        with serving(Cloud("SWMTKN-1-a-b")) as cloud:
            yield Machine(tmp_path, cloud)

    def settings(self, machine: Machine, provider: str) -> dict[str, str]:
        here = {name: str(machine.folder / name) for name in ("etc", "run", "console")} | {"home_of": str(machine.folder / "home")}
        found = {**SETTINGS[provider], **SETTINGS["docker"], **WITH[provider], **here, "patience_s": "100"}
        return {**found, "metadata": machine.cloud.url, "secret_api": machine.cloud.url}

    def test_a_machine_that_has_joined_starts_its_watcher(self, machine: Machine, provider: str) -> None:
        settings = self.settings(machine, provider)
        assert machine.runs(boots(settings, provider, "docker")).returncode == 0
        assert machine.text("etc/poolkeeper/notices.sh") == f"{watcher(settings, provider)}\n"
        unit = machine.text("etc/systemd/system/poolkeeper-notices.service")
        assert f"ExecStart=/bin/sh {machine.folder}/etc/poolkeeper/notices.sh\n" in unit
        assert machine.called("systemctl")[-1] == "restart --no-block poolkeeper-notices"

    def test_one_whose_watcher_cannot_be_started_has_joined_all_the_same(self, machine: Machine, provider: str) -> None:
        machine.fails("systemctl-daemon-reload", 1)
        ran = machine.runs(boots(self.settings(machine, provider), provider, "docker"))
        assert (ran.returncode, "nobody will be told what the cloud tells this machine" in ran.stderr) == (0, True)

    @pytest.mark.real
    def test_terraform_writes_what_is_tried_here(self, terraform: Terraform, provider: str) -> None:
        folder = "modules/join"
        inputs = {"cloud": provider, "orchestrator": "docker", **INPUTS[provider], **INPUTS["docker"], "notices": NOTICES[provider]}
        (terraform.tree / folder / "terraform.tfvars.json").write_text(json.dumps(inputs))
        assert terraform.run(folder, "apply", "-auto-approve", "-no-color").returncode == 0
        written = terraform.run(folder, "output", "-raw", "user_data").stdout
        known = dict(re.findall(r"^(\w+)='(.*)'$", written.partition("# What every cloud")[0], flags=re.MULTILINE))
        assert {name: known[name] for name in WITH[provider]} == WITH[provider]
        assert written == boots(known, provider, "docker")
        assert subprocess.run(["sh", "-n"], input=written, text=True, check=False).returncode == 0
