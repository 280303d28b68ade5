"""The Resource Manager of one tenant, with the scale sets it was given: finds the operation, checks it, does it, checks the answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from azure.mgmt.compute import models

from autoscaler.model.quantities import Cpu, Memory
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.azure import market, queues, views
from autoscaler_standins.azure.balancers import HEALTH, REPORT, REPORTED, LoadBalancer, etag, problems
from autoscaler_standins.azure.balancers import ROUTES as BALANCING
from autoscaler_standins.azure.balancers import found as balancer_of
from autoscaler_standins.azure.behind import BESIDE, Behind
from autoscaler_standins.azure.gateways import HEALTH as GATEWAY_HEALTH
from autoscaler_standins.azure.gateways import ROUTES as GATEWAYS
from autoscaler_standins.azure.gateways import ApplicationGateway
from autoscaler_standins.azure.gateways import answer as of_gateway
from autoscaler_standins.azure.model import Published, parsed
from autoscaler_standins.azure.queues import Queues
from autoscaler_standins.azure.replies import IF_MATCH, REFUSED, NoError, absolute, found_nothing, held, refused, replied
from autoscaler_standins.azure.routes import PAGE, POLL, POLLED, ROUTES, Route, route_of
from autoscaler_standins.azure.sets import Model, Operation, ScaleSet, Waiting, made
from autoscaler_standins.azure.standby import ROUTES as STANDBY
from autoscaler_standins.azure.standby import StandbyPool
from autoscaler_standins.azure.standby import answer as of_standby
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault
from autoscaler_standins.machines import Condition, Machine, Machines
from autoscaler_standins.serving import Asked, Reply, Running

Json = Any
T = TypeVar("T")
EVERY = ROUTES + BESIDE + BALANCING + GATEWAYS + STANDBY
LOOKS = (HEALTH, GATEWAY_HEALTH)
"""Asked for by POST, and yet nothing but to look."""

KINDS = {
    "Standard_D2s_v5": {"vCPUs": "2", "MemoryGB": "8"},
    "Standard_D4s_v5": {"vCPUs": "4", "MemoryGB": "16"},
    "Standard_E2s_v5": {"vCPUs": "2", "MemoryGB": "16"},
    "Standard_NC4as_T4_v3": {"vCPUs": "4", "MemoryGB": "28", "GPUs": "1"},
}


@dataclass(slots=True)
class AzureCloud:
    """`sets`: by their ids in small letters. `page`: how many machines a page of a list holds. `bearer`: the only token that is let in."""

    clock: Clock
    machines: Machines
    page: int = 100
    bearer: str = ""
    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: dict(KINDS))
    sets: dict[str, ScaleSet] = field(default_factory=dict)
    behind: Behind = field(default_factory=Behind)
    balancers: list[LoadBalancer] = field(default_factory=list)
    gateways: list[ApplicationGateway] = field(default_factory=list)
    standby: list[StandbyPool] = field(default_factory=list)
    queues: Queues = field(init=False)

    def __post_init__(self) -> None:
        self.queues = Queues(self.clock)

    def add(self, model: Model, count: int) -> ScaleSet:
        """A scale set with as many running machines."""
        found = self.sets[model.key] = made(model, self.machines, count)
        return found

    def operation(self, asked: Asked) -> tuple[str, bool]:
        """As Azure's specification names it."""
        if asked.path == market.PATH:
            return market.LISTED, False
        if of_queue := queues.operation_of(asked):
            return of_queue, of_queue != queues.COUNT
        found = route_of(asked.method, asked.path, EVERY)
        if found is None:
            return (
                POLLED if POLL.fullmatch(asked.path) else REPORT if REPORTED.fullmatch(asked.path) else "Unknown"
            ), asked.method != "GET"
        return found[0].name, asked.method != "GET" and found[0].name not in LOOKS

    def answer(self, operation: str, asked: Asked) -> Reply:
        """Do it."""
        for machine in self.machines.age():
            if machine.ends_at is not None and machine.condition is Condition.STOPPING:
                self.sets[machine.group].evicted()
        if operation == market.LISTED:
            return self._prices(asked)
        if operation in queues.KNOWN:
            return self.queues.answer(operation, asked)
        if self.bearer and asked.headers.get("authorization") != f"Bearer {self.bearer}":
            return refused(401, "InvalidAuthenticationToken", "The access token is invalid.")
        try:
            if operation == REPORT:
                return self._report(asked)
            return self._poll(asked) if operation == POLLED else self._do(asked)
        except NoError as no:
            return refused(no.status, no.code, no.message)

    def refusal(self, fault: Fault) -> Reply:
        """With the words Azure has for the code."""
        if fault.operation in queues.KNOWN:
            return queues.refused(fault.status, fault.code)
        return refused(fault.status, fault.code, REFUSED.get(fault.code, fault.code))

    def running(self) -> list[Running]:
        """By the names their systems call themselves, and in zones as orchestrators write Azure's."""
        kinds = {name: _kind(name, has) for name, has in self.kinds.items()}
        return [replace(one, zone=f"westeurope-{one.zone}") for one in self.machines.running(kinds, self._host)]

    def _host(self, machine: Machine) -> str:
        return self.sets[machine.group].host(machine)

    def _do(self, asked: Asked) -> Reply:
        found = route_of(asked.method, asked.path, EVERY)
        if found is None:
            raise NoError(404, "InvalidResourceType", f"No such operation: {asked.method} {asked.path}")
        route, parts = found
        body = _checked_request(route, asked)
        if route in BESIDE:
            return replied(self.behind.answer(route.name))
        if route in BALANCING:
            return self._on_balancer(route, parts, asked, body)
        if route in GATEWAYS:
            return of_gateway(self.gateways, route, parts, asked, body)
        return of_standby(self.standby, route, parts) if route in STANDBY else self._compute(route, parts, asked, body)

    def _compute(self, route: Route, parts: Mapping[str, str], asked: Asked, body: Json) -> Reply:
        match route.name:
            case "ResourceSkus.List":
                return self._page(asked, self.kinds.items(), lambda sold: views.sku(sold[0], "westeurope", sold[1]), models.ResourceSku)
            case "VirtualMachines.List":
                return self._list_flexible(asked)
            case "VirtualMachines.Get" | "VirtualMachines.Delete":
                return self._on_machine(route, parts, asked)
            case _:
                return self._on_set(route, self._set(parts), parts, asked, body)

    def _prices(self, asked: Asked) -> Reply:
        """It has no version to be named, and its pages are linked by how many items to skip."""
        filters, start = asked.params.get("$filter", ""), int(asked.params.get(market.SKIP, "0"))
        items, following = market.page(filters, start, self.page, "westeurope")
        link = f"{absolute(asked, market.PATH)}?{urlencode({'$filter': filters, market.SKIP: following})}" if following else None
        return replied({"BillingCurrency": "USD", "Items": items, "NextPageLink": link, "Count": len(items)})

    def _on_set(self, route: Route, one: ScaleSet, parts: Mapping[str, str], asked: Asked, body: Json) -> Reply:
        match route.name:
            case "VirtualMachineScaleSets.Get":
                return held(views.scale_set(one), models.VirtualMachineScaleSet)
            case "VirtualMachineScaleSets.Update":
                return self._update(one, asked, body)
            case "VirtualMachineScaleSets.DeleteInstances":
                return self._delete(one, asked, body["instanceIds"])
            case "VirtualMachineScaleSetVMs.List":
                show = partial(views.instance, one, view=_viewed(asked))
                return self._page(asked, self.machines.listed(one.model.key), show, models.VirtualMachineScaleSetVM)
            case _:
                if parts["instance_id"] not in map(one.instance, one.all()):
                    raise NoError(404, "NotFound", "The entity was not found in this Azure location.")
                machine = _machine(one, parts["instance_id"])
                if route.method == "PUT":
                    _protect(one, machine, body)
                return held(views.instance(one, machine, view=_viewed(asked)), models.VirtualMachineScaleSetVM)

    def _update(self, one: ScaleSet, asked: Asked, body: Json) -> Reply:
        if asked.headers.get(IF_MATCH, "*") not in ("*", f'"{one.version}"'):
            raise NoError(412, "PreconditionFailed")
        beside = {name: value for name, value in body.get("sku", {}).items() if name != "capacity"}
        if set(body) != {"sku"} or not beside.items() <= views.sold_as(one.model).items():
            raise NoError(400, "InvalidParameter", "This stand-in changes the capacity alone.")
        wanted = body["sku"].get("capacity", one.capacity)
        over = wanted - one.goal() + sum(machine.counts for machine in self.machines.all.values()) - self.machines.quota
        if over > 0 and wanted > one.goal():
            raise NoError(409, "OperationNotAllowed")
        operation = one.resize(wanted)
        self.machines.age()
        return held(views.scale_set(one), models.VirtualMachineScaleSet, headers=_follow(one, operation, asked))

    def _delete(self, one: ScaleSet, asked: Asked, ids: list[str]) -> Reply:
        operation = one.delete([_machine(one, name) for name in ids])
        return Reply(status=202, headers=_follow(one, operation, asked))

    def _list_flexible(self, asked: Asked) -> Reply:
        wanted = asked.params.get("$filter", "")
        field_name, _, value = wanted.partition(" eq ")
        if field_name.strip("'") != "virtualMachineScaleSet/id":
            raise NoError(400, "BadRequest", f"The filter {wanted!r} is not supported.")
        one = self.sets.get(value.strip("'").lower())
        if one is None or not one.model.flexible:
            return self._page(asked, (), dict, models.VirtualMachine)
        found = one  # as it is here, for those who ask later

        def show(each: Machine | Waiting) -> Json:
            return views.standing_by(found, each) if isinstance(each, Waiting) else views.virtual_machine(found, each, view=_viewed(asked))

        listed: list[Machine | Waiting] = [*self.machines.listed(one.model.key), *one.waiting]
        return self._page(asked, listed, show, models.VirtualMachine)

    def _page(self, asked: Asked, items: Iterable[T], show: Callable[[T], Json], model: Published) -> Reply:
        """The part of a list that is asked for, and where the next one is."""
        found, begin = list(items), int(asked.params.get(PAGE, "0"))
        end = begin + self.page
        params = urlencode({**asked.params, PAGE: str(end)})
        following = f"{absolute(asked, asked.path)}?{params}" if end < len(found) else ""
        return replied(views.listed([show(one) for one in found[begin:end]], model, following))

    def _on_machine(self, route: Route, parts: Mapping[str, str], asked: Asked) -> Reply:
        for one in self.sets.values():
            for machine in one.all():
                here = one.model.flexible and one.model.group.lower() == parts["resource_group_name"].lower()
                if here and one.instance(machine) == parts["vm_name"]:
                    if route.method == "DELETE":
                        return Reply(status=202, headers=_follow(one, one.delete([machine]), asked))
                    return held(views.virtual_machine(one, machine, view=_viewed(asked)), models.VirtualMachine)
        if route.method == "DELETE":
            return Reply(status=204)
        raise found_nothing("virtualMachines", parts["vm_name"], parts["resource_group_name"])

    def _on_balancer(self, route: Route, parts: Mapping[str, str], asked: Asked, body: Json) -> Reply:
        one = balancer_of(self.balancers, parts)
        if one is None:
            raise found_nothing("loadBalancers", parts["load_balancer_name"], "", provider="Microsoft.Network")
        match route.name:
            case "LoadBalancers.Get":
                return replied(one.shown())
            case "LoadBalancerBackendAddressPools.CreateOrUpdate":
                return self._put_pool(one, parts["backend_address_pool_name"], asked, body)
            case _:
                pool = one.fed_by(parts["load_balancing_rule_name"])
                if pool is None:
                    raise found_nothing("loadBalancingRules", parts["load_balancing_rule_name"], "", provider="Microsoft.Network")
                if not one.reports.ms:
                    return replied(one.health(pool))
                at = f"{absolute(asked, one.ask(pool))}?api-version={route.version}"
                return Reply(status=202, headers={"Location": at, "Retry-After": "1"})

    def _put_pool(self, one: LoadBalancer, name: str, asked: Asked, body: Json) -> Reply:
        pool = one.pool(name)
        if pool is None:
            raise found_nothing("backendAddressPools", name, "", provider="Microsoft.Network")
        if one.busy:
            raise NoError(409, "AnotherOperationInProgress", "Another operation on this or dependent resource is in progress.")
        if asked.headers.get(IF_MATCH, "*") not in ("*", etag(pool)):
            raise NoError(412, "PreconditionFailed")
        if wrong := problems(body):
            raise NoError(400, "InvalidRequestFormat", "; ".join(wrong))
        one.put(pool, body)
        return replied(one.shown_pool(pool))

    def _report(self, asked: Asked) -> Reply:
        identity = asked.path.rpartition("/")[2]
        fronts: list[LoadBalancer | ApplicationGateway] = [*self.balancers, *self.gateways]
        one = next((each for each in fronts if identity in each.asked), None)
        if one is None:
            raise NoError(404, "OperationNotFound")
        made = one.report(identity)
        return Reply(status=202, headers={"Location": absolute(asked, asked.path)}) if made is None else replied(made)

    def _set(self, parts: Mapping[str, str]) -> ScaleSet:
        name = parts.get("vm_scale_set_name") or parts["virtual_machine_scale_set_name"]
        model = Model(subscription=parts["subscription_id"], group=parts["resource_group_name"], name=name)
        found = self.sets.get(model.key)
        if found is None:
            raise found_nothing("virtualMachineScaleSets", name, model.group)
        return found

    def _poll(self, asked: Asked) -> Reply:
        identity = asked.path.rpartition("/")[2]
        found = [each for one in self.sets.values() for each in one.operations if each.id == identity]
        if not found:
            raise NoError(404, "OperationNotFound")
        found[0].age(self.clock.now())
        if "monitor" in asked.params:
            return Reply(status=202 if found[0].ended_at is None else 204, headers={"Location": absolute(asked, asked.path)})
        return replied(views.operation(found[0]))


