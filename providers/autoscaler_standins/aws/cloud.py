"""One account in one region of AWS: which operation does what."""

from collections.abc import Callable, Iterable

from autoscaler.contracts.runtime import Runtime
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws import protocol
from autoscaler_standins.aws.balancing import VPC, Balancing, TargetGroupSpec
from autoscaler_standins.aws.behind import Behind
from autoscaler_standins.aws.groups import STATES, Group, GroupSpec, moment
from autoscaler_standins.aws.market import Market, sold_in
from autoscaler_standins.aws.protocol import Params, Refusal, page
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault
from autoscaler_standins.machines import Condition, Machine, Machines
from autoscaler_standins.serving import Asked, Reply, Running

PAGE = 1000
"""Instances in one page of EC2."""
POWER = {
    Condition.BOOTING: (0, "pending"),
    Condition.RUNNING: (16, "running"),
    Condition.FAILED: (16, "running"),
    Condition.STOPPING: (32, "shutting-down"),
    Condition.GONE: (48, "terminated"),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html"""


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
        self.behind = Behind(self._group)
        zones = sold_in((group.spec.zones for group in self.groups.values()), region)
        market = Market(clock=self.clock, region=region, zones=zones, kinds=self.kinds)
        self.balancing = Balancing(self.machines, region)
        self.balancing.add(target_groups)
        self._handlers: dict[str, Callable[[Params], Params]] = {
            **self.balancing.handlers(),
            "autoscaling.DescribeAutoScalingGroups": self._describe_groups,
            "autoscaling.DescribeScalingActivities": self._describe_activities,
            "autoscaling.DescribePolicies": self.behind.policies,
            "autoscaling.DescribeScheduledActions": self.behind.schedule,
            "autoscaling.DescribeInstanceRefreshes": self.behind.refreshes,
            "iam.SimulatePrincipalPolicy": self.behind.simulate,
            "service-quotas.GetServiceQuota": self.behind.quota,
            "sts.GetCallerIdentity": self.behind.who,
            "autoscaling.SetDesiredCapacity": self._set_desired,
            "autoscaling.LaunchInstances": lambda params: self._group(params).launch(params),
            "autoscaling.TerminateInstanceInAutoScalingGroup": self._terminate,
            "autoscaling.SetInstanceProtection": self._protect,
            "ec2.CreateFleet": self.behind.fleet,
            "ec2.DescribeInstances": self._describe_instances,
            "ec2.DescribeInstanceTypes": market.types,
            "ec2.DescribeInstanceTypeOfferings": market.offerings,
            "ec2.DescribeLaunchTemplateVersions": self._describe_template,
            "ec2.DescribeSpotPriceHistory": market.spot,
            "pricing.GetProducts": market.products,
        }

    def operation(self, asked: Asked) -> tuple[str, bool]:
        """By AWS's model."""
        model = protocol.operation(asked)
        return protocol.name_of(model), protocol.mutates(model, asked)

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
            "SuspendedProcesses": [{"ProcessName": name, "SuspensionReason": "User suspended"} for name in group.suspended],
            "CapacityRebalance": group.others.rebalances_capacity,
            **({"MaxInstanceLifetime": group.others.lifetime} if group.others.lifetime else {}),
            "Tags": [{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in group.tags.items()],
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
        some, more = page(found, params, PAGE)
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
            **self._cpu(machine),
            "Tags": [{"Key": "aws:autoscaling:groupName", "Value": machine.group}],
            **({"InstanceLifecycle": "spot"} if machine.spot else {}),
            **({"ClientToken": machine.token} if machine.token else {}),
        }

    def _cpu(self, machine: Machine) -> Params:
        """Of a kind that is sold here."""
        kind = self.kinds.get(machine.kind)
        return {"CpuOptions": {"CoreCount": kind.cpu.milli // 1000, "ThreadsPerCore": 1}} if kind else {}

    def _dns(self, machine: Machine) -> str:
        return f"ip-{machine.address.replace('.', '-')}.{self.region}.compute.internal"

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
