"""Which requests Azure understands: methods, paths and parameters as the SDK's own request builders write them."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from azure.mgmt.compute import models
from azure.mgmt.compute.operations import _operations as built

from autoscaler_standins.azure.model import Published

CONDITIONS = ("etag", "match_condition")
"""Parameters of a builder that become headers."""
POLL = re.compile(r"/subscriptions/(?P<subscription_id>[^/]+)/providers/Microsoft\.Compute/locations/[^/]+/operations/(?P<id>[^/]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`params`: those it may have in its query. `takes`, `gives`: the models of the bodies, where there are any."""

    name: str
    method: str
    path: re.Pattern[str]
    params: frozenset[str]
    version: str
    takes: Published | None
    gives: Published | None


def route_by(name: str, build: Callable[..., Any], *, takes: Published | None = None, gives: Published | None = None) -> Route:
    """What the builder writes when it is given a mark for each part of the path, and every option there is."""
    signature = inspect.signature(build).parameters.values()
    marks = {one.name: f"--{one.name}--" for one in signature if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD}
    options = {one.name: True for one in signature if one.kind is inspect.Parameter.KEYWORD_ONLY and one.name not in CONDITIONS}
    request = build(**marks, **options)
    split = urlsplit(request.url)
    path = re.sub(r"--(\w+)--", r"(?P<\1>[^/]+)", re.escape(split.path).replace(r"\-\-", "--"))
    query = parse_qs(split.query)
    return Route(
        name=name,
        method=request.method,
        path=re.compile(path, re.IGNORECASE),
        params=frozenset(query),
        version=query["api-version"][0],
        takes=takes,
        gives=gives,
    )


ROUTES = (
    route_by("VirtualMachineScaleSets.Get", built.build_virtual_machine_scale_sets_get_request, gives=models.VirtualMachineScaleSet),
    route_by(
        "VirtualMachineScaleSets.Update",
        built.build_virtual_machine_scale_sets_update_request,
        takes=models.VirtualMachineScaleSetUpdate,
        gives=models.VirtualMachineScaleSet,
    ),
    route_by(
        "VirtualMachineScaleSets.DeleteInstances",
        built.build_virtual_machine_scale_sets_delete_instances_request,
        takes=models.VirtualMachineScaleSetVMInstanceRequiredIDs,
    ),
    route_by("VirtualMachineScaleSetVMs.List", built.build_virtual_machine_scale_set_vms_list_request),
    route_by("VirtualMachineScaleSetVMs.Get", built.build_virtual_machine_scale_set_vms_get_request, gives=models.VirtualMachineScaleSetVM),
    route_by(
        "VirtualMachineScaleSetVMs.Update",
        built.build_virtual_machine_scale_set_vms_update_request,
        takes=models.VirtualMachineScaleSetVM,
        gives=models.VirtualMachineScaleSetVM,
    ),
    route_by("VirtualMachines.List", built.build_virtual_machines_list_request),
    route_by("VirtualMachines.Get", built.build_virtual_machines_get_request, gives=models.VirtualMachine),
    route_by("VirtualMachines.Delete", built.build_virtual_machines_delete_request),
    route_by("ResourceSkus.List", built.build_resource_skus_list_request),
)
POLLED = "Operations.Get"
"""The state of a long-running operation: a promise of the Resource Manager, in no model of the SDK's."""
PAGE = "$skiptoken"


def route_of(method: str, path: str, routes: tuple[Route, ...] = ROUTES) -> tuple[Route, dict[str, str]] | None:
    """The operation asked for, and the parts of its path."""
    for route in routes:
        found = route.path.fullmatch(path) if route.method == method else None
        if found:
            return route, found.groupdict()
    return None
