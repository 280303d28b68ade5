"""Compute Engine over HTTP: each request is checked against the vendor's model, done, and its answer checked as well."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault
from autoscaler_standins.gcp import discovery
from autoscaler_standins.gcp.endpoints import MOST_AT_ONCE, EndpointGroup, EndpointGroups
from autoscaler_standins.gcp.groups import Group, Groups
from autoscaler_standins.gcp.instance_groups import InstanceGroup, InstanceGroups
from autoscaler_standins.gcp.kinds import KINDS
from autoscaler_standins.gcp.market import SERVICE, Market
from autoscaler_standins.gcp.operations import Operations
from autoscaler_standins.gcp.pubsub import PubSub
from autoscaler_standins.gcp.standby import STOPPED, SUSPENDED
from autoscaler_standins.gcp.views import Views
from autoscaler_standins.gcp.words import JSON_TYPE, Refused, Trouble, invalid, not_found
from autoscaler_standins.machines import Machines
from autoscaler_standins.serving import Asked, Reply, Running

Json = dict[str, Any]
T = TypeVar("T")
PAGE, LONG_PAGE = 500, 5000
MOST = 1000
NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
MEMBER = re.compile(r"(?:.*/)?zones/([^/]+)/instances/([^/]+)")
BY_NAME = re.compile(r'\(?\s*name eq "?([^"()]*)"?\s*\)?')
NOTHING_FOUND = "no such method"


@dataclass(frozen=True, slots=True)
class Call:
    """What one request says: its path, its query, its body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Json

    @property
    def place(self) -> str:
        """The zone or region it is about."""
        return self.path.get("zone") or self.path.get("region") or ""


