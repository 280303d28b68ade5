"""What can be seen without Terraform: what modules put out is a policy file, and their pages name all that goes in and comes out."""

import re
from pathlib import Path

import pytest

from autoscaler.config import ClusterConfig, installed, parse
from autoscaler.config.secrets import Url
from autoscaler.model.constraints import Taint
from autoscaler.model.quantities import Cpu, Memory, Money
from autoscaler_aws.fleet_settings import Fleet, Market
from autoscaler_aws.settings import AwsNotices, AwsPool, NodeName
from autoscaler_azure.notice_settings import AzureNotices
from autoscaler_clouds.kinds import KindSpec, Reserve
from autoscaler_gcp.notice_settings import GcpNotices
from tests.terraform.conftest import MODULES

CLUSTER = "apiVersion: autoscaler/v1\nclusters: {shop: {swarm: {endpoint: 'ssh://manager-1'}}}\n"
FOLDERS = sorted(path.parent for path in MODULES.glob("modules/*/versions.tf"))
DECLARED = re.compile(r'^(?:variable|output) "(\w+)" (\{.*?^\})', re.MULTILINE | re.DOTALL)
ROLE = "arn:aws:iam::123456789012:role/shop-actor"
GENERAL = AwsPool(
    region="eu-central-1",
    auto_scaling_group="shop-general",
    types=(KindSpec(name="m7g.large", cpu=Cpu(2000), memory=Memory(8 * 2**30), price=Money(95_200), spot_price=Money(38_100)),),
)
BATCH = AwsPool(
    region="eu-central-1",
    auto_scaling_group="shop-general",
    node_name=NodeName.ID,
    types=tuple(KindSpec(name=name, cpu=Cpu(2000), memory=Memory(8 * 2**30)) for name in ("m7g.large", "m6g.large")),
    reserve=Reserve(cpu=Cpu(100), memory=Memory(512 * 2**20)),
    labels=(("tier", "batch"),),
    taints=(Taint(key="for", value="batch"),),
    role=ROLE,
    external_id="shop-1",
)
BOTH = AwsPool(
    region="eu-central-1",
    fleet=Fleet(
        launch_template="lt-0a1b2c3d4e5f60718",
        types=("m7g.large",),
        subnets=(("eu-central-1a", "subnet-0a1b2c3d4e5f60718"), ("eu-central-1b", "subnet-1a1b2c3d4e5f60718")),
        markets=(Market.SPOT, Market.ON_DEMAND),
    ),
    node_name=NodeName.ID,
    types=GENERAL.types,
    reserve=BATCH.reserve,
    labels=BATCH.labels,
    taints=BATCH.taints,
    role=ROLE,
    external_id="shop-1",
)
NOTICES = AwsNotices(region="eu-central-1", queue="https://sqs.eu-central-1.amazonaws.com/123456789012/shop-notices-aws", role=ROLE)
OF_GOOGLE = GcpNotices(project="shop-prod", subscription="shop-notices-gcp")
OF_AZURE = AzureNotices(queue=Url("https://shopnotices.queue.core.windows.net/shop-notices-azure"))

SHOWN = [path.relative_to(MODULES).as_posix() for path in sorted(MODULES.rglob("tests/*.yaml"))]


def read(shown: str) -> ClusterConfig:
    """A file that a module's own test holds its output to, beside the user's."""
    (cluster,) = parse([("shop.yaml", CLUSTER), (shown, (MODULES / shown).read_text())], installed()).clusters
    return cluster


@pytest.mark.parametrize(
    ("shown", "settings"),
    [
        pytest.param("modules/aws-pool/tests/general.yaml", GENERAL, id="one type at a price"),
        pytest.param("modules/aws-pool/tests/batch.yaml", BATCH, id="all that may be said"),
        pytest.param("modules/aws-fleet/tests/both.yaml", BOTH, id="a fleet of both markets"),
    ],
)
def test_a_pools_output_is_a_policy_file(shown: str, settings: object) -> None:
    (pool,) = read(shown).pools
    assert pool.settings == settings


@pytest.mark.parametrize(
    ("shown", "settings"),
    [
        pytest.param("modules/aws-notices/tests/notices.yaml", NOTICES, id="of SQS"),
        pytest.param("modules/gcp-notices/tests/notices.yaml", OF_GOOGLE, id="of Pub/Sub"),
        pytest.param("modules/azure-notices/tests/notices.yaml", OF_AZURE, id="of Azure's storage"),
    ],
)
def test_a_queues_output_is_a_policy_file(shown: str, settings: object) -> None:
    (queue,) = read(shown).notices
    assert queue.settings == settings


@pytest.mark.parametrize("shown", SHOWN)
def test_all_that_is_put_out_is_a_policy_file(shown: str) -> None:
    cluster = read(shown)
    assert cluster.pools + cluster.notices


def test_an_example_puts_out_one_file_for_all_of_it() -> None:
    cluster = read("examples/aws/tests/policy.yaml")
    assert ([one.name for one in cluster.pools], [one.name for one in cluster.notices]) == (["batch", "general"], ["aws"])


@pytest.mark.parametrize("folder", [pytest.param(each, id=each.name) for each in FOLDERS])
class TestEveryModule:
    def test_its_page_names_all_that_goes_in_and_comes_out(self, folder: Path) -> None:
        told = set(re.findall(r"^\| `(\w+)` \|", (folder / "README.md").read_text(), flags=re.MULTILINE))
        assert told == {name for name, _ in declared(folder)}

    def test_every_validated_input_is_shown_to_be_refused(self, folder: Path) -> None:
        held = {name for name, body in declared(folder) if "\n  validation {" in body}
        tests = [path.read_text() for path in folder.glob("tests/*.tftest.hcl")]
        assert held == {name for text in tests for name in re.findall(r"expect_failures = \[var\.(\w+)\]", text)}

    def test_every_input_and_output_says_what_it_is(self, folder: Path) -> None:
        assert [name for name, body in declared(folder) if "\n  description" not in body] == []


def declared(folder: Path) -> list[tuple[str, str]]:
    """Inputs and outputs, each with its block."""
    return [found for file in ("variables.tf", "outputs.tf") for found in DECLARED.findall((folder / file).read_text())]
