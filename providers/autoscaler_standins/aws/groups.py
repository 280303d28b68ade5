"""Auto Scaling groups: they keep their desired capacity, spread over zones, replace what fails, and remember what they did.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/what-is-amazon-ec2-auto-scaling.html
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autoscaler.model.quantities import Instant
from autoscaler_standins.aws.hooks import Hooks
from autoscaler_standins.aws.protocol import Params, Refusal
from autoscaler_standins.aws.warm import WarmPool
from autoscaler_standins.machines import Condition, Machine, Machines, OverQuota, SoldOut

STATES = {
    Condition.BOOTING: "Pending",
    Condition.RUNNING: "InService",
    Condition.FAILED: "Pending",
    Condition.STOPPED: "Warmed:Stopped",
    Condition.STOPPING: "Terminating",
    Condition.GONE: "Terminated",
}
SOLD_OUT, QUOTA = "InsufficientInstanceCapacity", "VcpuLimitExceeded"
WORDS = {
    SOLD_OUT: "We currently do not have sufficient {kind} capacity in the Availability Zone you requested ({zone}).",
    QUOTA: "You have requested more vCPU capacity than your current vCPU limit allows for the instance bucket of {kind}.",
}
KEPT = 100
"""Activities that are shown."""

MOST_AT_ONCE = 100
"""Instances that LaunchInstances launches in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSpec:
    """What a group is made with.

    `kinds`: its instance types, several of which make it a mixed group. `base`: of a mixed group, how many on demand beside spot; None for
    a group of one market. `template`: it has a launch template, no launch configuration. `standby`: the size of its warm pool.
    """

    name: str
    kinds: tuple[str, ...]
    zones: tuple[str, ...]
    least: int = 0
    most: int = 1000
    desired: int = 0
    spot: bool = False
    base: int | None = None
    template: bool = True
    standby: int | None = None


@dataclass(slots=True)
class Others:
    """What else AWS was told to do with a group. Nothing of it is done here: it is only shown.

    `policies`, `schedule`: their names. `refreshes`: the states of instance refreshes. `lifetime`: seconds a machine may live.
    """

    policies: list[str] = field(default_factory=list)
    schedule: list[str] = field(default_factory=list)
    refreshes: list[str] = field(default_factory=list)
    lifetime: int = 0
    rebalances_capacity: bool = False