class GoogleCloud:
    """One project's Compute Engine. `region`: whose prices are told. `groups`, `machines`: what a test arranges behind its API."""

    def __init__(self, runtime: Runtime, project: str = "shop-prod", region: str = "europe-west4") -> None:
        self.clock = Clock(runtime)
        self.project = project
        self.region = region
        self.machines = Machines(clock=self.clock)
        self.groups = Groups(project=project, machines=self.machines)
        self.operations = Operations(clock=self.clock)
        self.views = Views(project)
        self.market = Market(self.views)
        self.denied = set[str]()
        self.endpoints = EndpointGroups(self.machines, self.views.base)
        self.instance_groups = InstanceGroups(self.machines, self.views.base)
        self.pubsub = PubSub(self.clock, project)
        self._does: dict[str, Callable[[Call], Json]] = {
            "cloudbilling.services.skus.list": self._list_prices,
            "cloudresourcemanager.projects.testIamPermissions": self._test_permissions,
        }
        self._does |= {name: partial(_plainly, does) for name, does in self.pubsub.methods().items()}
        self._does |= {
            f"compute.{resource}.{name}": does
            for resources, each in self._methods().items()
            for resource in resources
            for name, does in each.items()
        }

    def operation(self, asked: Asked) -> tuple[str, bool]:
        """As `compute.instanceGroupManagers.get`."""
        found = discovery.find(asked.method, asked.path)
        return (found[0].id, found[0].mutates) if found else (NOTHING_FOUND, False)

    def answer(self, operation: str, asked: Asked) -> Reply:
        """Do it, or say why not in the vendor's words."""
        try:
            return self._answer(operation, asked)
        except Refused as refused:
            return refused.reply()
        except discovery.Unlike as unlike:
            return invalid(str(unlike)).reply()

    def refusal(self, fault: Fault) -> Reply:
        """`code`: a reason of the vendor's."""
        return Refused(fault.status, fault.code).reply()

    def running(self) -> list[Running]:
        """By their own names."""
        self.groups.age()
        return self.machines.running(KINDS, lambda one: one.id)

    def _answer(self, operation: str, asked: Asked) -> Reply:
        found = discovery.find(asked.method, asked.path)
        if found is None or operation not in self._does:
            raise Refused(501, "notImplemented", f"This stand-in does not do {asked.method} {asked.path}")
        method, path = found
        discovery.check_query(method, asked.params)
        body = _body(asked.body)
        if method.takes:
            discovery.check(method.takes, body, method.api)
        if path.get("project", self.project) != self.project:
            raise not_found(f"projects/{path['project']}")
        self.groups.age()
        self.endpoints.age()
        self.instance_groups.age()
        shown = self._does[operation](Call(path, asked.params, body))
        return _checked(method, shown)

    def _methods(self) -> Mapping[tuple[str, ...], Mapping[str, Callable[[Call], Json]]]:
        groups: Mapping[str, Callable[[Call], Json]] = {
            "get": lambda call: self.views.group(self._group(call)),
            "createInstances": self._create,
            "deleteInstances": self._delete,
            "startInstances": lambda call: self._start(call, STOPPED),
            "resumeInstances": lambda call: self._start(call, SUSPENDED),
            "resize": self._resize,
            "listManagedInstances": self._list_members,
            "listErrors": self._list_failures,
        }
        return {
            ("instanceGroupManagers", "regionInstanceGroupManagers"): groups,
            ("instances",): {"list": self._list_machines},
            ("instanceTemplates", "regionInstanceTemplates"): {"get": self._get_template},
            ("machineTypes",): {"get": self._get_kind, "list": self._list_kinds},
            ("regions",): {"get": lambda call: self.market.region(call.place)},
            ("networkEndpointGroups",): {
                "attachNetworkEndpoints": lambda call: self._change_endpoints(call, "attach"),
                "detachNetworkEndpoints": lambda call: self._change_endpoints(call, "detach"),
                "listNetworkEndpoints": self._list_endpoints,
            },
            ("instanceGroups",): {
                "get": lambda call: self.instance_groups.shown(self._instance_group(call)),
                "listInstances": self._list_group,
                "addInstances": lambda call: self._change_group(call, "add"),
                "removeInstances": lambda call: self._change_group(call, "remove"),
            },
            ("backendServices", "regionBackendServices"): {"get": self._get_service, "getHealth": self._get_health},
            ("zoneOperations", "regionOperations"): {"get": self._get_operation, "wait": self._get_operation},
        }

    def _group(self, call: Call) -> Group:
        name = call.path["instanceGroupManager"]
        found = self.groups.all.get((call.place, name))
        if found is None or found.regional != ("region" in call.path):
            where = "regions" if "region" in call.path else "zones"
            raise not_found(f"projects/{self.project}/{where}/{call.place}/instanceGroupManagers/{name}")
        return found

    def _begun(self, call: Call, group: Group, verb: str, does: Callable[[], Trouble | None]) -> Json:
        """The operation, which does it now; the one of a request that came before does nothing more."""
        kind = f"compute.{'regionI' if group.regional else 'i'}nstanceGroupManagers.{verb}"
        operation = self.operations.repeated(kind, call.query)
        if operation is None:
            trouble = does()
            target = f"instanceGroupManagers/{group.name}"
            request = call.query.get("requestId", "")
            operation = self.operations.begin(kind, (group.place, group.regional), target, request, trouble)
        return self.views.operation(operation, self.clock.now())

    def _create(self, call: Call) -> Json:
        group = self._group(call)
        names = [str(one.get("name", "")) for one in call.body.get("instances", [])]
        _check_many(names)
        odd = [name for name in names if not NAME.fullmatch(name)]
        if odd:
            raise invalid(f"Invalid value for field 'instances[].name': '{odd[0]}'. Must be a match of regex '{NAME.pattern}'")

        def does() -> Trouble | None:
            known = [name for name in names if name in group.members or name in self.machines.all]
            if known:
                return Trouble(code="RESOURCE_ALREADY_EXISTS", message=f"The resource 'instances/{known[0]}' already exists")
            self.groups.create(group, names)
            return None

        return self._begun(call, group, "createInstances", does)

    def _delete(self, call: Call) -> Json:
        group = self._group(call)
        asked = [_member_name(group, one) for one in call.body.get("instances", [])]
        _check_many(asked)
        if len({"/" in one for one in call.body["instances"]}) > 1:
            raise invalid("Both instance URLs and names were specified; only one kind may be in a request.")

        def does() -> Trouble | None:
            staying = {one.name for one in group.staying}
            strange = [name for name in asked if name not in staying]
            if strange and not call.body.get("skipInstancesOnValidationError"):
                message = f"Instance '{strange[0]}' is not a member of the group, or is being deleted already."
                return Trouble(code="INVALID_USAGE", message=message)
            self.groups.delete(group, [name for name in asked if name in staying])
            return None

        return self._begun(call, group, "deleteInstances", does)

    def _start(self, call: Call, kind: str) -> Json:
        group = self._group(call)
        asked = [_member_name(group, one) for one in call.body.get("instances", [])]
        _check_many(asked)

        def does() -> Trouble | None:
            strange = [name for name in asked if name not in group.members or group.members[name].stands != kind]
            if strange:
                return Trouble(code="INVALID_USAGE", message=f"Instance '{strange[0]}' is not {kind.lower()}.")
            self.groups.start(group, asked)
            return None

        return self._begun(call, group, "startInstances" if kind == STOPPED else "resumeInstances", does)

    def _resize(self, call: Call) -> Json:
        group, size = self._group(call), int(call.query["size"])

        def does() -> None:
            self.groups.resize(group, size)

        return self._begun(call, group, "resize", does)

    def _list_members(self, call: Call) -> Json:
        group, now = self._group(call), self.clock.now()
        members = [one for one in group.members.values() if one.listed_at <= now]
        page, token = _page(members, call.query) if group.paged else (members, {})
        return {"managedInstances": [self.views.member(group, one) for one in page]} | token

    def _list_failures(self, call: Call) -> Json:
        page, token = _page(self._group(call).failures, call.query)
        return {"items": [self.views.failure(one) for one in page]} | token

    def _list_machines(self, call: Call) -> Json:
        wish = BY_NAME.fullmatch(call.query.get("filter", 'name eq ".*"'))
        if wish is None:
            raise invalid(f"Invalid value for field 'filter': '{call.query['filter']}'. This stand-in filters by name eq \"…\".")
        now = self.clock.now()
        here = (one for one in self.machines.all.values() if one.zone == call.place and one.listed_at <= now)
        page, token = _page([one for one in here if re.fullmatch(wish[1], one.id)], call.query)
        return {"kind": "compute#instanceList", "items": [self.views.machine(one, self.groups.started_at(one)) for one in page]} | token

    def _get_template(self, call: Call) -> Json:
        name = call.path["instanceTemplate"]
        groups = self.groups.all.values()
        templates = [one.template for one in groups] + [one.template for group in groups for one in group.members.values()]
        known = {(one.name, one.region): one for one in templates}
        if (name, call.place) not in known:
            where = f"regions/{call.place}" if call.place else "global"
            raise not_found(f"projects/{self.project}/{where}/instanceTemplates/{name}")
        return self.views.template(known[name, call.place])

    def _get_kind(self, call: Call) -> Json:
        kind = KINDS.get(call.path["machineType"])
        if kind is None:
            raise not_found(f"projects/{self.project}/zones/{call.place}/machineTypes/{call.path['machineType']}")
        return self.views.kind(kind, call.place)

    def _list_kinds(self, call: Call) -> Json:
        page, token = _page(self.market.types(call.place), call.query)
        return {"kind": "compute#machineTypeList", "items": list(page)} | token

    def _list_prices(self, call: Call) -> Json:
        """Of all regions at once, a few thousand to a page."""
        if call.path["servicesId"] != SERVICE:
            raise not_found(f"services/{call.path['servicesId']}")
        found = self.market.skus(self.region)
        start = int(call.query.get("pageToken") or 0)
        end = start + int(call.query.get("pageSize") or LONG_PAGE)
        return {"skus": found[start:end], "nextPageToken": str(end) if end < len(found) else ""}

    def _test_permissions(self, call: Call) -> Json:
        return {"permissions": [one for one in call.body.get("permissions", []) if one not in self.denied]}

    def _endpoint_group(self, call: Call) -> EndpointGroup:
        name = call.path["networkEndpointGroup"]
        found = self.endpoints.all.get((call.place, name))
        if found is None:
            raise not_found(f"projects/{self.project}/zones/{call.place}/networkEndpointGroups/{name}")
        return found

    def _change_endpoints(self, call: Call, verb: str) -> Json:
        """At once, whatever the operation takes."""
        group, asked = self._endpoint_group(call), call.body.get("networkEndpoints", [])
        if not 0 < len(asked) <= MOST_AT_ONCE:
            raise invalid(f"Invalid value for field 'networkEndpoints': {len(asked)} of them. At most {MOST_AT_ONCE} in a request.")
        trouble = self.endpoints.attach(group, asked) if verb == "attach" else self.endpoints.detach(group, asked)
        kind, target = f"compute.networkEndpointGroups.{verb}NetworkEndpoints", f"networkEndpointGroups/{group.name}"
        operation = self.operations.begin(kind, (group.zone, False), target, trouble=trouble)
        return self.views.operation(operation, self.clock.now())

    def _list_endpoints(self, call: Call) -> Json:
        group = self._endpoint_group(call)
        page, token = _page(self.endpoints.listed(group, health=call.body.get("healthStatus") == "SHOW"), call.query)
        return {"kind": "compute#networkEndpointGroupsListNetworkEndpoints", "items": [*page]} | token

    def _get_service(self, call: Call) -> Json:
        name, region = call.path["backendService"], call.path.get("region", "")
        found = self.endpoints.service(name, region) or self.instance_groups.service(name, region)
        if found is None:
            raise not_found(f"projects/{self.project}/{f'regions/{region}' if region else 'global'}/backendServices/{name}")
        return found

    def _instance_group(self, call: Call) -> InstanceGroup:
        name = call.path["instanceGroup"]
        found = self.instance_groups.all.get((call.place, name))
        if found is None:
            raise not_found(f"projects/{self.project}/zones/{call.place}/instanceGroups/{name}")
        return found

    def _list_group(self, call: Call) -> Json:
        page, token = _page(self.instance_groups.listed(self._instance_group(call)), call.query)
        return {"kind": "compute#instanceGroupsListInstances", "items": [*page]} | token

    def _change_group(self, call: Call, verb: str) -> Json:
        """At once, whatever the operation takes."""
        group, asked = self._instance_group(call), [str(one.get("instance", "")) for one in call.body.get("instances", [])]
        (self.instance_groups.put if verb == "add" else self.instance_groups.take)(group, asked)
        kind, target = f"compute.instanceGroups.{verb}Instances", f"instanceGroups/{group.name}"
        return self.views.operation(self.operations.begin(kind, (group.zone, False), target), self.clock.now())

    def _get_health(self, call: Call) -> Json:
        """Of a group that is behind the service."""
        behind = self.instance_groups.behind(call.path["backendService"], call.path.get("region", ""))
        group = next((one for one in behind if self.instance_groups.url(one) == call.body.get("group")), None)
        if group is None:
            raise invalid(f"Invalid value for field 'resource.group': '{call.body.get('group')}'. It is no backend of the service.")
        return {"kind": "compute#backendServiceGroupHealth", "healthStatus": self.instance_groups.health(group)}

    def _get_operation(self, call: Call) -> Json:
        """To wait is best effort, and may return before the end: here it always does."""
        found = self.operations.find(call.path["operation"], call.place)
        if found is None:
            raise not_found(f"projects/{self.project}/{call.place}/operations/{call.path['operation']}")
        return self.views.operation(found, self.clock.now())


