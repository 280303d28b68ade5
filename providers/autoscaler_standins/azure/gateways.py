"""Application gateways: the whole of one is written at once, and holds some time later.

https://learn.microsoft.com/azure/application-gateway/application-gateway-backend-health, https://github.com/Azure/azure-cli/issues/32961
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from azure.mgmt.network import models
from azure.mgmt.network.operations import _operations as built

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.azure.model import checked
from autoscaler_standins.azure.replies import IF_MATCH, NoError, absolute, found_nothing, replied
from autoscaler_standins.azure.routes import Route, route_by
from autoscaler_standins.machines import Condition, Machines
from autoscaler_standins.serving import Asked, Reply

Json = Any
NETWORK = "Microsoft.Network"
HEALTH = "ApplicationGateways.BackendHealth"
ROUTES = (
    route_by("ApplicationGateways.Get", built.build_application_gateways_get_request, gives=models.ApplicationGateway),
    route_by(
        "ApplicationGateways.CreateOrUpdate",
        built.build_application_gateways_create_or_update_request,
        takes=models.ApplicationGateway,
        gives=models.ApplicationGateway,
    ),
    route_by(HEALTH, built.build_application_gateways_backend_health_request, gives=models.ApplicationGatewayBackendHealth),
)


@dataclass(frozen=True, slots=True)
class Sending:
    """How a pool is sent to: by one rule, at a port. `drain`: seconds; 0: not at all."""

    port: int = 8080
    drain: int = 30


@dataclass(slots=True, kw_only=True)
class ApplicationGateway:
    """`sends`: by pool, and by the name of the HTTP settings. `properties`: all of it, as it is to be.

    `changes`: how long a change takes to hold. `shows`: how long it is shown as being changed. `checks`: how long the first probes of an
    address take. `reports`: a report of health. `sick`: hosts whose probes fail, or settings/host. `busy`: another change just began.
    """

    subscription: str
    group: str
    name: str
    sends: Mapping[str, Mapping[str, Sending]]
    machines: Machines
    changes: Duration = Duration(87_000)
    shows: Duration = Duration(2000)
    checks: Duration = Duration(5000)
    reports: Duration = Duration(3000)
    stopped: bool = False
    busy: bool = False
    version: int = 1
    sick: set[str] = field(default_factory=set)
    properties: Json = field(default_factory=dict)
    before: Json = field(default_factory=dict)
    changed_at: Instant = Instant(-(10**12))
    asked: dict[str, Instant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.properties = self._made()
        self.before = deepcopy(self.properties)

    @property
    def id(self) -> str:
        """Its own, as Azure writes it."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/{NETWORK}/applicationGateways/{self.name}"

    @property
    def etag(self) -> str:
        """Of the gateway as it is; it changes as well when a change is shown as done."""
        return f'W/"{self.version:08x}-{int(self._under_way())}000-4000-8000-000000000000"'

    def put(self, properties: Json) -> None:
        """As it is to be. What is under way is superseded."""
        now = self.machines.clock.now()
        self.before = self._holding(now)
        self.properties, self.changed_at, self.version = properties, now, self.version + 1

    def hosts(self, pool: str) -> list[str]:
        """Addresses that are to be in it."""
        return _hosts(self.properties, pool)

    def sent_to(self, pool: str) -> set[str]:
        """Addresses that get new requests: what no API tells."""
        return {host for host in _hosts(self._holding(self.machines.clock.now()), pool) if self._well(host)}

    def finishing(self, pool: str) -> set[str]:
        """Addresses that were taken out and may go on with what they have."""
        left = self.machines.clock.now() - later(self.changed_at, self.changes)
        span = max(one.drain for one in self.sends[pool].values()) * 1000
        return set(_hosts(self.before, pool)) - set(self.hosts(pool)) if left < span else set()

    def shown(self) -> Json:
        """An ApplicationGateway."""
        state = "Updating" if self._under_way() else "Succeeded"
        told = {"provisioningState": state, "operationalState": "Stopped" if self.stopped else "Running"}
        whole = {"id": self.id, "name": self.name, "etag": self.etag, "location": "westeurope"}
        return checked({**whole, "properties": {**self.properties, **told}}, models.ApplicationGateway)

    def ask(self) -> str:
        """For a report; the path at which it will be."""
        name = f"{len(self.asked) + 1:08x}-0000-4000-8000-00000000000a"
        self.asked[name] = later(self.machines.clock.now(), self.reports)
        return f"/subscriptions/{self.subscription}/providers/{NETWORK}/locations/westeurope/operationResults/{name}"

    def report(self, name: str) -> Json | None:
        """An ApplicationGatewayBackendHealth, once it is there."""
        return self.health() if self.machines.clock.now() >= self.asked[name] else None

    def health(self) -> Json:
        """The same, now."""
        pools = [self._health_of(pool, how) for pool, how in self.sends.items()]
        return checked({"backendAddressPools": pools}, models.ApplicationGatewayBackendHealth)

    def _health_of(self, pool: str, how: Mapping[str, Sending]) -> Json:
        hosts = _hosts(self._holding(self.machines.clock.now()), pool)
        each = [
            {
                "backendHttpSettings": self._part("backendHttpSettingsCollection", name),
                "servers": [{"address": host, "health": self._found(name, host)} for host in hosts],
            }
            for name in how
        ]
        return {"backendAddressPool": self._part("backendAddressPools", pool), "backendHttpSettingsCollection": each}

    def _found(self, settings: str, host: str) -> str:
        return "Up" if self._well(host) and f"{settings}/{host}" not in self.sick else "Down"

    def _well(self, host: str) -> bool:
        now, machine = self.machines.clock.now(), self.machines.at(host)
        fresh = now < later(later(self.changed_at, self.changes), self.checks) and not any(
            host in _hosts(self.before, one) for one in self.sends
        )
        return machine is not None and machine.condition is Condition.RUNNING and host not in self.sick and not fresh

    def _holding(self, now: Instant) -> Json:
        return self.properties if now >= later(self.changed_at, self.changes) else self.before

    def _under_way(self) -> bool:
        return self.machines.clock.now() < later(self.changed_at, self.shows)

    def _part(self, kind: str, name: str) -> Json:
        return {"id": f"{self.id}/{kind}/{name}"}

    def _made(self) -> Json:
        """With a certificate, as a stand-in for all that is in it beside pools and must stay."""
        pools, settings = "backendAddressPools", "backendHttpSettingsCollection"
        rules = [(pool, name) for pool, how in self.sends.items() for name in how]
        each = {name: one for how in self.sends.values() for name, one in how.items()}
        return {
            "sku": {"name": "Standard_v2", "tier": "Standard_v2"},
            "sslCertificates": [
                {**self._part("sslCertificates", "shop"), "name": "shop", "properties": {"keyVaultSecretId": "https://shop"}}
            ],
            pools: [{**self._part(pools, name), "name": name, "properties": {"backendAddresses": []}} for name in self.sends],
            settings: [{**self._part(settings, name), "name": name, "properties": _settings(one)} for name, one in each.items()],
            "requestRoutingRules": [
                {
                    **self._part("requestRoutingRules", name),
                    "name": name,
                    "properties": {
                        "ruleType": "Basic",
                        "priority": place + 1,
                        "backendAddressPool": self._part(pools, pool),
                        "backendHttpSettings": self._part(settings, name),
                    },
                }
                for place, (pool, name) in enumerate(rules)
            ],
        }


