"""Instances as EC2 lists them, by filters and page by page: whoever launched them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.balancing import VPC
from autoscaler_standins.aws.groups import moment
from autoscaler_standins.aws.protocol import Params, Refusal, page
from autoscaler_standins.machines import Condition, Machine, Machines

PAGE = 1000
"""Instances in one page."""

POWER = {
    Condition.BOOTING: (0, "pending"),
    Condition.RUNNING: (16, "running"),
    Condition.FAILED: (16, "running"),
    Condition.STOPPED: (80, "stopped"),
    Condition.STOPPING: (32, "shutting-down"),
    Condition.GONE: (48, "terminated"),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html"""

TAG = "tag:"
BY_USER = "Client.UserInitiatedShutdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instances:
    """`tags`: those of a machine. `reasons`: why it ended, by its id, where that was not because somebody asked for it."""

    machines: Machines
    kinds: Mapping[str, KindSpec]
    region: str
    tags: Callable[[Machine], Mapping[str, str]]
    reasons: Mapping[str, str]

    def describe(self, params: Params) -> Params:
        """DescribeInstances. Newest terminated ones are shown as well, as EC2 does for an hour."""
        wanted = {one["Name"]: one["Values"] for one in params.get("Filters", [])}
        now = self.machines.clock.now()
        here = (one for one in self.machines.all.values() if one.listed_at <= now)
        found = [one for one in here if self._meets(one, wanted)]
        some, more = page(found, params, PAGE)
        return {"Reservations": [{"ReservationId": f"r-{one.number}", "Instances": [self._shown(one)]} for one in some], **more}

    def terminate(self, params: Params) -> Params:
        """TerminateInstances: all of them, or none where one is unknown."""
        found = [self._known(name) for name in params["InstanceIds"]]
        before = [state(one) for one in found]
        for one in found:
            self.machines.terminate(one)
        changed = zip(found, before, strict=True)
        return {"TerminatingInstances": [{"InstanceId": one.id, "PreviousState": was, "CurrentState": state(one)} for one, was in changed]}

    def dns(self, machine: Machine) -> str:
        """Its private name."""
        return f"ip-{machine.address.replace('.', '-')}.{self.region}.compute.internal"

    def _known(self, name: str) -> Machine:
        if name not in self.machines.all:
            raise Refusal("InvalidInstanceID.NotFound", f"The instance ID '{name}' does not exist")
        return self.machines.all[name]

    def _meets(self, machine: Machine, wanted: Mapping[str, Iterable[str]]) -> bool:
        """Whether it is one of those that filters name."""
        known = {
            "instance-id": machine.id,
            "instance-state-name": POWER[machine.condition][1],
            "private-ip-address": machine.address,
            "vpc-id": VPC,
            **{f"{TAG}{key}": value for key, value in self.tags(machine).items()},
        }
        for name in wanted:
            if name not in known and not name.startswith(TAG):
                raise Refusal("InvalidParameterValue", f"The filter '{name}' is invalid")
        return all(known.get(name, "") in values for name, values in wanted.items())

    def _shown(self, machine: Machine) -> Params:
        gone = machine.condition in (Condition.STOPPING, Condition.GONE)
        why = {"StateReason": {"Code": self.reasons.get(machine.id, BY_USER), "Message": "it ended"}} if gone else {}
        return {
            "InstanceId": machine.id,
            "InstanceType": machine.kind,
            "State": state(machine),
            "LaunchTime": moment(machine.launched_at),
            "Placement": {"AvailabilityZone": machine.zone},
            "PrivateDnsName": self.dns(machine),
            **({} if machine.condition is Condition.GONE else {"PrivateIpAddress": machine.address, "VpcId": VPC}),
            **self._cpu(machine),
            **why,
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags(machine).items()],
            **({"InstanceLifecycle": "spot"} if machine.spot else {}),
            **({"ClientToken": machine.token} if machine.token else {}),
        }

    def _cpu(self, machine: Machine) -> Params:
        """Of a kind that is sold here."""
        kind = self.kinds.get(machine.kind)
        return {"CpuOptions": {"CoreCount": kind.cpu.milli // 1000, "ThreadsPerCore": 1}} if kind else {}


def state(machine: Machine) -> Params:
    """As EC2 tells it."""
    code, name = POWER[machine.condition]
    return {"Code": code, "Name": name}