def _plainly(does: Callable[[Json, Json, Json], Json], call: Call) -> Json:
    return does(dict(call.path), dict(call.query), call.body)


def _body(raw: bytes) -> Json:
    try:
        found = json.loads(raw or b"{}")
    except ValueError as error:
        raise Refused(400, "parseError", "Parse Error") from error
    if not isinstance(found, dict):
        raise Refused(400, "parseError", "Parse Error")
    return found


def _checked(method: discovery.Method, shown: Json) -> Reply:
    """An answer that is not as the model says is this stand-in's own mistake."""
    try:
        discovery.check(method.gives, shown, method.api)
    except discovery.Unlike as unlike:
        raise TypeError(f"{method.id} would answer what the vendor's model does not know: {unlike}") from unlike
    return Reply(body=json.dumps(shown).encode(), headers=JSON_TYPE)


def _check_many(names: Sequence[str]) -> None:
    if not names:
        raise Refused(400, "required", "Required field 'instances' not specified")
    if len(names) > MOST:
        raise invalid(f"Invalid value for field 'instances': {len(names)} of them. At most {MOST} in a request.")


def _member_name(group: Group, text: str) -> str:
    """Of a URL, whole or in part, or of a mere name."""
    if "/" not in text:
        return text
    found = MEMBER.fullmatch(text)
    if found is None or found[1] not in group.zones:
        raise invalid(f"Invalid value for field 'instances': '{text}'. The URL is malformed.")
    return found[2]


def _page(found: Sequence[T], query: Mapping[str, str]) -> tuple[Sequence[T], Json]:
    most, start = int(query.get("maxResults", PAGE)), int(query.get("pageToken") or 0)
    if most > PAGE:
        raise invalid(f"Invalid value for field 'maxResults': '{most}'. Value must be less than or equal to {PAGE}.")
    page = found[start : start + (most or PAGE)]
    more = start + len(page) < len(found)
    return page, {"nextPageToken": str(start + len(page))} if more else {}