def answer(gateways: Iterable[ApplicationGateway], route: Route, parts: Mapping[str, str], asked: Asked, body: Json) -> Reply:
    """Of one of the ROUTES."""
    one = _found(gateways, parts)
    if route.name == "ApplicationGateways.CreateOrUpdate":
        return _put(one, asked, body)
    if route.name != HEALTH:
        return replied(one.shown())
    at = f"{absolute(asked, one.ask())}?api-version={route.version}"
    return Reply(status=202, headers={"Location": at, "Retry-After": "10"})


def _put(one: ApplicationGateway, asked: Asked, body: Json) -> Reply:
    if one.busy:
        raise NoError(429, "RetryableError", "A retryable error occurred.")
    if asked.headers.get(IF_MATCH, "*") not in ("*", one.etag):
        raise NoError(412, "PreconditionFailed")
    lost = [name for name in one.properties if name not in body.get("properties", {})]
    if lost or any(set(each) != {"ipAddress"} for each in _addresses(body["properties"])):
        raise NoError(400, "InvalidRequestFormat", f"lost: {json.dumps(lost)}, or an address is none")
    one.put(body["properties"])
    return replied(one.shown(), headers={"Azure-AsyncOperation": absolute(asked, one.id), "Retry-After": "10"})


def _found(gateways: Iterable[ApplicationGateway], parts: Mapping[str, str]) -> ApplicationGateway:
    named = tuple(parts[one].lower() for one in ("subscription_id", "resource_group_name", "application_gateway_name"))
    for one in gateways:
        if (one.subscription.lower(), one.group.lower(), one.name.lower()) == named:
            return one
    raise found_nothing("applicationGateways", parts["application_gateway_name"], named[1], provider=NETWORK)


def _settings(one: Sending) -> Json:
    draining = {"enabled": one.drain > 0, "drainTimeoutInSec": max(1, one.drain)}
    return {"port": one.port, "protocol": "Http", "connectionDraining": draining}


def _addresses(properties: Json) -> Iterator[Json]:
    for pool in properties["backendAddressPools"]:
        yield from pool["properties"].get("backendAddresses", [])


def _hosts(properties: Json, pool: str) -> list[str]:
    named = next(one for one in properties["backendAddressPools"] if one["name"] == pool)
    return [one["ipAddress"] for one in named["properties"].get("backendAddresses", [])]