@dataclass(slots=True)
class Group:
    """One group.

    `answers`: of LaunchInstances, by client token, with what was asked. `activities`: newest first; `starting`: those of machines that are
    not in service yet.
    """

    spec: GroupSpec
    machines: Machines
    desired: int = 0
    answers: dict[str, tuple[Params, Params]] = field(default_factory=dict)
    activities: deque[Params] = field(default_factory=lambda: deque(maxlen=KEPT))
    starting: dict[str, Params] = field(default_factory=dict)
    protected_new: bool = True
    suspended: list[str] = field(default_factory=lambda: ["AZRebalance"])
    others: Others = field(default_factory=Others)
    warm: WarmPool = field(init=False)
    hooks: Hooks = field(init=False)
    tags: dict[str, str] = field(default_factory=lambda: {"poolkeeper:cluster": "shop"})

    def __post_init__(self) -> None:
        spec, self.hooks = self.spec, Hooks(machines=self.machines)
        self.warm = WarmPool(group=spec.name, kind=spec.kinds[0], zones=spec.zones, machines=self.machines, size=spec.standby)

    def members(self) -> list[Machine]:
        """Those it shows."""
        return self.machines.of(self.spec.name)

    def step(self) -> None:
        """Be what it should: replace what failed, launch what lacks, end what is too much."""
        for machine in self.members():
            if machine.condition is Condition.FAILED:
                self.machines.terminate(machine)
                self._ended(machine, "Failed", "Instance failed to start. Client.InternalError: Client error on launch")
            elif machine.condition is Condition.RUNNING:
                self._ended(machine, "Successful", "In service")
        counted = [one for one in self.members() if one.counts]
        for _ in range(self.desired - len(counted)):
            if not (self._start_one() or self._launch_somewhere()):
                break
        unprotected = [one for one in counted if not one.protected]
        for machine in unprotected[: max(0, len(counted) - self.desired)]:
            self.machines.terminate(machine)
        self.warm.step()

    def set_desired(self, count: int) -> None:
        """ValidationError outside the group's own bounds."""
        low, high = self.spec.least, self.spec.most
        if count > high:
            raise Refusal("ValidationError", f"New SetDesiredCapacity value {count} is above max value {high} for the AutoScalingGroup.")
        if count < low:
            raise Refusal("ValidationError", f"New SetDesiredCapacity value {count} is below min value {low} for the AutoScalingGroup.")
        self.desired = count
        self.step()

    def launch(self, params: Params) -> Params:
        """LaunchInstances: at once, in one zone, and all that cannot be had is told."""
        token, asked = params["ClientToken"], {name: value for name, value in params.items() if name != "ClientToken"}
        if token in self.answers:
            before, answer = self.answers[token]
            if before != asked:
                raise Refusal("IdempotentParameterMismatch", "The request token was used with other parameters.")
            return answer
        zone, count = self._zone_of(params), params["RequestedCapacity"]
        if self.desired + count > self.spec.most:
            raise Refusal("ValidationError", f"You are requesting {count} instances, above max value {self.spec.most}.")
        answer = self._launched(zone, min(count, MOST_AT_ONCE), token)
        self.answers[token] = (asked, answer)
        return answer

    def terminate(self, machine: Machine, *, decrement: bool) -> Params:
        """TerminateInstanceInAutoScalingGroup; protection from scale-in keeps nobody from naming an instance."""
        if decrement and machine.counts:
            if self.desired - 1 < self.spec.least:
                words = f"Currently, desiredSize equals minSize ({self.spec.least}). Terminating instance without replacement will violate"
                raise Refusal(
                    "ValidationError", f"{words} group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false"
                )
            self.desired -= 1
        self.machines.terminate(machine)
        self.hooks.hold(machine)
        activity = self._remember(self.machines.clock.now(), "InProgress", f"Terminating EC2 instance: {machine.id}")
        self.step()
        return activity

    def _zone_of(self, params: Params) -> str:
        zones = params.get("AvailabilityZones") or ([self.spec.zones[0]] if len(self.spec.zones) == 1 else [])
        if not self.spec.template or self.spec.base is not None:
            raise Refusal("ValidationError", "LaunchInstances needs a launch template, and one market for all instances.")
        if len(zones) != 1 or zones[0] not in self.spec.zones:
            raise Refusal("ValidationError", "Specify one Availability Zone of the group.")
        return str(zones[0])

    def _launched(self, zone: str, count: int, token: str) -> Params:
        """A kind that is not to be had gives way to the next of the group."""
        made: dict[str, list[str]] = {}
        errors: dict[str, str] = {}
        kinds = list(self.spec.kinds)
        while kinds and sum(map(len, made.values())) < count:
            machine = self._try(kinds[0], zone, token, errors)
            if machine is None:
                kinds.pop(0)
            else:
                made.setdefault(machine.kind, []).append(machine.id)
        got = sum(map(len, made.values()))
        self.desired += got
        market = "spot" if self.spec.spot else "on-demand"
        where = {"AvailabilityZone": zone, "MarketType": market}
        lacking = errors if got < count else {}
        return {
            "AutoScalingGroupName": self.spec.name,
            "ClientToken": token,
            "Instances": [{"InstanceType": kind, "InstanceIds": ids, **where} for kind, ids in made.items()],
            "Errors": [
                {"InstanceType": kind, "ErrorCode": code, "ErrorMessage": WORDS[code].format(kind=kind, zone=zone), **where}
                for kind, code in lacking.items()
            ],
        }

    def _start_one(self) -> bool:
        """From the warm pool, wherever that machine is."""
        machine = self.warm.draw()
        if machine:
            self._began(machine)
        return machine is not None

    def state(self, machine: Machine) -> str:
        """Of a member, as the group tells it."""
        return "Terminating:Wait" if self.hooks.waits(machine) else STATES[machine.condition]

    def _launch_somewhere(self) -> bool:
        """In the zone with fewest, else in another; what cannot be had is remembered as a failure."""
        here, errors = self.machines.by_zone(self.spec.name), dict[str, str]()
        for zone in sorted(self.spec.zones, key=lambda zone: (here[zone], zone)):
            for kind in self.spec.kinds:
                if self._try(kind, zone, "", errors):
                    return True
                words = WORDS[errors[kind]].format(kind=kind, zone=zone)
                self._remember(self.machines.clock.now(), "Failed", f"{words} Launching EC2 instance failed.")
        return False

    def _try(self, kind: str, zone: str, token: str, errors: dict[str, str]) -> Machine | None:
        spot = self.spec.spot or (
            self.spec.base is not None and sum(not one.spot for one in self.members() if one.counts) >= self.spec.base
        )
        try:
            machine = self.machines.launch(self.spec.name, kind, zone, spot=spot, token=token)
        except SoldOut:
            errors[kind] = SOLD_OUT
            return None
        except OverQuota:
            errors[kind] = QUOTA
            return None
        self._began(machine)
        return machine

    def _began(self, machine: Machine) -> None:
        machine.protected = self.protected_new
        self.starting[machine.id] = self._remember(machine.launched_at, "PreInService", f"Launching a new EC2 instance: {machine.id}")

    def _ended(self, machine: Machine, status: str, words: str) -> None:
        activity = self.starting.pop(machine.id, {})
        activity |= {"StatusCode": status, "StatusMessage": words, "EndTime": moment(self.machines.clock.now())}

    def _remember(self, began: Instant, status: str, words: str) -> Params:
        now = self.machines.clock.now()
        activity = {
            "ActivityId": f"{len(self.activities) + 1:08x}-{now:x}",
            "AutoScalingGroupName": self.spec.name,
            "Cause": "At the request of a user or of the group itself.",
            "Description": words,
            "StartTime": moment(began),
            "EndTime": moment(now),
            "StatusCode": status,
            "StatusMessage": words,
            "Progress": 100,
        }
        self.activities.appendleft(activity)
        return activity


def moment(at: Instant) -> datetime:
    """As botocore's timestamps."""
    return datetime.fromtimestamp(at / 1000, UTC)