def _kind(name: str, has: Mapping[str, str]) -> KindSpec:
    memory = Memory(int(has["MemoryGB"]) * 2**30)
    return KindSpec(name=name, cpu=Cpu(int(has["vCPUs"]) * 1000), memory=memory, gpus=int(has.get("GPUs", "0")))


def _checked_request(route: Route, asked: Asked) -> Json:
    strange = set(asked.params) - route.params - {PAGE}
    if asked.params.get("api-version") != route.version:
        raise NoError(400, "InvalidApiVersionParameter", f"The api-version must be {route.version}.")
    if strange:
        raise NoError(400, "InvalidParameter", f"Unknown parameters in the query: {', '.join(sorted(strange))}")
    if route.takes is None:
        return None
    body, problems = parsed(asked.body, route.takes)
    if problems:
        raise NoError(400, "BadRequest", "; ".join(problems))
    return body


def _machine(one: ScaleSet, name: str) -> Machine:
    found = [machine for machine in one.all() if one.instance(machine) == name]
    if not found:
        raise NoError(400, "InvalidParameter", f"The provided instanceId {name} is not an active Virtual Machine Scale Set VM instanceId.")
    return found[0]


def _protect(one: ScaleSet, machine: Machine, body: Json) -> None:
    policy = body.get("properties", {}).get("protectionPolicy", {})
    (one.protected.add if policy.get("protectFromScaleIn") else one.protected.discard)(machine.id)


def _viewed(asked: Asked) -> bool:
    return asked.params.get("$expand", "").lower() == "instanceview"


def _follow(one: ScaleSet, operation: Operation, asked: Asked) -> dict[str, str]:
    """Absolute, as the protocol demands."""
    model = one.model
    path = f"/subscriptions/{model.subscription}/providers/Microsoft.Compute/locations/{model.location}/operations/{operation.id}"
    url = f"{absolute(asked, path)}?api-version={asked.params['api-version']}"
    return {"Azure-AsyncOperation": url, "Location": f"{url}&monitor=true", "Retry-After": "0"}
