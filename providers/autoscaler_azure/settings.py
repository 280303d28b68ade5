"""What a policy file says of Azure: `sources: {az: {azure_monitor: {subscription: …}}}`, `servicebus` alike, and `azure` of pools."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.constraints import Taint
from autoscaler.model.quantities import Duration, Memory
from autoscaler_clouds.kinds import Furnishing, KindSpec, Labels, Reserve

SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GROUP = re.compile(r"[\w().-]{0,89}[\w()-]")
STANDBY_POOL = re.compile(r"[A-Za-z0-9-]{3,24}")
SCALE_SET = re.compile(r"[A-Za-z0-9]([\w.-]{0,62}[\w-])?", re.ASCII)
HERE = ("127.0.0.1", "::1", "localhost")
MANAGEMENT = Url("https://management.azure.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureSettings:
    """`subscription`, `resource_group`: where the resources are that queries name.

    Who we are is found as every Azure client does (environment, workload identity, managed identity, az login), never in the policy file.
    `url`: the Resource Manager, which other clouds (China, US Government) have of their own. `timeout`: of one call.
    `max_answer`: larger answers are unknown.
    """

    subscription: str
    resource_group: str
    url: Url = MANAGEMENT
    timeout: Duration = Duration(5000)
    max_answer: Memory = Memory(2**20)

    def __post_init__(self) -> None:
        if not SUBSCRIPTION.fullmatch(self.subscription):
            raise PolicyError(f"{self.subscription[:40]!r} is no subscription's id", hint="write it as az account show prints it")
        if not GROUP.fullmatch(self.resource_group):
            raise PolicyError(f"{self.resource_group[:40]!r} is no resource group", hint="write its name, as shop-prod")
        if not self.url.text.startswith(("http://", "https://")) or "?" in self.url.text or "#" in self.url.text:
            raise PolicyError("the Resource Manager is reached by http or https", hint=f"write {MANAGEMENT}, or leave it out")
        if not (self.timeout.ms and self.max_answer.bytes):
            raise PolicyError(
                "a call without time or room has no answer", hint="write `timeout: 5s` and `max_answer: 1Mi`, or leave them out"
            )

    @property
    def group(self) -> str:
        """The resource group's id, with which those of its resources begin."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    @property
    def signs(self) -> bool:
        """Whether calls carry who we are, of clients that change something: never unencrypted."""
        return self.url.text.startswith("https://")

    def check_signs(self) -> None:
        """PolicyError for plain http to anywhere but this machine."""
        if not self.signs and urlsplit(self.url.text).hostname not in HERE:
            raise PolicyError(
                "who may change things signs in by https alone", hint="write https://…; http is for a stand-in on this machine"
            )


class NodeName(StrEnum):
    """What a machine is called at its orchestrator: as it calls itself, or that in small letters, as Kubernetes writes it."""

    HOST = "host"
    LOWER = "lower"


@dataclass(frozen=True, slots=True, kw_only=True)
class AzurePool(AzureSettings):
    """A virtual machine scale set, uniform or flexible.

    `types`: what its machines have and cost; what it leaves out the catalogue tells, else Azure, unpriced. `reserve`: what each
    node keeps for itself. `labels`, `taints`: of its nodes at their orchestrator, beside instance type and zone. `protect`: keep others'
    scale-in from machines of a uniform set. `standby_pool`: the name of the flexible set's standby pool, in the same resource group.
    """

    scale_set: str
    node_name: NodeName = NodeName.HOST
    protect: bool = True
    types: tuple[KindSpec, ...] = ()
    reserve: Reserve = Reserve()
    labels: Labels = ()
    taints: tuple[Taint, ...] = ()
    standby_pool: str = ""

    def __post_init__(self) -> None:
        # Not super(): dataclasses with slots are made anew, and the class that super() remembers is not this one.
        AzureSettings.__post_init__(self)
        if not SCALE_SET.fullmatch(self.scale_set):
            raise PolicyError(f"{self.scale_set[:40]!r} is no scale set", hint="write its name, as az vmss list shows it")
        if self.standby_pool and not STANDBY_POOL.fullmatch(self.standby_pool):
            raise PolicyError(f"{self.standby_pool[:40]!r} is no standby pool", hint="write its name, as az standby-vm-pool list shows it")
        self.check_signs()

    @property
    def furnishing(self) -> Furnishing:
        """What its nodes have in common."""
        return Furnishing(reserve=self.reserve, labels=self.labels, taints=self.taints)
