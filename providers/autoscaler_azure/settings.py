"""What a policy file says of Azure: `sources: {az: {azure_monitor: {subscription: …, resource_group: shop}}}`, and `servicebus` alike."""

import re
from dataclasses import dataclass

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Memory

SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GROUP = re.compile(r"[\w().-]{0,89}[\w()-]")
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
