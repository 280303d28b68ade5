"""Target groups of Elastic Load Balancing: targets are taken in, checked, drained and let go, each in its time.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
"""

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.aws.protocol import Params, Refusal
from autoscaler_standins.machines import Condition, Machine, Machines

ACCOUNT = "000000000000"
VPC = "vpc-1"

Place = tuple[str, int]
"""An instance's id or an IP address, and a port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupSpec:
    """What a target group is made with.

    `kind`: `instance` or `ip`. `delay`: of deregistration. `checks`: how long the first health checks of a target take. `slow`: how long
    its balancer takes to carry a registration or deregistration out; a Network Load Balancer takes minutes, and sends new connections
    until then. `most`: targets it may have.
    """

    name: str
    kind: str = "ip"
    protocol: str = "HTTP"
    port: int = 80
    delay: Duration = Duration(300_000)
    checks: Duration = Duration(10_000)
    slow: Duration = Duration(0)
    most: int = 1000


@dataclass(slots=True)
class Target:
    """`left_at`: when it was deregistered."""

    registered_at: Instant
    left_at: Instant | None = None


@dataclass(slots=True)
class TargetGroup:
    """`sick`: targets whose checks fail although their machine runs."""

    spec: TargetGroupSpec
    targets: dict[Place, Target] = field(default_factory=dict)
    sick: set[Place] = field(default_factory=set)

    def gone_at(self, target: Target) -> Instant | None:
        """When its balancer lets go of it."""
        return None if target.left_at is None else later(target.left_at, max(self.spec.delay, self.spec.slow))


@dataclass(slots=True)
class Balancing:
    """`groups` by name."""

    machines: Machines
    region: str
    groups: dict[str, TargetGroup] = field(default_factory=dict)

    def add(self, specs: Iterable[TargetGroupSpec]) -> None:
        """Further ones."""
        self.groups |= {spec.name: TargetGroup(spec) for spec in specs}

    def handlers(self) -> dict[str, Callable[[Params], Params]]:
        """What it answers."""
        return {
            "elbv2.DescribeTargetGroups": self._describe,
            "elbv2.DescribeTargetGroupAttributes": lambda params: _attributes(self._group(params).spec),
            "elbv2.DescribeTargetHealth": self._healths,
            "elbv2.RegisterTargets": self._register,
            "elbv2.DeregisterTargets": self._deregister,
        }

    def step(self) -> None:
        """Let go of those whose time is over."""
        now = self.machines.clock.now()
        for group in self.groups.values():
            ended = {place: group.gone_at(one) for place, one in group.targets.items()}
            for place in [place for place, at in ended.items() if at is not None and at <= now]:
                del group.targets[place]

    def gets_new(self, name: str, place: Place) -> bool:
        """Whether a target is sent new requests: what no API tells."""
        group, now = self.groups[name], self.machines.clock.now()
        target = group.targets.get(place)
        if target is None:
            return False
        if target.left_at is not None:
            return now < later(target.left_at, group.spec.slow)
        return self._health(group, place, target)["State"] == "healthy"

    def arn(self, name: str) -> str:
        """Of a group."""
        return f"arn:aws:elasticloadbalancing:{self.region}:{ACCOUNT}:targetgroup/{name}/{sum(name.encode()):016x}"

    def _describe(self, params: Params) -> Params:
        arns = {self.arn(name): name for name in self.groups}
        names = params.get("Names") or [arns.get(one, "") for one in params.get("TargetGroupArns", [])] or sorted(self.groups)
        if any(name not in self.groups for name in names):
            raise Refusal("TargetGroupNotFound", "One or more target groups not found")
        return {"TargetGroups": [self._shown(self.groups[name].spec) for name in names]}

    def _shown(self, spec: TargetGroupSpec) -> Params:
        return {
            "TargetGroupArn": self.arn(spec.name),
            "TargetGroupName": spec.name,
            "Protocol": spec.protocol,
            "Port": spec.port,
            "VpcId": VPC,
            "TargetType": spec.kind,
            "HealthCheckEnabled": True,
        }

    def _group(self, params: Params) -> TargetGroup:
        found = next((group for name, group in self.groups.items() if self.arn(name) == params["TargetGroupArn"]), None)
        if found is None:
            raise Refusal("TargetGroupNotFound", f"Target groups '{params['TargetGroupArn']}' not found")
        return found

    def _healths(self, params: Params) -> Params:
        group = self._group(params)
        here = [(place, one) for place, one in group.targets.items()]
        return {"TargetHealthDescriptions": [_described(place, self._health(group, place, one)) for place, one in here]}

    def _health(self, group: TargetGroup, place: Place, target: Target) -> dict[str, str]:
        now, machine = self.machines.clock.now(), self._machine(group.spec, place[0])
        up = machine is not None and machine.condition is Condition.RUNNING
        taken_in = later(target.registered_at, group.spec.slow)
        if target.left_at is not None:
            return _told("draining", "Target.DeregistrationInProgress")
        if group.spec.kind == "instance" and not up:
            return _told("unused", "Target.InvalidState")
        if now < taken_in:
            return _told("initial", "Elb.RegistrationInProgress")
        if now < later(taken_in, group.spec.checks):
            return _told("initial", "Elb.InitialHealthChecking")
        return _told("healthy") if up and place not in group.sick else _told("unhealthy", "Target.Timeout")

    def _register(self, params: Params) -> Params:
        """All of them or none; one that drains is taken back."""
        group, now = self._group(params), self.machines.clock.now()
        places = [_place(group.spec, one) for one in params["Targets"]]
        for place in places:
            self._check(group.spec, place[0])
        if len({*group.targets, *places}) > group.spec.most:
            raise Refusal("TooManyTargets", "The maximum number of targets for this target group has been reached")
        for place in places:
            known = group.targets.get(place)
            if known is None or known.left_at is not None:
                group.targets[place] = Target(now)
        return {}

    def _deregister(self, params: Params) -> Params:
        """Who is not there, or goes already, is let be."""
        group, now = self._group(params), self.machines.clock.now()
        for one in params["Targets"]:
            found = group.targets.get(_place(group.spec, one))
            if found is not None and found.left_at is None:
                found.left_at = now
        self.step()
        return {}

    def _check(self, spec: TargetGroupSpec, name: str) -> None:
        if spec.kind == "instance":
            machine = self.machines.all.get(name)
            if machine is None or machine.condition is not Condition.RUNNING:
                raise Refusal("InvalidTarget", f"The following targets are not in a running state and cannot be registered: '{name}'")
        elif not _private(name):
            raise Refusal("InvalidTarget", f"The IP address '{name}' is not within a permitted range")

    def _machine(self, spec: TargetGroupSpec, name: str) -> Machine | None:
        if spec.kind == "instance":
            return self.machines.all.get(name)
        return self.machines.at(name)


def _private(name: str) -> bool:
    try:
        return ipaddress.ip_address(name) in ipaddress.ip_network("10.0.0.0/8")
    except ValueError:
        return False


def _place(spec: TargetGroupSpec, target: Params) -> Place:
    return target["Id"], target.get("Port", spec.port)


def _told(state: str, reason: str = "") -> dict[str, str]:
    return {"State": state, "Reason": reason} if reason else {"State": state}


def _described(place: Place, health: dict[str, str]) -> Params:
    return {"Target": {"Id": place[0], "Port": place[1]}, "HealthCheckPort": str(place[1]), "TargetHealth": health}


def _attributes(spec: TargetGroupSpec) -> Params:
    return {
        "Attributes": [
            {"Key": "stickiness.enabled", "Value": "false"},
            {"Key": "deregistration_delay.timeout_seconds", "Value": str(spec.delay.ms // 1000)},
        ]
    }
