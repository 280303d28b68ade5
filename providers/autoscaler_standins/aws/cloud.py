"""One account in one region of AWS: which operation does what."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws import protocol
from autoscaler_standins.aws.balancing import VPC, Balancing, TargetGroupSpec
from autoscaler_standins.aws.groups import STATES, Group, GroupSpec, moment
from autoscaler_standins.aws.protocol import Params, Refusal
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault
from autoscaler_standins.machines import Condition, Machine, Machines
from autoscaler_standins.serving import Asked, Reply, Running

PAGE = 1000
"""Instances in one page of EC2."""
MIB = 2**20
POWER = {
    Condition.BOOTING: (0, "pending"),
    Condition.RUNNING: (16, "running"),
    Condition.FAILED: (16, "running"),
    Condition.STOPPING: (32, "shutting-down"),
    Condition.GONE: (48, "terminated"),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html"""

T = TypeVar("T")


class Aws:
    """`groups` by name; `machines` of all of them; `balancing`: the target groups that machines may stand in."""

    def __init__(
        self,
        runtime: Runtime,
        groups: Iterable[GroupSpec],
        kinds: Iterable[KindSpec],
        target_groups: Iterable[TargetGroupSpec] = (),
        region: str = "eu-central-1",
    ) -> None:
        self.clock = Clock(runtime)
        self.machines = Machines(clock=self.clock)
        self.kinds = {kind.name: kind for kind in kinds}
        self.region = region
        self.groups = {spec.name: Group(spec, self.machines, spec.desired) for spec in groups}
        self.balancing = Balancing(self.machines, region)
        self.balancing.add(target_groups)
        self._handlers: dict[str, Callable[[Params], Params]] = {
            **self.balancing.handlers(),
            "autoscaling.DescribeAutoScalingGroups": self._describe_groups,
            "autoscaling.DescribeScalingActivities": self._describe_activities,
            "autoscaling.SetDesiredCapacity": self._set_desired,
            "autoscaling.LaunchInstances": lambda params: self._group(params).launch(params),
            "autoscaling.TerminateInstanceInAutoScalingGroup": self._terminate,
            "autoscaling.SetInstanceProtection": self._protect,
            "ec2.DescribeInstances": self._describe_instances,
            "ec2.DescribeInstanceTypes": self._describe_types,
            "ec2.DescribeLaunchTemplateVersions": self._describe_template,
        }

    def operation(self, asked: Asked) -> tuple[str, bool]:
        """By AWS's model."""
        model = protocol.operation(asked)
        return protocol.name_of(model), protocol.mutates(model)

    def answer(self, operation: str, asked: Asked) -> Reply:
        """Come up to now, do it, come up to now."""
        model = protocol.operation(asked)
        self.step()
        try:
            result = self._handlers.get(operation, _unknown)(protocol.request(model, asked))
        except Refusal as refusal:
            return protocol.refused(str(model.service_model.metadata["protocol"]), refusal)
        return protocol.response(model, result)

    def refusal(self, fault: Fault) -> Reply:
        """An error of AWS's, in the protocol of the operation it befalls."""
        service = fault.operation.partition(".")[0]
        said = "query" if service == "*" else protocol.protocol_of(service)
        return protocol.refused(said, Refusal(fault.code, "told to say so", fault.status))

    def running(self) -> list[Running]:
        """By their private DNS names."""
        self.step()
        return self.machines.running(self.kinds, self._dns)

    def step(self) -> None:
        """Come up to now."""
        self.machines.age()
        for group in self.groups.values():
            group.step()
        self.balancing.step()

    def _group(self, params: Params) -> Group:
        name = params["AutoScalingGroupName"]
        if name not in self.groups:
            raise Refusal("ValidationError", "AutoScalingGroup name not found - null")
        return self.groups[name]

    def _describe_groups(self, params: Params) -> Params:
        names = params.get("AutoScalingGroupNames") or sorted(self.groups)
        return {"AutoScalingGroups": [self._shown(self.groups[name]) for name in names if name in self.groups]}

    def _shown(self, group: Group) -> Params:
        spec, template = group.spec, {"LaunchTemplateId": f"lt-{group.spec.name}", "LaunchTemplateName": group.spec.name, "Version": "1"}
        mixed = {
            "LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": [{"InstanceType": kind} for kind in spec.kinds]},
            "InstancesDistribution": {
                "OnDemandBaseCapacity": spec.base or 0,
                "OnDemandPercentageAboveBaseCapacity": 0 if spec.spot or spec.base is not None else 100,
            },
        }
        made = {"MixedInstancesPolicy": mixed} if len(spec.kinds) > 1 or spec.base is not None else {"LaunchTemplate": template}
        return {
            "AutoScalingGroupName": spec.name,
            "AutoScalingGroupARN": f"arn:aws:autoscaling:{self.region}:000000000000:autoScalingGroup:0:autoScalingGroupName/{spec.name}",
            **(made if spec.template else {"LaunchConfigurationName": spec.name}),
            "MinSize": spec.least,
            "MaxSize": spec.most,
            "DesiredCapacity": group.desired,
            "DefaultCooldown": 300,
            "AvailabilityZones": list(spec.zones),
            "HealthCheckType": "EC2",
            "HealthCheckGracePeriod": 300,
            "CreatedTime": moment(self.clock.now()),
            "NewInstancesProtectedFromScaleIn": group.protected_new,
            "Instances": [self._member(one) for one in self.machines.listed(spec.name)],
        }

    @staticmethod
    def _member(machine: Machine) -> Params:
        return {
            "InstanceId": machine.id,
            "InstanceType": machine.kind,
            "AvailabilityZone": machine.zone,
            "LifecycleState": STATES[machine.condition],
            "HealthStatus": "Healthy",
            "ProtectedFromScaleIn": machine.protected,
        }

    def _describe_activities(self, params: Params) -> Params:
        return {"Activities": list(self._group(params).activities)[: params.get("MaxRecords", 100)]}

    def _set_desired(self, params: Params) -> Params:
        self._group(params).set_desired(params["DesiredCapacity"])
        return {}

    def _terminate(self, params: Params) -> Params:
        machine = self._machine(params["InstanceId"])
        return {"Activity": self.groups[machine.group].terminate(machine, decrement=params["ShouldDecrementDesiredCapacity"])}

    def _protect(self, params: Params) -> Params:
        for one in params["InstanceIds"]:
            self._machine(one).protected = params["ProtectedFromScaleIn"]
        return {}

    def _machine(self, name: str) -> Machine:
        machine = self.machines.all.get(name)
        if machine is None or machine.condition is Condition.GONE:
            raise Refusal("ValidationError", f"Instance Id not found - No managed instance found for instance ID: {name}")
        return machine

    def _describe_instances(self, params: Params) -> Params:
        """Newest terminated ones are shown as well, as EC2 does for an hour."""
        wanted = {one["Name"]: one["Values"] for one in params.get("Filters", [])}
        groups = wanted.get("tag:aws:autoscaling:groupName", list(self.groups))
        states = wanted.get("instance-state-name", [name for _, name in POWER.values()])
        now = self.clock.now()
        here = (one for one in self.machines.all.values() if one.group in groups and one.listed_at <= now)
        found = [one for one in here if POWER[one.condition][1] in states and _meets(one, wanted)]
        some, more = _page(found, params)
        return {"Reservations": [{"ReservationId": f"r-{one.number}", "Instances": [self._vm(one)]} for one in some], **more}

    def _vm(self, machine: Machine) -> Params:
        code, state = POWER[machine.condition]
        return {
            "InstanceId": machine.id,
            "InstanceType": machine.kind,
            "State": {"Code": code, "Name": state},
            "LaunchTime": moment(machine.launched_at),
            "Placement": {"AvailabilityZone": machine.zone},
            "PrivateDnsName": self._dns(machine),
            **({} if machine.condition is Condition.GONE else {"PrivateIpAddress": machine.address, "VpcId": VPC}),
            "Tags": [{"Key": "aws:autoscaling:groupName", "Value": machine.group}],
            **({"InstanceLifecycle": "spot"} if machine.spot else {}),
            **({"ClientToken": machine.token} if machine.token else {}),
        }

    def _dns(self, machine: Machine) -> str:
        return f"ip-{machine.address.replace('.', '-')}.{self.region}.compute.internal"

    def _describe_types(self, params: Params) -> Params:
        wanted = {name for one in params.get("Filters", []) if one["Name"] == "instance-type" for name in one["Values"]}
        names = params.get("InstanceTypes") or sorted(wanted & set(self.kinds) if wanted else self.kinds)
        unknown = [name for name in names if name not in self.kinds]
        if unknown:
            raise Refusal("InvalidInstanceType", f"The following supplied instance types do not exist: {unknown}")
        return {"InstanceTypes": [_type(self.kinds[name]) for name in names]}

    def _describe_template(self, params: Params) -> Params:
        group = next((one for one in self.groups.values() if params.get("LaunchTemplateId") == f"lt-{one.spec.name}"), None)
        if group is None:
            raise Refusal(
                "InvalidLaunchTemplateId.NotFound", "At least one of the launch templates specified in the request does not exist."
            )
        market = {"InstanceMarketOptions": {"MarketType": "spot"}} if group.spec.spot else {}
        data = {"InstanceType": group.spec.kinds[0], **market}
        version = {"LaunchTemplateId": params["LaunchTemplateId"], "VersionNumber": 1, "DefaultVersion": True, "LaunchTemplateData": data}
        return {"LaunchTemplateVersions": [version]}


def _meets(machine: Machine, wanted: dict[str, list[str]]) -> bool:
    """Whether it is one of those that filters name."""
    known = {"instance-id": machine.id, "private-ip-address": machine.address, "vpc-id": VPC}
    return all(value in wanted[name] for name, value in known.items() if name in wanted)


def _unknown(_: Params) -> Params:
    raise Refusal("InvalidAction", "this operation is not stood in for", status=501)


def _type(kind: KindSpec) -> Params:
    gpus = {"GpuInfo": {"Gpus": [{"Name": kind.gpu, "Manufacturer": "NVIDIA", "Count": kind.gpus}]}} if kind.gpus else {}
    cpus, memory = kind.cpu.milli // 1000, kind.memory.bytes // MIB
    return {"InstanceType": kind.name, "VCpuInfo": {"DefaultVCpus": cpus}, "MemoryInfo": {"SizeInMiB": memory}, **gpus}


def _page(found: list[T], params: Params) -> tuple[list[T], Params]:
    start, size = int(params.get("NextToken") or 0), params.get("MaxResults") or PAGE
    end = start + size
    return found[start:end], {"NextToken": str(end)} if end < len(found) else {}
