"""A machine that its cloud tells alone that it takes it tells the cluster, once, and our queue gives what it told."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from autoscaler.config.secrets import Url
from autoscaler.contracts.notice_queue import NoticeQueue
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.notices import SOON
from autoscaler_azure.notice_queue import StorageNoticeQueue
from autoscaler_azure.notice_settings import AzureNotices
from autoscaler_gcp.notice_queue import PubSubNoticeQueue
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.machines import Machines
from autoscaler_standins.serving import Standin
from tests.terraform.conftest import Terraform
from tests.terraform.metadata import Cloud, serving
from tests.terraform.test_join import INPUTS, SETTINGS, Machine, script
from tests.terraform.watched import SCRIPTS, hosted, watcher, watching

RUNTIME = SystemRuntime()
SITE = Site(name="spot", cluster=ClusterName("shop"), runtime=RUNTIME)
TOPIC = "projects/shop-prod/topics/shop-notices"
PREEMPTED, MAINTENANCE = "preempted", "maintenance-event"
MACHINE, BOOT = "shop-general-x7k2", "4711081547110815"
GONE = [(BOOT, 30_000, f"preempted: {MACHINE}")]


@dataclass(frozen=True)
class Stage:
    """A queue at a stand-in, and who takes out of it. `known`: what Terraform tells the watcher."""

    standin: Standin
    folder: Path
    provider: str
    queue: NoticeQueue
    known: Mapping[str, str]

    def heard(self, values: Mapping[str, list[str]], name: str) -> str:
        """What a machine said whose `name` was all of these."""
        with hosted(values) as (host, url), watching(self.folder, self.script(url)) as said:
            host.settled(name)
            return said.read_text()

    def script(self, metadata: str) -> str:
        """Its watcher."""
        settings = {"metadata": metadata, "console": str(self.folder / "console"), "patience_s": "100", **self.known}
        return watcher(settings, self.provider)

    def told(self) -> list[tuple[str, int, str]]:
        """What is taken out of the queue: whom, how long from then on, and why."""
        notices = [one.notice for one in self.queue.take(SOON)]
        return [(one.instance, one.ends_at - one.at, one.why) for one in notices if one]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Of Google's, held to its own model."""
    cloud = GoogleCloud(RUNTIME, "shop-prod")
    cloud.pubsub.add("shop-notices", "shop-notices")
    with Standin(cloud, RUNTIME) as standin:
        settings = GcpNotices(project="shop-prod", subscription="shop-notices", url=Url(standin.url))
        known = {"notices_api": standin.url, "notices": TOPIC}
        yield Stage(standin, tmp_path, "gcp", PubSubNoticeQueue(settings, SITE), known)
    assert standin.mistakes == []


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Stage]:
    """Of Azure's."""
    clock = Clock(RUNTIME)
    cloud = AzureCloud(clock=clock, machines=Machines(clock=clock))
    cloud.queues.all["shopnotices", "shop-notices"] = []
    with Standin(cloud, RUNTIME) as standin:
        queue = f"{standin.url}/shopnotices/shop-notices"
        known = {"notices": queue, "node_name": "lower", "identity": ""}
        yield Stage(standin, tmp_path, "azure", StorageNoticeQueue(AzureNotices(queue=Url(queue)), SITE), known)
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


def events(*found: Mapping[str, object]) -> str:
    """A document of Azure's."""
    plain = {"EventType": "Preempt", "ResourceType": "VirtualMachine", "Resources": [VM], "EventStatus": "Scheduled", "Description": ""}
    return json.dumps({"DocumentIncarnation": 7, "Events": [{"EventId": "e-1", **plain, **one} for one in found]}, indent=1)


def in_seconds(span: int) -> dict[str, object]:
    """As Azure writes a time."""
    return {"NotBefore": format_datetime(datetime.fromtimestamp(RUNTIME.now() // 1000 + span, UTC), usegmt=True)}


VM, VM_ID = "shop-general_10", "0f3fa6d2-851c-4a91-9087-1a050f3a9c38"


@pytest.mark.parametrize(
    ("documents", "told"),
    [
        pytest.param([[], [{}]], ["Preempt"], id="an eviction"),
        pytest.param([[{}], [{}]], ["Preempt"], id="once, however often it is shown"),
        pytest.param([[{"Resources": ["shop-general_1", VM]}]], ["Preempt"], id="of several machines"),
        pytest.param([[{"Resources": ["shop-general_1", "shop-general_100"]}]], [], id="not what is about others of its set"),
        pytest.param([[{"EventType": "Freeze"}]], [], id="not a pause of seconds"),
        pytest.param(
            [[{"EventType": "Freeze"}, {"EventId": "e-2", "EventType": "Reboot"}, {"EventId": "e-3", "EventType": "Redeploy"}]],
            ["Reboot", "Redeploy"],
            id="each of several",
        ),
        pytest.param([[{"Description": f'"{VM}"', "Resources": []}]], [], id="not where its name stands elsewhere"),
    ],
)
def test_what_a_machine_of_azure_tells(azure: Stage, documents: list[list[dict[str, object]]], told: list[str]) -> None:
    azure.heard({"scheduledevents": [events(*({**in_seconds(300), **one} for one in each)) for each in documents]}, "scheduledevents")
    found = azure.told()
    assert sorted((one, why) for one, _, why in found) == [(VM_ID, f"{kind}: 10") for kind in told]
    assert all(280_000 < span <= 300_000 for _, span, _ in found)


def test_one_that_has_begun_has_no_time_any_more(azure: Stage) -> None:
    azure.heard({"scheduledevents": [events({"EventStatus": "Started", "NotBefore": ""})]}, "scheduledevents")
    ((_, span, _),) = azure.told()
    assert span <= 0


def test_who_is_told_no_when_it_has_begun_says_so_and_tells_it_when_it_is_shown_again(azure: Stage) -> None:
    azure.standin.faults.add([Fault(operation="*", kind=Kind.REFUSE, times=1, code="ServerBusy", status=503)])
    said = azure.heard({"scheduledevents": [events({"NotBefore": ""})] * 2}, "scheduledevents")
    assert "FAILED: nobody was told: HTTP 503" in said
    assert len(azure.told()) == 1


QUEUE = "https://shopnotices.queue.core.windows.net/shop-notices"
WITH = {"gcp": {"notices_api": "https://pubsub.googleapis.com", "notices": TOPIC}, "azure": {"notices": QUEUE}}
NOTICES = {"gcp": TOPIC, "azure": QUEUE}


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
