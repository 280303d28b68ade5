"""A new machine joins by its boot script, whatever comes late; where it cannot, it says what failed. The secret is shown to nobody."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest

from tests.providers.loopback import Reply, answer
from tests.terraform.conftest import MODULES, Terraform
from tests.terraform.metadata import ROLE, Cloud, serving

SCRIPTS = MODULES / "modules" / "join" / "scripts"
SWARM = "SWMTKN-1-49nj1cmql0jkz5s954yi3oex3nedyz0fb0xx14ie39trti4wxv-8vxv8rssmk743ojnwacrr2e7c"
KUBEADM = "abcdef.0123456789abcdef"
ROOT_KEY = f"sha256:{'0' * 64}"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUp poolkeeper"
PARAMETER = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/join"
KEPT = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-join-AbCdEf"

SETTINGS = {
    "aws": {
        "node_name": "dns",
        "launch_group": "",
        "launch_hook": "",
        "standby": "",
        "secret_service": "ssm",
        "secret_region": "eu-central-1",
        "secret_target": "AmazonSSM.GetParameter",
        "secret_field": "Value",
        "secret_question": '{"Name":"/shop/join","WithDecryption":true}',
    },
    "gcp": {"node_name": "name", "secret_name": "projects/shop-prod/secrets/join/versions/latest"},
    "azure": {"node_name": "lower", "secret_name": "join", "secret_audience": "https%3A%2F%2Fvault.azure.net", "identity": ""},
    "swarm": {"manager": "10.0.0.10:2377", "engine_labels": ', "tier=batch"'},
    "kubernetes": {
        "manager": "10.0.0.10:2377",
        "ca_cert_hash": ROOT_KEY,
        "node_labels": "tier=batch",
        "taints": '[{"effect":"NoSchedule","key":"for","value":"batch"}]',
    },
    "ecs": {"manager": "shop", "attributes": '"tier":"batch"'},
    "docker": {"ssh_public_key": PUBLIC_KEY},
}
"""What Terraform writes before the scripts, for the inputs below. Where the machine's own things are, a test says."""

INPUTS: dict[str, dict[str, object]] = {
    "aws": {"secret": PARAMETER},
    "gcp": {"secret": "projects/shop-prod/secrets/join"},
    "azure": {"secret": "https://shop.vault.azure.net/secrets/join", "node_name": "lower"},
    "swarm": {"manager": "10.0.0.10:2377", "labels": {"tier": "batch"}},
    "kubernetes": {
        "manager": "10.0.0.10:2377",
        "labels": {"tier": "batch"},
        "ca_cert_hash": ROOT_KEY,
        "taints": [{"key": "for", "value": "batch"}],
    },
    "ecs": {"manager": "shop", "labels": {"tier": "batch"}, "secret": None},
    "docker": {"ssh_public_key": PUBLIC_KEY, "secret": None},
}
NODES = {"aws": "ip-10-0-0-7.eu-central-1.compute.internal", "gcp": "shop-general-x7k2", "azure": "shop-general-00000a"}
ZONES = {"aws": "eu-central-1a", "gcp": "europe-west4-a", "azure": "westeurope-1"}
MACHINES = {
    "aws": "aws:///eu-central-1a/i-0a1b2c3d4e5f60718",
    "gcp": "gce://shop-prod/europe-west4-a/shop-general-x7k2",
    "azure": "azure:///subscriptions/s/resourceGroups/shop/virtualMachineScaleSets/shop-general/virtualMachines/10",
}

# Each writes down how it was called. What lies in faults/NAME is how often it fails; `swarm` is the state of the engine's Swarm.
PROGRAM = """#!/bin/sh
echo "${0##*/} $*" >> LOG
cd FOLDER
case "${0##*/} $*" in
    docker\\ info\\ --format*) cat swarm ;;
    kubeadm\\ join*) cat run/poolkeeper-join.yaml > joined.yaml ;;
    id\\ *) exit 1 ;;
esac
left=$(cat "faults/${0##*/}-$1" 2> /dev/null || echo 0)
if [ "$left" -gt 0 ]; then
    echo $((left - 1)) > "faults/${0##*/}-$1"
    echo "first line" >&2
    echo "cannot reach 10.0.0.10, with $4" >&2
    exit 1
fi
case "${0##*/} $1 $2" in
    docker\\ swarm\\ join) echo active > swarm ;;
    docker\\ swarm\\ leave) echo inactive > swarm ;;
esac
"""
PROGRAMS = ("docker", "kubeadm", "hostnamectl", "systemctl", "sleep", "id", "useradd", "chown")


