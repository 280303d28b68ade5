"""The stand-in with two independent clients of it: the vendor's SDK, and the one that is made from the discovery document."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import httplib2
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import compute_v1
from googleapiclient import discovery

from autoscaler.model.quantities import Duration
from autoscaler.service.runtime import SystemRuntime
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.groups import Group, Template
from autoscaler_standins.serving import Standin

C = TypeVar("C")
RUNTIME = SystemRuntime()
PROJECT, ZONE, REGION = "shop-prod", "europe-west4-a", "europe-west4"
ZONES = tuple(f"{REGION}-{letter}" for letter in "abc")
PLAIN = Template(name="shop-1", kind="e2-standard-4")
HERE = {"project": PROJECT, "zone": ZONE, "instance_group_manager": "shop"}
THERE = {"project": PROJECT, "region": REGION, "instance_group_manager": "shop"}
AGES = Duration(300_000)


def zonal() -> Group:
    """Two machines in one zone."""
    return Group(name="shop", place=ZONE, zones=(ZONE,), template=PLAIN, base="shop", size=2)


def regional() -> Group:
    """Two machines over three zones."""
    return replace(zonal(), place=REGION, zones=ZONES)


@dataclass(frozen=True)
class Stand:
    """What tests do with the group `shop`."""

    cloud: GoogleCloud
    standin: Standin
    opened: ExitStack

    def settle(self) -> None:
        """Whatever boots has booted, whatever stops has stopped."""
        for _ in range(2):
            self.cloud.clock.skip(AGES)
            self.cloud.groups.age()

    def sdk(self, kind: type[C]) -> C:
        """A client of google-cloud-compute."""
        options = ClientOptions(api_endpoint=self.standin.url)
        made = cast("Any", kind)(credentials=AnonymousCredentials(), client_options=options)
        found: C = self.opened.enter_context(made)
        return found

    @property
    def managers(self) -> compute_v1.InstanceGroupManagersClient:
        """The SDK's client of zonal groups."""
        return self.sdk(compute_v1.InstanceGroupManagersClient)

    @property
    def other(self) -> Any:  # noqa: ANN401 - its methods are made at run time
        """A client that googleapiclient makes from the document it holds."""
        http = self.opened.enter_context(closing(httplib2.Http(timeout=10)))
        options = ClientOptions(api_endpoint=f"{self.standin.url}/compute/v1/")
        return discovery.build("compute", "v1", http=http, client_options=options, static_discovery=True, cache_discovery=False)

    def create(self, *names: str, request: str = "") -> compute_v1.Operation:
        """Ask for members of these names."""
        wanted = [compute_v1.PerInstanceConfig(name=name) for name in names]
        body = compute_v1.InstanceGroupManagersCreateInstancesRequest(instances=wanted)
        asked = compute_v1.CreateInstancesInstanceGroupManagerRequest(
            **HERE, request_id=request or None, instance_group_managers_create_instances_request_resource=body
        )
        return self.managers.create_instances_unary(asked, retry=None)

    def delete(self, *instances: str, skip: bool = False) -> compute_v1.Operation:
        """Ask that these go."""
        body = compute_v1.InstanceGroupManagersDeleteInstancesRequest(instances=instances, skip_instances_on_validation_error=skip)
        asked = compute_v1.DeleteInstancesInstanceGroupManagerRequest(
            **HERE, instance_group_managers_delete_instances_request_resource=body
        )
        return self.managers.delete_instances_unary(asked, retry=None)

    def ended(self, operation: compute_v1.Operation) -> compute_v1.Operation:
        """The operation when it is over."""
        self.cloud.clock.skip(self.cloud.operations.lasts)
        asked = compute_v1.GetZoneOperationRequest(project=PROJECT, zone=ZONE, operation=operation.name)
        return self.sdk(compute_v1.ZoneOperationsClient).get(asked, retry=None)

    def members(self) -> dict[str, compute_v1.ManagedInstance]:
        """All pages of listManagedInstances, by name."""
        asked = compute_v1.ListManagedInstancesInstanceGroupManagersRequest(**HERE)
        return {one.name: one for one in self.managers.list_managed_instances(asked, retry=None)}

    def size(self) -> int:
        """The target size."""
        return self.managers.get(compute_v1.GetInstanceGroupManagerRequest(**HERE), retry=None).target_size


@contextmanager
def served(group: Group) -> Iterator[Stand]:
    """A cloud with this group, whose first machines run. It must not make a mistake of its own."""
    cloud = GoogleCloud(RUNTIME, PROJECT)
    cloud.groups.add(group)
    with Standin(cloud, RUNTIME) as standin, ExitStack() as opened:
        stand = Stand(cloud, standin, opened)
        stand.settle()
        yield stand
    assert standin.mistakes == []