@dataclass(slots=True)
class Machine:
    """A folder that stands for a machine. `more`: settings that differ from those above."""

    folder: Path
    cloud: Cloud
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("bin", "etc", "run", "home", "faults"):
            (self.folder / name).mkdir()
        (self.folder / "swarm").write_text("inactive\n")
        for name in PROGRAMS:
            text = PROGRAM.replace("LOG", str(self.folder / "log")).replace("FOLDER", str(self.folder))
            (self.folder / "bin" / name).write_text(text)
            (self.folder / "bin" / name).chmod(0o755)

    def boots(self, provider: str, orchestrator: str) -> subprocess.CompletedProcess[str]:
        """Its script runs, without any waiting."""
        here = {name: str(self.folder / name) for name in ("etc", "run", "console", "each_boot")} | {"home_of": str(self.folder / "home")}
        settings = {**here, "metadata": self.cloud.url, "secret_api": self.cloud.url, "scaling_api": self.cloud.url, "patience_s": "100"}
        return self.runs(script({**SETTINGS[provider], **SETTINGS[orchestrator], **settings, **self.more}, provider, orchestrator))

    def runs(self, text: str) -> subprocess.CompletedProcess[str]:
        """Any script."""
        env = {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"}
        (self.folder / "script").write_text(text)
        return subprocess.run(["sh", str(self.folder / "script")], env=env, capture_output=True, text=True, check=False, timeout=60)

    def fails(self, program: str, times: int) -> None:
        """So often, the next times that it is called."""
        (self.folder / "faults" / program).write_text(f"{times}\n")

    def text(self, name: str) -> str:
        """Of a file; nothing where there is none."""
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def called(self, program: str) -> list[str]:
        """With which arguments, each time."""
        calls = (line.partition(" ") for line in self.text("log").splitlines())
        return [words for name, _, words in calls if name == program]


def script(settings: dict[str, str], provider: str, orchestrator: str) -> str:
    """As the module puts it together."""
    known = [f"{name}='{value}'" for name, value in settings.items()]
    parts = [(SCRIPTS / f"{name}.sh").read_text() for name in ("common", provider, orchestrator, "main")]
    return "\n".join(["#!/bin/sh", "set -eu", "", *known, "", *parts])


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Of a Swarm, unless its cloud keeps another secret."""
    with serving(Cloud(SWARM)) as cloud:
        yield Machine(tmp_path, cloud)


CLOUDS = ("aws", "gcp", "azure")


@pytest.mark.parametrize("provider", CLOUDS)
class TestAtEveryCloud:
    def test_a_worker_of_swarm_has_the_name_that_its_pool_knows_and_tells_zone_and_machine(self, machine: Machine, provider: str) -> None:
        ran = machine.boots(provider, "swarm")
        assert (ran.returncode, ran.stderr) == (0, f"poolkeeper-join: joined as {NODES[provider]}\n")
        assert machine.called("hostnamectl") == [f"set-hostname {NODES[provider]}"]
        assert f"swarm join --token {SWARM} 10.0.0.10:2377" in machine.called("docker")
        told = json.loads(machine.text("etc/docker/daemon.json"))["labels"]
        assert told == [f"poolkeeper.zone={ZONES[provider]}", f"poolkeeper.instance={MACHINES[provider]}", "tier=batch"]

    def test_a_node_of_kubernetes_has_them_too_and_the_taints_of_its_pool(self, machine: Machine, provider: str) -> None:
        machine.cloud.secret = KUBEADM
        assert machine.boots(provider, "kubernetes").returncode == 0
        told = machine.text("joined.yaml")
        assert f"    token: {KUBEADM}\n" in told
        assert f"  name: {NODES[provider]}\n" in told
        assert f'{{name: provider-id, value: "{MACHINES[provider]}"}}' in told
        assert f'{{name: node-labels, value: "topology.kubernetes.io/zone={ZONES[provider]},tier=batch"}}' in told
        assert '  taints: [{"effect":"NoSchedule","key":"for","value":"batch"}]\n' in told

    def test_an_engine_that_stands_for_itself_lets_one_key_in(self, machine: Machine, provider: str) -> None:
        assert machine.boots(provider, "docker").returncode == 0
        assert machine.text("home/poolkeeper/.ssh/authorized_keys") == f"{PUBLIC_KEY}\n"

    def test_a_secret_that_is_not_there_yet_is_waited_for_longer_each_time(self, machine: Machine, provider: str) -> None:
        machine.cloud.refusals = [answer({"error": {"code": 404, "status": "NOT_FOUND"}}, 404)] * 3
        ran = machine.boots(provider, "swarm")
        assert ran.returncode == 0
        assert machine.called("sleep") == ["2", "4", "8"]
        assert ran.stderr.count("the join token: HTTP 404 NOT_FOUND") == 1

    def test_denied_for_good_is_said_on_the_console_and_is_an_error(self, machine: Machine, provider: str) -> None:
        machine.cloud.refusals = [answer({"error": {"code": "Forbidden"}}, 403)] * 99
        ran = machine.boots(provider, "swarm")
        assert ran.returncode == 1
        last = machine.text("console").splitlines()[-1]
        assert last.startswith("poolkeeper-join: FAILED: the join token: HTTP 403 Forbidden from http://127.0.0.1")
        assert not any(call.startswith("swarm join") for call in machine.called("docker"))


class TestSwarm:
    def test_the_engine_starts_anew_with_its_name_and_labels_before_it_joins(self, machine: Machine) -> None:
        machine.boots("gcp", "swarm")
        calls = [line for line in machine.text("log").splitlines() if not line.startswith("docker info")]
        assert [each.partition(" ")[0] for each in calls] == ["hostnamectl", "systemctl", "docker"]

    def test_a_secret_that_is_no_token_is_not_tried(self, machine: Machine) -> None:
        machine.cloud.secret = "docker swarm join"
        ran = machine.boots("gcp", "swarm")
        assert (ran.returncode, "is no join token of a Swarm" in ran.stderr) == (1, True)

    def test_a_manager_that_is_not_there_yet_is_tried_again(self, machine: Machine) -> None:
        machine.fails("docker-swarm", 2)
        ran = machine.boots("gcp", "swarm")
        assert (ran.returncode, machine.called("sleep")) == (0, ["2", "4"])
        assert "joining: cannot reach 10.0.0.10, with ; trying again" in ran.stderr

    def test_the_secret_is_in_no_file_and_no_line_that_stays(self, machine: Machine) -> None:
        machine.fails("docker-swarm", 99)
        ran = machine.boots("aws", "swarm")
        kept = [path for path in machine.folder.rglob("*") if path.is_file() and path.name != "log" and SWARM in path.read_text()]
        assert (ran.returncode, kept) == (1, [])
        assert not any(secret in ran.stdout + ran.stderr for secret in (SWARM, str(ROLE.secret_key), str(ROLE.token)))

    def test_a_machine_that_is_in_it_already_is_left_alone(self, machine: Machine) -> None:
        (machine.folder / "swarm").write_text("active\n")
        ran = machine.boots("gcp", "swarm")
        assert (ran.returncode, machine.called("systemctl")) == (0, [])

    def test_an_engine_that_failed_to_join_before_leaves_first(self, machine: Machine) -> None:
        (machine.folder / "swarm").write_text("error\n")
        assert machine.boots("gcp", "swarm").returncode == 0
        assert "swarm leave --force" in machine.called("docker")

    @pytest.mark.parametrize(
        ("before", "kept"),
        [
            pytest.param('{\n  "log-driver": "local"\n}\n', {"log-driver": "local"}, id="what the image says of the engine stays"),
            pytest.param("{ }\n", {}, id="a file that says nothing is no trouble"),
        ],
    )
    def test_labels_of_the_engine(self, machine: Machine, before: str, kept: dict[str, str]) -> None:
        (machine.folder / "etc" / "docker").mkdir()
        (machine.folder / "etc" / "docker" / "daemon.json").write_text(before)
        assert machine.boots("gcp", "swarm").returncode == 0
        found = json.loads(machine.text("etc/docker/daemon.json"))
        assert (len(found.pop("labels")), found) == (3, kept)

    def test_an_image_with_labels_of_its_own_is_not_changed(self, machine: Machine) -> None:
        (machine.folder / "etc" / "docker").mkdir()
        (machine.folder / "etc" / "docker" / "daemon.json").write_text('{"labels": ["a=b"]}')
        ran = machine.boots("gcp", "swarm")
        assert (ran.returncode, "has some already" in ran.stderr) == (1, True)


class TestKubernetes:
    @pytest.fixture(autouse=True)
    def _of_kubeadm(self, machine: Machine) -> None:
        machine.cloud.secret = KUBEADM

    def test_an_api_server_that_is_not_there_yet_is_tried_again_from_the_beginning(self, machine: Machine) -> None:
        machine.fails("kubeadm-join", 2)
        assert machine.boots("gcp", "kubernetes").returncode == 0
        assert [call.split()[0] for call in machine.called("kubeadm")] == ["join", "reset", "join", "reset", "join"]

    def test_the_token_stays_in_no_file_and_no_line(self, machine: Machine) -> None:
        machine.fails("kubeadm-join", 99)
        ran = machine.boots("gcp", "kubernetes")
        assert (ran.returncode, list((machine.folder / "run").iterdir())) == (1, [])
        assert KUBEADM not in ran.stderr + machine.text("console") + machine.text("log")

    def test_a_machine_that_is_in_it_already_is_left_alone(self, machine: Machine) -> None:
        (machine.folder / "etc" / "kubernetes").mkdir()
        (machine.folder / "etc" / "kubernetes" / "kubelet.conf").touch()
        assert (machine.boots("gcp", "kubernetes").returncode, machine.called("kubeadm")) == (0, [])


def test_the_agent_of_ecs_is_told_its_cluster_and_started_after_us(machine: Machine) -> None:
    assert machine.boots("aws", "ecs").returncode == 0
    assert machine.text("etc/ecs/ecs.config") == 'ECS_CLUSTER=shop\nECS_INSTANCE_ATTRIBUTES={"tier":"batch"}\n'
    assert machine.called("systemctl") == ["enable --now --no-block ecs"]


@pytest.mark.parametrize(
    ("named", "node"),
    [
        pytest.param("host", "ip-10-0-0-7", id="host is the first part of it"),
        pytest.param("id", "i-0a1b2c3d4e5f60718", id="id is the instance's"),
    ],
)
def test_a_node_of_aws_is_called_as_its_pool_says(machine: Machine, named: str, node: str) -> None:
    machine.more = {"node_name": named}
    machine.boots("aws", "swarm")
    assert machine.called("hostnamectl") == [f"set-hostname {node}"]


def test_a_secret_may_lie_in_secrets_manager(machine: Machine) -> None:
    machine.more = {
        "secret_service": "secretsmanager",
        "secret_target": "secretsmanager.GetSecretValue",
        "secret_field": "SecretString",
        "secret_question": json.dumps({"SecretId": KEPT}),
    }
    assert machine.boots("aws", "swarm").returncode == 0


def test_a_group_that_holds_new_machines_back_is_told_once_one_has_joined(machine: Machine) -> None:
    machine.more = {"launch_group": "shop-general", "launch_hook": "launch"}
    assert machine.boots("aws", "swarm").returncode == 0
    machine.more["launch_group"] = "another"
    assert "FAILED: word to the cloud: HTTP 403" in machine.boots("aws", "swarm").stderr


def test_a_hook_that_is_over_is_no_trouble(machine: Machine) -> None:
    (machine.folder / "swarm").write_text("active\n")
    over = b"<ErrorResponse><Error><Code>ValidationError</Code><Message>No active Lifecycle Action found</Message></Error></ErrorResponse>"
    machine.cloud.refusals = [Reply(status=400, body=over)]
    machine.more = {"launch_group": "shop-general", "launch_hook": "launch"}
    assert (machine.boots("aws", "swarm").returncode, machine.cloud.refusals) == (0, [])


class TestAMachineOfAWarmPool:
    """It is prepared, stopped, and started for good."""

    @pytest.fixture(autouse=True)
    def warmed(self, machine: Machine) -> None:
        machine.cloud.destined = ["Warmed:Stopped"]
        machine.more = {"standby": "yes", "launch_group": "shop-general", "launch_hook": "launch"}

    def test_joins_nothing_while_it_is_prepared(self, machine: Machine) -> None:
        ran = machine.boots("aws", "swarm")
        assert (ran.returncode, ran.stderr) == (0, "poolkeeper-join: stands by\n")
        assert (machine.text("swarm"), machine.called("docker")) == ("inactive\n", [])

    def test_joins_by_the_script_that_it_kept_once_it_is_started_for_good(self, machine: Machine) -> None:
        machine.boots("aws", "swarm")
        machine.cloud.destined = ["InService"]
        ran = machine.runs(machine.text("each_boot/poolkeeper-join"))
        assert (ran.stderr, machine.text("swarm")) == (f"poolkeeper-join: joined as {NODES['aws']}\n", "active\n")

    def test_waits_until_it_is_told_what_it_is_for(self, machine: Machine) -> None:
        machine.cloud.destined = ["", "", "Warmed:Stopped"]
        assert "stands by" in machine.boots("aws", "swarm").stderr
        assert machine.called("sleep") == ["2", "4"]

    def test_that_cannot_keep_its_script_says_so(self, machine: Machine) -> None:
        (machine.folder / "each_boot").write_text("a file")
        ran = machine.boots("aws", "swarm")
        assert (ran.returncode, "FAILED: standing by" in ran.stderr) == (1, True)


def test_no_metadata_is_said(machine: Machine) -> None:
    machine.more = {"metadata": "http://127.0.0.1:9"}
    ran = machine.boots("gcp", "swarm")
    assert (ran.returncode, "FAILED: the metadata of this machine: no answer from" in ran.stderr) == (1, True)


PAIRS = [pair for pair in product(CLOUDS, ("swarm", "kubernetes", "ecs", "docker")) if pair[1] != "ecs" or pair[0] == "aws"]


PLACES = {"etc", "run", "each_boot", "console", "home_of", "metadata", "patience_s", "scaling_api"}


@pytest.mark.real
@pytest.mark.parametrize(("provider", "orchestrator"), PAIRS)
def test_terraform_writes_what_is_tried_here(terraform: Terraform, provider: str, orchestrator: str) -> None:
    folder = "modules/join"
    inputs = {"cloud": provider, "orchestrator": orchestrator, **INPUTS[provider], **INPUTS[orchestrator]}
    (terraform.tree / folder / "terraform.tfvars.json").write_text(json.dumps(inputs))
    assert terraform.run(folder, "apply", "-auto-approve", "-no-color").returncode == 0
    written = terraform.run(folder, "output", "-raw", "user_data").stdout
    known = dict(re.findall(r"^(\w+)='(.*)'$", written.partition("# What every cloud")[0], flags=re.MULTILINE))
    joins = "secret" not in INPUTS[orchestrator]
    tried = {
        name: value for name, value in {**SETTINGS[provider], **SETTINGS[orchestrator]}.items() if joins or not name.startswith("secret_")
    }
    assert {name: value for name, value in known.items() if name in tried} == tried
    assert known.keys() - tried.keys() <= PLACES | ({"secret_api"} if joins else set())
    assert written == script(known, provider, orchestrator)
    assert subprocess.run(["sh", "-n"], input=written, text=True, check=False).returncode == 0
